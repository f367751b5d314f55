"""What pools do by themselves: expire, open again, close, be archived; and the fold of the outbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import psycopg

from talka.infra.db import Database, Row, Tx
from talka.pools import store as pools
from talka.running import store, usecases
from talka.running.model import AssignmentsChanged, Closing
from talka.running.rules import CloseReason

Thing = TypeVar("Thing")

FOLD = 2_000
BATCH = 100
_PATIENCE = "200ms"
"""So long does background work wait for a lock: a pool to which much is being uploaded must not hold up all others."""


async def fold_outbox(db: Database, *, most: int) -> bool:
    """Fold a batch of changes and note which pools may have to close; False when there was none.

    `most`: how many pages may be issued from a pool; 0 is any number.
    """
    async with db.transaction() as tx:
        touched = await store.fold(tx, FOLD)
        changed = _changed(touched)
        if changed.pools:
            tx.record(changed)
        for row in sorted(touched, key=lambda row: row["pool_id"]):
            if row["ended"] and await store.is_complete(tx, row["pool_id"]):
                await store.note_closing(tx, Closing(row["pool_id"], CloseReason.COMPLETED))
            if most and row["pages"] >= most:
                await store.note_closing(tx, Closing(row["pool_id"], CloseReason.ASSIGNMENTS_LIMIT_EXCEEDED))
    return bool(touched)


def _changed(touched: Sequence[Row]) -> AssignmentsChanged:
    rows = [row for row in touched if row["assignments"]]
    columns = [[item for row in rows for item in row[name]] for name in ("assignments", "before", "after", "moments")]
    return AssignmentsChanged([row["pool_id"] for row in rows for _ in row["assignments"]], *columns)


async def close_noted(db: Database, *, most: int) -> bool:
    """Close pools that were noted while folding, if it is true; False when none could be looked at."""
    async with db.reading() as tx:
        noted = await store.closings(tx, BATCH)

    async def close(tx: Tx, closing: Closing) -> None:
        await usecases.close_noted(tx, closing, most)

    return await _each(db, noted, close)


async def expire_pools(db: Database) -> bool:
    """Close pools whose time is over."""
    return await _each_due(db, "will_expire", usecases.close_expired)


async def reopen_pools(db: Database) -> bool:
    """Open pools whose pause for an update is over."""
    return await _each_due(db, "reopen_at", usecases.reopen)


async def complete_pools(db: Database) -> bool:
    """Close pools that have been complete for long enough."""
    return await _each_due(db, "complete_at", usecases.close_completed)


async def archive_pools(db: Database) -> bool:
    """Archive closed pools with which nothing has happened for long enough."""
    return await _each_due(db, "archive_at", usecases.archive_idle)


async def _each_due(db: Database, column: str, move: Callable[[Tx, int], Awaitable[None]]) -> bool:
    async with db.reading() as tx:
        due = await pools.due(tx, column)
    return await _each(db, due, move)


async def _each(db: Database, things: Sequence[Thing], move: Callable[[Tx, Thing], Awaitable[None]]) -> bool:
    """Move each in a transaction of its own; whether any could be: what others hold is left for the next time."""
    moved = False
    for thing in things:
        try:
            async with db.transaction() as tx:
                await tx.execute(f"set local lock_timeout = '{_PATIENCE}'")
                await move(tx, thing)
        except psycopg.errors.LockNotAvailable:
            continue
        moved = True
    return moved
