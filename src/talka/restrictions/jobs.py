"""What becomes of restrictions by themselves: they end."""

from __future__ import annotations

from talka.infra.db import Database
from talka.restrictions import store

BATCH = 500


async def end_expired(db: Database) -> bool:
    """End a batch of restrictions whose time is over; False when there was none."""
    async with db.transaction() as tx:
        return await store.end_expired(tx, BATCH) > 0
