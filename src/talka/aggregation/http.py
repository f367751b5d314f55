"""Endpoints of aggregated solutions."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from talka.accounts import quotas
from talka.accounts.auth import database, requester
from talka.aggregation import store, usecases
from talka.aggregation.wire import PoolRequest, TaskRequest, solution_json
from talka.infra.exports import Format, download
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.wire import parse
from talka.operations.usecases import chosen_id
from talka.operations.wire import operation_json

router = APIRouter(tags=["aggregation"])
file_router = APIRouter(tags=["aggregation"])


@router.post("/aggregated-solutions/aggregate-by-pool", status_code=202, openapi_extra=takes(PoolRequest))
async def aggregate_pool(request: Request) -> Json:
    """Aggregate the accepted answers of a closed pool, as an operation."""
    caller = await requester(request)
    body = parse(PoolRequest, await read_json(request))
    operation_id = chosen_id(request.query_params.get("operation_id"))
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.AGGREGATE)
        operation = await usecases.start(tx, caller.account_id, body, operation_id)
    return Json(operation_json(operation), 202)


@router.post("/aggregated-solutions/aggregate-by-task", openapi_extra=takes(TaskRequest))
async def aggregate_task(request: Request) -> Json:
    """Aggregate the accepted answers to one task, at once."""
    caller = await requester(request)
    body = parse(TaskRequest, await read_json(request))
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.AGGREGATE)
        solution = await usecases.aggregate_task(tx, caller.account_id, body)
    return Json(solution_json(solution))


@router.get("/aggregated-solutions/{operation_id}")
async def list_solutions(request: Request, operation_id: str) -> Json:
    """What an aggregation gave, task by task."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await usecases.listed(tx, caller.account_id, operation_id, listing)
    return Json(page([solution_json(solution) for solution in found], more))


def _add_file(form: Format) -> None:
    """The route of the file in one format."""

    async def solutions(request: Request, operation_id: str) -> StreamingResponse:
        """What an aggregation gave, a row per task: inputs, outputs, and in percent how sure each is; streamed."""
        caller = await requester(request)
        async with database(request).reading() as tx:
            operation, columns = await usecases.file_of(tx, caller.account_id, operation_id)
        source = partial(store.file_rows, operation=operation.number)
        name = f"aggregated_solutions_of_pool_{operation.parameters['pool_id']}"
        return await download(database(request), name, form, columns, source)

    path = f"/aggregated-solutions/{{operation_id}}/solutions.{form.value}"
    file_router.add_api_route(path, solutions, response_class=StreamingResponse)


for _form in Format:
    _add_file(_form)
