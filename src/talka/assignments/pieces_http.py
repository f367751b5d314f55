"""The endpoints through which workers upload large files over bad connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from talka.accounts.auth import database, settings, worker
from talka.assignments import pieces
from talka.assignments.uploads_http import shown
from talka.attachments import usecases as attachments
from talka.attachments.model import Coming, Limits
from talka.attachments.wire import coming_json
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.files import storage
from talka.infra.http.responses import Json, no_content
from talka.kit.documents import Text, at_most
from talka.kit.errors import TalkaError, field_error
from talka.kit.wire import IdText, Integer, WireModel, parse

router = APIRouter(tags=["work"])
OFFSET = "Upload-Offset"


class UploadBody(WireModel):
    """A file that is to come in pieces, and the page that the worker holds."""

    assignment_id: IdText
    size: Annotated[Integer, Field(ge=0)]
    name: Annotated[Text, at_most(1024)] | None = None
    media_type: Annotated[Text, at_most(256)] | None = None


@router.post("/uploads", status_code=201, openapi_extra=takes(UploadBody))
async def start_upload(request: Request) -> Json:
    """Begin to upload a file in pieces, of any sizes; its id will be that of the file."""
    caller = await worker(request)
    body = parse(UploadBody, await read_json(request))
    limits = Limits.of(settings(request))
    found = await pieces.start(
        database(request), caller.id, body.assignment_id, body.name, body.media_type or "", body.size, limits
    )
    return Json(coming_json(found), 201)


@router.get("/uploads/{upload_id}")
async def get_upload(request: Request, upload_id: str) -> Json:
    """How much of a file has come."""
    caller = await worker(request)
    async with database(request).reading() as tx:
        return Json(coming_json(await attachments.coming(tx, caller.id, upload_id)))


@router.patch("/uploads/{upload_id}")
async def add_piece(request: Request, upload_id: str) -> Json:
    """Send the next piece, as the body; `Upload-Offset` says where in the file it begins.

    With the last one the answer has the file as `attachment`. A piece from elsewhere than where the file ends so far is
    refused with the offset at which to go on. When all have come, an empty one asks for the file again.
    """
    caller = await worker(request)
    offset = _offset(request)
    db, limits = database(request), Limits.of(settings(request))
    found, whole = await pieces.add(db, storage(request), caller.id, upload_id, offset, _content(request), limits)
    return Json(await _shown(request, found, whole))


@router.delete("/uploads/{upload_id}", status_code=204)
async def cancel_upload(request: Request, upload_id: str) -> Response:
    """Give up a file that has not come whole."""
    caller = await worker(request)
    await pieces.cancel(database(request), caller.id, upload_id)
    return no_content()


async def _shown(request: Request, found: Coming, whole: pieces.Whole | None) -> dict[str, Any]:
    if whole is None:
        return coming_json(found)
    async with database(request).reading() as tx:
        return {**coming_json(found), "attachment": shown(request, tx, *whole)}


def _offset(request: Request) -> int:
    text = request.headers.get(OFFSET)
    if text is None:
        raise field_error(OFFSET, "VALUE_REQUIRED", "Must be in the head of the request")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise field_error(OFFSET, "INTEGER_EXPECTED", "Must be a whole number of bytes")
    return int(text)


async def _content(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect:
        raise TalkaError("UNABLE_TO_UPLOAD_FILE", "The connection broke") from None
