"""The load generator of single calls: the same few requests again and again over raw connections, one thread."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from benchmarks.api import Address
from benchmarks.load import LoadError, parse_response
from benchmarks.report import percentile

_CHUNK = 256 * 1024
_PATIENCE = 30.0


@dataclass(frozen=True)
class Call:
    """A request with the requester's key, and the status that it must be answered with."""

    method: str
    path: str
    body: bytes
    status: int

    def as_bytes(self, address: Address) -> bytes:
        """The whole request, on a connection that stays open."""
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n"
            f"Authorization: ApiKey {address.api_key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode("ascii") + self.body


@dataclass(frozen=True)
class Calls:
    """What to do: the calls in turn, over so many connections, for so long."""

    address: Address
    calls: Sequence[Call]
    connections: int
    seconds: float


@dataclass(frozen=True)
class Made:
    """What came of it; latencies in milliseconds."""

    count: int
    seconds: float
    p50: float
    p99: float


def make(order: Calls) -> Made:
    """Keep every connection busy until the time is up.

    Raises LoadError when a call is answered otherwise than it must.
    """
    poll, links = select.poll(), dict[int, socket.socket]()
    requests = cycle([(call, call.as_bytes(order.address)) for call in order.calls])
    sent: dict[int, tuple[float, Call]] = {}
    received: dict[int, bytearray] = {}
    took: list[float] = []

    def send(number: int) -> None:
        call, data = next(requests)
        sent[number] = (time.perf_counter(), call)
        links[number].sendall(data)

    try:
        for _ in range(order.connections):
            link = socket.create_connection((order.address.host, order.address.port), timeout=_PATIENCE)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            links[link.fileno()], received[link.fileno()] = link, bytearray()
            poll.register(link, select.POLLIN)
        began = time.perf_counter()
        for number in links:
            send(number)
        busy = len(links)
        while busy:
            ready = poll.poll(_PATIENCE * 1000)
            if not ready:
                raise LoadError(f"No answer within {_PATIENCE:.0f} s")
            for number, _ in ready:
                if not _answered(links[number], received[number], sent[number], took):
                    continue
                if time.perf_counter() < began + order.seconds:
                    send(number)
                else:
                    busy -= 1
        seconds = time.perf_counter() - began
    finally:
        for link in links.values():
            link.close()
    ordered = sorted(took)
    return Made(len(ordered), seconds, percentile(ordered, 0.5), percentile(ordered, 0.99))


def _answered(link: socket.socket, received: bytearray, sent: tuple[float, Call], took: list[float]) -> bool:
    """Read what came; whether it is all of the answer."""
    data = link.recv(_CHUNK)
    if not data:
        raise LoadError("The server closed a connection that was in use")
    received += data
    response = parse_response(received)
    if response is None:
        return False
    began, call = sent
    took.append((time.perf_counter() - began) * 1000)
    status, body, length = response
    del received[:length]
    if status != call.status:
        raise LoadError(f"{call.method} {call.path} was answered {status}: {body[:300]!r}")
    return True
