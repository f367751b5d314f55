"""Endpoints of task suites. Suites mixed for one worker are read off their assignments (`assignments`)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from talka.accounts.auth import database, requester
from talka.infra.db import Tx
from talka.infra.http.body import read_json
from talka.infra.http.query import flags
from talka.infra.http.responses import Json
from talka.operations.batches import batch_answer
from talka.tasks import changes, store
from talka.tasks.batches import SUITE_BATCHES
from talka.tasks.loading import with_tasks

router = APIRouter(tags=["task suites"])


@router.post("/task-suites", status_code=201)
async def create_suites(request: Request) -> Json:
    """Create one suite or an array of them, at once (201) or as an operation (`async_mode=true`, 202)."""
    return await batch_answer(request, SUITE_BATCHES)


async def _shown(tx: Tx, pool_id: int, number: int) -> dict[str, Any]:
    return (await with_tasks(tx, await store.suites(tx, pool_id, [number])))[0][1]


@router.patch("/task-suites/{suite_id}")
async def patch_suite(request: Request, suite_id: str) -> Json:
    """Change overlap or issuing order; `open_pool=true` opens a closed pool afterwards."""
    caller = await requester(request)
    body = changes.as_object(await read_json(request))
    opening = flags(request.query_params, "open_pool")["open_pool"]

    async def work(tx: Tx) -> dict[str, Any]:
        pool, number = await changes.patch_suite(tx, caller.account_id, suite_id, body, open_pool=opening)
        return await _shown(tx, pool.id, number)

    return Json(await database(request).retrying(work))


@router.patch("/task-suites/{suite_id}/set-overlap-or-min")
async def set_overlap_or_min(request: Request, suite_id: str) -> Json:
    """Set the overlap, but not below what was issued."""
    caller = await requester(request)
    change = changes.read_overlap_or_min(changes.as_object(await read_json(request)))

    async def work(tx: Tx) -> dict[str, Any]:
        pool, number = await changes.set_suite_overlap_or_min(tx, caller.account_id, suite_id, change)
        return await _shown(tx, pool.id, number)

    return Json(await database(request).retrying(work))
