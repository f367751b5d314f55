"""Endpoints of trainings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from talka.accounts import quotas
from talka.accounts.auth import database, policy, requester
from talka.infra.db import Tx
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json, no_content
from talka.kit.wire import parse
from talka.operations.model import Operation
from talka.operations.wire import operation_json
from talka.pools import store as pools
from talka.running import usecases as running
from talka.running.rules import TRAINING
from talka.trainings import store, usecases
from talka.trainings.wire import TrainingBody, training_json

router = APIRouter(tags=["trainings"])


@router.post("/trainings", status_code=201, openapi_extra=takes(TrainingBody))
async def create_training(request: Request) -> Json:
    """Create a training."""
    caller = await requester(request)
    body = parse(TrainingBody, await read_json(request))
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.CREATE_TRAININGS)
        pool, stored = await usecases.create(tx, caller.account_id, body)
    return Json(training_json(pool, stored, caller.account_id), 201)


@router.get("/trainings")
async def list_trainings(request: Request) -> Json:
    """The account's trainings, archived ones included."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, pools.LIST)
    async with database(request).reading() as tx:
        found, more = await pools.listed(tx, caller.account_id, listing, "TRAINING")
        bodies = await store.bodies(tx, [pool.id for pool in found])
    return Json(page([training_json(pool, bodies[pool.id], caller.account_id) for pool in found], more))


@router.get("/trainings/{training_id}")
async def get_training(request: Request, training_id: str) -> Json:
    """One training."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        pool, stored = await usecases.find(tx, caller.account_id, training_id)
    return Json(training_json(pool, stored, caller.account_id))


@router.put("/trainings/{training_id}", openapi_extra=takes(TrainingBody))
async def edit_training(request: Request, training_id: str) -> Json:
    """Replace all editable fields of a closed training."""
    caller = await requester(request)
    body = parse(TrainingBody, await read_json(request))
    async with database(request).transaction() as tx:
        pool, stored = await usecases.edit(tx, caller.account_id, training_id, body)
    return Json(training_json(pool, stored, caller.account_id))


async def _move(request: Request, training_id: str, move: Callable[[Tx, int], Awaitable[Operation | None]]) -> Response:
    caller = await requester(request)

    async def work(tx: Tx) -> Operation | None:
        await usecases.find(tx, caller.account_id, training_id)
        return await move(tx, caller.account_id)

    operation = await database(request).retrying(work)
    return no_content() if operation is None else Json(operation_json(operation), 202)


@router.post("/trainings/{training_id}/open", status_code=202)
async def open_training(request: Request, training_id: str) -> Response:
    """Open a closed training; 204 when it is open."""
    decided = await policy(request)
    return await _move(request, training_id, lambda tx, own: running.open_pool(tx, own, training_id, decided, TRAINING))


@router.post("/trainings/{training_id}/close", status_code=202)
async def close_training(request: Request, training_id: str) -> Response:
    """Close an open training; 204 when it is closed."""
    return await _move(request, training_id, lambda tx, own: running.close_pool(tx, own, training_id, TRAINING))


@router.post("/trainings/{training_id}/close-for-update", status_code=202)
async def close_training_for_update(request: Request, training_id: str) -> Response:
    """Close an open training for at most 15 minutes; 204 when it is closed."""
    return await _move(
        request, training_id, lambda tx, own: running.close_pool(tx, own, training_id, TRAINING, for_update=True)
    )


@router.post("/trainings/{training_id}/archive", status_code=202)
async def archive_training(request: Request, training_id: str) -> Response:
    """Archive a closed training for good; 204 when it is archived."""
    return await _move(request, training_id, lambda tx, own: running.archive_pool(tx, own, training_id, TRAINING))


@router.post("/trainings/{training_id}/clone", status_code=202)
async def clone_training(request: Request, training_id: str) -> Response:
    """A new training with the same settings and no tasks."""

    async def clone(tx: Tx, account_id: int) -> Operation:
        await quotas.spend(request, tx, account_id, quotas.Action.CLONE_TRAININGS)
        return await usecases.clone(tx, account_id, training_id)

    return await _move(request, training_id, clone)
