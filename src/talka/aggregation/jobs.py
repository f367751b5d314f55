"""What becomes of aggregated solutions by themselves: they expire."""

from __future__ import annotations

from talka.aggregation import store
from talka.infra.db import Database

BATCH = 20_000


async def drop_expired(db: Database) -> bool:
    """Delete a batch of solutions that are no longer kept; False when there was none."""
    async with db.transaction() as tx:
        return await store.drop_expired(tx, BATCH)
