"""The results file of a pool."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import StreamingResponse

from talka.accounts.auth import database, requester, settings
from talka.kit.errors import FieldError, FieldErrors, ValidationError
from talka.kit.times import parse_time
from talka.pools import usecases as pools
from talka.projects import versions
from talka.results.columns import ASSIGNMENT_FIELDS, DEFAULT_FIELDS, columns
from talka.results.store import Format, Selection, stream

router = APIRouter(tags=["results"])
# Accepted assignments are called APPROVED in this file.
_STATUSES: Mapping[str, int] = {
    "ACTIVE": 0,
    "SUBMITTED": 1,
    "APPROVED": 2,
    "REJECTED": 3,
    "SKIPPED": 4,
    "EXPIRED": 5,
}
_MEDIA_TYPES = {
    Format.TSV: "text/tab-separated-values; charset=UTF-8",
    Format.CSV: "text/csv; charset=UTF-8",
    Format.JSONL: "application/jsonl; charset=UTF-8",
}


class _Query:
    """The parameters of the file; `errors` names what is wrong."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self.errors: FieldErrors = {}
        self.statuses = [_STATUSES[name] for name in self._words("status", "APPROVED", tuple(_STATUSES))]
        known = tuple(f"ASSIGNMENT:{name}" for name in ASSIGNMENT_FIELDS)
        default = ",".join(f"ASSIGNMENT:{name}" for name in DEFAULT_FIELDS)
        self.fields = [name.removeprefix("ASSIGNMENT:") for name in self._words("field", default, known)]
        self.start_from, self.start_to = self._moment("startTimeFrom"), self._moment("startTimeTo")
        self.delimiter = params.get("addRowDelimiter", "true") != "false"
        if self.errors:
            raise ValidationError(self.errors)

    def _words(self, name: str, default: str, known: tuple[str, ...]) -> list[str]:
        words = [word.strip() for word in self._params.get(name, default).split(",") if word.strip()]
        unknown = [word[:100] for word in words if word not in known]
        if unknown:
            self.errors[name] = FieldError("UNKNOWN_ENUM_VALUE", f"Unknown: {', '.join(unknown)}", known)
        return [word for word in words if word in known]

    def _moment(self, name: str) -> datetime | None:
        text = self._params.get(name)
        moment = parse_time(text) if text is not None else None
        if text is not None and moment is None:
            self.errors[name] = FieldError("INVALID_DATE_TIME_SYNTAX", "Must be a date-time")
        return moment


@router.get("/pools/{pool_id}/assignments.tsv")
async def results(request: Request, pool_id: str) -> StreamingResponse:
    """One row per task of each assignment, tab-separated, streamed."""
    return await _file(request, pool_id, Format.TSV)


@router.get("/pools/{pool_id}/assignments.csv")
async def results_csv(request: Request, pool_id: str) -> StreamingResponse:
    """The same rows and parameters, comma-separated."""
    return await _file(request, pool_id, Format.CSV)


@router.get("/pools/{pool_id}/assignments.jsonl")
async def results_jsonl(request: Request, pool_id: str) -> StreamingResponse:
    """The same rows and parameters, one JSON object a line; values of fields keep their types."""
    return await _file(request, pool_id, Format.JSONL)


async def _file(request: Request, pool_id: str, form: Format) -> StreamingResponse:
    caller = await requester(request)
    query = _Query(request.query_params)
    db = database(request)
    async with db.reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
        version = await versions.newest(tx, pool.project_id, pool.project_major)
    shown = columns(
        version.inputs,
        version.outputs,
        query.fields,
        settings(request).public_url(),
        reviewed=not pool.auto_accept,
    )
    chosen = Selection(
        pool_id=pool.id,
        statuses=query.statuses,
        start_from=query.start_from,
        start_to=query.start_to,
        delimiter=query.delimiter,
        learning=bool((pool.body.get("mixer_config") or {}).get("training_tasks_count")) or pool.type == "TRAINING",
    )

    async def content() -> AsyncIterator[bytes]:
        if form is not Format.JSONL:
            yield _header([column.name for column in shown], "\t" if form is Format.TSV else ",")
        async for part in stream(db, chosen, shown, form):
            yield part

    name = f"assignments_from_pool_{pool.id}.{form.name.lower()}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(content(), media_type=_MEDIA_TYPES[form], headers=headers)


def _header(names: list[str], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(names)
    return text.getvalue().encode()
