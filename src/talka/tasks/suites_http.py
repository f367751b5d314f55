"""Endpoints of task suites. Suites mixed for one worker are read off their assignments (`assignments`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request

from talka.accounts.auth import database, requester
from talka.infra.db import Row, Tx
from talka.infra.http.body import read_json
from talka.infra.http.responses import Json
from talka.tasks import changes, store, usecases
from talka.tasks.batches import batch_answer, flags
from talka.tasks.wire import suite_json

router = APIRouter(tags=["task suites"])


@router.post("/task-suites", status_code=201)
async def create_suites(request: Request) -> Json:
    """Create one suite or an array of them, at once (201) or as an operation (`async_mode=true`, 202)."""
    return await batch_answer(request, usecases.SUITES, _load)


async def _load(tx: Tx, pool_id: int, numbers: list[int]) -> Mapping[int, dict[str, Any]]:
    return {row["id"]: shown for row, shown in await with_tasks(tx, await store.suites(tx, pool_id, numbers))}


async def with_tasks(tx: Tx, rows: Sequence[Row]) -> list[tuple[Row, dict[str, Any]]]:
    """Suites of one pool with their tasks, as clients see them."""
    wanted = sorted({number for row in rows for number in row["task_ids"]})
    loaded = await store.tasks(tx, rows[0]["pool_id"], wanted) if rows else {}
    return [(row, suite_json(row, [loaded[number] for number in row["task_ids"]])) for row in rows]


@router.patch("/task-suites/{suite_id}")
async def patch_suite(request: Request, suite_id: str) -> Json:
    """Change overlap or issuing order; `open_pool=true` opens a closed pool afterwards."""
    caller = await requester(request)
    body = changes.as_object(await read_json(request))
    opening = flags(request.query_params, "open_pool")["open_pool"]

    async def work(tx: Tx) -> dict[str, Any]:
        pool, number = await changes.patch_suite(tx, caller.account_id, suite_id, body, open_pool=opening)
        return (await _load(tx, pool.id, [number]))[number]

    return Json(await database(request).retrying(work))


@router.patch("/task-suites/{suite_id}/set-overlap-or-min")
async def set_overlap_or_min(request: Request, suite_id: str) -> Json:
    """Set the overlap, but not below what was issued."""
    caller = await requester(request)
    change = changes.read_overlap_or_min(changes.as_object(await read_json(request)))

    async def work(tx: Tx) -> dict[str, Any]:
        pool, number = await changes.set_suite_overlap_or_min(tx, caller.account_id, suite_id, change)
        return (await _load(tx, pool.id, [number]))[number]

    return Json(await database(request).retrying(work))
