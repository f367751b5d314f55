"""GET endpoints of operations and their logs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request

from talka.accounts.auth import database, requester
from talka.infra.db import Tx
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.operations import store, usecases
from talka.operations.model import Operation
from talka.operations.wire import operation_json

router = APIRouter(tags=["operations"])
LogReader = Callable[[Tx, Operation], Awaitable[list[dict[str, Any]]]]


@router.get("/operations")
async def list_operations(request: Request) -> Json:
    """The account's operations."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
    return Json(page([operation_json(operation) for operation in found], more))


@router.get("/operations/{operation_id}")
async def get_operation(request: Request, operation_id: str) -> Json:
    """One operation."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        operation = await usecases.find(tx, caller.account_id, operation_id)
    return Json(operation_json(operation))


@router.get("/operations/{operation_id}/log")
async def get_log(request: Request, operation_id: str) -> Json:
    """What became of each item of a batch: an array, in the order of the items."""
    caller = await requester(request)
    readers: Mapping[str, LogReader] = request.app.state.operation_logs
    async with database(request).reading() as tx:
        operation = await usecases.find(tx, caller.account_id, operation_id)
        reader = readers.get(operation.type)
        items = await reader(tx, operation) if reader else []
    return Json(items)
