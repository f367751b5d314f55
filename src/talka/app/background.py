"""All background work of Talka, in the order in which it is looked after."""

from __future__ import annotations

import asyncio
from datetime import datetime

from talka.assignments import jobs as assignments
from talka.assignments import store as assignment_store
from talka.infra.db import Database, Tx
from talka.infra.jobs import Job, listen, loop
from talka.operations import store as operations
from talka.operations.jobs import run_next
from talka.operations.usecases import WAKE
from talka.pools import store as pools
from talka.running import jobs as running
from talka.running import store as running_store
from talka.tasks import usecases as tasks

EXECUTORS = {tasks.TASKS: tasks.execute, tasks.SUITES: tasks.execute}


async def _run_operation(db: Database) -> bool:
    return await run_next(db, EXECUTORS)


async def _operations_due(tx: Tx) -> datetime | None:
    return tx.now if await operations.unfinished(tx) else None


async def _fold_due(tx: Tx) -> datetime | None:
    return tx.now if await running_store.unfolded(tx) else None


async def _nothing_planned(_: Tx) -> None:
    return None


OPERATIONS = [Job("operations", _run_operation, _operations_due)]
TIMERS = [
    Job("expiring assignments", assignments.expire, assignment_store.next_due),
    Job("accepting assignments", assignments.accept, _nothing_planned),
    Job("expiring pools", running.expire_pools, pools.next_due),
    Job("reopening pools", running.reopen_pools, _nothing_planned),
    Job("completing pools", running.complete_pools, _nothing_planned),
    Job("folding counters", running.fold_outbox, _fold_due),
]
ALL = [*OPERATIONS, *TIMERS]


async def run_forever(db: Database) -> None:
    """Look after everything until cancelled; batches have a loop of their own, so that timers stay on time."""
    wakes = [asyncio.Event(), asyncio.Event()]
    async with asyncio.TaskGroup() as group:
        group.create_task(loop(db, OPERATIONS, wakes[0]))
        group.create_task(loop(db, TIMERS, wakes[1]))
        group.create_task(listen(db.conninfo, WAKE, wakes[:1]))
