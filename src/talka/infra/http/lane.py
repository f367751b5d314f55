"""A short way to a few endpoints that are called thousands of times a second.

They are ordinary routes of the application, and documented there; this only spares them the layers that they do
not need. Measured on take and submit: docs/decisions/0005-hot-path.md.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from talka.infra.http.responses import error_response
from talka.kit.errors import TalkaError

Endpoint = Callable[..., Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class HotRoute:
    """One endpoint: `path` as in the application's route, its parameters handed over by name."""

    method: str
    path: str
    endpoint: Endpoint


class FastLane:
    """Serves hot routes itself and hands everything else to the application."""

    def __init__(self, app: FastAPI, routes: Sequence[HotRoute]) -> None:
        self.app = app
        self._routes = [(route.method, _pattern(route.path), route) for route in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        found = self._find(scope)
        if found is None:
            await self.app(scope, receive, send)
            return
        route, parameters = found
        scope["app"] = self.app
        scope["route"] = route
        request = Request(scope, receive)
        try:
            response = await route.endpoint(request, **parameters)
        except TalkaError as error:
            response = error_response(request, error)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[HotRoute, dict[str, Any]] | None:
        if scope["type"] != "http":
            return None
        for method, pattern, route in self._routes:
            if scope["method"] == method and (match := pattern.fullmatch(scope["path"])):
                return route, match.groupdict()
        return None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
