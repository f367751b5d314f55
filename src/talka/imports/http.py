"""Endpoints of files."""

from __future__ import annotations

import asyncio
import tempfile
from typing import BinaryIO

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams

from talka.accounts.auth import database, requester
from talka.imports.rules import Grouping
from talka.imports.usecases import FORMATS, check, queue
from talka.imports.verdicts import carry_out, read_verdicts
from talka.imports.wire import queued_json, report_json, verdicts_json
from talka.infra.http.query import flags
from talka.infra.http.responses import Json
from talka.kit.errors import Conflict, FieldError, FieldErrors, TalkaError, ValidationError
from talka.operations import store as operations
from talka.operations.usecases import already_exists, chosen_id
from talka.pools import usecases as pools
from talka.projects import versions
from talka.tasks.model import BatchOptions
from talka.tasks.rules import MAX_TASKS_IN_SUITE
from talka.tasks.usecases import target_of

router = APIRouter(tags=["files"])
_PARAMETERS = [
    {"name": "format", "in": "query", "required": True, "schema": {"enum": list(FORMATS)}},
    {"name": "preview", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "skip_invalid_items", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "open_pool", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "by_empty_row", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "tasks_per_suite", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}},
    {"name": "operation_id", "in": "query", "schema": {"type": "string", "format": "uuid"}},
]
_REVIEW_PARAMETERS = _PARAMETERS[1:3]
_BODY = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


def _choices(params: QueryParams, *, mixed: bool) -> tuple[str, Grouping]:
    """The format of the file and how its rows become suites.

    Raises:
        ValidationError: naming every wrong parameter.
    """
    errors: FieldErrors = {}
    form = params.get("format")
    if form is None:
        errors["format"] = FieldError("VALUE_REQUIRED", "Say what the file is", FORMATS)
    elif form not in FORMATS:
        errors["format"] = FieldError("UNKNOWN_ENUM_VALUE", f"Must be one of {', '.join(FORMATS)}", FORMATS)
    by_empty_row = params.get("by_empty_row") == "true"
    text = params.get("tasks_per_suite")
    size = int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 5 else 0
    if text is not None and not 1 <= size <= MAX_TASKS_IN_SUITE:
        message = f"Must be a number from 1 to {MAX_TASKS_IN_SUITE}"
        errors["tasks_per_suite"] = FieldError("VALUE_OUT_OF_BOUNDS", message, (1, MAX_TASKS_IN_SUITE))
    elif text is not None and (by_empty_row or mixed):
        message = "The pool mixes its suites itself" if mixed else "Choose tasks_per_suite or by_empty_row"
        errors["tasks_per_suite"] = FieldError("VALUE_NOT_ALLOWED", message)
    if by_empty_row and mixed:
        errors["by_empty_row"] = FieldError("VALUE_NOT_ALLOWED", "The pool mixes its suites itself")
    if errors or form is None:
        raise ValidationError(errors)
    return form, Grouping(size or 1, by_empty_row)


@router.post(
    "/pools/{pool_id}/tasks/upload", status_code=202, openapi_extra={"parameters": _PARAMETERS, "requestBody": _BODY}
)
async def upload_tasks(request: Request, pool_id: str) -> Json:
    """Create the tasks of a file (the body) as operations, one for each ten thousand rows.

    With `preview=true` (200) the file is only checked. A file with errors creates nothing (400, with a table of what
    is wrong by row and column) unless `skip_invalid_items=true`.
    """
    caller = await requester(request)
    params = request.query_params
    given = flags(params, "preview", "skip_invalid_items", "open_pool", "by_empty_row")
    db = database(request)
    async with db.reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
        target = await target_of(tx, pool)
        version = await versions.newest(tx, pool.project_id, pool.project_major)
        form, grouping = _choices(params, mixed=target.mixed)
        operation_id = chosen_id(params.get("operation_id"))
        if not given["preview"]:
            if pool.status == "ARCHIVED":
                raise Conflict("POOL_INAPPROPRIATE_STATUS", f"Pool {pool.id} is archived")
            if await operations.get(tx, caller.account_id, operation_id) is not None:
                raise already_exists(operation_id)
    options = BatchOptions(given["skip_invalid_items"], allow_defaults=True, open_pool=given["open_pool"])
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as scratch:
        await _receive(request, file)
        specs = (version.inputs, version.outputs)
        # In a thread, so that whoever else is served by this process does not wait for a large file.
        checked = await asyncio.to_thread(check, file, form, specs, target, grouping, scratch)
        shown = report_json(checked.report)
        if given["preview"]:
            return Json({**shown, "sample": checked.report.sample})
        if checked.report.error_count and (not options.skip_invalid_items or not checked.report.valid):
            what = "row is" if shown["not_valid_count"] == 1 else "rows are"
            message = f"{shown['not_valid_count']} {what} not valid: nothing was created"
            raise TalkaError("VALIDATION_ERROR", message, shown)
        queued = await db.retrying(
            lambda tx: queue(tx, caller.account_id, pool.id, operation_id, checked, scratch, options)
        )
    return Json(queued_json(checked.report, queued), 202)


@router.post(
    "/pools/{pool_id}/assignments/upload", openapi_extra={"parameters": _REVIEW_PARAMETERS, "requestBody": _BODY}
)
async def upload_verdicts(request: Request, pool_id: str) -> Json:
    """Accept and reject the assignments of a TSV file (the body).

    With `preview=true` the file is only checked. A file with errors decides nothing (400) unless
    `skip_invalid_items=true`; what the state of an assignment forbids stands in the table of errors.
    """
    caller = await requester(request)
    given = flags(request.query_params, "preview", "skip_invalid_items")
    db = database(request)
    async with db.reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
    if pool.status == "ARCHIVED":
        text = "The pool is archived: pay by bonus instead"
        raise Conflict("POOL_INAPPROPRIATE_STATUS", text, appropriate=["OPEN", "CLOSED"])
    with tempfile.TemporaryFile() as file:
        await _receive(request, file)
        found = await asyncio.to_thread(read_verdicts, file, pool.id)
    if given["preview"]:
        return Json(verdicts_json(found, found.errors))
    if found.errors and (not given["skip_invalid_items"] or not found.verdicts):
        raise TalkaError(
            "VALIDATION_ERROR", "The file has errors: nothing was decided", verdicts_json(found, found.errors)
        )
    done = await carry_out(db, caller.account_id, found)
    return Json(verdicts_json(done, [*found.errors, *done.errors]))


async def _receive(request: Request, file: BinaryIO) -> None:
    """Put the body into a file, as it comes."""
    async for part in request.stream():
        file.write(part)
    file.seek(0)
