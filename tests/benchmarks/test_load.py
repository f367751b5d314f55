"""The load generator's reading and writing of HTTP/1.1, and how it deals with a server that misbehaves."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from benchmarks.load import Load, LoadError, parse_response, request, work

PAGE = {"id": "a1", "tasks": [{"id": "t1"}, {"id": "t2"}]}


def response(status: str, body: object) -> bytes:
    data = json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data


def test_an_incomplete_response_is_waited_for() -> None:
    whole = response("200 OK", {})
    assert all(parse_response(whole[:cut]) is None for cut in range(len(whole)))


def test_only_the_first_response_is_read() -> None:
    first = response("201 Created", {"id": "1"})
    assert parse_response(first + response("200 OK", {})) == (201, b'{"id": "1"}', len(first))


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", b"SSH-2.0\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"]
)
def test_what_is_no_such_response_is_refused(data: bytes) -> None:
    with pytest.raises(LoadError):
        parse_response(data)


def test_a_request_says_how_long_it_is() -> None:
    assert request("POST", "/x", "host:1", "secret", b"{}") == (
        b"POST /x HTTP/1.1\r\nHost: host:1\r\nAuthorization: Bearer secret\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )


@contextmanager
def server(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """A socket that answers each request of its connections in turn; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(link: socket.socket) -> None:
        with link, contextlib.suppress(ConnectionError):  # the load generator may go first
            while data := link.recv(65536):
                link.sendall(answer(data))

    def accept() -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(link,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def load(port: int, cycles: int) -> Load:
    tokens = ["w1", "w2", "w3"]
    return Load("127.0.0.1", port, "7", tokens, {"output_values": {"label": "A"}}, page=5, connections=2, cycles=cycles)


def test_workers_take_and_submit_in_turn_until_the_cycles_are_done() -> None:
    seen: list[tuple[str, str, bytes]] = []

    def answer(data: bytes) -> bytes:
        head, _, body = data.partition(b"\r\n\r\n")
        path, token = head.split()[1].decode(), head.partition(b"Bearer ")[2][:2].decode()
        seen.append((path, token, body))
        return response("200 OK", {}) if path.endswith("/submit") else response("201 Created", PAGE)

    with server(answer) as port:
        outcome = work(load(port, cycles=6))
    assert outcome.cycles == 6
    takes = [token for path, token, _ in seen if path == "/api/worker/v1/pools/7/assignments"]
    submits = [body for path, _, body in seen if path == "/api/worker/v1/assignments/a1/submit"]
    assert len(takes) == len(submits) == 6
    assert set(takes) == {"w1", "w2", "w3"}
    assert all(len(json.loads(body)["solutions"]) == len(PAGE["tasks"]) for body in submits)


def test_any_other_answer_ends_the_run_with_what_was_said() -> None:
    with server(lambda _: response("500 Oops", {"code": "INTERNAL_ERROR"})) as port, pytest.raises(LoadError) as error:
        work(load(port, cycles=6))
    assert "500" in str(error.value)
    assert "INTERNAL_ERROR" in str(error.value)


def test_an_exhausted_pool_is_no_result() -> None:
    exhausted = response("409 Conflict", {"code": "POOL_ASSIGNMENTS_EXHAUSTED"})
    with server(lambda _: exhausted) as port, pytest.raises(LoadError, match="Not one page"):
        work(load(port, cycles=6))
