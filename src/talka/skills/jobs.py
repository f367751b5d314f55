"""What becomes of user skills by themselves: they expire."""

from __future__ import annotations

from talka.infra.db import Database
from talka.skills import usecases

BATCH = 200


async def expire(db: Database) -> bool:
    """Take away a batch of values that were not set for too long; False when there was none."""
    async with db.transaction() as tx:
        return await usecases.expire_values(tx, BATCH) > 0
