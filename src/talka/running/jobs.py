"""What pools do by themselves: expire, open again, close when complete; and the fold of the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from talka.infra.db import Database, Row
from talka.pools import store as pools
from talka.running import store, usecases
from talka.running.model import AssignmentsChanged
from talka.running.rules import CloseReason

FOLD = 2_000


async def fold_outbox(db: Database) -> bool:
    """Fold a batch of changes and look which pools are complete; False when there was none."""
    async with db.transaction() as tx:
        touched = await store.fold(tx, FOLD)
        changed = _changed(touched)
        if changed.pools:
            tx.record(changed)
        await usecases.check_complete(tx, [row["pool_id"] for row in touched if row["ended"]])
    return bool(touched)


def _changed(touched: Sequence[Row]) -> AssignmentsChanged:
    rows = [row for row in touched if row["assignments"]]
    columns = [[item for row in rows for item in row[name]] for name in ("assignments", "before", "after", "moments")]
    return AssignmentsChanged([row["pool_id"] for row in rows for _ in row["assignments"]], *columns)


async def expire_pools(db: Database) -> bool:
    """Close pools whose time is over."""
    async with db.reading() as tx:
        due = await pools.due(tx, "will_expire")
    for pool_id in due:
        async with db.transaction() as tx:
            await usecases.close_by_itself(tx, pool_id, CloseReason.EXPIRED)
    return bool(due)


async def reopen_pools(db: Database) -> bool:
    """Open pools whose pause for an update is over."""
    async with db.reading() as tx:
        due = await pools.due(tx, "reopen_at")
    for pool_id in due:
        async with db.transaction() as tx:
            await usecases.reopen(tx, pool_id)
    return bool(due)


async def complete_pools(db: Database) -> bool:
    """Close pools that have been complete for long enough."""
    async with db.reading() as tx:
        due = await pools.due(tx, "complete_at")
    for pool_id in due:
        async with db.transaction() as tx:
            await usecases.close_by_itself(tx, pool_id, CloseReason.COMPLETED)
    return bool(due)
