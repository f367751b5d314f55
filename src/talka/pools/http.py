"""Endpoints that define pools; those that move them stand in `running`."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka.accounts import quotas
from talka.accounts.auth import database, requester
from talka.accounts.model import Caller
from talka.infra.db import Tx
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.errors import field_error
from talka.kit.wire import parse
from talka.pools import store, usecases
from talka.pools.store import Pool
from talka.pools.wire import PoolBody, PoolPatch, pool_json

router = APIRouter(tags=["pools"])


def shown(pool: Pool, caller: Caller) -> dict[str, object]:
    """A pool as its caller sees it."""
    return pool_json(
        pool_id=pool.id,
        owner=pool.requester_id,
        myself=pool.account_id == caller.account_id,
        pool_type=pool.type,
        status=pool.status,
        last_close_reason=pool.last_close_reason,
        created=pool.created,
        last_started=pool.last_started,
        last_stopped=pool.last_stopped,
        stored=pool.body,
    )


@router.post("/pools", status_code=201, openapi_extra=takes(PoolBody))
async def create_pool(request: Request) -> Json:
    """Create a pool; `storage_key` names a data tier, of which there is one."""
    caller = await requester(request)
    if request.query_params.get("storage_key", "default") != "default":
        raise field_error("storage_key", "UNKNOWN_ENUM_VALUE", "The only data tier is default", "default")
    body = parse(PoolBody, await read_json(request))
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.CREATE_POOLS)
        pool = await usecases.create(tx, caller.account_id, body)
    return Json(shown(pool, caller), 201)


@router.get("/pools")
async def list_pools(request: Request) -> Json:
    """The account's pools, archived ones included, trainings left out."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
    return Json(page([shown(pool, caller) for pool in found], more))


@router.get("/pools/{pool_id}")
async def get_pool(request: Request, pool_id: str) -> Json:
    """One pool, or a training as a pool."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        pool = await usecases.find(tx, caller.account_id, pool_id)
    return Json(shown(pool, caller))


@router.put("/pools/{pool_id}", openapi_extra=takes(PoolBody))
async def edit_pool(request: Request, pool_id: str) -> Json:
    """Replace all editable fields of a closed pool."""
    caller = await requester(request)
    body = parse(PoolBody, await read_json(request))

    async def edit(tx: Tx) -> Pool:
        before, after = await usecases.edit(tx, caller.account_id, pool_id, body)
        if before.body.get("defaults") != after.body.get("defaults"):
            await quotas.spend(request, tx, caller.account_id, quotas.Action.CHANGE_OVERLAP)
        return after

    return Json(shown(await database(request).retrying(edit), caller))


@router.patch("/pools/{pool_id}", openapi_extra=takes(PoolPatch))
async def patch_pool(request: Request, pool_id: str) -> Json:
    """Change the priority of a pool that is not archived."""
    caller = await requester(request)
    body = parse(PoolPatch, await read_json(request))
    async with database(request).transaction() as tx:
        pool = await usecases.patch(tx, caller.account_id, pool_id, body.priority)
    return Json(shown(pool, caller))
