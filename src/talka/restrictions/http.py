"""Endpoints of restrictions."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from talka.accounts.auth import database, requester
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json, no_content
from talka.kit.wire import parse
from talka.restrictions import store, usecases
from talka.restrictions.wire import RestrictionBody, restriction_json

router = APIRouter(tags=["restrictions"])


@router.put("/user-restrictions", openapi_extra=takes(RestrictionBody))
async def put_restriction(request: Request) -> Json:
    """Restrict a worker, or replace comment and end of the restriction in force; 201 when there was none."""
    caller = await requester(request)
    body = parse(RestrictionBody, await read_json(request))
    async with database(request).transaction() as tx:
        found, new = await usecases.put(tx, caller.account_id, body)
    return Json(restriction_json(found), 201 if new else 200)


@router.get("/user-restrictions")
async def list_restrictions(request: Request) -> Json:
    """The account's restrictions in force, and the platform's of workers who have worked for it."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
    return Json(page([restriction_json(restriction) for restriction in found], more))


@router.get("/user-restrictions/{restriction_id}")
async def get_restriction(request: Request, restriction_id: str) -> Json:
    """One restriction in force."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        found = await usecases.find(tx, caller.account_id, restriction_id)
    return Json(restriction_json(found))


@router.delete("/user-restrictions/{restriction_id}", status_code=204)
async def delete_restriction(request: Request, restriction_id: str) -> Response:
    """Lift a restriction."""
    caller = await requester(request)
    async with database(request).transaction() as tx:
        await usecases.lift(tx, caller.account_id, restriction_id)
    return no_content()
