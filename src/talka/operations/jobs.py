"""Carrying out queued batches, one transaction each, so that a crash repeats or undoes them whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import psycopg
import structlog

from talka.infra.db import Database, Repeat, Tx
from talka.infra.http.body import decode
from talka.kit.errors import FieldError, TalkaError
from talka.operations import store
from talka.operations.batches import item_indexes
from talka.operations.model import Batch, Operation, OperationEnded, Outcome

log = structlog.get_logger("talka.operations")
Executor = Callable[[Tx, Operation, bytes], Awaitable[Outcome]]


async def run_next(db: Database, executors: Mapping[str, Executor]) -> bool:
    """Carry out the oldest batch that nobody else is at; False when there is none.

    What this process does not know, as while versions change, waits for one that does.
    """

    async def work(tx: Tx) -> bool:
        operation = await store.next_unfinished(tx, executors)
        if operation is None:
            return False
        if operation.status == "PENDING":
            async with db.reading() as outside:
                await store.mark_started(outside, operation.number, tx.now)
        await _carry_out(tx, operation, executors[operation.type])
        return True

    return await db.retrying(work)


async def _carry_out(tx: Tx, operation: Operation, execute: Executor) -> None:
    body = await store.payload(tx, operation.number)
    before = len(tx.events)
    try:
        async with tx.conn.transaction():
            outcome = await execute(tx, operation, body)
    except (psycopg.OperationalError, Repeat):
        raise
    except TalkaError as error:
        outcome = _failed(operation, body, error)
    except Exception:
        # Anything else would fail again and again and hold up what comes after it.
        log.exception("operation failed", id=operation.id, type=operation.type)
        outcome = _failed(operation, body, TalkaError("INTERNAL_ERROR", "Something went wrong on our side"))
    if outcome.status == "FAIL":
        # What was undone has not happened.
        del tx.events[before:]
    await store.mark_finished(tx, operation.number, outcome.status, outcome.details, outcome.created)
    await store.insert_failures(tx, operation.number, outcome.failures)
    tx.record(OperationEnded(operation, outcome.status))
    log.info("operation finished", id=operation.id, type=operation.type, status=outcome.status)


def _failed(operation: Operation, body: bytes, error: TalkaError) -> Outcome:
    """What was refused as a whole; of a batch each item says why, for clients look for it there."""
    details = {"code": error.code, "message": error.message, "payload": error.payload}
    thing, _, verb = operation.type.rpartition(".")
    if verb != "BATCH_CREATE":
        return Outcome("FAIL", details)
    value = decode(body)
    items = value if isinstance(value, list) else [value]
    indexes = item_indexes(items)
    found = {"": FieldError(error.code, error.message)}
    batch = Batch(errors=dict.fromkeys(indexes, found), rejected=dict(zip(indexes, items, strict=True)))
    return Outcome("FAIL", {**batch.details(created=False), **details}, failures=batch.failures(f"{thing}_VALIDATE"))
