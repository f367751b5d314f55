"""Files in answers: ranges, names that cannot break a header, and headers that keep browsers from running them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from talka.infra.blobs import Blobs
from talka.infra.http.responses import error_response
from talka.kit.errors import TalkaError

_RANGE = re.compile(r"bytes\s*=\s*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))\s*", re.IGNORECASE)
_SAFE: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "private, max-age=3600",
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the storage that never changes."""

    key: str
    name: str
    media_type: str
    size: int
    created: datetime


def storage(request: Request) -> Blobs:
    """The storage of the application that serves the request."""
    found: Blobs = request.app.state.blobs
    return found


def disposition(name: str, *, inline: bool = False) -> str:
    """`Content-Disposition` for a file of that name, also for clients that know ASCII only."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def wanted(header: str | None, size: int) -> range | None:
    """Which bytes a `Range` header asks for; None for all of them, empty when there are none of those.

    What is no single range of bytes is ignored, as the standard allows.
    """
    match = _RANGE.fullmatch(header) if header else None
    if match is None:
        return None
    if match[3] is not None:
        return range(max(0, size - int(match[3])), size)
    first, last = int(match[1]), int(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return None
    return range(first, min(last + 1, size))


async def file_response(request: Request, blobs: Blobs, file: StoredFile, *, inline: bool = False) -> Response:
    """The file or the part that the request asks for, streamed.

    Raises:
        TalkaError: REMOTE_SERVICE_UNAVAILABLE.
    """
    etag = f'"{file.key}"'
    headers = {
        **_SAFE,
        "content-disposition": disposition(file.name, inline=inline),
        "content-type": file.media_type,
        "accept-ranges": "bytes",
        "etag": etag,
        "last-modified": format_datetime(file.created.astimezone(UTC).replace(microsecond=0), usegmt=True),
    }
    if _has(request.headers.get("if-none-match"), etag):
        kept = {name: headers[name] for name in ("cache-control", "etag", "last-modified")}
        return Response(status_code=304, headers=kept)
    span = wanted(request.headers.get("range"), file.size) if request.method == "GET" else None
    if span is not None and not _same(request.headers.get("if-range"), etag, file.created):
        span = None
    if span is not None and not span:
        refused = error_response(request, TalkaError("RANGE_NOT_SATISFIABLE", f"The file has {file.size} bytes"))
        refused.headers["content-range"] = f"bytes */{file.size}"
        return refused
    part = range(file.size) if span is None else span
    headers["content-length"] = str(len(part))
    if span is not None:
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
    if request.method == "HEAD":
        return Response(headers=headers)
    content = blobs.read(file.key, part.start, part.stop)
    # Before the head of the answer is sent, so that a storage that is down is told as such.
    first = await anext(content, b"")
    return StreamingResponse(_after(first, content), 200 if span is None else 206, headers)


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _has(condition: str | None, etag: str) -> bool:
    """Whether `If-None-Match` says that the caller has the file."""
    tags = (tag.strip().removeprefix("W/") for tag in (condition or "").split(","))
    return any(tag in {"*", etag} for tag in tags)


def _same(condition: str | None, etag: str, created: datetime) -> bool:
    """Whether the file is still the one that `If-Range` names."""
    if condition is None or condition == etag:
        return True
    try:
        moment = parsedate_to_datetime(condition)
    except (ValueError, OverflowError):
        return False
    return moment.replace(tzinfo=moment.tzinfo or UTC) == created.astimezone(UTC).replace(microsecond=0)
