"""Endpoints of skills and user skills."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from talka.accounts import quotas
from talka.accounts import store as accounts
from talka.accounts.auth import database, requester, worker
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json, no_content
from talka.kit.errors import field_error
from talka.kit.ids import parse_number
from talka.kit.wire import parse
from talka.skills import rules, store, usecases
from talka.skills.wire import (
    HISTORY,
    SkillBody,
    UserSkillBody,
    change_line,
    history_line,
    own_skill_json,
    skill_json,
    user_skill_json,
)

router = APIRouter(tags=["skills"])
history_router = APIRouter(tags=["skills"])
worker_router = APIRouter(tags=["work"])


@router.post("/skills", status_code=201, openapi_extra=takes(SkillBody))
async def create_skill(request: Request) -> Json:
    """Create a skill."""
    caller = await requester(request)
    body = parse(SkillBody, await read_json(request))
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.CREATE_SKILLS)
        skill = await usecases.create(tx, caller.account_id, body)
    return Json(skill_json(skill, caller.account_id), 201)


@router.get("/skills")
async def list_skills(request: Request) -> Json:
    """The account's skills and those of the platform."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.SKILLS)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
    return Json(page([skill_json(skill, caller.account_id) for skill in found], more))


@router.get("/skills/{skill_id}")
async def get_skill(request: Request, skill_id: str) -> Json:
    """One skill."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        skill = await usecases.find(tx, caller.account_id, skill_id)
    return Json(skill_json(skill, caller.account_id))


@router.put("/skills/{skill_id}", openapi_extra=takes(SkillBody))
async def edit_skill(request: Request, skill_id: str) -> Json:
    """Replace all editable fields of a skill."""
    caller = await requester(request)
    body = parse(SkillBody, await read_json(request))
    async with database(request).transaction() as tx:
        skill = await usecases.edit(tx, caller.account_id, skill_id, body)
    return Json(skill_json(skill, caller.account_id))


@router.put("/user-skills", openapi_extra=takes(UserSkillBody))
async def put_user_skill(request: Request) -> Json:
    """Set a worker's value of a skill; 201 when they did not have it."""
    caller = await requester(request)
    body = parse(UserSkillBody, await read_json(request))
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.ASSIGN_SKILLS)
        found, new = await usecases.put_value(tx, caller.account_id, body)
    return Json(user_skill_json(found), 201 if new else 200)


@router.get("/user-skills")
async def list_user_skills(request: Request) -> Json:
    """What workers have of the account's skills."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.USER_SKILLS)
    async with database(request).reading() as tx:
        found, more = await store.listed_values(tx, caller.account_id, listing)
    return Json(page([user_skill_json(value) for value in found], more))


@router.get("/user-skills/{user_skill_id}")
async def get_user_skill(request: Request, user_skill_id: str) -> Json:
    """One worker's value of one skill."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        found = await usecases.find_value(tx, caller.account_id, user_skill_id)
    return Json(user_skill_json(found))


@router.delete("/user-skills/{user_skill_id}", status_code=204)
async def delete_user_skill(request: Request, user_skill_id: str) -> Response:
    """Take a skill away from a worker."""
    caller = await requester(request)
    async with database(request).transaction() as tx:
        await usecases.remove_value(tx, caller.account_id, user_skill_id)
    return no_content()


@history_router.get("/workers/{user_id}/skills.csv")
async def download_history(request: Request, user_id: str) -> StreamingResponse:
    """What happened to a worker's skills (with `skill_id`: to that one) in three months, as a table with `|`."""
    caller = await requester(request)
    text = request.query_params.get("skill_id")
    skill_id = parse_number(text) if text is not None else None
    if text is not None and skill_id is None:
        raise field_error("skill_id", "INVALID_VALUE", "Must be the id of a skill")
    db = database(request)
    async with db.reading() as tx:
        worker_id, since = await usecases.known_worker(tx, caller.account_id, user_id), tx.now - rules.HISTORY

    async def lines() -> AsyncIterator[str]:
        yield history_line(HISTORY)
        async for change in usecases.history(db, caller.account_id, worker_id, skill_id, since):
            yield change_line(user_id, change)

    return StreamingResponse(lines(), media_type="text/csv; charset=UTF-8")


@worker_router.get("/skills")
async def list_own_skills(request: Request) -> Json:
    """The worker's own skills, as far as their requesters made them public."""
    caller = await worker(request)
    listing = parse_listing(request.query_params, store.OWN)
    async with database(request).reading() as tx:
        profile = await accounts.worker_profile(tx, caller.id)
        found, more = await store.own(tx, caller.id, listing)
    languages = profile.profile.get("languages") or []
    return Json(page([own_skill_json(value, skill, languages) for value, skill in found], more))
