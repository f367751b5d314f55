"""Holds every JSON answer of the API against the OpenAPI document: the clients of all tests do so by themselves."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
from fastapi import FastAPI

from talka.app.openapi import document_of
from talka.app.routes import include_routes


@cache
def document() -> dict[str, Any]:
    """The document of a server in sandbox mode, which has all calls."""
    app = FastAPI(title="Talka", version="0", openapi_url=None)
    include_routes(app, sandbox=True)
    return document_of(app)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Patterns of paths, those with fewer parameters first."""
    found = []
    for path in sorted(document()["paths"], key=lambda path: path.count("{")):
        pattern = re.sub(r"\\{(\w+)\\}", lambda match: ".*" if match[1] == "path" else "[^/]*", re.escape(path))
        found.append((re.compile(pattern), path))
    return found


def template(method: str, path: str) -> str | None:
    """The path of the document that this is one of, if it has the method."""
    trimmed = path.rstrip("/") or "/"
    for pattern, found in _patterns():
        if pattern.fullmatch(trimmed) and method.lower() in document()["paths"][found]:
            return found
    return None


@cache
def _validator(path: str, method: str, status: str, media_type: str) -> Any:
    schema = document()["paths"][path][method]["responses"][status]["content"][media_type]["schema"]
    return jsonschema_rs.validator_for({**schema, "components": document()["components"]})


def problem(answer: httpx.Response) -> str | None:
    """What is not as the document says; None when all is. The answer must have been read."""
    request = answer.request
    path = request.url.path
    if not path.startswith("/api/") or request.method in {"HEAD", "OPTIONS"}:
        return None
    where = f"{request.method} {path} {answer.status_code}"
    found = template(request.method, path)
    if found is None or (
        path.startswith("/api/sandbox/") and '"NOT_FOUND"' in answer.text
    ):  # unknown, or a route that tests/api/test_openapi.py misses
        return None
    if found.startswith("/api/proxy/") and answer.headers.get("content-type") != "application/json; charset=UTF-8":
        return None
    responses = document()["paths"][found][request.method.lower()]["responses"]
    given = responses.get(str(answer.status_code))
    if given is None:
        return f"{where}: the document knows {', '.join(responses)}; {answer.text[:300]}"
    if "content" not in given:
        return None if not answer.content else f"{where}: should be empty"
    [media_type] = given["content"]
    kind = answer.headers.get("content-type", "").split(";")[0]
    if media_type not in {kind, "*/*"}:
        return f"{where}: is {kind}, not {media_type}"
    if kind != "application/json" or media_type == "*/*":
        return None
    body = answer.json()
    errors = list(_validator(found, request.method.lower(), str(answer.status_code), media_type).iter_errors(body))
    return None if not errors else f"{where}: {errors[0]}\n{answer.text[:1000]}"


async def check(answer: httpx.Response) -> None:
    """For `event_hooks` of a client."""
    await answer.aread()
    found = problem(answer)
    assert found is None, f"not as src/talka/app/openapi says: {found}"


def check_now(answer: httpx.Response) -> None:
    """For `event_hooks` of a client that does not await."""
    answer.read()
    found = problem(answer)
    assert found is None, f"not as src/talka/app/openapi says: {found}"
