"""Endpoints of projects, except archiving, which looks at pools."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka.accounts import quotas
from talka.accounts.auth import database, requester
from talka.accounts.model import Caller
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.wire import parse
from talka.projects import store, usecases
from talka.projects.store import Project
from talka.projects.wire import ProjectBody, project_json

router = APIRouter(tags=["projects"])
staging = APIRouter(tags=["projects"])


def shown(project: Project, caller: Caller) -> dict[str, object]:
    """A project as its caller sees it."""
    return project_json(
        project_id=project.id,
        owner=project.requester_id,
        myself=project.account_id == caller.account_id,
        status=project.status,
        created=project.created,
        stored=project.body,
    )


@router.post("/projects", status_code=201, openapi_extra=takes(ProjectBody))
async def create_project(request: Request) -> Json:
    """Create a project."""
    caller = await requester(request)
    body = parse(ProjectBody, await read_json(request))
    async with database(request).transaction() as tx:
        await quotas.spend(request, tx, caller.account_id, quotas.Action.CREATE_PROJECTS)
        project = await usecases.create(tx, caller.account_id, body)
    return Json(shown(project, caller), 201)


@router.get("/projects")
async def list_projects(request: Request) -> Json:
    """The account's projects, archived ones included."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
    return Json(page([shown(project, caller) for project in found], more))


@router.get("/projects/{project_id}")
async def get_project(request: Request, project_id: str) -> Json:
    """One project."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        project = await usecases.find(tx, caller.account_id, project_id)
    return Json(shown(project, caller))


@router.put("/projects/{project_id}", openapi_extra=takes(ProjectBody))
async def edit_project(request: Request, project_id: str) -> Json:
    """Replace all editable fields of a project."""
    caller = await requester(request)
    body = parse(ProjectBody, await read_json(request))
    async with database(request).transaction() as tx:
        project = await usecases.edit(tx, caller.account_id, project_id, body)
    return Json(shown(project, caller))


@staging.post("/projects/{project_id}/check", openapi_extra=takes(ProjectBody))
async def check_project(request: Request, project_id: str) -> Json:
    """What an edit would mean for existing pools; nothing is saved."""
    caller = await requester(request)
    body = parse(ProjectBody, await read_json(request))
    async with database(request).reading() as tx:
        level = await usecases.check(tx, caller.account_id, project_id, body)
    return Json({"differenceLevel": level})
