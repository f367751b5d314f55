"""Endpoints of assignments for requesters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request

from talka.accounts.auth import database, requester
from talka.assignments import store, usecases
from talka.assignments.wire import requester_json
from talka.infra.db import Row, Tx
from talka.infra.http.body import read_json
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.errors import NotFound, field_error
from talka.kit.ids import parse_number, parse_work_id
from talka.tasks import store as tasks

router = APIRouter(tags=["assignments"])


async def shown(tx: Tx, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Assignments of the caller with their tasks and first attempts."""
    wanted: dict[int, set[int]] = {}
    for row in rows:
        wanted.setdefault(row["pool_id"], set()).update(row["task_ids"])
    loaded: dict[int, Mapping[int, Row]] = {
        pool_id: await tasks.tasks(tx, pool_id, sorted(numbers)) for pool_id, numbers in wanted.items()
    }
    attempts: dict[int, dict[int, Row]] = {}
    for attempt in await store.attempts(tx, [row["id"] for row in rows if row["learning"]]):
        attempts.setdefault(attempt["assignment_id"], {})[attempt["position"]] = attempt
    return [
        requester_json(
            row,
            [loaded[row["pool_id"]][number] for number in row["task_ids"]],
            attempts.get(row["id"], {}),
            myself=True,
        )
        for row in rows
    ]


@router.get("/assignments")
async def list_assignments(request: Request) -> Json:
    """Assignments of a pool, a task or a suite."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    text = request.query_params.get("pool_id")
    pool_id = parse_number(text) if text is not None else None
    if text is not None and (pool_id is None or pool_id >= 2**31):
        raise field_error("pool_id", "INVALID_VALUE", "Must be the id of a pool")
    async with database(request).reading() as tx:
        rows, more = await store.listed(tx, caller.account_id, pool_id, listing)
        return Json(page(await shown(tx, rows), more))


@router.get("/assignments/{assignment_id}")
async def get_assignment(request: Request, assignment_id: str) -> Json:
    """One assignment."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        return Json(await _one(tx, caller.account_id, assignment_id))


async def _one(tx: Tx, account_id: int, assignment_id: str) -> dict[str, Any]:
    parts = parse_work_id(assignment_id)
    row = await store.shown(tx, account_id, parts.pool_id, parts.number) if parts is not None else None
    if row is None:
        raise NotFound("assignment", assignment_id)
    return (await shown(tx, [row]))[0]


@router.patch("/assignments/{assignment_id}")
async def patch_assignment(request: Request, assignment_id: str) -> Json:
    """Accept or reject, with a comment for the worker."""
    caller = await requester(request)
    status, comment = usecases.read_review(await read_json(request))

    async def work(tx: Tx) -> dict[str, Any]:
        await usecases.review(tx, caller.account_id, assignment_id, status, comment)
        return await _one(tx, caller.account_id, assignment_id)

    return Json(await database(request).retrying(work))
