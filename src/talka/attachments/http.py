"""Endpoints of attachments for requesters, and the preview for both sides."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from talka.accounts.auth import database, either, media, requester
from talka.attachments import store, usecases
from talka.attachments.model import Attachment
from talka.attachments.rules import shown_in_browsers
from talka.attachments.wire import attachment_json
from talka.infra import clock
from talka.infra.http.files import file_response, storage
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.errors import NotFound

router = APIRouter(tags=["attachments"])
preview_router = APIRouter(tags=["attachments"])


@router.get("/attachments")
async def list_attachments(request: Request) -> Json:
    """Files that workers have submitted to the account."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
    return Json(page([attachment_json(attachment) for attachment in found], more))


@router.get("/attachments/{attachment_id}")
async def get_attachment(request: Request, attachment_id: str) -> Json:
    """What is known of a file."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        return Json(attachment_json(await usecases.find(tx, caller.account_id, attachment_id)))


@router.head("/attachments/{attachment_id}/download", include_in_schema=False)
@router.get("/attachments/{attachment_id}/download")
async def download_attachment(request: Request, attachment_id: str) -> Response:
    """The file itself, or the range of it that is asked for."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        found = await usecases.find(tx, caller.account_id, attachment_id)
    return await file_response(request, storage(request), found.file)


@preview_router.head("/attachments/{attachment_id}/preview", include_in_schema=False)
@preview_router.get("/attachments/{attachment_id}/preview")
async def preview_attachment(request: Request, attachment_id: str) -> Response:
    """The file to be shown in a page: to the worker who uploaded it, its requester, and whoever has a signed address.

    What is no picture, sound or video is offered for download instead.
    """
    found = await _allowed(request, attachment_id)
    return await file_response(request, storage(request), found.file, inline=shown_in_browsers(found.media_type))


def preview_path(attachment_id: object) -> str:
    """Where the preview of an attachment is."""
    return f"/api/attachments/{attachment_id}/preview"


async def _allowed(request: Request, attachment_id: str) -> Attachment:
    path, params = request.scope["path"], request.query_params
    signed = media(request).valid(path, params, clock.wall())
    worker_id, account_id = (None, None) if signed else await either(request)
    async with database(request).reading() as tx:
        found = await usecases.anybodys(tx, attachment_id)
    if signed:
        allowed = params["assignment"] == str(found.page)
    else:
        allowed = found.worker_id == worker_id or (found.kept and found.account_id == account_id)
    if not allowed:
        raise NotFound("attachment", attachment_id)
    return found
