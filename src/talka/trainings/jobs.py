"""What becomes of trainings by themselves: workers who passed long ago may repeat them."""

from __future__ import annotations

from talka.infra.db import Database
from talka.trainings import store, usecases

BATCH = 200


async def retire(db: Database) -> bool:
    """Look after a batch of workers whose training was long ago; False when there was none."""
    async with db.reading() as tx:
        holders = await store.idle_holders(tx, BATCH)
    for holder in holders:
        async with db.transaction() as tx:
            await usecases.retire(tx, holder)
    return bool(holders)
