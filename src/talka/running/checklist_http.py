"""The endpoint of the checklist before opening a pool."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka.accounts.auth import database, policy, requester
from talka.infra.http.responses import Json
from talka.running import usecases

router = APIRouter(tags=["pools"])


@router.get("/pools/{pool_id}/validate")
async def validate_pool(request: Request, pool_id: str) -> Json:
    """What keeps a pool or training from opening (`blocker`), and what its requester may want to change before."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        found = await usecases.validate_pool(tx, caller.account_id, pool_id, await policy(request))
    return Json([finding.as_json() for finding in found])
