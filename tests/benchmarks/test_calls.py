"""The load generator of single calls: what it sends, what it counts, what it refuses."""

from __future__ import annotations

import pytest
from benchmarks.api import Address
from benchmarks.calls import Call, Calls, make
from benchmarks.load import LoadError
from tests.benchmarks.test_load import response, server


def order(port: int, *calls: Call) -> Calls:
    return Calls(Address("127.0.0.1", port, "key"), calls, connections=2, seconds=0.2)


def test_calls_are_made_in_turn_and_counted() -> None:
    seen: list[bytes] = []

    def answer(data: bytes) -> bytes:
        seen.append(data)
        return response("200 OK" if data.startswith(b"GET") else "201 Created", {})

    with server(answer) as port:
        made = make(order(port, Call("GET", "/a", b"", 200), Call("POST", "/b", b"{}", 201)))
    assert made.count == len(seen) > 2
    assert 0 < made.p50 <= made.p99
    gets = sum(data.startswith(b"GET /a HTTP/1.1\r\n") for data in seen)
    assert abs(2 * gets - len(seen)) <= 1
    assert all(b"\r\nAuthorization: ApiKey key\r\n" in data for data in seen)
    posts = [data for data in seen if data.startswith(b"POST /b HTTP/1.1\r\n")]
    assert len(posts) == len(seen) - gets
    assert all(data.endswith(b"Content-Length: 2\r\n\r\n{}") for data in posts)


def test_another_answer_than_expected_ends_it() -> None:
    with server(lambda _: response("409 Conflict", {"code": "X"})) as port, pytest.raises(LoadError, match="409"):
        make(order(port, Call("GET", "/a", b"", 200)))
