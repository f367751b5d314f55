"""Endpoints that move pools and archive projects, and the numbers of a pool."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from talka.accounts import quotas
from talka.accounts.auth import database, policy, requester
from talka.infra.db import Tx
from talka.infra.http.responses import Json, no_content
from talka.operations.model import Operation
from talka.operations.wire import operation_json
from talka.pools import usecases as pools
from talka.running import store, usecases

router = APIRouter(tags=["pools"])
app_router = APIRouter(tags=["requester app"])


async def _move(request: Request, move: Callable[[Tx, int], Awaitable[Operation | None]]) -> Response:
    caller = await requester(request)
    operation = await database(request).retrying(lambda tx: move(tx, caller.account_id))
    return no_content() if operation is None else Json(operation_json(operation), 202)


@router.post("/pools/{pool_id}/open", status_code=202)
async def open_pool(request: Request, pool_id: str) -> Response:
    """Open a closed pool; 204 when it is open."""
    decided = await policy(request)
    return await _move(request, lambda tx, account_id: usecases.open_pool(tx, account_id, pool_id, decided))


@router.post("/pools/{pool_id}/close", status_code=202)
async def close_pool(request: Request, pool_id: str) -> Response:
    """Close an open pool; 204 when it is closed."""
    return await _move(request, lambda tx, account_id: usecases.close_pool(tx, account_id, pool_id))


@router.post("/pools/{pool_id}/close-for-update", status_code=202)
async def close_pool_for_update(request: Request, pool_id: str) -> Response:
    """Close an open pool for at most 15 minutes; 204 when it is closed."""
    return await _move(request, lambda tx, account_id: usecases.close_pool(tx, account_id, pool_id, for_update=True))


@router.post("/pools/{pool_id}/archive", status_code=202)
async def archive_pool(request: Request, pool_id: str) -> Response:
    """Archive a closed pool for good; 204 when it is archived."""
    return await _move(request, lambda tx, account_id: usecases.archive_pool(tx, account_id, pool_id))


@router.post("/pools/{pool_id}/clone", status_code=202)
async def clone_pool(request: Request, pool_id: str) -> Response:
    """A new pool with the same settings and no tasks."""

    async def clone(tx: Tx, account_id: int) -> Operation:
        await quotas.spend(request, tx, account_id, quotas.Action.CLONE_POOLS)
        return await usecases.clone_pool(tx, account_id, pool_id)

    return await _move(request, clone)


@router.post("/projects/{project_id}/archive", status_code=202)
async def archive_project(request: Request, project_id: str) -> Response:
    """Archive a project whose pools are all archived."""
    return await _move(request, lambda tx, account_id: usecases.archive_project(tx, account_id, project_id))


@app_router.get("/pools/{pool_id}/summary")
async def pool_summary(request: Request, pool_id: str) -> Json:
    """How far a pool is, in numbers."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
        row = await store.summary(tx, pool.id)
        used, newest = await usecases.versions_of(tx, pool)
    total, finished = row["slots"], row["done"]
    states = ("active", "submitted", "accepted", "rejected", "skipped", "expired")
    return Json(
        {
            "tasks": {name: row[name] for name in ("general", "control", "training")},
            "assignments": {name: row[name] for name in states},
            "progress": {
                "done": finished,
                "total": total,
                "percent": int(100 * min(finished, total) / total) if total else 0,
            },
            "spent": row["spent"],
            "held": row["held"],
            "workers": row["workers"],
            "project_version": {"id": used, "newest": newest},
        }
    )
