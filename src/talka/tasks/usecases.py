"""Creating tasks and suites in batches, and carrying queued batches out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from talka.accounts import limits
from talka.accounts import store as accounts
from talka.infra.db import Repeat, Tx
from talka.infra.http.body import decode
from talka.kit.errors import BatchValidationError, Conflict, FieldErrors
from talka.kit.ids import parse_number, parse_user_id
from talka.operations.batches import item_indexes
from talka.operations.model import Batch, Operation, Outcome
from talka.pools import store as pools
from talka.pools import usecases as pool_usecases
from talka.projects import versions
from talka.tasks import queue, store
from talka.tasks.model import BatchOptions, Kind, Lane, NewSuite, NewTask, PoolOpeningAsked
from talka.tasks.rules import ItemInvalid, Target, read_suite, read_task

Item = TypeVar("Item", NewTask, NewSuite)
# Codes that say what is wrong with the pool rather than with the item; alone they answer with a 409.
_STATE_CODES = frozenset({"POOL_INAPPROPRIATE_STATUS", "MIXER_CONFIG_REQUIRED", "POOL_TASK_TYPE_CONFLICT"})
"""How many tasks, or ready-made suites, a pool can hold."""
TASKS, SUITES = "TASK.BATCH_CREATE", "TASK_SUITE.BATCH_CREATE"
_STEPS = {TASKS: "TASK_VALIDATE", SUITES: "TASK_SUITE_VALIDATE"}


async def find_targets(
    tx: Tx, account_id: int, items: Iterable[Any], *, opening: bool = False
) -> dict[str, Target | None]:
    """The pools that the items name, kept from being archived until commit; None stands for somebody else's."""
    texts = {str(item["pool_id"]) for item in items if isinstance(item, dict) and item.get("pool_id") is not None}
    numbers = sorted(n for n in map(parse_number, texts) if n is not None and n < 2**31)
    for number in numbers:
        await lock_pool(tx, account_id, number, opening=opening)
    targets: dict[str, Target | None] = {}
    for pool_id, pool in (await pools.many(tx, numbers)).items():
        targets[str(pool_id)] = await target_of(tx, pool) if pool.account_id == account_id else None
    return targets


async def lock_pool(tx: Tx, account_id: int, pool_id: int, *, opening: bool, alone: bool = False) -> None:
    """Keep a pool's state as it is until commit; with `alone` no page is issued from it meanwhile.

    A closed pool that is to be opened (`opening`) in the same transaction is locked for that at once: two that come to
    it with the shared lock would wait for each other.

    Raises:
        Repeat: the pool closed while the lock was waited for.
    """
    alone = alone or (opening and await pool_usecases.is_closed(tx, account_id, pool_id))
    await pools.lock_pool(tx, pool_id, exclusive=alone)
    if opening and not alone and await pool_usecases.is_closed(tx, account_id, pool_id):
        raise Repeat


async def target_of(tx: Tx, pool: pools.Pool) -> Target:
    """What a pool expects of its tasks."""
    version = await versions.newest(tx, pool.project_id, pool.project_major)
    defaults = pool.body.get("defaults") or {}
    return Target(
        pool_id=pool.id,
        status=pool.status,
        training=pool.type == "TRAINING",
        mixed=pool.mixed,
        paid=pool.reward > 0,
        on_map=version.body.get("assignments_issuing_type") == "MAP_SELECTOR",
        in_order=pool.in_order,
        default_task_overlap=defaults.get("default_overlap_for_new_tasks") or 1,
        default_suite_overlap=defaults.get("default_overlap_for_new_task_suites") or 1,
        check_input=version.check_input,
        check_known=version.check_known,
    )


async def _validated(
    tx: Tx, operation: Operation, items: Sequence[Any], indexes: Sequence[int], options: BatchOptions
) -> Batch:
    targets = await find_targets(tx, operation.account_id, items, opening=options.open_pool)
    read: Callable[..., Any] = read_task if operation.type == TASKS else read_suite
    # In a thread, so that whoever else is served by this process does not wait for a large batch.
    return await asyncio.to_thread(_read_all, items, indexes, targets, options, read)


def _read_all(
    items: Sequence[Any],
    indexes: Sequence[int],
    targets: Mapping[str, Target | None],
    options: BatchOptions,
    read: Callable[..., Any],
) -> Batch:
    batch = Batch()
    for index, item in zip(indexes, items, strict=True):
        try:
            batch.new.append(read(item, index, targets, allow_defaults=options.allow_defaults))
        except ItemInvalid as invalid:
            batch.errors[index] = invalid.errors
            batch.rejected[index] = item
    return batch


async def create_now(tx: Tx, operation: Operation, items: Sequence[Any]) -> Outcome:
    """Create a batch within this transaction.

    Raises:
        BatchValidationError: nothing is valid, or something is not and invalid items are not to be skipped;
        Conflict: all that is wrong is the state of a pool.
    """
    options = BatchOptions(**operation.parameters)
    batch = await _validated(tx, operation, items, range(len(items)), options)
    if batch.refused(skip_invalid_items=options.skip_invalid_items):
        _raise_state(batch.errors)
        raise BatchValidationError(batch.errors)
    created = await _insert(tx, operation, batch.new)
    if options.open_pool:
        tx.record(PoolOpeningAsked(operation.account_id, tuple(map(int, created))))
    return _done(operation, batch, created)


def _raise_state(errors: Mapping[int, FieldErrors]) -> None:
    first = [found for fields in errors.values() for found in fields.values()]
    if all(error.code in _STATE_CODES for error in first):
        raise Conflict(first[0].code, first[0].message)


async def check_pools(tx: Tx, account_id: int, kind: str, items: Sequence[Any]) -> None:
    """What can be said of an asynchronous batch at once: the state of the pools it names.

    Raises:
        Conflict: POOL_INAPPROPRIATE_STATUS, MIXER_CONFIG_REQUIRED.
    """
    targets = await find_targets(tx, account_id, items)
    for target in filter(None, targets.values()):
        if target.status == "ARCHIVED":
            raise Conflict("POOL_INAPPROPRIATE_STATUS", f"Pool {target.pool_id} is archived")
        if kind == TASKS and not target.mixed:
            raise Conflict("MIXER_CONFIG_REQUIRED", f"Pool {target.pool_id} has no mixer_config")


async def execute(tx: Tx, operation: Operation, body: bytes) -> Outcome:
    """Carry out a queued batch."""
    value = decode(body)
    items = value if isinstance(value, list) else [value]
    options = BatchOptions(**operation.parameters)
    batch = await _validated(tx, operation, items, item_indexes(items), options)
    if batch.refused(skip_invalid_items=options.skip_invalid_items):
        return Outcome("FAIL", batch.details(created=False), failures=batch.failures(_STEPS[operation.type]))
    created = await _insert(tx, operation, batch.new)
    if options.open_pool:
        tx.record(PoolOpeningAsked(operation.account_id, tuple(map(int, created)), operation.id))
    return _done(operation, batch, created)


def _done(operation: Operation, batch: Batch, created: dict[str, list[int]]) -> Outcome:
    return Outcome("SUCCESS", batch.details(created=True), created, batch.failures(_STEPS[operation.type]))


async def _insert(tx: Tx, operation: Operation, new: Sequence[Any]) -> dict[str, list[int]]:
    """Store tasks or suites; the lowest and highest number that were created per pool."""
    created: dict[str, list[int]] = {}
    by_pool: dict[int, list[Any]] = {}
    for item in new:
        by_pool.setdefault(item.pool_id, []).append(item)
    store_group = _insert_tasks if operation.type == TASKS else _insert_suites
    for pool_id in sorted(by_pool):
        numbers = await store_group(tx, pool_id, by_pool[pool_id], operation.number)
        created[str(pool_id)] = [numbers[0], numbers[-1]]
    return created


async def _insert_tasks(tx: Tx, pool_id: int, group: Sequence[NewTask], batch: int | None) -> list[int]:
    numbers = await store.next_task_ids(tx, len(group))
    created = store.moment_text(tx)
    await store.copy_tasks(
        tx,
        [
            store.task_line(
                pool_id, number, task.kind, task.index, batch, None, created, task.input_values, task.details
            )
            for number, task in zip(numbers, group, strict=True)
        ],
    )
    await store.note_counts(
        tx,
        pool_id,
        general=sum(task.kind is Kind.GENERAL for task in group),
        control=sum(task.kind is Kind.CONTROL for task in group),
        training=sum(task.kind is Kind.TRAINING for task in group),
        slots=sum(task.overlap or 0 for task in group if task.kind is Kind.GENERAL),
    )
    await _enqueue(tx, pool_id, numbers, [(task, task.kind) for task in group])
    return numbers


async def _insert_suites(tx: Tx, pool_id: int, group: Sequence[NewSuite], batch: int | None) -> list[int]:
    numbers = await store.next_suite_ids(tx, len(group))
    task_numbers = iter(await store.next_task_ids(tx, sum(len(suite.tasks) for suite in group)))
    created = store.moment_text(tx)
    lines, rows = [], []
    for number, suite in zip(numbers, group, strict=True):
        inner = [next(task_numbers) for _ in suite.tasks]
        for task_number, task in zip(inner, suite.tasks, strict=True):
            lines.append(
                store.task_line(
                    pool_id, task_number, task.kind, task.index, batch, number, created, task.input_values, task.details
                )
            )
        details = suite.details.decode() if suite.details else None
        place = (suite.issuing_order_override, suite.latitude, suite.longitude)
        rows.append((pool_id, number, suite.index, batch, suite.mixed, inner, *place, tx.now, details))
    await store.copy_tasks(tx, lines)
    await store.copy_suites(tx, rows)
    kinds = [task.kind for suite in group for task in suite.tasks]
    await store.note_counts(
        tx,
        pool_id,
        general=kinds.count(Kind.GENERAL),
        control=kinds.count(Kind.CONTROL),
        training=kinds.count(Kind.TRAINING),
        slots=sum(suite.overlap or 0 for suite in group),
    )
    await _enqueue(tx, pool_id, numbers, [(suite, Kind.GENERAL) for suite in group])
    return numbers


async def _enqueue(
    tx: Tx, pool_id: int, numbers: Sequence[int], units: Sequence[tuple[NewTask | NewSuite, Kind]]
) -> None:
    """Give new units their places; the pool's counter is the last thing locked (see the schema)."""
    await pools.note_added(tx, pool_id)
    pool = await pools.get(tx, pool_id)
    if pool is None or pool.mixed is not isinstance(units[0][0], NewTask):
        text = f"Pool {pool_id} was edited meanwhile: its pages are made in another way now"
        raise Conflict("POOL_LOCKED_BY_ANOTHER_OPERATION", text)
    workers = await _workers(tx, units)
    reserving = any(unit.audience.reserved_for for unit, _ in units)
    base = await queue.next_positions(tx, pool_id, len(units), reserving=reserving)
    await _check_room(tx, pool_id, base, units)
    positions = list(range(base, base + len(units)))
    if not pool.in_order:
        random.shuffle(positions)
    lines, reserved, excluded = [], [], []
    for number, pos, (unit, kind) in zip(numbers, positions, units, strict=True):
        lane = Lane.ENDLESS if unit.overlap is None else Lane.FIRST_TIME
        audience = unit.audience
        if audience.reserved_for:
            lane = Lane.RESERVED
            known = [workers[user] for user in audience.reserved_for if user in workers]
            reserved += [(number, worker, kind, pos) for worker in known]
        barred = [workers[user] for user in audience.unavailable_for if user in workers]
        excluded += [(number, worker) for worker in barred]
        lines.append(
            queue.place_line(
                pool_id, number, pos, kind, lane, unit.overlap, guarded=bool(barred), by_default=unit.by_default
            )
        )
    await queue.add_places(tx, lines)
    if reserved:
        await queue.reserve(tx, pool_id, reserved)
    if excluded:
        await queue.exclude(tx, excluded)


async def _check_room(tx: Tx, pool_id: int, base: int, units: Sequence[tuple[NewTask | NewSuite, Kind]]) -> None:
    """Refuse more than a pool holds; few positions given out mean few units, so that mostly nothing is counted."""
    if base - 1 + len(units) <= limits.POOL_UNITS or await queue.count(tx, pool_id) + len(units) <= limits.POOL_UNITS:
        return
    tasks = isinstance(units[0][0], NewTask)
    code = "POOL_TASKS_COUNT_EXCEEDED" if tasks else "POOL_TASK_SUITES_COUNT_EXCEEDED"
    raise Conflict(code, f"A pool holds at most {limits.POOL_UNITS} {'tasks' if tasks else 'task suites'}")


async def _workers(tx: Tx, units: Sequence[tuple[NewTask | NewSuite, Kind]]) -> dict[str, int]:
    """Internal ids of the workers whom the audiences name; ids of nobody stay without effect."""
    names = {name for unit, _ in units for name in (*unit.audience.reserved_for, *unit.audience.unavailable_for)}
    known = [uuid for uuid in map(parse_user_id, names) if uuid is not None]
    if not known:
        return {}
    return {uuid.hex: number for uuid, number in (await accounts.worker_ids(tx, known)).items()}
