"""The endpoint of analytics."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka.accounts.auth import database, requester
from talka.analytics import usecases
from talka.analytics.wire import PoolQuestion, read_questions
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.responses import Json
from talka.operations.wire import operation_json

staging = APIRouter(tags=["analytics"])


@staging.post("/analytics-2", status_code=202, openapi_extra=takes(PoolQuestion, one=False, many=True))
async def ask(request: Request) -> Json:
    """Numbers about pools, as an operation that is over when it is answered."""
    caller = await requester(request)
    questions = read_questions(await read_json(request))
    async with database(request).transaction() as tx:
        operation = await usecases.answer(tx, caller.account_id, questions)
    return Json(operation_json(operation), 202)
