"""Delivery in the background: claimed with a lease, sent without a transaction, settled in another one."""

from __future__ import annotations

import asyncio
import math

import structlog

from talka.infra.db import Database, Tx
from talka.infra.outbound import Answer, Outbound
from talka.webhooks import store, usecases, wire
from talka.webhooks.model import Batch
from talka.webhooks.rules import gives_up, wait_after

log = structlog.get_logger("talka.webhooks")
_PARALLEL = 64
_LOOK_SECONDS = 0.25
_ROUND_SECONDS = 5.0
_FORGOTTEN = 5_000


async def notice_issued(db: Database) -> bool:
    """Note the pages that were issued since the last look; False when there were none."""
    async with db.transaction() as tx:
        return await usecases.note_issued(tx)


async def forget(db: Database) -> bool:
    """Remove a batch of old events; False when there was none."""
    async with db.transaction() as tx:
        return await store.forget(tx, _FORGOTTEN) > 0


async def deliver(db: Database, outbound: Outbound) -> bool:
    """Deliver to every subscription that is due; False when there was none.

    Several are under way at a time, and one that hangs keeps nobody else waiting: as long as some are, others are
    looked for. In a sandbox for some seconds only, since those who travel in time wait for the end of the round.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + _ROUND_SECONDS if db.sandbox else math.inf
    worked = False
    under_way: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            if len(under_way) < _PARALLEL and loop.time() < until:
                async with db.transaction() as tx:
                    batches = await store.claim(tx, _PARALLEL - len(under_way))
                under_way |= {group.create_task(_deliver(db, outbound, batch)) for batch in batches}
                worked = worked or bool(batches)
            if not under_way:
                return worked
            _, under_way = await asyncio.wait(under_way, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)


async def _deliver(db: Database, outbound: Outbound, batch: Batch) -> None:
    try:
        # Without events they were too old to be kept.
        answer = await _send(outbound, batch) if batch.events else Answer(None)
        async with db.transaction() as tx:
            await _settle(tx, batch, answer)
    except Exception:  # the others go on; this one is tried again when the lease has ended
        log.exception("delivery failed", subscription=batch.subscription.id)


async def _send(outbound: Outbound, batch: Batch) -> Answer:
    body = wire.message(batch.subscription, batch.events)
    return await usecases.send(outbound, batch.subscription, batch.claimed, body)


async def _settle(tx: Tx, batch: Batch, answer: Answer) -> None:
    """Note what came of a batch; its subscription may have been woken, or be another process's business, meanwhile."""
    subscription = await store.leased(tx, batch)
    if subscription is None:
        return
    if answer.problem is None:
        await store.succeeded(tx, batch)
        return
    progress = subscription.progress
    text = (answer.message or "").replace("\0", "")[:500]
    wait = wait_after(progress.failures + 1)
    await store.failed(tx, subscription.id, answer.problem.value, answer.status, text, wait)
    if gives_up(progress.failing_since or tx.now, tx.now):
        await store.pause(tx, subscription.id)
        log.warning("webhook paused", subscription=subscription.id, problem=answer.problem.value, error=text)
