"""Starting, queueing and finishing operations."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from talka.infra.db import Database, Tx
from talka.kit.errors import Conflict, NotFound, field_error
from talka.kit.ids import parse_uuid
from talka.operations import store
from talka.operations.model import Failure, Operation

WAKE = "talka_jobs"
"""The channel on which the jobs process hears of new work."""


def chosen_id(text: str | None) -> str:
    """The id that a client chose for its operation, or a fresh one.

    Raises:
        ValidationError: it is no UUID.
    """
    chosen = uuid.uuid4() if text is None else parse_uuid(text)
    if chosen is None:
        raise field_error("operation_id", "UUID_EXPECTED", "Must be a UUID")
    # One UUID can be written in several ways; in whichever a request is repeated, it is the same operation.
    return str(chosen)


async def done(
    tx: Tx, account_id: int, kind: str, parameters: dict[str, Any], details: dict[str, Any] | None = None
) -> Operation:
    """An operation that was carried out at once."""
    operation = Operation(
        account_id,
        str(uuid.uuid4()),
        0,
        kind,
        "SUCCESS",
        submitted=tx.now,
        started=tx.now,
        finished=tx.now,
        progress=100,
        parameters=parameters,
        details=details or {},
    )
    await store.insert(tx, operation)
    return operation


async def enqueue(
    tx: Tx, account_id: int, operation_id: str, kind: str, parameters: dict[str, Any], body: bytes
) -> Operation:
    """A batch to be carried out by the jobs process, in the order of submission per account.

    Raises:
        Conflict: OPERATION_ALREADY_EXISTS.
    """
    operation = Operation(
        account_id, operation_id, 0, kind, "PENDING", tx.now, parameters=parameters, asynchronous=True
    )
    number = await store.insert(tx, operation)
    if number is None:
        raise already_exists(operation_id)
    await store.insert_payload(tx, number, body)
    await tx.execute(f"notify {WAKE}")
    return operation


async def begin_batch(tx: Tx, account_id: int, operation_id: str, kind: str, parameters: dict[str, Any]) -> Operation:
    """A batch that is carried out in its own request, within this transaction.

    Raises:
        Conflict: OPERATION_ALREADY_EXISTS.
    """
    operation = Operation(
        account_id, operation_id, 0, kind, "SUCCESS", tx.now, tx.now, tx.now, progress=100, parameters=parameters
    )
    number = await store.insert(tx, operation)
    if number is None:
        raise already_exists(operation_id)
    return replace(operation, number=number)


async def add_failure(tx: Tx, account_id: int, operation_id: str, failure: Failure) -> None:
    """Add a failed step to the log of a batch."""
    operation = await store.get(tx, account_id, operation_id)
    if operation is not None:
        await store.insert_failures(tx, operation.number, [failure])


class Progress:
    """Tells how far an operation is, outside of the transaction that carries it out."""

    def __init__(self, db: Database, operation: Operation) -> None:
        self._db = db
        self._number = operation.number
        self._told = 0

    def of(self, total: int, start: int, end: int) -> Callable[[int], Awaitable[None]]:
        """For a part of the work that has `total` steps and takes it from `start` to `end` percent."""

        async def tell(done: int) -> None:
            percent = start + (end - start) * min(done, total) // total
            if percent > self._told:
                self._told = percent
                async with self._db.reading() as outside:
                    await store.mark_progress(outside, self._number, percent)

        return tell


async def find(tx: Tx, account_id: int, operation_id: str) -> Operation:
    """An operation of the account.

    Raises:
        NotFound: it has none of that id.
    """
    number = parse_uuid(operation_id)
    operation = await store.get(tx, account_id, str(number)) if number is not None else None
    if operation is None:
        raise NotFound("operation", operation_id)
    return operation


def already_exists(operation_id: str) -> Conflict:
    """The answer to an operation id that was used before."""
    return Conflict("OPERATION_ALREADY_EXISTS", f"There is an operation {operation_id} already")
