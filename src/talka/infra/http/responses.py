"""JSON answers of the API and the status that each error code has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from talka.kit.errors import TalkaError
from talka.kit.money import to_json
from talka.kit.times import format_time

# A code that is not here is a conflict with the state of something.
_STATUS: Mapping[str, int] = {
    "VALIDATION_ERROR": 400,
    "TASK_VALIDATION_ERROR": 400,
    "TASKS_CREATION_DOES_NOT_FIT_QUOTA": 400,
    "AUTHENTICATION_ERROR": 401,
    "ACCESS_DENIED": 403,
    "DOES_NOT_EXIST": 404,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "ENTITY_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RANGE_NOT_SATISFIABLE": 416,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL_ERROR": 500,
    "REMOTE_SERVICE_UNAVAILABLE": 503,
}


def status_of(code: str) -> int:
    """The HTTP status of an error code."""
    return _STATUS.get(code, 409)


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return to_json(value)
    if isinstance(value, datetime):
        return format_time(value)
    raise TypeError(f"{type(value).__name__} is not part of the wire format")


def to_bytes(body: Any) -> bytes:
    """`body` as UTF-8 JSON; decimals become numbers, date-times the zoneless form of the API."""
    return orjson.dumps(body, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME)


class Json(Response):
    """A JSON answer."""

    media_type = "application/json; charset=UTF-8"

    def __init__(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(to_bytes(body), status, headers)


def no_content() -> Response:
    """204: done, or already in that state."""
    return Response(status_code=204)


def error_body(request_id: str, error: TalkaError) -> dict[str, Any]:
    """The documented error body."""
    return {
        "request_id": request_id,
        "code": error.code,
        "message": error.message,
        "payload": error.payload,
    }


def error_response(request: Request, error: TalkaError) -> Json:
    """The answer to a refused request."""
    return Json(error_body(request.scope.get("talka.request_id", ""), error), status_of(error.code))
