"""What works behind batches: items become tasks, accepted answers become results.

Rows are locked in the order app project, batch (by number), items, and then what the pools of the batch lock. Whoever
accepts an answer or closes a pool has locks of these already, so that is only noted, and looked at by a job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from talka.apps import items, rules, store
from talka.apps.model import AppProject, Asked, Batch, BatchStatus, Waiting
from talka.apps.solutions import APPS, App
from talka.apps.solutions.base import Parameters, seen_by_workers
from talka.assignments.model import Status
from talka.infra.db import Row, Tx
from talka.kit.errors import TalkaError
from talka.kit.wire import parse
from talka.operations.model import Operation
from talka.pools import store as pools
from talka.pools import usecases as pool_usecases
from talka.pools.wire import PoolBody
from talka.running.model import AssignmentsChanged, PoolClosed
from talka.running.rules import CloseReason
from talka.tasks import store as tasks
from talka.tasks.model import BatchOptions, PoolOpeningAsked
from talka.tasks.usecases import TASKS, create_now

CHUNK: Final = 5_000
"""Items that become tasks in one transaction."""
_ANSWERS: Final = 500
"""Pages that are looked at in one transaction."""
_LEFT: Final = 1_000
_RETRY: Final = timedelta(minutes=1)
_NO_ANSWERS: Final = ({"code": "NO_ANSWERS", "message": "The pool was done with, but nobody answered this item"},)
_STATUS_AFTER: Final[Mapping[str, BatchStatus]] = {
    CloseReason.NOT_ENOUGH_BALANCE: BatchStatus.NO_MONEY,
    CloseReason.MANUAL: BatchStatus.STOPPED,
    CloseReason.EXPIRED: BatchStatus.STOPPED,
    CloseReason.BLOCKED: BatchStatus.STOPPED,
    CloseReason.ASSIGNMENTS_LIMIT_EXCEEDED: BatchStatus.STOPPED,
}
"""After a closing for an update a pool opens by itself, after one because it is complete there is nothing left."""


def solution(project: AppProject) -> tuple[App[Any], Parameters]:
    """The app of a project, and the parameters that it was made with."""
    app = APPS.get(project.app_id)
    if app is None:
        raise LookupError(f"no app {project.app_id}")
    parameters: Parameters = parse(app.parameters, dict(project.parameters))
    return app, parameters


async def begin(tx: Tx, project: AppProject, batch: Batch) -> None:
    """Let workers do a batch (both locked): now, or once those of a higher priority are done.

    Raises:
        TalkaError: as opening a pool; what there is no money for among them, told when the transaction ends.
    """
    if not batch.stream and await store.has_running(tx, project.id, batch.priority):
        await store.change_batch(tx, batch.id, status="QUEUED", errors=None)
        return
    started = batch.started or tx.now
    await store.change_batch(
        tx, batch.id, status="PROCESSING", started=started, finished=None, errors=None, retry_at=None, loading=True
    )
    await load(tx, project, replace(batch, status=BatchStatus.PROCESSING, started=started))


async def load(tx: Tx, project: AppProject, batch: Batch) -> None:
    """Give the next NEW items of a PROCESSING batch (locked) to workers, and see that its pool is open."""
    if batch.stream and batch.pool_id is not None:
        batch = await _leave_archived(tx, project, batch)
    waiting = await items.waiting(tx, batch.id, CHUNK)
    fresh, following, known = await _sorted(tx, project, batch, waiting)
    if fresh:
        await _ask(tx, project, batch, fresh)
    elif batch.pool_id is not None and batch.processing:
        tx.record(PoolOpeningAsked(project.account_id, (batch.pool_id,)))
    if following:
        await items.set_following(tx, following)
    if known:
        await items.copy_results(tx, known)
    await store.count(
        tx,
        batch.id,
        processing=len(fresh) + len(following),
        completed=len(known),
        confidence=sum(output["confidence"] for _, output in known),
    )
    await store.change_batch(tx, batch.id, loading=len(waiting) == CHUNK)
    await _finish(tx, batch.id)


async def _leave_archived(tx: Tx, project: AppProject, batch: Batch) -> Batch:
    """A stream, which nobody can begin anew, goes on in another pool when its own was archived."""
    pool = await pools.get(tx, _pool_of(batch))
    if pool is None or pool.status != "ARCHIVED":
        return batch
    while left := await items.still_asked(tx, pool.id, batch.id, _LEFT):
        await _judge(tx, project, batch, left, last=True)
    await store.change_batch(tx, batch.id, pool_id=None)
    return await store.any_batch(tx, batch.id)


async def _sorted(
    tx: Tx, project: AppProject, batch: Batch, waiting: Sequence[Waiting]
) -> tuple[list[Waiting], list[tuple[int, int]], list[tuple[int, Mapping[str, Any]]]]:
    """Items that workers are to do; those that wait for an equal one of the batch; those whose equal has a result."""
    prints = list({item.fingerprint for item in waiting if not item.forced})
    results = await items.labelled(tx, project.id, prints) if prints else {}
    at_work = await items.being_labelled(tx, batch.id, prints) if prints else {}
    fresh: list[Waiting] = []
    following: list[tuple[int, int]] = []
    known: list[tuple[int, Mapping[str, Any]]] = []
    for item in waiting:
        if not item.forced and item.fingerprint in results:
            known.append((item.id, results[item.fingerprint]))
        elif not item.forced and item.fingerprint in at_work:
            following.append((item.id, at_work[item.fingerprint]))
        else:
            fresh.append(item)
            at_work.setdefault(item.fingerprint, item.id)
    return fresh, following, known


async def _ask(tx: Tx, project: AppProject, batch: Batch, fresh: Sequence[Waiting]) -> None:
    app, parameters = solution(project)
    pool_id, new = batch.pool_id, []
    if pool_id is None:
        body = parse(PoolBody, rules.pool_body(app, parameters, project.project_id, batch))
        pool_id = (await pool_usecases.create(tx, project.account_id, body)).id
        await store.change_batch(tx, batch.id, pool_id=pool_id)
        new = [_control_task(app, parameters, pool_id, control) for control in parameters.controls]
    controls, overlap = len(new), app.copies(parameters)
    new += [
        {"pool_id": str(pool_id), "input_values": seen_by_workers(item.input_data), "overlap": overlap}
        for item in fresh
    ]
    parts = BatchOptions(open_pool=True).parameters()
    # Not one of the requester's operations: the number 0 marks what apps upload.
    upload = Operation(project.account_id, "", 0, TASKS, "RUNNING", tx.now, parameters=parts)
    created = (await create_now(tx, upload, new)).created[str(pool_id)]
    rows = await tasks.batch_tasks(tx, pool_id, created[0], created[1], 0)
    numbers = {row["item_index"]: row["id"] for row in rows}
    await items.set_asked(tx, [(item.id, numbers[controls + place]) for place, item in enumerate(fresh)])


def _control_task(app: App[Any], parameters: Parameters, pool_id: int, control: Any) -> dict[str, Any]:
    return {
        "pool_id": str(pool_id),
        "input_values": seen_by_workers({k: v for k, v in control.input_data.items() if v is not None}),
        "known_solutions": [{"output_values": app.known(parameters, control), "correctness_weight": 1}],
        "infinite_overlap": True,
    }


async def _finish(tx: Tx, batch_id: int) -> None:
    """COMPLETED, once all items (of which no more are waiting) have ended."""
    batch = await store.any_batch(tx, batch_id)
    if batch.completed + batch.failed < batch.items or not batch.items:
        return
    if batch.status in {BatchStatus.PROCESSING, BatchStatus.STOPPED, BatchStatus.NO_MONEY}:
        await store.change_batch(tx, batch.id, status="COMPLETED", finished=tx.now, loading=False, retry_at=None)


async def pages_changed(tx: Tx, event: AssignmentsChanged) -> None:
    """Note the pages of apps that were accepted."""
    pairs = zip(event.pools, event.assignments, event.became, strict=True)
    accepted = [(pool_id, number) for pool_id, number, became in pairs if became == Status.ACCEPTED]
    if accepted:
        await items.note_accepted(tx, [pool_id for pool_id, _ in accepted], [number for _, number in accepted])


async def pool_closed(tx: Tx, event: PoolClosed) -> None:
    """Note the closing of a pool of an app."""
    await store.note_closing(tx, event.pool_id, event.reason.value)


async def look_at_answers(tx: Tx) -> bool:
    """Give results to the items that enough accepted answers are there for; False when nothing was accepted."""
    pages = await items.take_accepted(tx, _ANSWERS)
    batches = await store.batches_of_pools(tx, sorted({page["pool_id"] for page in pages}))
    for batch in batches:
        own = [page for page in pages if page["pool_id"] == batch.pool_id]
        project = await store.any_project(tx, batch.app_project_id)
        await _learn(tx, project, batch, own)
        task_ids = sorted({number for page in own for number in page["task_ids"]})
        found = await items.asked(tx, _pool_of(batch), task_ids)
        await _judge(tx, project, batch, found, last=False)
    return bool(pages)


async def _learn(tx: Tx, project: AppProject, batch: Batch, pages: Sequence[Row]) -> None:
    """How often workers are right about items whose results are known."""
    app, parameters = solution(project)
    if not parameters.controls:
        return
    known = await items.known(tx, _pool_of(batch), [number for page in pages for number in page["task_ids"]])
    seen: dict[int, tuple[int, int]] = {}
    for page in pages:
        for number, said in zip(page["task_ids"], page["solutions"], strict=True):
            if number in known:
                answered, correct = seen.get(page["worker_id"], (0, 0))
                right = app.agrees(said["output_values"], known[number])
                seen[page["worker_id"]] = (answered + 1, correct + right)
    if seen:
        await items.learn(tx, project.id, seen)


async def _judge(tx: Tx, project: AppProject, batch: Batch, found: Sequence[Asked], *, last: bool) -> None:
    """Results of items; with `last` no more answers will come, and items without any are in ERROR."""
    if not found:
        return
    app, parameters = solution(project)
    said = await items.answers(tx, project.id, _pool_of(batch), [item.task_id for item in found], rules.PRIOR)
    results: list[tuple[int, Mapping[str, Any]]] = []
    silent: list[int] = []
    for item in found:
        answers = said.get(item.task_id, [])
        if answers and (last or (item.wanted is not None and len(answers) >= item.wanted)):
            results.append((item.id, app.judge(parameters, answers).output()))
        elif last:
            silent.append(item.id)
    first, copies = await items.complete(tx, results) if results else (0, 0)
    failed = await items.fail(tx, silent, _NO_ANSWERS) if silent else 0
    sure = await items.confidence_of(tx, [item for item, _ in results]) if results else 0.0
    await store.count(
        tx,
        batch.id,
        processing=-(first + copies + failed),
        completed=first + copies,
        failed=failed,
        labelled=first,
        confidence=sure,
    )
    await _finish(tx, batch.id)


def _pool_of(batch: Batch) -> int:
    if batch.pool_id is None:
        raise LookupError(f"batch {batch.id} has no pool")
    return batch.pool_id


async def look_at_closing(tx: Tx) -> bool:
    """What the oldest closing of a pool means for its batch; False when there is none."""
    closing = await store.take_closing(tx)
    if closing is None:
        return False
    # Batches first: whoever has one locked may be about to open its pool.
    batches = await store.batches_of_pools(tx, [closing["pool_id"]])
    pool = await pools.get(tx, closing["pool_id"])
    if pool is not None and pool.status != "OPEN":  # open again: another closing will come
        for batch in batches:
            await _follow(tx, batch, closing)
    return True


async def _follow(tx: Tx, batch: Batch, closing: Row) -> None:
    if closing["reason"] == CloseReason.COMPLETED:
        await _clear(tx, batch, closing)
    elif batch.loading:
        return  # the pool is about to be opened
    elif batch.status is BatchStatus.PROCESSING and closing["reason"] in _STATUS_AFTER:
        status = _STATUS_AFTER[closing["reason"]]
        retry_at = tx.now + _RETRY if batch.stream and status is BatchStatus.NO_MONEY else None
        await store.change_batch(tx, batch.id, status=status.value, retry_at=retry_at)


async def _clear(tx: Tx, batch: Batch, closing: Row) -> None:
    """The pool has nothing left to ask, so items that have no result yet get what there is for them."""
    left = await items.still_asked(tx, _pool_of(batch), batch.id, _LEFT)
    await _judge(tx, await store.any_project(tx, batch.app_project_id), batch, left, last=True)
    if len(left) == _LEFT:
        await store.note_closing(tx, closing["pool_id"], closing["reason"])


async def begin_queued(tx: Tx, app_project_id: int, number: int) -> None:
    """Begin with a batch whose turn has come, if it still has."""
    project = await store.any_project(tx, app_project_id, lock=True)
    batch = await store.any_batch(tx, number)
    if batch.status is BatchStatus.QUEUED:
        await begin(tx, project, batch)


async def load_next(tx: Tx, number: int) -> None:
    """Go on with giving the items of a batch to workers, if there is still something to give."""
    batch = await store.any_batch(tx, number)
    if batch.status is BatchStatus.PROCESSING and batch.loading:
        await load(tx, await store.any_project(tx, batch.app_project_id), batch)


async def retry(tx: Tx) -> bool:
    """Let a stream that had no money go on; False when none is due."""
    number = await store.next_retry(tx)
    if number is not None:
        await store.change_batch(tx, number, status="PROCESSING", loading=True, retry_at=None)
    return number is not None


async def give_up(tx: Tx, number: int, error: TalkaError) -> None:
    """Note why a batch that was to be worked on cannot be."""
    batch = await store.any_batch(tx, number)
    if batch.status not in {BatchStatus.QUEUED, BatchStatus.PROCESSING}:
        return
    if error.code == "NOT_ENOUGH_BALANCE":
        retry_at = tx.now + _RETRY if batch.stream else None
        await store.change_batch(tx, number, status="NO_MONEY", retry_at=retry_at)
    else:
        errors = [{"code": error.code, "message": error.message, "payload": error.payload}]
        await store.change_batch(tx, number, status="ERROR", errors=errors)
