"""The life of a page: submitted, skipped, left, expired, accepted, rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from talka.accounts.languages import wanted
from talka.assignments import rules, store
from talka.assignments.model import Assignment, Status, TrainingPageDone, TrainingPageLeft
from talka.attachments import usecases as attachments
from talka.infra.db import Row, Tx
from talka.kit.errors import Conflict, FieldErrors, NotFound, ValidationError, field_error
from talka.kit.ids import WorkId, parse_work_id, work_id
from talka.ledger import usecases as ledger
from talka.pools import store as pools
from talka.projects import versions
from talka.projects.localization import translation
from talka.projects.versions import Version
from talka.restrictions import usecases as restrictions
from talka.tasks import queue
from talka.tasks import store as tasks
from talka.tasks.model import Kind

Hints = dict[str, str]


async def find_own(tx: Tx, worker_id: int, assignment_id: str, *, lock: bool = False) -> Assignment:
    """A worker's own assignment.

    Raises:
        NotFound: they have none of that id.
    """
    parts = parse_work_id(assignment_id)
    found = await store.get(tx, parts.pool_id, parts.number, lock=lock) if parts is not None else None
    if found is None or found.worker_id != worker_id:
        raise NotFound("assignment", assignment_id)
    return found


async def submit(
    tx: Tx,
    worker_id: int,
    assignment_id: str,
    body: Any,
    issued: Assignment | None = None,
    languages: str | None = None,
) -> tuple[Assignment, Hints]:
    """Store the answers of a page; the same answers sent again change nothing.

    A page with training tasks stays ACTIVE, with hints by task id, until all of them are right; it needs a transaction,
    in which its row is locked. `issued` is the page, when that is known already; `languages` an `Accept-Language`.

    Raises:
        NotFound; ValidationError: answers do not fit; Conflict: INAPPROPRIATE_STATUS; TalkaError: ACCESS_DENIED when
        the worker is banned.
    """
    assignment = issued or await find_own(tx, worker_id, assignment_id)
    version = await versions.version(tx, assignment.project_id, assignment.project_major, assignment.project_minor)
    solutions = rules.read_solutions(body, len(assignment.task_ids), version.check_output)
    if assignment.status is not Status.ACTIVE:
        return _again(assignment, solutions)
    files = await _files(
        tx,
        assignment,
        version,
        {f"solutions.{index}.output_values": solution["output_values"] for index, solution in enumerate(solutions)},
    )
    if assignment.learning and assignment.expires > tx.now:
        await restrictions.refuse_banned(tx, worker_id)
        hints = await _learn(tx, assignment, solutions, languages)
        if hints:
            return assignment, hints
    status = Status.ACCEPTED if assignment.auto_accept else Status.SUBMITTED
    accept_at = None if assignment.auto_accept else tx.now + timedelta(days=assignment.accept_days)
    if not await store.submit(tx, assignment, status, solutions, accept_at, files):
        # It was ended by another request or the sweeper since it was read, or the worker is banned.
        found = await find_own(tx, worker_id, assignment_id, lock=True)
        if found.status is Status.ACTIVE and found.expires > tx.now:
            await restrictions.refuse_banned(tx, worker_id)
        return _again(found, solutions)
    if assignment.learning:
        tx.record(TrainingPageDone(assignment.pool_id, assignment.id, worker_id))
    accepted = tx.now if status is Status.ACCEPTED else None
    done = replace(assignment, status=status, submitted=tx.now, accepted=accepted, solutions=solutions)
    return done, {}


async def _files(tx: Tx, assignment: Assignment, version: Version, outputs: Mapping[str, Any]) -> list[UUID]:
    """The attachments that answers (by path) name.

    Raises:
        ValidationError: some are none of this page.
    """
    named: dict[str, str] = {}
    if version.files:
        for path, values in outputs.items():
            named |= rules.named_files(values, version.files, path)
    if not named:
        return []
    errors = await attachments.missing(tx, WorkId(assignment.pool_id, assignment.id), named)
    if errors:
        raise ValidationError(errors)
    return [UUID(text) for text in named.values()]


def _again(assignment: Assignment, solutions: Sequence[Mapping[str, Any]]) -> tuple[Assignment, Hints]:
    answered = assignment.solutions is not None and rules.same(list(assignment.solutions), list(solutions))
    if answered and assignment.status in {Status.SUBMITTED, Status.ACCEPTED, Status.REJECTED}:
        return assignment, {}
    raise not_active(assignment)


def not_active(assignment: Assignment) -> Conflict:
    """The answer to an act on a page that is no longer the worker's."""
    state = "EXPIRED" if assignment.status is Status.ACTIVE else assignment.status.name
    text = f"Assignment {work_id(assignment.pool_id, assignment.id)} is {state}"
    return Conflict("INAPPROPRIATE_STATUS", text, appropriate=["ACTIVE"])


async def _learn(
    tx: Tx, assignment: Assignment, solutions: Sequence[Mapping[str, Any]], languages: str | None
) -> Hints:
    """Compare answers to training tasks; the hints for those that are wrong."""
    rows = await tasks.tasks(tx, assignment.pool_id, assignment.task_ids)
    hints: Hints = {}
    for position, (number, solution) in enumerate(zip(assignment.task_ids, solutions, strict=True)):
        row = rows[number]
        if row["kind"] != Kind.TRAINING:
            continue
        correct = rules.is_correct(solution["output_values"], row["details"].get("known_solutions", []))
        await store.add_attempt(tx, assignment.id, position, correct, solution["output_values"])
        if not correct:
            hints[work_id(assignment.pool_id, number)] = await _hint(tx, assignment, row, languages)
    return hints


async def _hint(tx: Tx, assignment: Assignment, row: Row, languages: str | None) -> str:
    """The hint of a training task in its worker's language."""
    hint: str = row["details"]["message_on_unknown_solution"]
    config = row["details"].get("localization_config")
    if config is None:
        return hint
    found = translation(config, await wanted(tx, assignment.worker_id, languages))
    return (found.get("message_on_unknown_solution") or {}).get("value") or hint


async def attempt(
    tx: Tx, worker_id: int, assignment_id: str, task_id: str, output_values: Any, languages: str | None = None
) -> tuple[bool, str | None]:
    """Try an answer to one training task: whether it is right, and the hint if not.

    Raises:
        NotFound; ValidationError; Conflict: INAPPROPRIATE_STATUS, POOL_TASK_TYPE_CONFLICT; TalkaError: ACCESS_DENIED
        when the worker is banned.
    """
    assignment = await find_own(tx, worker_id, assignment_id, lock=True)
    if assignment.status is not Status.ACTIVE or assignment.expires <= tx.now:
        raise not_active(assignment)
    await restrictions.refuse_banned(tx, worker_id)
    parts = parse_work_id(task_id)
    if parts is None or parts.pool_id != assignment.pool_id or parts.number not in assignment.task_ids:
        raise NotFound("task", task_id)
    version = await versions.version(tx, assignment.project_id, assignment.project_major, assignment.project_minor)
    errors = version.check_output(output_values, "output_values")
    if errors:
        raise ValidationError(errors)
    await _files(tx, assignment, version, {"output_values": output_values})
    row = (await tasks.tasks(tx, assignment.pool_id, [parts.number]))[parts.number]
    if row["kind"] != Kind.TRAINING:
        raise Conflict("POOL_TASK_TYPE_CONFLICT", "Only training tasks say whether an answer is right")
    correct = rules.is_correct(output_values, row["details"].get("known_solutions", []))
    position = list(assignment.task_ids).index(parts.number)
    await store.add_attempt(tx, assignment.id, position, correct, output_values)
    return correct, None if correct else await _hint(tx, assignment, row, languages)


async def skip(tx: Tx, worker_id: int, assignment_id: str) -> Assignment:
    """Give a page up for good; its slots are free for others at once.

    Raises:
        NotFound; Conflict: INAPPROPRIATE_STATUS.
    """
    return await _leave(tx, worker_id, assignment_id, Status.SKIPPED)


async def leave(tx: Tx, worker_id: int, assignment_id: str) -> Assignment:
    """Exit: the page expires now and the worker may get its tasks again.

    Raises:
        NotFound; Conflict: INAPPROPRIATE_STATUS.
    """
    return await _leave(tx, worker_id, assignment_id, Status.EXPIRED)


async def _leave(tx: Tx, worker_id: int, assignment_id: str, status: Status) -> Assignment:
    assignment = await find_own(tx, worker_id, assignment_id, lock=True)
    if assignment.status is status:
        return assignment  # a second click
    if assignment.status is not Status.ACTIVE or assignment.expires <= tx.now:
        raise not_active(assignment)
    await end(tx, [assignment], status)
    return await find_own(tx, worker_id, assignment_id)


async def end(tx: Tx, assignments: Sequence[Assignment], status: Status) -> None:
    """End active pages of one pool (locked by the caller) without answers: slots and money go back.

    All queue rows are locked before any money, as in issuing, so that the two never wait for each other.
    """
    expired = status is Status.EXPIRED
    ended = []
    for assignment in assignments:
        moment = min(assignment.expires, tx.now) if expired else tx.now
        if await store.move(tx, assignment, Status.ACTIVE, status, moment):
            ended.append(assignment)
            if expired:
                await queue.move_claims(tx, assignment.id, assignment.unit_ids, assignment.worker_id)
    if ended:
        held = [(assignment.worker_id, assignment.unit_ids) for assignment in ended]
        await queue.give_back(tx, ended[0].pool_id, held, retry=expired)
    await ledger.release_all(tx, [assignment.work for assignment in ended])
    for assignment in ended:
        if assignment.learning:
            tx.record(TrainingPageLeft(assignment.pool_id, assignment.worker_id))


async def review(tx: Tx, account_id: int, assignment_id: str, status: str | None, comment: str | None) -> Assignment:
    """Accept or reject a submitted page, or accept a rejected one after all; the same again changes nothing.

    Raises:
        NotFound; ValidationError; Conflict: INAPPROPRIATE_STATUS, POOL_INAPPROPRIATE_STATUS;
        TalkaError: NOT_ENOUGH_BALANCE.
    """
    parts = parse_work_id(assignment_id)
    if parts is None:
        raise NotFound("assignment", assignment_id)
    await pools.lock_pool(tx, parts.pool_id, exclusive=False)
    found = await store.get(tx, parts.pool_id, parts.number, lock=True)
    if found is None or found.account_id != account_id:
        raise NotFound("assignment", assignment_id)
    pool = await pools.get(tx, found.pool_id)
    if pool is None or pool.status == "ARCHIVED":
        text = "The pool is archived: pay by bonus instead"
        raise Conflict("POOL_INAPPROPRIATE_STATUS", text, appropriate=["OPEN", "CLOSED"])
    if status is not None and status != found.status.name:
        await _decide(tx, found, Status[status], comment)
    elif comment is not None:
        await store.set_comment(tx, found, comment)
    return found


async def _decide(tx: Tx, found: Assignment, became: Status, comment: str | None) -> None:
    if found.status is Status.SUBMITTED:
        await store.move(tx, found, found.status, became, tx.now, comment=comment)
        await (ledger.pay if became is Status.ACCEPTED else ledger.release)(tx, found.work)
    elif found.status is Status.REJECTED and became is Status.ACCEPTED:
        await ledger.hold_again(tx, found.work)
        await store.move(tx, found, found.status, became, tx.now, comment=comment)
        await ledger.pay(tx, found.work)
    else:
        text = f"The assignment is {found.status.name}"
        appropriate = ["SUBMITTED"] if became is Status.REJECTED else ["SUBMITTED", "REJECTED"]
        raise Conflict("INAPPROPRIATE_STATUS", text, appropriate=appropriate)


async def accept_overdue(tx: Tx, assignment: Assignment) -> None:
    """Accept a page (locked by the caller) whose time for review is over, as of that moment."""
    if await store.move(tx, assignment, Status.SUBMITTED, Status.ACCEPTED, tx.now):
        await ledger.pay(tx, assignment.work)


def read_review(body: Any) -> tuple[str | None, str | None]:
    """Status and comment of a PATCH.

    Raises:
        ValidationError: naming every wrong field.
    """
    if not isinstance(body, dict):
        raise field_error("body", "OBJECT_EXPECTED", "Must be an object")
    errors: FieldErrors = {}
    status, comment = body.get("status"), body.get("public_comment")
    if status is not None and not isinstance(status, str):
        errors |= field_error("status", "STRING_EXPECTED", "Must be a string").fields
    elif status is not None and status not in {"ACCEPTED", "REJECTED"}:
        code = "VALUE_NOT_ALLOWED" if status in Status.__members__ else "UNKNOWN_ENUM_VALUE"
        errors |= field_error("status", code, "Must be ACCEPTED or REJECTED", "ACCEPTED", "REJECTED").fields
    if comment is not None and not isinstance(comment, str):
        errors |= field_error("public_comment", "STRING_EXPECTED", "Must be a string").fields
    elif comment is not None and len(comment) > rules.MAX_COMMENT:
        text = f"Must have at most {rules.MAX_COMMENT} characters"
        errors |= field_error("public_comment", "STRING_LENGTH_GREATER_THAN_MAX", text, rules.MAX_COMMENT).fields
    if errors:
        raise ValidationError(errors)
    if status is None and comment is None:
        raise field_error("status", "VALUE_REQUIRED", "Say what to change")
    return status, comment
