"""What becomes of attachments by themselves: those that nobody submitted are swept."""

from __future__ import annotations

from talka.attachments import usecases
from talka.infra.blobs import Blobs
from talka.infra.db import Database

BATCH = 20


async def sweep(blobs: Blobs, db: Database) -> bool:
    """Remove a batch of files that were not submitted in time; False when there was none."""
    async with db.transaction() as tx:
        return await usecases.sweep(tx, blobs, BATCH) > 0
