"""The OpenAPI document: what FastAPI sees of the routes, plus keys, tokens and the error body."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_SCHEMES = {
    "requester": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "A requester's key, with the word before it: `ApiKey <key>`",
    },
    "operator": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "An operator's key (`talka operator key create`), with the word before it: `ApiKey <key>`",
    },
    "worker": {"type": "http", "scheme": "bearer", "description": "A worker's token from registration or login"},
}
_ERROR = {
    "type": "object",
    "required": ["request_id", "code", "message"],
    "properties": {
        "request_id": {"type": "string"},
        "code": {"type": "string", "examples": ["VALIDATION_ERROR"]},
        "message": {"type": "string"},
        "payload": {
            "description": "For VALIDATION_ERROR: field path → {code, message, params?}",
            "examples": [{"public_name": {"code": "VALUE_REQUIRED", "message": "Must be present and not null"}}],
        },
    },
}


def _scheme(path: str) -> str:
    api = path.split("/")[2]
    return api if api in _SCHEMES else "requester"


def describe(app: FastAPI) -> None:
    """Let `app` show the document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    components = found.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components.setdefault("schemas", {})["Error"] = _ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, methods in found["paths"].items():
        for operation in methods.values():
            responses = operation["responses"]
            responses.pop("422", None)
            if path.startswith("/api/"):
                responses["default"] = {"description": "Refused", "content": content}
                operation["security"] = [{_scheme(path): []}]
    return found
