"""Endpoints of files."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, TypeVar

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from talka.accounts.auth import database, requester
from talka.imports.rules import Grouping
from talka.imports.templates import FORMATS as TEMPLATE_FORMATS
from talka.imports.templates import template
from talka.imports.usecases import FORMATS, check, queue
from talka.imports.verdicts import carry_out, read_verdicts
from talka.imports.wire import queued_json, report_json, verdicts_json
from talka.infra.http.files import disposition
from talka.infra.http.query import flag, flags
from talka.infra.http.responses import Json
from talka.kit.errors import Conflict, FieldError, FieldErrors, TalkaError, ValidationError, field_error
from talka.operations import store as operations
from talka.operations.usecases import already_exists, chosen_id
from talka.pools import usecases as pools
from talka.projects import versions
from talka.tasks.model import BatchOptions
from talka.tasks.rules import MAX_TASKS_IN_SUITE
from talka.tasks.usecases import target_of

MAX_FILE_BYTES = 100 << 20
"""Or as large as any body, where the operator allows larger ones."""
Result = TypeVar("Result")
router = APIRouter(tags=["files"])
_READERS = ThreadPoolExecutor(2, "files")
_PARAMETERS = [
    {"name": "format", "in": "query", "required": True, "schema": {"enum": list(FORMATS)}},
    {"name": "preview", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "skip_invalid_items", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "open_pool", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "by_empty_row", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "tasks_per_suite", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}},
    {"name": "operation_id", "in": "query", "schema": {"type": "string", "format": "uuid"}},
]
_TEMPLATE_PARAMETERS = [{"name": "format", "in": "query", "schema": {"enum": list(TEMPLATE_FORMATS), "default": "tsv"}}]
_REVIEW_PARAMETERS = _PARAMETERS[1:3]
_BODY = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@dataclass(frozen=True, slots=True)
class _Choices:
    """What a request wants done with its file of tasks."""

    form: str
    grouping: Grouping
    preview: bool
    operation_id: str
    options: BatchOptions


def _choices(params: QueryParams, *, mixed: bool) -> _Choices:
    """The parameters of an upload.

    Raises:
        ValidationError: naming every wrong one.
    """
    errors: FieldErrors = {}
    form = params.get("format", "")
    if "format" not in params:
        errors["format"] = FieldError("VALUE_REQUIRED", "Say what the file is", FORMATS)
    elif form not in FORMATS:
        errors["format"] = FieldError("UNKNOWN_ENUM_VALUE", f"Must be one of {', '.join(FORMATS)}", FORMATS)
    by_empty_row = flag(params, "by_empty_row", errors)
    if by_empty_row and mixed:
        errors["by_empty_row"] = FieldError("VALUE_NOT_ALLOWED", "The pool mixes its suites itself")
    size = _suite_size(params.get("tasks_per_suite"), errors, free=not (mixed or by_empty_row))
    preview = flag(params, "preview", errors)
    skip, opening = flag(params, "skip_invalid_items", errors), flag(params, "open_pool", errors)
    operation_id = ""
    try:
        operation_id = chosen_id(params.get("operation_id"))
    except ValidationError as error:
        errors |= error.fields
    if errors:
        raise ValidationError(errors)
    options = BatchOptions(skip, allow_defaults=True, open_pool=opening)
    return _Choices(form, Grouping(size, by_empty_row), preview, operation_id, options)


def _suite_size(text: str | None, errors: FieldErrors, *, free: bool) -> int:
    """How many rows make a suite; `free` is whether that can be chosen."""
    size = int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 5 else 0
    if text is None:
        return 1
    if not 1 <= size <= MAX_TASKS_IN_SUITE:
        message = f"Must be a number from 1 to {MAX_TASKS_IN_SUITE}"
        errors["tasks_per_suite"] = FieldError("VALUE_OUT_OF_BOUNDS", message, (1, MAX_TASKS_IN_SUITE))
    elif not free:
        message = "Only where suites are ready-made and do not end with an empty row"
        errors["tasks_per_suite"] = FieldError("VALUE_NOT_ALLOWED", message)
    return size


@router.get(
    "/pools/{pool_id}/tasks/template", openapi_extra={"parameters": _TEMPLATE_PARAMETERS}, response_class=Response
)
async def task_template(request: Request, pool_id: str) -> Response:
    """A file of tasks to fill in, with the columns of the project and two examples."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
        version = await versions.newest(tx, pool.project_id, pool.project_major)
    form = request.query_params.get("format", "tsv")
    if form not in TEMPLATE_FORMATS:
        known = tuple(TEMPLATE_FORMATS)
        raise field_error("format", "UNKNOWN_ENUM_VALUE", f"Must be one of {', '.join(known)}", *known)
    content = template(form, version.inputs, version.outputs)
    headers = {"content-disposition": disposition(f"tasks_for_pool_{pool.id}.{form}")}
    return Response(content, media_type=TEMPLATE_FORMATS[form], headers=headers)


@router.post(
    "/pools/{pool_id}/tasks/upload", status_code=202, openapi_extra={"parameters": _PARAMETERS, "requestBody": _BODY}
)
async def upload_tasks(request: Request, pool_id: str) -> Json:
    """Create the tasks of a file (the body) as operations, one for each ten thousand rows.

    With `preview=true` (200) the file is only checked. A file with errors creates nothing (400, with a table of what
    is wrong by row and column) unless `skip_invalid_items=true`.
    """
    caller = await requester(request)
    db = database(request)
    async with db.reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
        target = await target_of(tx, pool)
        version = await versions.newest(tx, pool.project_id, pool.project_major)
        chosen = _choices(request.query_params, mixed=target.mixed)
        if not chosen.preview:
            if pool.status == "ARCHIVED":
                raise Conflict("POOL_INAPPROPRIATE_STATUS", f"Pool {pool.id} is archived")
            if await operations.get(tx, caller.account_id, chosen.operation_id) is not None:
                raise already_exists(chosen.operation_id)
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as scratch:
        await _receive(request, file)
        specs = (version.inputs, version.outputs)
        checked = await _aside(check, file, chosen.form, specs, target, chosen.grouping, scratch)
        shown = report_json(checked.report)
        if chosen.preview:
            return Json({**shown, "sample": checked.report.sample})
        if checked.report.error_count and (not chosen.options.skip_invalid_items or not checked.report.valid):
            what = "row is" if shown["not_valid_count"] == 1 else "rows are"
            message = f"{shown['not_valid_count']} {what} not valid: nothing was created"
            raise TalkaError("VALIDATION_ERROR", message, shown)
        queued = await db.retrying(
            lambda tx: queue(tx, caller.account_id, pool.id, chosen.operation_id, checked, scratch, chosen.options)
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
        found = await _aside(read_verdicts, file, pool.id)
    if given["preview"]:
        return Json(verdicts_json(found, found.errors))
    if found.errors and (not given["skip_invalid_items"] or not found.verdicts):
        raise TalkaError(
            "VALIDATION_ERROR", "The file has errors: nothing was decided", verdicts_json(found, found.errors)
        )
    done = await carry_out(db, caller.account_id, found)
    return Json(verdicts_json(done, [*found.errors, *done.errors]))


async def _aside(work: Callable[..., Result], *args: Any) -> Result:
    """Do what takes long in a thread, two files at a time, so that whoever else is served does not wait."""
    return await asyncio.get_running_loop().run_in_executor(_READERS, partial(work, *args))


async def _receive(request: Request, file: BinaryIO) -> None:
    """Put the body into a file, as it comes."""
    async for part in request.stream():
        file.write(part)
    file.seek(0)
