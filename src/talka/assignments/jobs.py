"""What becomes of pages by itself: expiry, and acceptance when the time for review is over."""

from __future__ import annotations

from talka.assignments import store, usecases
from talka.assignments.model import Status
from talka.infra.db import Database

BATCH = 200


async def expire(db: Database) -> bool:
    """Expire a batch of overdue pages of one pool; False when there was none."""
    async with db.transaction() as tx:
        overdue = await store.overdue(tx, BATCH)
        await usecases.end(tx, overdue, Status.EXPIRED)
    return bool(overdue)


async def accept(db: Database) -> bool:
    """Accept a batch of pages that nobody reviewed in time; False when there was none."""
    async with db.transaction() as tx:
        overdue = await store.unreviewed(tx, BATCH)
        for assignment in sorted(overdue, key=lambda found: found.worker_id):
            await usecases.accept_overdue(tx, assignment)
    return bool(overdue)
