"""Taking a page, and the list of cards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import psycopg

from talka.accounts import languages
from talka.accounts import store as accounts
from talka.accounts.model import Worker
from talka.assignments import held
from talka.assignments.held import HeldPage
from talka.assignments.model import Assignment, Status
from talka.infra.db import Database, Row, Tx
from talka.issuing import store
from talka.issuing.model import Card, PoolOutOfMoney
from talka.kit.errors import NotFound, TalkaError
from talka.kit.ids import parse_number, work_id
from talka.kit.languages import in_language
from talka.pools import store as pools
from talka.pools.store import Pool
from talka.projects import store as projects
from talka.projects import versions
from talka.projects.localization import texts_in
from talka.projects.versions import Version
from talka.restrictions import store as restrictions
from talka.restrictions import usecases as restriction_usecases
from talka.restrictions.model import Scope
from talka.skills import store as skills

# (waiting for locks, rows of the returned lane looked through) of one try after the other. The first two step
# over what others hold at this moment; the rest wait for it, so that a page is never short because of a lock. Others
# may be faster even then, hence so many.
_TRIES = ((False, 64), (False, 512), *((True, 64 * 8 ** min(power, 7)) for power in range(2, 40)))
_PAYMENTS = 3
_DENIED: Mapping[str, str] = {
    "ADULT_CONTENT": "This task may contain adult content, which your profile does not allow",
    "TRAINING": "This task is for those who passed its training",
}


class Page(NamedTuple):
    """A page that was issued: its row (see `issue_page`), number of the worker's pool and its project version."""

    row: Row
    pool_id: int
    version: Version


async def take(db: Database, worker: Worker, pool_id: str, fee_percent: Decimal) -> Page:
    """A new page for the worker.

    Raises:
        NotFound: the worker may not know of the pool.
        TalkaError: TOO_MANY_ACTIVE_ASSIGNMENTS, POOL_ASSIGNMENTS_EXHAUSTED, POOL_INAPPROPRIATE_STATUS, ACCESS_DENIED.
    """
    number = parse_number(pool_id)
    if number is None or number >= 2**31:
        raise NotFound("pool", pool_id)
    row = await _paid(db, number, worker, fee_percent)
    if row["outcome"] == "EXHAUSTED" and not await _pages_out(db, number, worker):
        # What was out may have come back since: look once more before saying that it is final.
        row = await _paid(db, number, worker, fee_percent)
    if row["outcome"] != "ISSUED":
        raise await _refusal(db, number, worker, row)
    held.remember(db.memory, HeldPage(_assignment(row, number, worker), row["inputs"]))
    key = (row["project_id"], row["project_major"], row["project_minor"])
    version = versions.recall(db.memory, *key)
    if version is None:
        async with db.reading(hot=True) as tx:
            version = await versions.version(tx, *key)
    return Page(row, number, version)


def _assignment(row: Row, pool_id: int, worker: Worker) -> Assignment:
    return Assignment(
        pool_id=pool_id,
        id=row["assignment_id"],
        suite_id=row["suite_id"],
        worker_id=worker.id,
        project_id=row["project_id"],
        account_id=row["account_id"],
        status=Status.ACTIVE,
        slots=row["slots"],
        project_major=row["project_major"],
        project_minor=row["project_minor"],
        auto_accept=row["auto_accept"],
        mixed=row["mixed"],
        automerged=False,
        learning=row["learning"],
        accept_days=row["accept_days"],
        reward=row["reward"],
        fee=row["fee"],
        created=row["created"],
        expires=row["expires"],
        task_ids=row["task_ids"],
        unit_ids=row["unit_ids"],
    )


async def _paid(db: Database, pool_id: int, worker: Worker, fee_percent: Decimal) -> Row:
    """A page; a pool that cannot pay for it is closed, unless money came meanwhile."""
    row = await _issue(db, pool_id, worker, fee_percent)
    for _ in range(_PAYMENTS):
        if row["outcome"] != "NOT_ENOUGH_BALANCE":
            break
        async with db.transaction() as tx:
            tx.record(PoolOutOfMoney(pool_id))
        row = await _issue(db, pool_id, worker, fee_percent)
    return row


async def _issue(db: Database, pool_id: int, worker: Worker, fee_percent: Decimal) -> Row:
    row: Row = {"outcome": "AGAIN"}
    for blocking, window in _TRIES:
        for drawing in (False, True):
            row = await _attempt(db, pool_id, worker, fee_percent, blocking=blocking, drawing=drawing, window=window)
            if row["outcome"] != "DRAW":
                break
        if row["outcome"] != "AGAIN":
            return row
        await asyncio.sleep(random.uniform(0.001, 0.005))
    return row


async def _attempt(
    db: Database, pool_id: int, worker: Worker, fee_percent: Decimal, *, blocking: bool, drawing: bool, window: int
) -> Row:
    chance = random.random()
    try:
        async with db.reading(hot=True) as tx:
            return await store.issue_page(
                tx, pool_id, worker.id, chance, fee_percent, blocking=blocking, drawing=drawing, window=window
            )
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
        return {"outcome": "AGAIN"}


async def _refusal(db: Database, pool_id: int, worker: Worker, row: Row) -> TalkaError:
    match row["outcome"]:
        case "UNKNOWN":
            return NotFound("pool", pool_id)
        case "TOO_MANY_ACTIVE":
            async with db.reading() as tx:
                active = (await store.active_by_project(tx, worker.id)).get(row["project_id"], [])
            shown = [work_id(pool, number) for pool, number in active]
            text = "Finish, skip or leave a page of this project first"
            return TalkaError("TOO_MANY_ACTIVE_ASSIGNMENTS", text, {"active_assignment_ids": shown})
        case "RESTRICTION":
            return await _kept_out(db, pool_id, worker)
        case "ADULT_CONTENT" | "TRAINING" as reason:
            payload = {"reason": reason} | (await _training_needed(db, pool_id, worker) if reason == "TRAINING" else {})
            return TalkaError("ACCESS_DENIED", _DENIED[reason], payload)
        case "EXHAUSTED" | "AGAIN" | "TRAINED":
            out = row["outcome"] != "TRAINED" and (row["outcome"] == "AGAIN" or await _pages_out(db, pool_id, worker))
            return TalkaError("POOL_ASSIGNMENTS_EXHAUSTED", "There is nothing for you here now", {"final": not out})
    text = "This pool is not open"
    return TalkaError("POOL_INAPPROPRIATE_STATUS", text, {"appropriate_statuses": ["OPEN"]})


async def _kept_out(db: Database, pool_id: int, worker: Worker) -> TalkaError:
    """Until when a worker is kept out of a pool: of several restrictions what lasts longest."""
    async with db.reading() as tx:
        pool = await pools.get(tx, pool_id)
        found = await restrictions.in_force(tx, worker.id)
    ends = [
        restriction.will_expire
        for restriction in found
        if pool is not None and restriction.target.covers(pool.account_id, pool.project_id, pool.id)
    ]
    known = [end for end in ends if end is not None]
    until = max(known) if known and len(known) == len(ends) else None
    return restriction_usecases.kept_out("You cannot take pages of this pool", until)


async def _training_needed(db: Database, pool_id: int, worker: Worker) -> dict[str, Any]:
    """Which training to do; none for those who did it and did not pass."""
    async with db.reading() as tx:
        pool = await pools.get(tx, pool_id)
        done = await skills.values(tx, worker.id)
    if pool is None or pool.training_pool_id is None or pool.skill_id in done:
        return {}
    return {"training_pool_id": str(pool.training_pool_id)}


async def _pages_out(db: Database, pool_id: int, worker: Worker) -> bool:
    async with db.reading() as tx:
        return await store.pages_out(tx, pool_id, worker.id)


async def cards(tx: Tx, worker: Worker, accept_language: str | None = None) -> list[Card]:
    """What the worker can do now, one card per project, acceptance, description and price, in their language.

    A page at work is shown whatever became of its pool since. Whom the platform keeps out sees nothing.
    """
    kept_out = [restriction.target for restriction in await restrictions.in_force(tx, worker.id)]
    if any(target.scope is Scope.SYSTEM for target in kept_out):
        return []
    active = await store.active_by_project(tx, worker.id)
    held = {pool_id: work_id(pool_id, number) for pages in active.values() for pool_id, number in reversed(pages)}
    open_pools = [
        pool
        for pool in await pools.open_pools(tx)
        if not any(target.covers(pool.account_id, pool.project_id, pool.id) for target in kept_out)
    ]
    working = await store.has_work(tx, [pool.id for pool in open_pools], worker.id)
    offered = offered_by_training(open_pools, await skills.values(tx, worker.id))
    there = [pool for pool in offered if pool.id in working]
    shown = [*(await pools.many(tx, list(held))).values(), *there]
    names = await accounts.account_names(tx, list({pool.account_id for pool in shown}))
    limits = await projects.active_limits(tx, list(active))
    full = {project_id for project_id, pages in active.items() if len(pages) >= limits[project_id]}
    profile = await accounts.worker_profile(tx, worker.id)
    adult_allowed = profile.profile.get("adult_allowed") is True
    wanted = await languages.wanted(tx, worker.id, accept_language)
    found: dict[tuple[Any, ...], Card] = {}
    for pool in shown:
        version = await versions.newest(tx, pool.project_id, pool.project_major)
        page_id = held.get(pool.id)
        reason = None if page_id else _reason(pool, adult_allowed=adult_allowed, full=pool.project_id in full)
        card = _card(pool, version, wanted, _name(names[pool.account_id], wanted), reason, page_id)
        found.setdefault((card.project_id, card.acceptance, card.description, card.reward), card)
    return list(found.values())


def offered_by_training(open_pools: Sequence[Pool], values: Mapping[int, Decimal]) -> list[Pool]:
    """Without the pools whose training a worker has not passed, and without trainings that lead nowhere for them."""
    asked_for = {pool.training_pool_id for pool in open_pools}
    offered = []
    for pool in open_pools:
        value = values.get(pool.skill_id) if pool.skill_id is not None else None
        if pool.type == "TRAINING":
            if value is None and pool.id in asked_for:
                offered.append(pool)
        elif pool.passing_value is None or (value is not None and value >= pool.passing_value):
            offered.append(pool)
    return offered


def _reason(pool: Pool, *, adult_allowed: bool, full: bool) -> str | None:
    """Why a worker cannot take a page of a pool that has work for them."""
    if pool.body.get("may_contain_adult_content") and not adult_allowed:
        return "ADULT_CONTENT"
    return "ACTIVE_ASSIGNMENT" if full else None


def _name(account: Mapping[str, Any], wanted: Sequence[str]) -> str:
    return in_language(account["public_name"], wanted) or "Requester"


def _card(
    pool: Pool, version: Version, wanted: Sequence[str], requester: str, reason: str | None, page_id: str | None
) -> Card:
    texts = texts_in(version.body, wanted)
    return Card(
        project_id=pool.project_id,
        pool_id=pool.id,
        title=texts["public_name"],
        description=pool.body.get("public_description") or texts["public_description"],
        reward=pool.reward,
        requester=requester,
        adult=bool(pool.body.get("may_contain_adult_content")),
        kind=_kind(pool, version),
        acceptance="AUTO" if pool.auto_accept else "MANUAL",
        available=reason is None,
        unavailable_reason=reason,
        active_assignment_id=page_id,
        training_pool_id=pool.training_pool_id,
    )


def _kind(pool: Pool, version: Version) -> str:
    mixer = pool.body.get("mixer_config") or {}
    if version.body.get("assignments_issuing_type") == "MAP_SELECTOR":
        return "MAP"
    if pool.mixed and not mixer.get("real_tasks_count"):
        return "EXAM" if mixer.get("golden_tasks_count") else "TRAINING"
    return "GENERAL"


async def instructions(
    tx: Tx, worker: Worker, project_id: str, accept_language: str | None, pool_id: str | None = None
) -> dict[str, str]:
    """Name and instructions of a project with open pools or pages of the worker, in their language.

    With a pool (or training) those of the version that it is on; what it has of its own it has instead, as it is.

    Raises:
        NotFound: the worker may not know of the project.
    """
    number = parse_number(project_id)
    if number is None or number >= 2**31 or not await store.known_project(tx, number, worker.id):
        raise NotFound("project", project_id)
    pool = await _known_pool(tx, worker, number, pool_id)
    if pool is None:
        body, own = await projects.body_for_workers(tx, number), None
    else:
        body = (await versions.newest(tx, number, pool.project_major)).body
        own = pool.body.get("public_instructions")
        if pool.type == "REGULAR" and not (own or "").strip():
            own = None
    texts = texts_in(body, await languages.wanted(tx, worker.id, accept_language))
    return {
        "public_name": texts["public_name"],
        "public_instructions": texts["public_instructions"] if own is None else own,
    }


async def _known_pool(tx: Tx, worker: Worker, project_id: int, pool_id: str | None) -> Pool | None:
    """A pool of a project that is open, or of which the worker has held a page."""
    number = parse_number(pool_id) if pool_id is not None else None
    pool = await pools.get(tx, number) if number is not None and number < 2**31 else None
    if pool is None or pool.project_id != project_id:
        return None
    return pool if pool.status == "OPEN" or await store.known_pool(tx, pool.id, worker.id) else None
