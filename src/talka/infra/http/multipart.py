"""Forms with files (`multipart/form-data`), read as they come: no part is ever whole in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request

from talka.kit.errors import TalkaError, ValidationError, field_error

_MAX_HEADERS = 8192
_BOUNDARY = re.compile(r'boundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
# Browsers quote; some libraries do not, or write names beyond ASCII as `filename*=UTF-8''…`.
_PARAMETER = re.compile(r";\s*(name|filename\*?)\s*=\s*(?:\"((?:[^\"\\\r\n]|\\.)*)\"|([^\s;\",]+))", re.IGNORECASE)


class Part:
    """One field of a form; iterate over it for its content."""

    def __init__(self, form: Form, headers: dict[str, str]) -> None:
        self._form = form
        disposition = headers.get("content-disposition", "")
        found = {key.lower(): (quoted, token) for key, quoted, token in _PARAMETER.findall(disposition)}
        parameters = {key: _plain(quoted) or token for key, (quoted, token) in found.items()}
        self.name = parameters.get("name", "")
        self.filename = _decoded(parameters.get("filename*")) or parameters.get("filename")
        self.media_type = headers.get("content-type", "")

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._form.content()

    async def text(self, limit: int) -> str:
        """The whole content as text.

        Raises:
            ValidationError: longer than `limit` bytes or not UTF-8.
        """
        content = b""
        async for piece in self:
            content += piece
            if len(content) > limit:
                raise field_error(
                    self.name, "STRING_LENGTH_GREATER_THAN_MAX", f"Must have at most {limit} bytes", limit
                )
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise field_error(self.name, "INVALID_VALUE", "Must be UTF-8") from None


class Form:
    """The body of a request: iterate over its parts, each before the next."""

    def __init__(self, request: Request) -> None:
        """Raises TalkaError: UNSUPPORTED_MEDIA_TYPE when the body does not say that it is a form."""
        kind = request.headers.get("content-type", "")
        boundary = _BOUNDARY.search(kind)
        if kind.split(";")[0].strip().lower() != "multipart/form-data" or boundary is None:
            raise TalkaError("UNSUPPORTED_MEDIA_TYPE", "The body must come as multipart/form-data")
        self._delimiter = b"\r\n--" + (boundary[1] or boundary[2]).encode("latin-1", "replace")
        self._stream = request.stream()
        self._buffer = bytearray(b"\r\n")
        self._inside = True  # what comes before the first delimiter is skipped like the content of a part

    async def parts(self) -> AsyncIterator[Part]:
        """The parts in their order.

        Raises:
            ValidationError: the body is no such form, or ends too early.
        """
        while True:
            async for _ in self.content():
                pass  # what nobody wanted of the part before
            ending = await self._take(2)
            if ending == b"--":
                return
            while ending != b"\r\n":  # white space may follow a delimiter
                if ending[:1] not in (b" ", b"\t"):
                    raise _malformed()
                ending = ending[1:] + await self._take(1)
            headers = await self._headers()
            self._inside = True
            yield Part(self, headers)

    async def content(self) -> AsyncIterator[bytes]:
        """What is left of the present part, up to its delimiter."""
        kept = len(self._delimiter) - 1
        while self._inside:
            found = self._buffer.find(self._delimiter)
            if found >= 0:
                piece = bytes(self._buffer[:found])
                del self._buffer[: found + len(self._delimiter)]
                self._inside = False
            else:
                piece = bytes(self._buffer[: max(0, len(self._buffer) - kept)])
                del self._buffer[: len(piece)]
            if piece:
                yield piece
            if self._inside:
                await self._more()

    async def _headers(self) -> dict[str, str]:
        self._buffer[:0] = b"\r\n"  # so that no headers at all end like any others
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _MAX_HEADERS:
                raise _malformed()
            await self._more()
        lines = self._buffer[:end].decode("utf-8", "replace").split("\r\n")
        del self._buffer[: end + 4]
        pairs = (line.partition(":") for line in lines)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    async def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            await self._more()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    async def _more(self) -> None:
        try:
            self._buffer += await anext(self._stream)
        except StopAsyncIteration:
            raise _malformed() from None
        except ClientDisconnect:
            raise TalkaError("UNABLE_TO_UPLOAD_FILE", "The connection broke") from None


def _plain(text: str) -> str:
    """A parameter as it was before browsers wrote it into a header."""
    return text.replace('\\"', '"').replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _decoded(value: str | None) -> str | None:
    """A parameter of the form `UTF-8'language'percent-encoded`."""
    charset, _, rest = (value or "").partition("'")
    return unquote(rest.partition("'")[2]) if charset.lower() == "utf-8" else None


def _malformed() -> ValidationError:
    return field_error("body", "INVALID_VALUE", "The body is not a whole multipart/form-data form")
