"""All background work of Talka, in the order in which it is looked after."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from talka.aggregation import jobs as aggregation
from talka.aggregation import store as aggregation_store
from talka.aggregation import usecases as aggregating
from talka.apps import items as app_items
from talka.apps import jobs as apps
from talka.apps import store as app_store
from talka.assignments import jobs as assignments
from talka.assignments import store as assignment_store
from talka.attachments import jobs as attachments
from talka.attachments import store as attachment_store
from talka.bonuses import usecases as bonuses
from talka.infra import policy
from talka.infra.blobs import Blobs
from talka.infra.db import Database, Tx
from talka.infra.jobs import Job, listen, loop
from talka.infra.outbound import Outbound
from talka.infra.settings import Settings
from talka.operations import store as operations
from talka.operations.jobs import Executor, run_next
from talka.operations.model import Operation, Outcome
from talka.operations.usecases import WAKE
from talka.pools import store as pools
from talka.restrictions import jobs as restrictions
from talka.restrictions import store as restriction_store
from talka.running import jobs as running
from talka.running import store as running_store
from talka.skills import jobs as skills
from talka.skills import store as skill_store
from talka.tasks import usecases as tasks
from talka.trainings import jobs as trainings
from talka.trainings import store as training_store
from talka.webhooks import jobs as webhooks
from talka.webhooks import store as webhook_store


def _timers(settings: Settings) -> list[Job]:
    most = settings.max_pool_assignments
    archiving = [Job("archiving pools", running.archive_pools, pools.DUE["archive_at"])]
    return [
        Job("expiring assignments", assignments.expire, assignment_store.EXPIRY_DUE),
        Job("accepting assignments", assignments.accept, assignment_store.ACCEPTANCE_DUE),
        Job("expiring pools", running.expire_pools, pools.DUE["will_expire"]),
        Job("reopening pools", running.reopen_pools, pools.DUE["reopen_at"]),
        Job("completing pools", running.complete_pools, pools.DUE["complete_at"]),
        Job("folding counters", partial(running.fold_outbox, most=most), running_store.FOLD_DUE),
        Job("closing pools", partial(running.close_noted, most=most), running_store.CLOSING_DUE),
        *(archiving if settings.archive_idle_pools else ()),
        Job("looking at answers to app items", apps.look_at_answers, app_items.ANSWERS_DUE),
        Job("following closed app pools", apps.look_at_closing, app_store.CLOSING_DUE),
        Job("beginning queued app batches", apps.begin_queued, app_store.QUEUE_DUE),
        Job("loading app batches", apps.load, app_store.LOADING_DUE),
        Job("trying app streams again", apps.retry, app_store.RETRY_DUE),
        Job("noticing issued pages", webhooks.notice_issued, webhook_store.ISSUED_DUE),
        Job("forgetting webhook events", webhooks.forget, webhook_store.RETENTION_DUE),
        Job("expiring skills", skills.expire, skill_store.EXPIRY_DUE),
        Job("repeating trainings", trainings.retire, training_store.RETRY_DUE),
        Job("dropping aggregated solutions", aggregation.drop_expired, aggregation_store.EXPIRY_DUE),
        Job("ending restrictions", restrictions.end_expired, restriction_store.EXPIRY_DUE),
    ]


async def _pay_bonuses(settings: Settings, tx: Tx, operation: Operation, body: bytes) -> Outcome:
    return await bonuses.execute(tx, operation, body, (await policy.in_force(tx, settings)).fee_percent)


def _operations(settings: Settings) -> list[Job]:
    executors: Mapping[str, Executor] = {
        tasks.TASKS: tasks.execute,
        tasks.SUITES: tasks.execute,
        bonuses.BONUSES: partial(_pay_bonuses, settings),
    }

    async def run(db: Database) -> bool:
        return await run_next(db, {**executors, aggregating.AGGREGATE: partial(aggregating.execute, db)})

    return [Job("operations", run, operations.DUE)]


def _sweeping(blobs: Blobs) -> list[Job]:
    return [Job("sweeping attachments", partial(attachments.sweep, blobs), attachment_store.DISCARD_DUE)]


def _delivering(outbound: Outbound) -> list[Job]:
    async def deliver(db: Database) -> bool:
        return await webhooks.deliver(db, outbound)

    return [Job("delivering webhooks", deliver, webhook_store.DELIVERY_DUE)]


def everything(settings: Settings, blobs: Blobs, outbound: Outbound) -> list[Job]:
    """All jobs, for whoever carries them out in one go."""
    return [*_operations(settings), *_timers(settings), *_sweeping(blobs), *_delivering(outbound)]


async def run_forever(db: Database, settings: Settings, blobs: Blobs, outbound: Outbound) -> None:
    """Look after everything until cancelled.

    Batches, the storage and other people's servers, which may be slow, have loops of their own, so that timers stay
    on time.
    """
    wakes = [asyncio.Event(), asyncio.Event()]
    async with asyncio.TaskGroup() as group:
        group.create_task(loop(db, _operations(settings), wakes[0]))
        group.create_task(loop(db, _timers(settings), wakes[1]))
        group.create_task(loop(db, _sweeping(blobs), asyncio.Event()))
        group.create_task(loop(db, _delivering(outbound), asyncio.Event()))
        group.create_task(listen(db.conninfo, WAKE, wakes[:1]))
