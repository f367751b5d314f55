"""What goes through a proxy: which addresses, headers and types, and which inputs of a task stand for a file of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlencode

from talka.infra.media import TICKET
from talka.proxies.model import Proxy

NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
MAX_BYTES = 1 << 30
"""The longest answer that is passed on."""
MAX_SECONDS = 600.0
"""How long it may take, from the request to the end of the answer."""
OURS = "talka"
"""How this server is called in `Via`, by which a proxy that leads back to it is noticed."""
# Those of one connection; a proxy speaks for itself on the other one.
_OF_CONNECTION = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "expect",
})  # fmt: skip
RESERVED_HEADERS = _OF_CONNECTION | {"host", "content-length", "via", "accept-encoding"}
"""Headers that a requester cannot add."""
_DROPPED_OF_REQUEST = _OF_CONNECTION | {
    "host", "cookie", "x-csrf-token", "authorization", "x-real-ip", "forwarded", "x-act-under-account-id", "via",
    # Where what stands before this server writes the worker's address; the page's own says who works on what.
    "cf-connecting-ip", "true-client-ip", "x-client-ip", "x-cluster-client-ip", "fastly-client-ip",
    "x-original-forwarded-for", "referer",
}  # fmt: skip
# Others could act on this server's own origin (`Clear-Site-Data`) or on what stands before it (`X-Accel-Redirect`).
_PASSED_OF_ANSWER = (
    "content-length", "content-encoding", "content-language", "content-range", "content-disposition", "accept-ranges",
    "etag", "last-modified", "expires", "age",
)  # fmt: skip
_TYPES = frozenset({
    "image/gif", "image/jpeg", "image/pjpeg", "image/png", "image/tiff", "image/webp", "image/avif",
    "application/octet-stream", "application/json", "text/plain",
    "video/mpeg", "video/mp4", "video/ogg", "video/webm", "video/x-flv", "video/3gpp", "video/3gpp2",
})  # fmt: skip
_MEDIA_TYPE = re.compile(r"([a-z0-9.+-]+/[a-z0-9.+-]+)\s*(;[\x20-\x7e]*)?")


def absolute(base_url: str) -> str:
    """A base address with its scheme, which may be left out for HTTPS."""
    return base_url if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", base_url) else f"https://{base_url}"


def leaves(path: str) -> bool:
    """Whether a path could lead out of the base address."""
    return any(part in {".", ".."} for part in re.split(r"[/\\]", path))


def target(proxy: Proxy, path: str, query: Iterable[tuple[str, str]]) -> str:
    """The address behind a proxy; arguments of the proxy replace those of the same name in the request."""
    added: Mapping[str, Sequence[str]] = proxy.params.get("additionalQueryArgs") or {}
    pairs = [(name, value) for name, value in query if name not in added and name != TICKET]
    pairs += [(name, value) for name, values in added.items() for value in values]
    address = f"{absolute(proxy.params['baseUrl']).rstrip('/')}/{quote(path)}"
    return f"{address}?{urlencode(pairs)}" if pairs else address


def request_headers(proxy: Proxy, given: Iterable[tuple[str, str]], *, content: bool) -> dict[str, str]:
    """The headers of the request to the server behind a proxy; `content` says whether it has any."""
    dropped = _DROPPED_OF_REQUEST if content else _DROPPED_OF_REQUEST | {"content-length", "content-type"}
    headers = {"accept-encoding": "identity"}
    headers |= {
        name: value
        for name, value in given
        if name not in dropped and not name.startswith("x-forwarded-") and value.isascii()
    }
    added: Mapping[str, Sequence[str]] = proxy.params.get("additionalHeaders") or {}
    headers |= {name.lower(): ", ".join(values) for name, values in added.items()}
    return headers | {"via": f"1.1 {OURS}"}


def answer_headers(given: Mapping[str, str]) -> dict[str, str]:
    """The headers with which an answer is passed on: no type that a browser runs, and for this worker alone."""
    headers = {name: given[name] for name in _PASSED_OF_ANSWER if name in given}
    keep = not re.search(r"no-store|no-cache", given.get("cache-control", ""), re.IGNORECASE)
    return headers | {
        "content-type": passed_type(given.get("content-type", "")),
        "cache-control": "private, max-age=300" if keep else "no-store",
        "vary": "Authorization, Cookie",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
    }


def passed_type(given: str) -> str:
    """The media type if it is a harmless one, else plain text."""
    match = _MEDIA_TYPE.fullmatch(given.strip().lower())
    if match is None or not (match[1] in _TYPES or match[1].startswith("audio/")):
        return "text/plain"
    return given.strip()


def written(name: str, path: str, public_url: str) -> frozenset[str]:
    """The ways in which a task can name a file behind a proxy."""
    return frozenset({path, f"{name}/{path}", f"proxy/{name}/{path}", f"api/proxy/{name}/{path}",
                      f"{public_url}/api/proxy/{name}/{path}"})  # fmt: skip


def names(value: Any, ways: frozenset[str]) -> bool:
    """Whether an input value is one of `ways`, as it is or as an address is written, or an array with one of them."""
    if isinstance(value, list):
        return any(names(part, ways) for part in value)
    return isinstance(value, str) and not ways.isdisjoint(
        (value, value.lstrip("/"), unquote(value), unquote(value).lstrip("/"))
    )
