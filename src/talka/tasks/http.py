"""Endpoints of tasks; those of suites stand in `suites_http`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from talka.accounts.auth import database, requester
from talka.infra.http.body import read_json
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.query import flags
from talka.infra.http.responses import Json
from talka.kit.errors import NotFound, field_error
from talka.kit.ids import parse_work_id
from talka.operations.batches import batch_answer
from talka.pools import usecases as pools
from talka.tasks import changes, store
from talka.tasks.batches import TASK_BATCHES
from talka.tasks.wire import task_json

router = APIRouter(tags=["tasks"])


@router.post("/tasks", status_code=201)
async def create_tasks(request: Request) -> Json:
    """Create one task or an array of them, at once (201) or as an operation (`async_mode=true`, 202)."""
    return await batch_answer(request, TASK_BATCHES)


@router.get("/tasks")
async def list_tasks(request: Request) -> Json:
    """Tasks of a pool."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.TASKS)
    pool_id = request.query_params.get("pool_id")
    if not pool_id:
        raise field_error("pool_id", "VALUE_REQUIRED", "Say whose tasks to list")
    async with database(request).reading() as tx:
        try:
            pool = await pools.find(tx, caller.account_id, pool_id)
        except NotFound:
            return Json(page([], has_more=False))
        rows, more = await store.listed_tasks(tx, pool.id, listing)
    return Json(page([task_json(row) for row in rows], more))


@router.get("/tasks/{task_id}")
async def get_task(request: Request, task_id: str) -> Json:
    """One task."""
    caller = await requester(request)
    parts = parse_work_id(task_id)
    async with database(request).reading() as tx:
        row = None
        if parts is not None and await _owns(tx, caller.account_id, parts.pool_id):
            row = await store.task(tx, parts.pool_id, parts.number)
    if row is None:
        raise NotFound("task", task_id)
    return Json(task_json(row))


async def _owns(tx: Any, account_id: int, pool_id: int) -> bool:
    try:
        await pools.find(tx, account_id, str(pool_id))
    except NotFound:
        return False
    return True


@router.patch("/tasks/{task_id}")
async def patch_task(request: Request, task_id: str) -> Json:
    """Change overlap, solutions or hint; `open_pool=true` opens a closed pool afterwards."""
    caller = await requester(request)
    body = changes.as_object(await read_json(request))
    opening = flags(request.query_params, "open_pool")["open_pool"]
    row = await database(request).retrying(
        lambda tx: changes.patch_task(tx, caller.account_id, task_id, body, open_pool=opening)
    )
    return Json(task_json(row))


@router.patch("/tasks/{task_id}/set-overlap-or-min")
async def set_overlap_or_min(request: Request, task_id: str) -> Json:
    """Set the overlap, but not below what was issued."""
    caller = await requester(request)
    change = changes.read_overlap_or_min(changes.as_object(await read_json(request)))
    row = await database(request).retrying(
        lambda tx: changes.set_task_overlap_or_min(tx, caller.account_id, task_id, change)
    )
    return Json(task_json(row))
