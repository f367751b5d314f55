"""All background work of Talka, in the order in which it is looked after."""

from __future__ import annotations

import asyncio

from talka.assignments import jobs as assignments
from talka.assignments import store as assignment_store
from talka.infra.db import Database
from talka.infra.jobs import Job, listen, loop
from talka.operations import store as operations
from talka.operations.jobs import run_next
from talka.operations.usecases import WAKE
from talka.pools import store as pools
from talka.restrictions import jobs as restrictions
from talka.restrictions import store as restriction_store
from talka.running import jobs as running
from talka.running import store as running_store
from talka.skills import jobs as skills
from talka.skills import store as skill_store
from talka.tasks import usecases as tasks

EXECUTORS = {tasks.TASKS: tasks.execute, tasks.SUITES: tasks.execute}


async def _run_operation(db: Database) -> bool:
    return await run_next(db, EXECUTORS)


OPERATIONS = [Job("operations", _run_operation, operations.DUE)]
TIMERS = [
    Job("expiring assignments", assignments.expire, assignment_store.EXPIRY_DUE),
    Job("accepting assignments", assignments.accept, assignment_store.ACCEPTANCE_DUE),
    Job("expiring pools", running.expire_pools, pools.DUE["will_expire"]),
    Job("reopening pools", running.reopen_pools, pools.DUE["reopen_at"]),
    Job("completing pools", running.complete_pools, pools.DUE["complete_at"]),
    Job("folding counters", running.fold_outbox, running_store.FOLD_DUE),
    Job("expiring skills", skills.expire, skill_store.EXPIRY_DUE),
    Job("ending restrictions", restrictions.end_expired, restriction_store.EXPIRY_DUE),
]
ALL = [*OPERATIONS, *TIMERS]


async def run_forever(db: Database) -> None:
    """Look after everything until cancelled; batches have a loop of their own, so that timers stay on time."""
    wakes = [asyncio.Event(), asyncio.Event()]
    async with asyncio.TaskGroup() as group:
        group.create_task(loop(db, OPERATIONS, wakes[0]))
        group.create_task(loop(db, TIMERS, wakes[1]))
        group.create_task(listen(db.conninfo, WAKE, wakes[:1]))
