"""SQL of operations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, LiteralString

import orjson
from psycopg.types.json import Jsonb

from talka.infra.db import Row, Tx
from talka.infra.http.listing import Listing, ListSpec, choices, moments, texts
from talka.operations.model import Failure, Operation

_SELECT: LiteralString = (
    "select account_id, id, number, type, status, submitted, started, finished, progress, parameters, details,"
    " asynchronous, created from operation"
)
STATUSES = ("PENDING", "RUNNING", "SUCCESS", "FAIL")
LIST = ListSpec(
    filters={"type": texts("type"), "status": choices("status", {name: name for name in STATUSES})},
    ranges={"id": texts("id"), "submitted": moments("submitted"), "finished": moments("finished")},
    sorts={"id": ("id",), "submitted": ("submitted",), "finished": ("finished",)},
    nullable=("finished",),
    max_limit=500,
)


DUE: LiteralString = (
    "select timestamptz 'epoch' where exists (select 1 from operation where status in ('PENDING', 'RUNNING'))"
)


def _operation(row: Row) -> Operation:
    return Operation(**row)


async def insert(tx: Tx, operation: Operation) -> int | None:
    """Store a new operation; its number, or None when the account has one of that id."""
    value: int | None = await tx.value(
        "insert into operation (account_id, id, type, status, submitted, started, finished, progress, parameters,"
        " details, asynchronous, created) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict do nothing returning number",
        (
            operation.account_id,
            operation.id,
            operation.type,
            operation.status,
            operation.submitted,
            operation.started,
            operation.finished,
            operation.progress,
            Jsonb(operation.parameters),
            Jsonb(operation.details),
            operation.asynchronous,
            Jsonb(operation.created),
        ),
    )
    return value


async def insert_payload(tx: Tx, number: int, body: bytes) -> None:
    """Keep the body of a batch until it is carried out."""
    await tx.execute("insert into operation_payload (number, body) values (%s, %b)", (number, body))


async def payload(tx: Tx, number: int) -> bytes:
    """The body of a batch."""
    value: bytes = await tx.value("select body from operation_payload where number = %s", (number,))
    return value


async def get(tx: Tx, account_id: int, operation_id: str) -> Operation | None:
    """An operation of an account."""
    row = await tx.row(_SELECT + " where account_id = %s and id = %s", (account_id, operation_id))
    return _operation(row) if row else None


async def listed(tx: Tx, account_id: int, listing: Listing) -> tuple[list[Operation], bool]:
    """A page of the account's operations."""
    rows, more = await listing.fetch(tx, _SELECT, ("account_id = %s", account_id))
    return [_operation(row) for row in rows], more


async def next_unfinished(tx: Tx, types: Collection[str]) -> Operation | None:
    """The oldest unfinished operation of these types whose account has none before it and that nobody is carrying out.

    Nobody else gets it before this transaction ends: its number is locked, not its row, so that progress
    can be noted from outside.
    """
    while True:
        # The subquery is a fence: numbers are tried one by one in their order, and none is locked beyond the one found.
        number = await tx.value(
            "select number from (select o.number from operation o where o.status in ('PENDING', 'RUNNING')"
            "   and o.type = any(%s) and not exists (select 1 from operation e where e.account_id = o.account_id"
            "     and e.number < o.number and e.status in ('PENDING', 'RUNNING')) order by o.number offset 0) waiting"
            " where pg_try_advisory_xact_lock(7, (number %% 2147483648)::int) limit 1",
            (list(types),),
        )
        if number is None:
            return None
        # Whoever had the lock may have finished after the statement above began to look: what stands there now counts.
        row = await tx.row(_SELECT + " where number = %s and status in ('PENDING', 'RUNNING')", (number,))
        if row is not None:
            return _operation(row)


async def mark_started(tx: Tx, number: int, moment: datetime) -> None:
    """RUNNING from now on."""
    await tx.execute(
        "update operation set status = 'RUNNING', started = coalesce(started, %s) where number = %s", (moment, number)
    )


async def mark_progress(tx: Tx, number: int, percent: int) -> None:
    """Note how far it is."""
    await tx.execute("update operation set progress = %s where number = %s", (percent, number))


async def mark_finished(
    tx: Tx, number: int, status: str, details: dict[str, Any], created: dict[str, list[int]]
) -> None:
    """SUCCESS or FAIL; the body is no longer needed."""
    await tx.execute(
        "update operation set status = %s, finished = %s, progress = 100, details = %s, created = %s where number = %s",
        (status, tx.now, Jsonb(details), Jsonb(created), number),
    )
    await tx.execute("delete from operation_payload where number = %s", (number,))


async def insert_failures(tx: Tx, number: int, failures: Sequence[Failure]) -> None:
    """Keep what failed, for the log, after what stands there."""
    if not failures:
        return
    start = await tx.value("select coalesce(max(position), -1) + 1 from operation_failure where number = %s", (number,))
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy("copy operation_failure (number, position, type, input, output) from stdin") as copy,
    ):
        for position, failure in enumerate(failures, start):
            await copy.write_row(
                (
                    number,
                    position,
                    failure.type,
                    orjson.dumps(failure.input).decode(),
                    orjson.dumps(failure.output).decode(),
                )
            )


async def failures(tx: Tx, number: int) -> list[Failure]:
    """What failed, in order."""
    rows = await tx.rows(
        "select type, input, output from operation_failure where number = %s order by position", (number,)
    )
    return [Failure(**row) for row in rows]
