"""What apps do by themselves: give items to workers, and see what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from talka.apps import processing, store
from talka.infra.db import Database, Tx
from talka.kit.errors import TalkaError


async def look_at_answers(db: Database) -> bool:
    """Give results to items that were answered; False when nothing was accepted since."""
    return await db.retrying(processing.look_at_answers)


async def look_at_closing(db: Database) -> bool:
    """Follow a pool that closed; False when none did."""
    return await db.retrying(processing.look_at_closing)


async def begin_queued(db: Database) -> bool:
    """Begin with a batch whose turn has come; False when there is none."""
    async with db.reading() as tx:
        found = await store.next_queued(tx)
    if found is None:
        return False
    return await _attempt(db, found[1], lambda tx: processing.begin_queued(tx, *found))


async def load(db: Database) -> bool:
    """Give more items of a batch to workers; False when there is none to give."""
    async with db.reading() as tx:
        number = await store.next_loading(tx)
    if number is None:
        return False
    return await _attempt(db, number, lambda tx: processing.load_next(tx, number))


async def retry(db: Database) -> bool:
    """Let a stream that had no money try again; False when none is due."""
    async with db.transaction() as tx:
        return await processing.retry(tx)


async def _attempt(db: Database, number: int, work: Callable[[Tx], Awaitable[None]]) -> bool:
    """Do something with a batch that can be refused; why it was is noted at the batch."""
    try:
        await db.retrying(work)
    except TalkaError as error:
        if error.code == "REMOTE_SERVICE_UNAVAILABLE":
            raise
        async with db.transaction() as tx:
            await processing.give_up(tx, number, error)
    return True
