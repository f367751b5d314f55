"""HTTP with patience: one bounded connection pool, repetition of lost answers, refusals as exceptions."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from talka.crowd.model import CrowdError

_CONNECTIONS = 32
_PATIENCE_SECONDS = 60.0
_FIRST_DELAY, _LONGEST_DELAY = 0.05, 2.0
_TIMEOUT = httpx.Timeout(15.0, connect=5.0, pool=None)


class Refusal(Exception):  # noqa: N818 - reads as the sentence it is
    """The server said no: a status from 400 to 499 with a code of the API; `repeated` as in `Answer`."""

    def __init__(self, status: int, code: str, message: str, payload: Any, *, repeated: bool) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.status = status
        self.code = code
        self.repeated = repeated
        self.payload: Mapping[str, Any] = payload if isinstance(payload, dict) else {}


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer; `repeated` when an earlier try of the same call may have been carried out, too."""

    body: Any
    repeated: bool


class Transport:
    """All calls of one crowd to one server.

    At most 32 calls are under way at once, however many people work. A call whose answer is lost (connection
    failure, time-out, 429, 5xx) is repeated with growing pauses for up to a minute; but until the server has
    answered for the first time, one failure is enough to say that it is not there.
    """

    def __init__(
        self,
        base_url: str,
        on_error: Callable[[str], None],
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._patience_seconds = patience_seconds
        self._on_error = on_error
        self._reached = False
        # One client per connection: a shared pool looks at each of its connections for every call. The one that
        # was used last goes first, so that a small crowd opens few.
        self._clients = _clients(secure=self.base_url.startswith("https:"))
        self._idle: asyncio.LifoQueue[httpx.AsyncClient] = asyncio.LifoQueue()
        for client in reversed(self._clients):
            self._idle.put_nowait(client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            await client.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        authorization: str | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """The server's answer.

        Raises:
            Refusal: a status from 400 to 499 other than 429.
            CrowdError: no usable answer came within the patience.
        """
        headers = {"Authorization": authorization} if authorization else {}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = orjson.dumps(body)
        deadline = time.monotonic() + self._patience_seconds
        delay, tries = _FIRST_DELAY, 0
        while True:
            tries += 1
            outcome = await self._once(method, path, headers, query, content)
            if isinstance(outcome, httpx.Response):
                return Answer(_read(outcome, tries > 1), tries > 1)
            self._on_error(outcome)
            if not self._reached:
                raise CrowdError(f"No Talka answers at {self.base_url} ({outcome}): start it or mend --url")
            if time.monotonic() + delay > deadline:
                raise CrowdError(f"The server at {self.base_url} gives no answer any more ({outcome})")
            await asyncio.sleep(delay * (0.5 + random.random() / 2))
            delay = min(delay * 2, _LONGEST_DELAY)

    async def _once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None,
        content: bytes | None,
    ) -> httpx.Response | str:
        """The response, or what happened instead of a usable one."""
        try:
            client = await self._idle.get()
            try:
                response = await client.request(
                    method, self.base_url + path, headers=headers, params=query, content=content
                )
            finally:
                self._idle.put_nowait(client)
        except httpx.InvalidURL as error:
            raise CrowdError(f"{self.base_url} is no address: {error}") from None
        except httpx.UnsupportedProtocol:
            raise CrowdError(f"{self.base_url} is no address: it must start with http:// or https://") from None
        except httpx.TransportError as error:
            return str(error) or type(error).__name__
        if response.status_code >= 500 or response.status_code == 429:
            return f"HTTP {response.status_code}"
        self._reached = True
        return response


def _clients(*, secure: bool) -> list[httpx.AsyncClient]:
    # A proxy of the environment is for the world outside, not for a plain-text server next door.
    tls = httpx.create_ssl_context() if secure else False
    return [
        httpx.AsyncClient(
            limits=httpx.Limits(max_connections=1),
            timeout=_TIMEOUT,
            # People share the connections, so nobody's session cookie may stick to them.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=secure,
            verify=tls,
        )
        for _ in range(_CONNECTIONS)
    ]


def _read(response: httpx.Response, repeated: bool) -> Any:
    try:
        body = orjson.loads(response.content) if response.content else None
    except orjson.JSONDecodeError:
        raise CrowdError(f"{response.url} answered something that is not JSON: is it a Talka server?") from None
    if response.is_success:
        return body
    fields = body if isinstance(body, dict) else {}
    raise Refusal(
        response.status_code,
        str(fields.get("code", f"HTTP {response.status_code}")),
        str(fields.get("message", "")),
        fields.get("payload"),
        repeated=repeated,
    )
