"""Reading JSON bodies: content type, size, syntax and forbidden characters are checked here, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from starlette.requests import Request

from talka.kit.errors import FieldError, TalkaError, ValidationError, field_error

MAX_DEPTH = 250
"""How deep arrays and objects of a body may be nested: so deep can JSON be written, deeper it can only be read."""


class BodyTooLarge(TalkaError):  # noqa: N818 - reads as the sentence it is
    """The body exceeds the limit of the server."""

    def __init__(self, limit: int) -> None:
        super().__init__("ENTITY_TOO_LARGE", f"The body must not exceed {limit} bytes", {"limit": limit})


async def read_bytes(request: Request) -> bytes:
    """The raw JSON body; empty when there is none.

    Raises:
        TalkaError: ENTITY_TOO_LARGE before the excess is in memory; UNSUPPORTED_MEDIA_TYPE when there is a
            body that does not say it is JSON.
    """
    body = await request.body()
    if body:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise TalkaError("UNSUPPORTED_MEDIA_TYPE", "A body must come with Content-Type: application/json")
    return body


def decode(body: bytes) -> Any:
    """The value of a JSON body; an empty one is an empty object.

    Raises:
        ValidationError: no JSON (JSON_EXPECTED), nested deeper than can be written again (INVALID_VALUE), or a NUL
            in a string (CHARACTER_NOT_ALLOWED).
    """
    if not body.strip():
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise field_error("body", "JSON_EXPECTED", f"The body is not valid JSON: {error}") from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _refuse_depth(value)
    if b"\\u0000" in body:
        refuse_nul(value)
    return value


async def read_json(request: Request) -> Any:
    """The value of the request's JSON body (see `decode`)."""
    return decode(await read_bytes(request))


def _refuse_depth(value: Any) -> None:
    try:
        orjson.dumps(value)
    except TypeError:
        error = FieldError("INVALID_VALUE", f"Must be nested at most {MAX_DEPTH} deep", (MAX_DEPTH,))
        raise ValidationError({_deep_path(value): error}) from None


def _deep_path(value: Any) -> str:
    """The deepest field (of the deepest item, in an array)."""
    key, part = max(_parts(value), key=lambda pair: _depth(pair[1]))
    return f"{key}.{_deep_path(part)}" if isinstance(value, list) and isinstance(part, dict) else key


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return [(str(index), part) for index, part in enumerate(value)] if isinstance(value, list) else []


def _depth(value: Any) -> int:
    depth, level = 0, _parts(value)
    while level:
        depth, level = depth + 1, [below for _, part in level for below in _parts(part)]
    return depth


def refuse_nul(value: Any) -> None:
    """Refuse NUL characters, which PostgreSQL cannot store, naming each place."""
    wrong = {
        path: FieldError("CHARACTER_NOT_ALLOWED", "Must not contain the NUL character")
        for path in _nul_paths(value, "")
    }
    if wrong:
        raise ValidationError(wrong)


def _nul_paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if "\0" in value:
            yield path or "body"
    elif isinstance(value, dict):
        for key, item in value.items():
            here = f"{path}.{key}" if path else key
            if "\0" in key:
                yield here.replace("\0", "\\u0000")
            yield from _nul_paths(item, here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nul_paths(item, f"{path}.{index}" if path else str(index))
