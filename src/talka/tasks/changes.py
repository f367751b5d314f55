"""Changing tasks and suites after upload: overlap, known solutions, issuing order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from talka.infra.db import Repeat, Row, Tx
from talka.kit.errors import Conflict, FieldErrors, NotFound, ValidationError, field_error
from talka.kit.ids import WorkId, parse_work_id
from talka.pools import store as pools
from talka.pools import usecases as pool_usecases
from talka.pools.model import DefaultOverlapChanged
from talka.tasks import queue, store
from talka.tasks.model import Kind, PoolOpeningAsked
from talka.tasks.queue import Place
from talka.tasks.rules import kind_of, kind_problem, read_overlap, read_override, read_solutions
from talka.tasks.usecases import lock_pool, target_of


@dataclass(frozen=True, slots=True)
class OverlapChange:
    """The overlap that is asked for; `value` None is unlimited. `or_min`: as low as it can go, never refused."""

    value: int | None
    or_min: bool = False


def read_overlap_change(body: Mapping[str, Any], default: int | None, errors: FieldErrors) -> OverlapChange | None:
    """What a PATCH says of the overlap; None when nothing. `default` stands for a finite one without number."""
    infinite, overlap = body.get("infinite_overlap"), body.get("overlap")
    if infinite is not None and not isinstance(infinite, bool):
        errors |= field_error("infinite_overlap", "BOOLEAN_EXPECTED", "Must be true or false").fields
        return None
    if infinite:
        if overlap is not None:
            text = "Must be absent when infinite_overlap is true"
            errors |= field_error("overlap", "VALUE_NOT_ALLOWED", text).fields
        return OverlapChange(None)
    if overlap is not None:
        return OverlapChange(read_overlap(overlap, 1, errors))
    if infinite is False:
        if default is None:
            errors |= field_error("overlap", "VALUE_REQUIRED", "Must be present and not null").fields
        return OverlapChange(default)
    return None


def read_overlap_or_min(body: Mapping[str, Any]) -> OverlapChange:
    """The body of set-overlap-or-min.

    Raises:
        ValidationError: naming every wrong field.
    """
    errors: FieldErrors = {}
    if body.get("infinite_overlap") not in (None, False):
        errors |= field_error("infinite_overlap", "VALUE_NOT_ALLOWED", "Must be false here").fields
    if body.get("overlap") is None:
        errors |= field_error("overlap", "VALUE_REQUIRED", "Must be present and not null").fields
        raise ValidationError(errors)
    value = read_overlap(body["overlap"], 0, errors)
    if errors:
        raise ValidationError(errors)
    return OverlapChange(value, or_min=True)


async def patch_task(tx: Tx, account_id: int, task_id: str, body: Mapping[str, Any], *, open_pool: bool) -> Row:
    """Change overlap, known or baseline solutions and hint of a task; what is absent stays.

    Raises:
        NotFound, ValidationError; Conflict: POOL_INAPPROPRIATE_STATUS, ASSIGNMENTS_COUNT_CONFLICT,
        POOL_TASK_TYPE_CONFLICT.
    """
    pool, number = await _open_to_change(tx, account_id, task_id, finite=names_overlap(body), opening=open_pool)
    row = await _task(tx, pool, number)
    errors: FieldErrors = {}
    default = (pool.body.get("defaults") or {}).get("default_overlap_for_new_tasks") or None
    change = read_overlap_change(body, default, errors)
    if change is not None and row["suite_id"] is not None:
        text = "This task is issued as part of its suite: change the suite's overlap"
        errors |= field_error("overlap", "VALUE_NOT_ALLOWED", text).fields
    if change is not None and change.value is not None and pool.type == "TRAINING":
        text = "Every worker of a training gets all of its tasks"
        errors |= field_error("overlap", "VALUE_NOT_ALLOWED", text).fields
    details = await _new_details(tx, pool, row, body, errors)
    if errors:
        raise ValidationError(errors)
    kind = kind_of(details)
    if kind != row["kind"]:
        _refuse_kind(kind, training=pool.type == "TRAINING", paid=pool.reward > 0)
    if details != (row["details"] or {}):
        await store.set_details(tx, pool.id, number, kind, details)
    if kind != row["kind"] and row["suite_id"] is None:
        await _change_kind(tx, pool, number, Kind(row["kind"]), kind)
    if change is not None:
        await change_overlap(tx, pool, number, change)
    _ask_opening(tx, account_id, pool, open_pool)
    return await _task(tx, pool, number)


async def set_task_overlap_or_min(tx: Tx, account_id: int, task_id: str, change: OverlapChange) -> Row:
    """Set a task's overlap, but not below what was issued.

    Raises:
        NotFound; Conflict: POOL_INAPPROPRIATE_STATUS.
    """
    pool, number = await _open_to_change(tx, account_id, task_id, finite=True)
    row = await _task(tx, pool, number)
    if row["suite_id"] is not None:
        text = "This task is issued as part of its suite: change the suite's overlap"
        raise field_error("overlap", "VALUE_NOT_ALLOWED", text)
    await change_overlap(tx, pool, number, change)
    return await _task(tx, pool, number)


async def patch_suite(
    tx: Tx, account_id: int, suite_id: str, body: Mapping[str, Any], *, open_pool: bool
) -> tuple[pools.Pool, int]:
    """Change overlap and issuing order of a ready-made suite; what is absent stays.

    Raises:
        as `patch_task`.
    """
    pool, number = await _open_to_change(tx, account_id, suite_id, finite=names_overlap(body), opening=open_pool)
    errors: FieldErrors = {}
    default = (pool.body.get("defaults") or {}).get("default_overlap_for_new_task_suites") or None
    change = read_overlap_change(body, default, errors)
    override = None
    if body.get("issuing_order_override") is not None:
        override = read_override(body["issuing_order_override"], errors)
    if errors:
        raise ValidationError(errors)
    if override is not None:
        await store.set_override(tx, pool.id, number, override)
    if change is not None:
        await change_overlap(tx, pool, number, change)
    _ask_opening(tx, account_id, pool, open_pool)
    return pool, number


async def set_suite_overlap_or_min(
    tx: Tx, account_id: int, suite_id: str, change: OverlapChange
) -> tuple[pools.Pool, int]:
    """Set a ready-made suite's overlap, but not below what was issued."""
    pool, number = await _open_to_change(tx, account_id, suite_id, finite=True)
    await change_overlap(tx, pool, number, change)
    return pool, number


async def change_overlap(tx: Tx, pool: pools.Pool, unit_id: int, change: OverlapChange) -> None:
    """Change the overlap of a unit.

    Raises:
        NotFound: there is no such unit to issue; Conflict: ASSIGNMENTS_COUNT_CONFLICT.
    """
    places = await queue.lock(tx, pool.id, [unit_id])
    if not places:
        raise NotFound("task or task suite", WorkId(pool.id, unit_id))
    place = places[0]
    if place.overlap is None and change.value is not None:
        if not await queue.holds_exclusively(tx, pool.id):
            raise Repeat  # it became unlimited after it was looked at
        taken = await queue.occupied(tx, unit_id)
    elif place.overlap is not None and change.value is None:
        taken = 0
    else:
        taken = place.taken
    value = change.value
    if value is not None and value < taken:
        if not change.or_min:
            text = f"{taken} assignments are issued already; the overlap cannot be {value}"
            raise Conflict("ASSIGNMENTS_COUNT_CONFLICT", text)
        value = taken
    await queue.set_overlap(tx, pool.id, place, value, taken)
    await _after_overlap(tx, pool, place, value, taken)


async def apply_default_overlap(tx: Tx, event: DefaultOverlapChanged) -> None:
    """Units that were uploaded without an overlap of their own follow the default of their pool."""
    slots, raised = await queue.set_default_overlap(tx, event.pool_id, event.overlap)
    if raised:
        await pools.note_added(tx, event.pool_id)
    if slots:
        await store.note_counts(tx, event.pool_id, slots=slots)


async def _after_overlap(tx: Tx, pool: pools.Pool, place: Place, value: int | None, taken: int) -> None:
    raised = place.overlap is not None and (value is None or value > place.overlap)
    if raised:
        await pools.note_added(tx, pool.id)
    slots = (value or 0) - (place.overlap or 0) if place.kind is Kind.GENERAL else 0
    await store.note_counts(tx, pool.id, slots=slots)
    opened = value is None or taken < value
    moved_lane = (value is None) != (place.overlap is None)
    if opened and (moved_lane or not place.open):
        await queue.put_back(tx, pool.id, [place])


def _refuse_kind(kind: Kind, *, training: bool, paid: bool) -> None:
    """Refuse to make a task one of a kind that its pool does not take."""
    problem = kind_problem(kind, training=training, paid=paid)
    if problem is not None:
        raise Conflict(problem.code, problem.message)


async def _change_kind(tx: Tx, pool: pools.Pool, number: int, old: Kind, new: Kind) -> None:
    place = (await queue.lock(tx, pool.id, [number]))[0]
    await queue.set_kind(tx, pool.id, number, new)
    if place.open:
        await queue.put_back(tx, pool.id, [place])
    slots = place.overlap or 0
    counts = {Kind.GENERAL: "general", Kind.CONTROL: "control", Kind.TRAINING: "training"}
    await store.note_counts(tx, pool.id, slots=-slots if old is Kind.GENERAL else 0, **{counts[old]: -1})
    await store.note_counts(tx, pool.id, slots=slots if new is Kind.GENERAL else 0, **{counts[new]: 1})


async def _new_details(
    tx: Tx, pool: pools.Pool, row: Row, body: Mapping[str, Any], errors: FieldErrors
) -> dict[str, Any]:
    details = dict(row["details"] or {})
    names = [name for name in ("known_solutions", "baseline_solutions") if name in body]
    if names:
        read = read_solutions(body, await target_of(tx, pool), errors)
        for name in names:
            details.pop(name, None)
        details |= {name: value for name, value in read.items() if name in names}
    if "message_on_unknown_solution" in body:
        hint = body["message_on_unknown_solution"]
        details.pop("message_on_unknown_solution", None)
        if hint is not None and not isinstance(hint, str):
            errors |= field_error("message_on_unknown_solution", "STRING_EXPECTED", "Must be a string").fields
        elif hint:
            details["message_on_unknown_solution"] = hint
    return details


async def _open_to_change(
    tx: Tx, account_id: int, work_id: str, *, finite: bool, opening: bool = False
) -> tuple[pools.Pool, int]:
    """The pool of a task or suite, kept from being archived until commit, and the number within it.

    `finite` says that the overlap may become finite, `opening` that the pool is to be opened afterwards.
    """
    parts = parse_work_id(work_id)
    if parts is None:
        raise NotFound("task or task suite", work_id)
    # Nobody counts the slots of unlimited units, so issuing rests while one of them becomes finite.
    endless = finite and await queue.is_endless(tx, parts.pool_id, parts.number)
    await lock_pool(tx, account_id, parts.pool_id, opening=opening, alone=endless)
    try:
        pool = await pool_usecases.find(tx, account_id, str(parts.pool_id))
    except NotFound:
        raise NotFound("task or task suite", work_id) from None
    if pool.status == "ARCHIVED":
        raise pool_usecases.wrong_status(pool, "OPEN", "CLOSED")
    return pool, parts.number


def names_overlap(body: Mapping[str, Any]) -> bool:
    """Whether a PATCH says anything of the overlap."""
    return body.get("overlap") is not None or body.get("infinite_overlap") is not None


async def _task(tx: Tx, pool: pools.Pool, number: int) -> Row:
    row = await store.task(tx, pool.id, number)
    if row is None:
        raise NotFound("task", WorkId(pool.id, number))
    return row


def _ask_opening(tx: Tx, account_id: int, pool: pools.Pool, open_pool: bool) -> None:
    if open_pool:
        tx.record(PoolOpeningAsked(account_id, (pool.id,)))


def as_object(body: Any) -> Mapping[str, Any]:
    """The body of a PATCH as an object.

    Raises:
        ValidationError: it is none.
    """
    if not isinstance(body, dict):
        raise field_error("body", "OBJECT_EXPECTED", "Must be an object")
    return body
