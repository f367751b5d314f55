"""The transport against sockets that break, lie and count."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from socket import SO_LINGER, SOL_SOCKET

import pytest

from talka.crowd.model import CrowdError
from talka.crowd.transport import Answer, Refusal, Transport

Script = Callable[[int], bytes | None]
"""Number of the request (from 0) → the raw answer; None resets the connection."""


def http(status: str, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Scripted:
    """A server of raw answers that remembers what it was asked and how many connections it had at once."""

    def __init__(self, script: Script, delay: float = 0.0) -> None:
        self.requests: list[str] = []
        self.most_connections = 0
        self.url = ""
        self._script = script
        self._delay = delay
        self._connections = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        self.most_connections = max(self.most_connections, self._connections)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = [line for line in head.lower().splitlines() if line.startswith("content-length:")]
                body = await reader.readexactly(int(length[0].split(":")[1])) if length else b""
                self.requests.append(head + body.decode())
                await asyncio.sleep(self._delay)
                answer = self._script(len(self.requests) - 1)
                if answer is None:
                    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                    return
                writer.write(answer)
                await writer.drain()
        except asyncio.IncompleteReadError:
            return
        finally:
            self._connections -= 1
            writer.close()


@asynccontextmanager
async def serving(script: Script, delay: float = 0.0) -> AsyncIterator[Scripted]:
    scripted = Scripted(script, delay)
    server = await asyncio.start_server(scripted.handle, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()


async def test_lost_answers_are_asked_for_again_and_counted() -> None:
    answers = [http("200 OK", "1"), http("500 Oops", "{}"), None, http("429 Slow", ""), http("200 OK", '{"a":2}')]
    errors: list[str] = []
    async with serving(answers.__getitem__) as server, Transport(server.url, errors.append) as transport:
        assert await transport.call("GET", "/first") == Answer(1, False)
        assert await transport.call("POST", "/then", body={"x": "é"}) == Answer({"a": 2}, True)
    assert errors[0] == "HTTP 500"
    assert errors[2] == "HTTP 429"
    assert len(errors) == 3
    assert len(set(server.requests[1:])) == 1
    assert server.requests[1].endswith('\r\n\r\n{"x":"é"}')


async def test_a_refusal_is_not_asked_for_again() -> None:
    body = '{"request_id":"r","code":"CONFLICT_STATE","message":"Taken","payload":{"final":true}}'
    async with (
        serving(lambda _: http("409 Conflict", body)) as server,
        Transport(server.url, pytest.fail) as transport,
    ):
        with pytest.raises(Refusal) as caught:
            await transport.call("POST", "/x")
    assert (caught.value.status, caught.value.code, caught.value.payload) == (409, "CONFLICT_STATE", {"final": True})
    assert str(caught.value) == "CONFLICT_STATE: Taken"
    assert len(server.requests) == 1


async def test_a_server_that_is_not_there_is_said_at_once() -> None:
    async with serving(lambda _: None) as server:
        pass
    errors: list[str] = []
    async with Transport(server.url, errors.append) as transport:
        with pytest.raises(CrowdError, match=f"^No Talka answers at {server.url} .*: start it or mend --url$"):
            await transport.call("GET", "/x")
    assert len(errors) == 1


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://127.0.0.1:port"])
async def test_what_is_no_address_is_said_so(url: str) -> None:
    async with Transport(url, pytest.fail) as transport:
        with pytest.raises(CrowdError, match="is no address"):
            await transport.call("GET", "/x")


async def test_patience_with_a_server_that_went_away_has_an_end() -> None:
    errors: list[str] = []
    async with (
        serving(lambda number: None if number else http("204 No Content", "")) as server,
        Transport(server.url, errors.append, patience_seconds=0.3) as transport,
    ):
        await transport.call("GET", "/x")
        with pytest.raises(CrowdError, match="gives no answer any more"):
            await transport.call("GET", "/x")
    assert 2 <= len(errors) <= 6


async def test_an_answer_that_is_not_json_names_the_address() -> None:
    async with (
        serving(lambda _: http("200 OK", "<html>")) as server,
        Transport(server.url, pytest.fail) as transport,
    ):
        with pytest.raises(CrowdError, match=f"{server.url}/x answered something that is not JSON"):
            await transport.call("GET", "/x")


async def test_people_share_connections_but_no_cookies() -> None:
    answer = http("200 OK", "{}", "Set-Cookie: session=secret; Path=/")
    async with serving(lambda _: answer) as server, Transport(server.url, pytest.fail) as transport:
        await transport.call("POST", "/login", body={})
        await transport.call("GET", "/me", authorization="Bearer t")
    assert "cookie" not in server.requests[1].lower()
    assert "authorization: bearer t" in server.requests[1].lower()


async def test_many_calls_at_once_open_few_connections() -> None:
    async with (
        serving(lambda _: http("200 OK", "{}"), delay=0.01) as server,
        Transport(server.url, pytest.fail) as transport,
    ):
        await asyncio.gather(*(transport.call("GET", "/x") for _ in range(300)))
    assert len(server.requests) == 300
    assert 1 < server.most_connections <= 32
