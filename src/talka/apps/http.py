"""Endpoints of apps, their projects, batches and items."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, LiteralString

from fastapi import APIRouter, Request

from talka.accounts import quotas
from talka.accounts.auth import database, policy, requester
from talka.accounts.model import Caller
from talka.apps import items, rules, store, usecases
from talka.apps.model import AppProject, Batch, BatchStatus
from talka.apps.solutions import APPS
from talka.apps.wire import (
    BatchBody,
    BatchPatch,
    ItemBody,
    ItemsBody,
    ProjectBody,
    SyncBatchBody,
    app_json,
    app_short,
    batch_json,
    content,
    item_json,
    project_json,
)
from talka.infra.db import Tx
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import Listing, Where, parse_listing
from talka.infra.http.responses import Json
from talka.kit.errors import NotFound, field_error
from talka.kit.ids import object_id, parse_object_id
from talka.kit.wire import parse

router = APIRouter(tags=["apps"])
_BATCH = "/app-projects/{app_project_id}/batches/{batch_id}"


async def _begin_after(
    request: Request,
    tx: Tx,
    listing: Listing,
    source: LiteralString,
    condition: LiteralString,
    *own: Where,
    read: Callable[[str], int | str | None] = parse_object_id,
    values: Any = (),
) -> None:
    """Let a list begin after the thing that `after_id` names, if it names one; the conditions find it."""
    text = request.query_params.get("after_id")
    if not text:
        return
    named = read(text)
    if named is None or not await listing.start_after(tx, source, (condition, named), *own, values=values):
        raise field_error("after_id", "ENTITY_DOES_NOT_EXIST", f"There is nothing with the id {text[:100]!r}")


@router.get("/apps")
async def list_apps(request: Request) -> Json:
    """The ready solutions; their texts are in English, whatever `lang` says."""
    await requester(request)
    listing = parse_listing(request.query_params, store.APPS)
    known = [(app.id, app.name) for _, app in APPS]
    async with database(request).reading() as tx:
        names = store.columns(known)
        await _begin_after(request, tx, listing, store.APPS_FROM, "a.id = %s", read=str, values=names)
        found, more = await store.listed_apps(tx, known, listing)
    return Json(content([app_short(app) for app in map(APPS.get, found) if app is not None], more))


@router.get("/apps/{app_id}")
async def get_app(request: Request, app_id: str) -> Json:
    """One ready solution, with what its projects and items must have."""
    await requester(request)
    app = APPS.get(app_id)
    if app is None:
        raise NotFound("app", app_id)
    return Json(app_json(app))


@router.post("/app-projects", status_code=201, openapi_extra=takes(ProjectBody))
async def create_project(request: Request) -> Json:
    """Create a project of an app."""
    caller = await requester(request)
    body = parse(ProjectBody, await read_json(request))
    fee_percent = (await policy(request)).fee_percent
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.CREATE_PROJECTS)
        project = await usecases.create_project(tx, caller.account_id, body, fee_percent)
    return Json(project_json(project), 201)


@router.get("/app-projects")
async def list_projects(request: Request) -> Json:
    """The account's projects of apps, archived ones included."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.PROJECTS)
    params = request.query_params
    if params.get("scope") == "REQUESTER_LIST" and not params.get("requester_ids"):
        raise field_error("requester_ids", "VALUE_REQUIRED", "Say whose projects to list")
    async with database(request).reading() as tx:
        await _begin_after(
            request, tx, listing, store.PROJECTS_FROM, "p.id = %s", ("p.account_id = %s", caller.account_id)
        )
        found, more = await store.listed_projects(tx, caller.account_id, listing)
    return Json(content([project_json(project) for project in found], more))


@router.get("/app-projects/{app_project_id}")
async def get_project(request: Request, app_project_id: str) -> Json:
    """One project of an app."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        project = await usecases.find_project(tx, caller.account_id, app_project_id)
    return Json(project_json(project))


@router.post("/app-projects/{app_project_id}/archive")
async def archive_project(request: Request, app_project_id: str) -> Json:
    """Put a project away of which no batch is being worked on."""
    caller = await requester(request)
    project = await database(request).retrying(
        lambda tx: usecases.archive_project(tx, caller.account_id, app_project_id)
    )
    return Json(project_json(project))


@router.post("/app-projects/{app_project_id}/unarchive")
async def unarchive_project(request: Request, app_project_id: str) -> Json:
    """Take an archived project back."""
    caller = await requester(request)
    project = await database(request).retrying(
        lambda tx: usecases.unarchive_project(tx, caller.account_id, app_project_id)
    )
    return Json(project_json(project))


@router.get("/app-projects/{app_project_id}/items")
async def list_items(request: Request, app_project_id: str) -> Json:
    """Items of a project, with the results of those that have one."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, items.LIST)
    async with database(request).reading() as tx:
        project = await usecases.find_project(tx, caller.account_id, app_project_id)
        await _begin_after(request, tx, listing, items.FROM, "i.id = %s", ("i.app_project_id = %s", project.id))
        found, more = await items.listed(tx, project.id, listing)
    return Json(content([item_json(row) for row in found], more))


@router.get("/app-projects/{app_project_id}/items/{item_id}")
async def get_item(request: Request, app_project_id: str, item_id: str) -> Json:
    """One item."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        project = await usecases.find_project(tx, caller.account_id, app_project_id)
        row = await usecases.find_item(tx, project, item_id)
    return Json(item_json(row))


@router.post("/app-projects/{app_project_id}/items", status_code=201, openapi_extra=takes(ItemBody))
async def create_item(request: Request, app_project_id: str) -> Json:
    """Add an item to a batch; without one it goes to workers at once."""
    caller = await requester(request)
    body = parse(ItemBody, await read_json(request))
    fee_percent = (await policy(request)).fee_percent
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.CREATE_TASKS)
        row = await usecases.add_item(tx, caller.account_id, app_project_id, body, fee_percent)
    return Json(item_json(row), 201)


@router.post("/app-projects/{app_project_id}/items/bulk", status_code=201, openapi_extra=takes(ItemsBody))
async def create_items(request: Request, app_project_id: str) -> Json:
    """Add items to a batch; without one they go to workers at once. The answer is an array of their ids."""
    caller = await requester(request)
    body = parse(ItemsBody, await read_json(request))
    fee_percent = (await policy(request)).fee_percent
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.CREATE_TASKS, len(body.items))
        numbers = await usecases.add_items(tx, caller.account_id, app_project_id, body, fee_percent)
    return Json([object_id(number) for number in numbers], 201)


async def _shown(tx: Tx, project: AppProject, batches: list[Batch]) -> list[dict[str, Any]]:
    """Batches as clients see them, with when they will probably be done."""
    waiting = [batch for batch in batches if batch.status in {BatchStatus.QUEUED, BatchStatus.PROCESSING}]
    running = await store.running(tx, project.id) if waiting else []
    etas = {batch.id: rules.eta(batch, tx.now) for batch in running}
    together = rules.latest(list(etas.values()))
    shown = []
    for batch in batches:
        queued = batch.status is BatchStatus.QUEUED
        before = [etas[other.id] for other in running if other.priority < batch.priority] if queued else []
        shown.append(
            batch_json(
                batch,
                tx.now,
                read_only=project.archived,
                eta=etas.get(batch.id),
                project_eta=together if batch.id in etas else None,
                etd=rules.latest(before),
            )
        )
    return shown


@router.get("/app-projects/{app_project_id}/batches")
async def list_batches(request: Request, app_project_id: str) -> Json:
    """Batches of a project, archived ones included."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.BATCHES)
    async with database(request).reading() as tx:
        project = await usecases.find_project(tx, caller.account_id, app_project_id)
        await _begin_after(
            request,
            tx,
            listing,
            store.BATCHES_FROM,
            "b.id = %s",
            ("b.app_project_id = %s and not b.stream", project.id),
        )
        found, more = await store.listed_batches(tx, project.id, listing)
        shown = await _shown(tx, project, found)
    return Json(content(shown, more))


@router.post("/app-projects/{app_project_id}/batches", status_code=201, openapi_extra=takes(BatchBody))
async def create_batch(request: Request, app_project_id: str) -> Json:
    """Create a batch, with items or without."""
    caller = await requester(request)
    body = parse(BatchBody, await read_json(request))
    fee_percent = (await policy(request)).fee_percent
    async with database(request).transaction() as tx:
        await _spend_items(request, tx, caller, body)
        project, batch = await usecases.create_batch(tx, caller.account_id, app_project_id, body, fee_percent)
        [shown] = await _shown(tx, project, [batch])
    return Json(shown, 201)


@router.post("/app-projects/{app_project_id}/batches/sync", status_code=201, openapi_extra=takes(SyncBatchBody))
async def create_and_start_batch(request: Request, app_project_id: str) -> Json:
    """Create a batch and start it in one go; the answer is the batch, with itself and its items in it."""
    caller = await requester(request)
    body = parse(BatchBody, await read_json(request))
    fee_percent = (await policy(request)).fee_percent

    async def work(tx: Tx) -> dict[str, Any]:
        await _spend_items(request, tx, caller, body)
        project, batch, rows = await usecases.start_at_once(tx, caller.account_id, app_project_id, body, fee_percent)
        [shown] = await _shown(tx, project, [batch])
        return {**shown, "batch": shown, "items": [item_json(row) for row in rows]}

    return Json(await database(request).retrying(work), 201)


async def _spend_items(request: Request, tx: Tx, caller: Caller, body: BatchBody) -> None:
    if body.items:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.CREATE_TASKS, len(body.items))


@router.get(_BATCH)
async def get_batch(request: Request, app_project_id: str, batch_id: str) -> Json:
    """One batch."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        project = await usecases.find_project(tx, caller.account_id, app_project_id)
        [shown] = await _shown(tx, project, [await usecases.find_batch(tx, project, batch_id)])
    return Json(shown)


@router.patch(_BATCH, openapi_extra=takes(BatchPatch))
async def patch_batch(request: Request, app_project_id: str, batch_id: str) -> Json:
    """Change name and priority of a batch."""
    caller = await requester(request)
    body = parse(BatchPatch, await read_json(request))
    return await _change(
        request, lambda tx: usecases.patch_batch(tx, caller.account_id, app_project_id, batch_id, body)
    )


async def _change(request: Request, work: Callable[[Tx], Awaitable[tuple[AppProject, Batch]]]) -> Json:
    """The answer to what changes a batch."""

    async def changed(tx: Tx) -> dict[str, Any]:
        project, batch = await work(tx)
        [shown] = await _shown(tx, project, [batch])
        return shown

    return Json(await database(request).retrying(changed))


async def _act(
    request: Request,
    verb: Callable[[Tx, int, str, str], Awaitable[tuple[AppProject, Batch]]],
    app_project_id: str,
    batch_id: str,
) -> Json:
    caller = await requester(request)
    return await _change(request, lambda tx: verb(tx, caller.account_id, app_project_id, batch_id))


@router.post(_BATCH + "/start")
async def start_batch(request: Request, app_project_id: str, batch_id: str) -> Json:
    """Let workers do a batch."""
    return await _act(request, usecases.start, app_project_id, batch_id)


@router.post(_BATCH + "/stop")
async def stop_batch(request: Request, app_project_id: str, batch_id: str) -> Json:
    """Give no more pages of a batch to workers."""
    return await _act(request, usecases.stop, app_project_id, batch_id)


@router.post(_BATCH + "/resume")
async def resume_batch(request: Request, app_project_id: str, batch_id: str) -> Json:
    """Go on with a batch that stopped."""
    return await _act(request, usecases.resume, app_project_id, batch_id)


@router.post(_BATCH + "/archive")
async def archive_batch(request: Request, app_project_id: str, batch_id: str) -> Json:
    """Put a batch away that nobody works on."""
    return await _act(request, usecases.archive_batch, app_project_id, batch_id)


@router.post(_BATCH + "/unarchive")
async def unarchive_batch(request: Request, app_project_id: str, batch_id: str) -> Json:
    """Take an archived batch back."""
    return await _act(request, usecases.unarchive_batch, app_project_id, batch_id)
