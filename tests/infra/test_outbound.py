"""Requests to addresses of others' choosing: which are refused, and that what was checked is what is called."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.webhooks.receiver import Receiver, receiving

from talka.infra.outbound import Answer, Outbound, Problem, host_of, is_public


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


async def post(url: str, allowed: str = "", **how: Any) -> Answer:
    return await Outbound(allowed, **how).post(url, b"{}", {"content-type": "application/json"})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.2.1",
        "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
        "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2002:7f00:1::", "2002:a00:1::1", "::7f00:1", "64:ff9b:1::1", "fec0::1", "3fff::1", "192.0.0.192",
        "192.88.99.1", "168.63.129.16", "::ffff:168.63.129.16", "64:ff9b::a83f:8110",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]"],
)
async def test_this_machine_is_not_called_however_it_is_written(receiver: Receiver, host: str) -> None:
    port = receiver.url.split(":")[2]
    answer = await post(f"http://{host}:{port}")
    assert (answer.status, answer.problem) == (None, Problem.CONNECTION_ERROR)
    assert receiver.got == []


async def test_networks_and_hosts_that_the_operator_allows(receiver: Receiver) -> None:
    by_name = receiver.url.replace("127.0.0.1", "localhost")
    for url, allowed in (
        (receiver.url, "127.0.0.0/8"),
        (receiver.url, "10.0.0.0/8, 127.0.0.1"),
        (by_name, "LOCALHOST"),
        (by_name, "::1, 127.0.0.1/32"),
    ):
        assert await post(url, allowed) == Answer(200), (url, allowed)
    for url, allowed in ((receiver.url, "localhost"), (by_name, "example.org"), (receiver.url, "127.0.0.2")):
        assert (await post(url, allowed)).problem is Problem.CONNECTION_ERROR
    assert len(receiver.got) == 4


async def test_one_private_address_of_many_is_enough_to_refuse(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])
    addresses = ["93.184.216.34", "127.0.0.1"]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    answer = await post(f"http://hook.example.org:{port}/")
    assert answer.problem is Problem.CONNECTION_ERROR
    # Whoever chose the name does not learn what the operator's name servers know.
    assert answer.message == "hook.example.org has an address that is neither public nor allowed by the operator"


async def test_a_name_is_looked_up_once_and_what_was_checked_is_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])
    lookups: list[Any] = []

    def resolve(host: Any, *_: Any, **__: Any) -> list[Any]:
        if host == "127.0.0.1":  # how a connection to an address is opened
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        lookups.append(host)
        address = "127.0.0.1" if len(lookups) == 1 else "10.9.9.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert await post(f"http://hook.example.org:{port}/a?b=c#d", "127.0.0.1") == Answer(200)
    assert lookups == ["hook.example.org"]
    (request,) = receiver.got
    assert (request.path, request.headers["host"]) == ("/a?b=c", f"hook.example.org:{port}")


async def test_the_next_address_is_tried_when_one_does_not_answer(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])
    original = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> list[Any]:
        if host != "hook.example.org":
            return list(original(host, *rest, **more))
        addresses = ("127.0.0.2", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert await post(f"http://hook.example.org:{port}/", "127.0.0.0/8") == Answer(200)


async def test_the_next_address_is_tried_when_one_swallows_everything(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])
    with socket.socket() as full:  # whose queue is full, so that further attempts are dropped without a word
        full.bind(("127.0.0.2", port))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.2", port))
        addresses = ("127.0.0.2", "127.0.0.1")
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert await post(f"http://hook.example.org:{port}/", "127.0.0.0/8") == Answer(200)
        for one in waiting:
            one.close()


async def test_slow_name_servers_keep_nothing_else_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1.5))
    outbound = Outbound(timeout=0.3)
    started = asyncio.get_running_loop().time()
    posts = [asyncio.create_task(outbound.post(f"http://slow{number}.example.org/", b"", {})) for number in range(40)]
    await asyncio.sleep(0)
    await asyncio.to_thread(lambda: None)  # as hashing a password or writing a file does
    assert asyncio.get_running_loop().time() - started < 1
    assert {(await one).problem for one in posts} == {Problem.REQUEST_TIMEOUT}


async def test_redirects_are_not_followed_and_proxies_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with receiver.answering(307, location=f"{receiver.url}/elsewhere"):
        answer = await post(receiver.url, "127.0.0.1")
    assert (answer.status, answer.problem) == (307, Problem.WRONG_STATUS_CODE)
    assert len(receiver.got) == 1


async def test_a_request_ends_in_time(receiver: Receiver) -> None:
    outbound = Outbound("127.0.0.1", timeout=0.3)
    with receiver.answering(hangs=2):
        answer = await outbound.post(receiver.url, b"{}", {})
    assert (answer.status, answer.problem) == (None, Problem.REQUEST_TIMEOUT)


async def test_an_answer_that_drips_does_not_last_longer() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        started = asyncio.get_running_loop().time()
        answer = await Outbound("127.0.0.1", timeout=0.5).post(f"http://127.0.0.1:{port}/", b"{}", {})
        assert answer.problem is Problem.REQUEST_TIMEOUT
        assert asyncio.get_running_loop().time() - started < 2


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 99999 x\r\n\r\n", b"HTTP/1.1 200 OK\r\nx"])
async def test_what_is_no_answer_is_told(said: bytes) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        answer = await post(f"http://127.0.0.1:{port}/", "127.0.0.1")
    assert (answer.status, answer.problem) == (None, Problem.CONNECTION_ERROR)


@pytest.mark.parametrize("host", ["a..b", ".", "-", "a" * 64 + ".example", "no-such-host.invalid", "xn--a"])
async def test_hosts_that_are_not_there(host: str) -> None:
    try:
        host_of(f"http://{host}/")
    except ValueError:
        return
    answer = await post(f"http://{host}/")
    assert (answer.status, answer.problem) == (None, Problem.CONNECTION_ERROR)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "//x",
        "http:",
        "http://",
        "https:///x",
        "ftp://x/",
        "file:///etc/passwd",
        "http://x:0x/",
        "http://%61/",
        "http://0177.0.0.1/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        host_of(url)


def test_hosts_are_as_the_network_knows_them() -> None:
    assert host_of("HTTP://Exämple.org:80/") == "xn--exmple-cua.org"
    assert host_of("https://[2606:4700::1]/") == "2606:4700::1"
