"""The endpoint through which workers upload files."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, BinaryIO

from fastapi import APIRouter, Request

from talka.accounts.auth import database, media, settings, worker
from talka.assignments.uploads import files, upload
from talka.attachments.http import preview_path
from talka.attachments.model import Attachment, Limits, PageOfWorker
from talka.attachments.wire import uploaded_json
from talka.infra import clock
from talka.infra.db import Tx
from talka.infra.http.files import storage
from talka.infra.http.listing import page as listed
from talka.infra.http.multipart import Form, Part
from talka.infra.http.responses import Json
from talka.kit.errors import FieldError, TalkaError, ValidationError, field_error

router = APIRouter(tags=["work"])
_PIECE = 1 << 16
_MAX_ID = 200
_FORM = {
    "type": "object",
    "required": ["assignment_id", "file"],
    "properties": {"assignment_id": {"type": "string"}, "file": {"type": "string", "format": "binary"}},
}
_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}


@router.post("/attachments", status_code=201, openapi_extra=_BODY)
async def upload_file(request: Request) -> Json:
    """Put a file into a page that the worker holds; its id is the answer to an output field of type `file`."""
    caller = await worker(request)
    assignment_id: str | None = None
    with tempfile.TemporaryFile() as waiting:
        name: str | None = None
        media_type, came, done = "", False, None

        async def store(content: AsyncIterator[bytes], assignment: str) -> Any:
            limits = Limits.of(settings(request))
            return await upload(
                database(request), storage(request), caller.id, assignment, name, media_type, content, limits
            )

        async for part in Form(request).parts():
            if part.name == "assignment_id" and assignment_id is None:
                assignment_id = await part.text(_MAX_ID)
            elif part.name == "file" and not came:
                name, media_type, came = part.filename, part.media_type, True
                if assignment_id is not None:
                    done = await store(aiter(part), assignment_id)
                else:  # the fields came the other way round: the file waits until it is known where it belongs
                    await _wait(part, waiting, settings(request).max_body_bytes)
        missing = [
            field for field, there in (("assignment_id", assignment_id is not None), ("file", came)) if not there
        ]
        if assignment_id is None or missing:
            raise ValidationError({field: FieldError("VALUE_REQUIRED", "Must be in the form") for field in missing})
        found, page = done or await store(_pieces(waiting), assignment_id)
    async with database(request).reading() as tx:
        return Json(shown(request, tx, found, page), 201)


@router.get("/attachments")
async def list_files(request: Request) -> Json:
    """The files that the worker has put into the page `assignment_id`, to go on with it elsewhere."""
    caller = await worker(request)
    assignment_id = request.query_params.get("assignment_id")
    if assignment_id is None:
        raise field_error("assignment_id", "VALUE_REQUIRED", "Must be given")
    async with database(request).reading() as tx:
        found, page = await files(tx, caller.id, assignment_id)
        return Json(listed([shown(request, tx, one, page) for one in found], False))


def shown(request: Request, tx: Tx, found: Attachment, page: PageOfWorker) -> dict[str, Any]:
    """A file with an address that shows it as long as the media of its page, an hour beyond the page's time."""
    until = clock.wall() + max(page.until - tx.now, timedelta(0)) + timedelta(hours=1)
    return uploaded_json(found, media(request).sign_path(preview_path(found.id), str(found.page), until))


async def _wait(part: Part, file: BinaryIO, limit: int) -> None:
    """Keep the content of a part in a file; less than a page takes, for it is not known yet who may send it."""
    async for piece in part:
        if file.tell() + len(piece) > limit:
            text = f"Send assignment_id before a file of more than {limit} bytes"
            raise TalkaError("ENTITY_TOO_LARGE", text, {"limit": limit})
        file.write(piece)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece
