"""The files of a pool: its results, and all its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import StreamingResponse

from talka.accounts.auth import database, requester, settings
from talka.infra.exports import Format, download
from talka.infra.http.query import flag
from talka.kit.errors import FieldError, FieldErrors, ValidationError
from talka.kit.times import parse_time
from talka.pools import usecases as pools
from talka.pools.store import Pool
from talka.projects import versions
from talka.projects.versions import Version
from talka.results import store
from talka.results.columns import ASSIGNMENT_FIELDS, DEFAULT_FIELDS, columns, listing_columns

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
_PREFIX = "ASSIGNMENT:"
_KNOWN = tuple(_PREFIX + name for name in ASSIGNMENT_FIELDS)
_PARAMETERS = [
    {"name": "status", "in": "query", "schema": {"type": "string", "default": "APPROVED"},
     "description": f"Comma list of {' '.join(_STATUSES)}"},
    {"name": "field", "in": "query",
     "schema": {"type": "string", "default": ",".join(_PREFIX + name for name in DEFAULT_FIELDS)},
     "description": f"Comma list of {' '.join(_KNOWN)}"},
    {"name": "startTimeFrom", "in": "query", "schema": {"type": "string", "format": "date-time"}},
    {"name": "startTimeTo", "in": "query", "schema": {"type": "string", "format": "date-time"}},
    {"name": "excludeBanned", "in": "query", "schema": {"type": "boolean", "default": False},
     "description": "Leave out workers who are kept out of the pool at this moment"},
    {"name": "addRowDelimiter", "in": "query", "schema": {"type": "boolean", "default": True},
     "description": "An empty row after each assignment, in TSV and CSV"},
]  # fmt: skip


class _Query:
    """The parameters of the file; `errors` names what is wrong."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self.errors: FieldErrors = {}
        self.statuses = [_STATUSES[name] for name in self._words("status", "APPROVED", tuple(_STATUSES))]
        default = ",".join(_PREFIX + name for name in DEFAULT_FIELDS)
        self.fields = [name.removeprefix(_PREFIX) for name in self._words("field", default, _KNOWN)]
        self.start_from, self.start_to = self._moment("startTimeFrom"), self._moment("startTimeTo")
        self.exclude_banned = flag(params, "excludeBanned", self.errors)
        self.delimiter = flag(params, "addRowDelimiter", self.errors, default=True)
        if self.errors:
            raise ValidationError(self.errors)

    def _words(self, name: str, default: str, known: tuple[str, ...]) -> list[str]:
        words = [word.strip() for word in self._params.get(name, default).split(",") if word.strip()]
        unknown = [word[:100] for word in words if word not in known]
        if unknown:
            self.errors[name] = FieldError("UNKNOWN_ENUM_VALUE", f"Unknown: {', '.join(unknown[:20])}", known)
        return [word for word in words if word in known]

    def _moment(self, name: str) -> datetime | None:
        text = self._params.get(name)
        moment = parse_time(text) if text is not None else None
        if text is not None and moment is None:
            self.errors[name] = FieldError("INVALID_DATE_TIME_SYNTAX", "Must be a date-time")
        return moment


async def _found(request: Request, pool_id: str) -> tuple[Pool, Version]:
    caller = await requester(request)
    async with database(request).reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
        return pool, await versions.newest(tx, pool.project_id, pool.project_major)


async def _results(request: Request, pool_id: str, form: Format) -> StreamingResponse:
    pool, version = await _found(request, pool_id)
    query = _Query(request.query_params)
    base_url = settings(request).public_url()
    found = columns(version.inputs, version.outputs, query.fields, base_url, reviewed=not pool.auto_accept)
    chosen = store.Selection(
        pool=pool,
        statuses=query.statuses,
        start_from=query.start_from,
        start_to=query.start_to,
        exclude_banned=query.exclude_banned,
        delimiter=query.delimiter and form.tabular,
    )

    name = f"assignments_from_pool_{pool.id}"
    source = partial(store.answers, chosen=chosen)
    return await download(database(request), name, form, chosen.columns(found), source)


async def _tasks(request: Request, pool_id: str, form: Format) -> StreamingResponse:
    pool, version = await _found(request, pool_id)
    sources = [partial(source, pool_id=pool.id) for source in store.tasks_by_suite(mixed=pool.mixed)]
    found = listing_columns(version.inputs, version.outputs)
    return await download(database(request), f"tasks_of_pool_{pool.id}", form, found, *sources)


def _add(form: Format) -> None:
    """The routes of one format."""

    async def results(request: Request, pool_id: str) -> StreamingResponse:
        """The answers of a pool, one row per task of each assignment, streamed."""
        return await _results(request, pool_id, form)

    async def tasks(request: Request, pool_id: str) -> StreamingResponse:
        """All tasks of a pool by suite, those that are in none yet at the end; streamed."""
        return await _tasks(request, pool_id, form)

    # A file is no JSON: without this its route would be described as if it were.
    plain: dict[str, Any] = {"response_class": StreamingResponse}
    path = f"/pools/{{pool_id}}/assignments.{form.value}"
    router.add_api_route(path, results, openapi_extra={"parameters": _PARAMETERS}, **plain)
    router.add_api_route(f"/pools/{{pool_id}}/tasks.{form.value}", tasks, **plain)


for _form in Format:
    _add(_form)
