"""Reading task suites of both origins."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka.accounts.auth import database, requester
from talka.assignments import suites
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.errors import NotFound
from talka.kit.ids import parse_work_id
from talka.pools import usecases as pools
from talka.tasks import store as tasks
from talka.tasks.loading import with_tasks

router = APIRouter(tags=["task suites"])


@router.get("/task-suites")
async def list_suites(request: Request) -> Json:
    """Suites of a pool, or those that contain a task."""
    caller = await requester(request)
    params = request.query_params
    parse_listing(params, tasks.SUITES)
    pool_id = params.get("pool_id")
    if pool_id is None:
        parts = parse_work_id(params["task_id"])
        pool_id = str(parts.pool_id) if parts is not None else ""
    async with database(request).reading() as tx:
        try:
            pool = await pools.find(tx, caller.account_id, pool_id)
        except NotFound:
            return Json(page([], has_more=False))
        rows, more = await suites.listed(tx, pool.id, params)
        items = [shown for _, shown in await with_tasks(tx, rows)]
    return Json(page(items, more))


@router.get("/task-suites/{suite_id}")
async def get_suite(request: Request, suite_id: str) -> Json:
    """One suite."""
    caller = await requester(request)
    parts = parse_work_id(suite_id)
    async with database(request).reading() as tx:
        if parts is not None:
            try:
                pool = await pools.find(tx, caller.account_id, str(parts.pool_id))
            except NotFound:
                raise NotFound("task suite", suite_id) from None
            row = await suites.get(tx, pool.id, parts.number)
            if row is not None:
                return Json((await with_tasks(tx, [row]))[0][1])
    raise NotFound("task suite", suite_id)
