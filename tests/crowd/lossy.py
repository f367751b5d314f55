"""A TCP relay that loses answers: the request reaches the server, the connection breaks before its answer."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import SO_LINGER, SOL_SOCKET
from urllib.parse import urlsplit


class LossyRelay:
    """Relays HTTP/1.1 with Content-Length bodies; every `every`-th answer is lost."""

    def __init__(self, target: str, every: int) -> None:
        self.url = ""
        self.lost = 0
        self._host = urlsplit(target).hostname or ""
        self._port = urlsplit(target).port or 80
        self._every = every
        self._answers = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(self._host, self._port)
        try:
            while True:
                server_writer.write(await _message(reader))
                answer = await _message(server_reader)
                self._answers += 1
                if self._answers % self._every == 0:
                    self.lost += 1
                    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                    return
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            server_writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
        if line.startswith(b"transfer-encoding:"):
            raise AssertionError("The relay knows no chunked bodies")
    return head


@asynccontextmanager
async def losing(target: str, *, every: int) -> AsyncIterator[LossyRelay]:
    """A relay before the server at `target`."""
    relay = LossyRelay(target, every)
    server = await asyncio.start_server(relay.handle, "127.0.0.1", 0)
    relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield relay
    finally:
        server.close()
