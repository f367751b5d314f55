"""Endpoints of project versions, which the API that Talka is compatible with keeps to its web pages."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka.accounts.auth import database, requester
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.projects import store, usecases
from talka.projects.http import shown
from talka.projects.wire import version_json

router = APIRouter(tags=["projects"])


@router.get("/projects/{project_id}/versions")
async def list_versions(request: Request, project_id: str) -> Json:
    """What a project was from edit to edit; `sort=-id` for the newest first."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.VERSIONS)
    async with database(request).reading() as tx:
        project = await usecases.find(tx, caller.account_id, project_id)
        found, more = await store.listed_versions(tx, project.id, listing)
    return Json(page([version_json(project, version) for version in found], more))


@router.get("/projects/{project_id}/versions/{version}")
async def get_version(request: Request, project_id: str, version: str) -> Json:
    """One version (`2.1`) with all fields of the project as they were."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        project, found = await usecases.find_version(tx, caller.account_id, project_id, version)
        body = await store.version_body(tx, project.id, found.major, found.minor)
    return Json({**version_json(project, found), "project": body})


@router.post("/projects/{project_id}/versions/{version}/restore")
async def restore_version(request: Request, project_id: str, version: str) -> Json:
    """Make a project what it was in a version, as a new edit; its pools stay on theirs as with any edit."""
    caller = await requester(request)
    async with database(request).transaction() as tx:
        project = await usecases.restore(tx, caller.account_id, project_id, version)
    return Json(shown(project, caller))
