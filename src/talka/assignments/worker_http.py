"""What workers call about their own pages and money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request

from talka.accounts import store as accounts
from talka.accounts.auth import database, media, worker
from talka.accounts.http import given_profile
from talka.accounts.model import WorkerProfile
from talka.accounts.usecases import change_profile
from talka.accounts.wire import ProfileChange
from talka.assignments import held, store, usecases
from talka.assignments.held import HeldPage
from talka.assignments.interface import page_spec
from talka.assignments.model import Assignment
from talka.assignments.wire import signing, worker_json
from talka.infra.db import Row, Tx
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.errors import field_error
from talka.kit.ids import work_id
from talka.kit.wire import parse
from talka.ledger import store as ledger
from talka.projects import versions
from talka.restrictions import store as restrictions
from talka.tasks import store as tasks

router = APIRouter(tags=["work"])


async def _shown(request: Request, tx: Tx, found: Sequence[Assignment]) -> list[dict[str, Any]]:
    wanted: dict[int, set[int]] = {}
    for assignment in found:
        wanted.setdefault(assignment.pool_id, set()).update(assignment.task_ids)
    loaded: dict[int, Mapping[int, Row]] = {
        pool_id: await tasks.tasks(tx, pool_id, sorted(numbers)) for pool_id, numbers in wanted.items()
    }
    items = []
    for assignment in found:
        version = await versions.version(tx, assignment.project_id, assignment.project_major, assignment.project_minor)
        rows = loaded[assignment.pool_id]
        inputs = [(number, rows[number]["input_values"]) for number in assignment.task_ids]
        sign = signing(media(request), work_id(assignment.pool_id, assignment.id), assignment.expires - tx.now)
        spec = await page_spec(tx, version, assignment.worker_id, request.headers.get("accept-language"))
        items.append(worker_json(assignment, version, spec, inputs, sign))
    return items


@router.get("/assignments")
async def list_own(request: Request) -> Json:
    """The worker's own pages."""
    caller = await worker(request)
    listing = parse_listing(request.query_params, store.OWN)
    async with database(request).reading() as tx:
        found, more = await store.own(tx, caller.id, listing)
        return Json(page(await _shown(request, tx, found), more))


@router.get("/assignments/{assignment_id}")
async def get_own(request: Request, assignment_id: str) -> Json:
    """One of the worker's own pages."""
    caller = await worker(request)
    async with database(request).reading() as tx:
        found = await usecases.find_own(tx, caller.id, assignment_id)
        return Json((await _shown(request, tx, [found]))[0])


@router.post("/assignments/{assignment_id}/submit")
async def submit(request: Request, assignment_id: str) -> Json:
    """Send the answers to all tasks of a page."""
    caller = await worker(request)
    body = await read_json(request)
    db = database(request)
    page = held.recall(db.memory, caller.id, assignment_id)
    header = request.headers.get("accept-language")
    # Reads, checks, then one statement that does everything: no transaction around them is needed.
    async with db.reading(hot=True) as tx:
        issued = page.assignment if page is not None else await usecases.find_own(tx, caller.id, assignment_id)
        if not issued.learning:
            assignment, _ = await usecases.submit(tx, caller.id, assignment_id, body, issued)
            return Json(await _after(request, tx, assignment, page))

    async def learn(tx: Tx) -> dict[str, Any]:
        locked = await usecases.find_own(tx, caller.id, assignment_id, lock=True)
        assignment, hints = await usecases.submit(tx, caller.id, assignment_id, body, locked, header)
        return await _after(request, tx, assignment, page) | ({"hints": hints} if hints else {})

    return Json(await db.retrying(learn))


async def _after(request: Request, tx: Tx, assignment: Assignment, page: HeldPage | None) -> dict[str, Any]:
    """A page after an act on it."""
    if page is None:
        return (await _shown(request, tx, [assignment]))[0]
    version = await versions.version(tx, assignment.project_id, assignment.project_major, assignment.project_minor)
    sign = signing(media(request), work_id(assignment.pool_id, assignment.id), assignment.expires - tx.now)
    spec = await page_spec(tx, version, assignment.worker_id, request.headers.get("accept-language"))
    return worker_json(assignment, version, spec, list(zip(assignment.task_ids, page.inputs, strict=True)), sign)


@router.post("/assignments/{assignment_id}/skip")
async def skip(request: Request, assignment_id: str) -> Json:
    """Give a page up for good."""
    caller = await worker(request)

    async def work(tx: Tx) -> dict[str, Any]:
        found = await usecases.skip(tx, caller.id, assignment_id)
        return await _after(request, tx, found, None)

    return Json(await database(request).retrying(work))


@router.post("/assignments/{assignment_id}/exit")
async def leave(request: Request, assignment_id: str) -> Json:
    """Leave a page; it expires now, and the worker may get its tasks again."""
    caller = await worker(request)

    async def work(tx: Tx) -> dict[str, Any]:
        found = await usecases.leave(tx, caller.id, assignment_id)
        return await _after(request, tx, found, None)

    return Json(await database(request).retrying(work))


@router.post("/assignments/{assignment_id}/tasks/{task_id}/attempts")
async def attempt(request: Request, assignment_id: str, task_id: str) -> Json:
    """Try an answer to a training task."""
    caller = await worker(request)
    body = await read_json(request)
    if not isinstance(body, dict):
        raise field_error("body", "OBJECT_EXPECTED", "Must be an object")
    async with database(request).transaction() as tx:
        values = body.get("output_values")
        header = request.headers.get("accept-language")
        correct, hint = await usecases.attempt(tx, caller.id, assignment_id, task_id, values, header)
    return Json({"correct": correct} | ({"hint": hint} if hint is not None else {}))


@router.get("/me")
async def me(request: Request) -> Json:
    """Profile and money of the worker."""
    caller = await worker(request)
    async with database(request).reading() as tx:
        return Json(await _me(tx, await accounts.worker_profile(tx, caller.id)))


@router.patch("/me", openapi_extra=takes(ProfileChange))
async def change_me(request: Request) -> Json:
    """Merge what is given into the worker's profile; a null removes a key."""
    caller = await worker(request)
    body = parse(ProfileChange, await read_json(request))
    given, computed = given_profile(request, body.profile)
    async with database(request).transaction() as tx:
        return Json(await _me(tx, await change_profile(tx, caller.id, given, computed)))


async def _me(tx: Tx, profile: WorkerProfile) -> dict[str, Any]:
    available, blocked = await ledger.worker_balance(tx, profile.id)
    on_review = await store.on_review(tx, profile.id)
    ban = await restrictions.ban_of(tx, profile.id)
    body = {
        "user_id": profile.user_id,
        "login": profile.login,
        "profile": profile.profile,
        "computed": profile.computed,
        "balance": {"available": available, "on_review": on_review, "blocked": blocked},
        "rating": profile.computed.get("rating"),
    }
    return body if ban is None else {**body, "ban": {} if ban.will_expire is None else {"until": ban.will_expire}}
