"""Endpoints of moderation: the operator's queue and decisions, and what requesters see and ask."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka.accounts.auth import database, operator, policy, requester
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.infra.policy import Moderation
from talka.kit.wire import parse
from talka.moderation import store, usecases
from talka.moderation.model import Status
from talka.moderation.wire import DecisionBody, ReadyBody, case_json, decision_json, project_json, standing_json
from talka.pools import usecases as pools

operator_router = APIRouter(tags=["operator"])
router = APIRouter(tags=["pools"])


@operator_router.get("/moderation")
async def list_waiting(request: Request) -> Json:
    """Projects whose pools wait for approval; none while moderation is off."""
    await operator(request)
    listing, mode = parse_listing(request.query_params, store.QUEUE), (await policy(request)).moderation
    if mode is Moderation.OFF:
        return Json(page([], has_more=False))
    async with database(request).reading() as tx:
        found, more = await store.queue(tx, mode, listing)
    return Json(page([case_json(case) for case in found], more))


@operator_router.get("/moderation/{project_id}")
async def show_project(request: Request, project_id: str) -> Json:
    """A project as its pools of a `major` version (default: the newest) show it, and what was decided about it."""
    await operator(request)
    major = request.query_params.get("major")
    async with database(request).reading() as tx:
        number, version, body = await usecases.project_as_of(tx, project_id, major)
        made = await store.decisions(tx, number)
    return Json(project_json(number, version, body, made))


@operator_router.put("/moderation/{project_id}", openapi_extra=takes(DecisionBody))
async def decide(request: Request, project_id: str) -> Json:
    """Approve or reject a major version of a project."""
    await operator(request)
    body = parse(DecisionBody, await read_json(request))
    async with database(request).transaction() as tx:
        made = await usecases.decide(tx, project_id, body.major, Status(body.status), body.comment)
    return Json(decision_json(made))


@router.get("/poolModeration/{pool_id}")
async def get_standing(request: Request, pool_id: str) -> Json:
    """Whether an operator has to approve a pool's project before it can be opened, and what they said."""
    caller = await requester(request)
    mode = (await policy(request)).moderation
    async with database(request).reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
        found = await usecases.standing(tx, mode, pool.id)
    return Json(standing_json(pool.id, pool.project_id, found))


@router.put("/poolModeration/{pool_id}", openapi_extra=takes(ReadyBody))
async def ask_again(request: Request, pool_id: str) -> Json:
    """Ask operators to look once more at a project that they have rejected."""
    caller = await requester(request)
    parse(ReadyBody, await read_json(request))
    mode = (await policy(request)).moderation
    async with database(request).transaction() as tx:
        found = await usecases.ask_again(tx, mode, caller.account_id, pool_id)
    return Json(standing_json(*found))
