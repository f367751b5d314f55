"""The load generator of take + submit: many workers over few raw connections, in a process of its own.

One thread and one poll loop, requests that are ready-made bytes, a parser that knows only what is needed: the load
generator shares the machine with what it measures, so every microsecond of it would be missing there.
"""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from benchmarks.report import percentile

_CHUNK = 256 * 1024
_PATIENCE = 30.0  # seconds without any answer after which the server counts as hung


class LoadError(Exception):
    """The server did not answer as it must; the message says how."""


@dataclass(frozen=True)
class Load:
    """What to do: who takes from which pool, over how many connections, until the time or the cycles are up."""

    host: str
    port: int
    pool_id: str
    tokens: Sequence[str]
    solution: dict[str, Any]
    page: int
    connections: int = 8
    seconds: float = 3600.0
    cycles: int = 10**9


@dataclass(frozen=True)
class Outcome:
    """What came of it; latencies in milliseconds, CPU of this process in seconds."""

    cycles: int
    seconds: float
    cpu_seconds: float
    take_p50: float
    take_p99: float
    submit_p50: float
    submit_p99: float


def parse_response(data: bytes | bytearray) -> tuple[int, bytes, int] | None:
    """Status, body and length of the first response in `data`, or None while it is incomplete.

    Raises LoadError for what is no HTTP/1.1 response with a Content-Length.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    if not data.startswith(b"HTTP/1.1 "):
        raise LoadError(f"Not an HTTP/1.1 response: {bytes(data[:80])!r}")
    head = bytes(data[:end]).lower()
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        raise LoadError(f"A response without Content-Length: {head[:200]!r}")
    line_end = head.find(b"\r\n", at + 2)
    length = int(head[at + 17 : line_end if line_end > 0 else len(head)])
    total = end + 4 + length
    if len(data) < total:
        return None
    return int(head[9:12]), bytes(data[end + 4 : total]), total


def request(method: str, path: str, host: str, token: str, body: bytes) -> bytes:
    """An HTTP/1.1 request on a connection that stays open."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode("ascii") + body


@dataclass
class _Worker:
    token: str
    take: bytes


@dataclass
class _Client:
    """One connection, which serves its workers in turn."""

    link: socket.socket
    workers: deque[_Worker]
    received: bytearray = field(default_factory=bytearray)
    sent: float = 0.0
    submitting: bool = False


class _Generator:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._takes: list[float] = []
        self._submits: list[float] = []
        self._poll = select.poll()
        self._clients: dict[int, _Client] = {}
        host = f"{load.host}:{load.port}"
        take_path = f"/api/worker/v1/pools/{load.pool_id}/assignments"
        solutions = [load.solution] * load.page
        # By the number of tasks on the page, from none to a full one.
        self._answers = [orjson.dumps({"solutions": solutions[:count]}) for count in range(load.page + 1)]
        self._host = host
        workers = [_Worker(token, request("POST", take_path, host, token, b"")) for token in load.tokens]
        for index in range(load.connections):
            link = socket.create_connection((load.host, load.port), timeout=_PATIENCE)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._clients[link.fileno()] = _Client(link, deque(workers[index :: load.connections]))
            self._poll.register(link, select.POLLIN)

    def run(self) -> Outcome:
        """Keep every connection busy until the end, then let all cycles that are under way finish."""
        busy, cpu, began = 0, time.process_time(), time.perf_counter()
        until, left = began + self._load.seconds, self._load.cycles - len(self._clients)
        for client in self._clients.values():
            self._take(client)
            busy += 1
        while busy:
            ready = self._poll.poll(_PATIENCE * 1000)
            if not ready:
                raise LoadError(f"No answer within {_PATIENCE:.0f} s")
            for descriptor, _ in ready:
                client = self._clients[descriptor]
                if not self._answered(client):
                    continue
                if client.workers and left > 0 and time.perf_counter() < until:
                    left -= 1
                    self._take(client)
                else:
                    busy -= 1
        return self._outcome(time.perf_counter() - began, time.process_time() - cpu)

    def close(self) -> None:
        for client in self._clients.values():
            client.link.close()

    def _take(self, client: _Client) -> None:
        client.submitting = False
        self._send(client, client.workers[0].take)

    def _send(self, client: _Client, data: bytes) -> None:
        client.sent = time.perf_counter()
        client.link.sendall(data)

    def _answered(self, client: _Client) -> bool:
        """Read what came; says whether the connection is free for its next cycle."""
        data = client.link.recv(_CHUNK)
        if not data:
            raise LoadError("The server closed a connection that was in use")
        client.received += data
        response = parse_response(client.received)
        if response is None:
            return False
        status, body, length = response
        del client.received[:length]
        took = (time.perf_counter() - client.sent) * 1000
        return (
            self._submitted(client, status, body, took)
            if client.submitting
            else self._taken(client, status, body, took)
        )

    def _taken(self, client: _Client, status: int, body: bytes, took: float) -> bool:
        answer = orjson.loads(body)
        if status == 409 and answer["code"] == "POOL_ASSIGNMENTS_EXHAUSTED":
            client.workers.popleft()
            return True
        if status != 201:
            raise LoadError(f"A take was answered {status}: {body[:300]!r}")
        self._takes.append(took)
        client.submitting = True
        path = f"/api/worker/v1/assignments/{answer['id']}/submit"
        solutions = self._answers[len(answer["tasks"])]
        self._send(client, request("POST", path, self._host, client.workers[0].token, solutions))
        return False

    def _submitted(self, client: _Client, status: int, body: bytes, took: float) -> bool:
        if status != 200:
            raise LoadError(f"A submit was answered {status}: {body[:300]!r}")
        self._submits.append(took)
        client.workers.rotate(-1)
        return True

    def _outcome(self, seconds: float, cpu: float) -> Outcome:
        if not self._submits:
            raise LoadError("Not one page was issued: the pool has nothing for these workers")
        takes, submits = sorted(self._takes), sorted(self._submits)
        return Outcome(
            cycles=len(submits),
            seconds=seconds,
            cpu_seconds=cpu,
            take_p50=percentile(takes, 0.5),
            take_p99=percentile(takes, 0.99),
            submit_p50=percentile(submits, 0.5),
            submit_p99=percentile(submits, 0.99),
        )


def work(load: Load) -> Outcome:
    """Carry out the load and say what came of it.

    Raises LoadError when the server answers otherwise than it must.
    """
    generator = _Generator(load)
    try:
        return generator.run()
    finally:
        generator.close()
