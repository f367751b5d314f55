"""A requester's server on a real port: it remembers what it got, and fails, hangs and comes back when told to."""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

_SIGNATURE = re.compile(r"\{v=1, ts=(\d+), sign=([0-9a-f]{64})\}")


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = orjson.loads(self.body)["events"]
        return events

    def signed_with(self, secret: str) -> bool:
        """Whether the signature is right for the very bytes that came."""
        found = _SIGNATURE.fullmatch(self.headers["toloka-signature"])
        if found is None:
            return False
        message = found[1].encode() + b".1." + self.body
        right = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        return right == found[2] and not right.startswith("0")


@dataclass
class Receiver:
    """What to answer, and what came."""

    url: str
    status: int = 200
    hangs: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Received] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of all requests that were answered well, in the order of arrival."""
        return [event for request in self.got if request.status == 200 for event in request.events]

    @contextmanager
    def answering(self, status: int = 200, hangs: float = 0.0, **headers: str) -> Iterator[None]:
        """Answer like that for a while."""
        self.status, self.hangs, self.headers = status, hangs, headers
        try:
            yield
        finally:
            self.status, self.hangs, self.headers = 200, 0.0, {}


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, hangs, headers = receiver.status, receiver.hangs, receiver.headers
            kept = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Received(self.path, kept, body, status if not hangs else 0))
            time.sleep(hangs)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
