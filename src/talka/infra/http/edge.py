"""The middleware around everything: request ids, body limit, trailing slashes, metrics, log, last resort."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from talka.infra.http.body import BodyTooLarge
from talka.infra.http.responses import error_body, status_of, to_bytes
from talka.kit.errors import TalkaError

log = structlog.get_logger("talka.http")
REQUESTS = Counter("talka_http_requests_total", "HTTP requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "talka_http_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Probes and scrapes would drown what people do.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


# Writes the line of one request.
Note = Callable[[Mapping[str, Any]], None]


class Edge:
    """Wraps the application; see the module's sentence."""

    def __init__(
        self,
        app: ASGIApp,
        max_body_bytes: int,
        note: Note = lambda _: None,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        """`larger`: how paths end whose bodies, which they never hold in memory, have limits of their own."""
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.larger = larger or {}
        self._endings = tuple(self.larger)
        self.note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._limit(scope["path"].rstrip("/")), self.note)
        await exchange.run(self.app)

    def _limit(self, path: str) -> int:
        if not path.endswith(self._endings):
            return self.max_body_bytes
        return next(limit for ending, limit in self.larger.items() if path.endswith(ending))


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int, note: Note) -> None:
        self.scope, self._receive, self._send, self.limit, self.note = scope, receive, send, limit, note
        self.request_id = uuid.uuid4().hex
        self.status = 0
        self.received = 0
        scope["talka.request_id"] = self.request_id
        path = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            scope["path"] = path.rstrip("/") or "/"

    async def run(self, app: ASGIApp) -> None:
        started = time.perf_counter()
        try:
            if self._announced() > self.limit:
                raise BodyTooLarge(self.limit)
            await app(self.scope, self.receive, self.send)
        except TalkaError as error:
            await self._refuse(error)
        except Exception:
            log.exception("request failed", request_id=self.request_id, path=self.scope["path"])
            await self._refuse(TalkaError("INTERNAL_ERROR", "Something went wrong on our side"))
        finally:
            self._account(time.perf_counter() - started)

    def _announced(self) -> int:
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return int(value[:19]) if value.isdigit() else 0
        return 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.received += len(message.get("body", b""))
            if self.received > self.limit:
                raise BodyTooLarge(self.limit)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], (b"x-request-id", self.request_id.encode())]
        await self._send(message)

    async def _refuse(self, error: TalkaError) -> None:
        if self.status:  # the answer is under way; all that is left is to cut it
            return
        body = to_bytes(error_body(self.request_id, error))
        headers = [
            (b"content-type", b"application/json; charset=UTF-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await self.send({"type": "http.response.start", "status": status_of(error.code), "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _account(self, seconds: float) -> None:
        route = getattr(self.scope.get("route"), "path", "unknown")
        method = self.scope["method"] if self.scope["method"] in _METHODS else "other"
        count, duration = _figures(method, route, self.status)
        count.inc()
        duration.observe(seconds)
        if self.scope["path"] not in _QUIET:
            self.note(
                {
                    "method": self.scope["method"],
                    "path": self.scope["path"],
                    "status": self.status,
                    "ms": round(seconds * 1000, 1),
                    "request_id": self.request_id,
                }
            )


@cache
def _figures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The counter and histogram of one kind of request."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)
