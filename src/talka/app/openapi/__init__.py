"""The OpenAPI document. Each capability's file says what its calls give; tests hold every answer against it."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from talka.infra.http.responses import to_bytes

router = APIRouter(include_in_schema=False)


def document_of(app: Any) -> dict[str, Any]:
    """The document of an application."""
    # Whoever never asks for the document, does without its hundreds of shapes.
    from talka.app.openapi.table import describe  # noqa: PLC0415

    return describe(app)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The document; it is made when it is first asked for."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = await asyncio.to_thread(lambda: to_bytes(document_of(request.app)))
    return Response(state.openapi, media_type="application/json", headers={"cache-control": "no-cache"})
