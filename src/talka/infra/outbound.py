"""Requests to addresses that users chose: only to checked hosts, bounded in time, without following redirects."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial

import httpx

_IPv4, _IPv6 = ipaddress.IPv4Address, ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Special networks that not every version of the standard library counts as such: relays, documentation, site-local, and
# the addresses at which clouds tell a machine its secrets.
_SPECIAL = tuple(map(ipaddress.ip_network, (
    "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "fec0::/10", "3fff::/20", "5f00::/16", "64:ff9b:1::/48",
)))  # fmt: skip
_TRIED = 3
"""How many addresses of one host are tried."""
_CONNECT_SECONDS = 3.0
"""How long one of them has to let us in, so that the next ones get their turn."""
_LOOKUPS = 32
"""How many names are looked up at a time, in threads of their own: slow name servers keep nothing else waiting."""


class Problem(StrEnum):
    """What went wrong with a request."""

    WRONG_STATUS_CODE = "WRONG_STATUS_CODE"
    TOO_MANY_CONNECTIONS = "TOO_MANY_CONNECTIONS"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    CONNECTION_ERROR = "CONNECTION_ERROR"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: the status if there was an answer, and what is wrong unless it was a 2xx."""

    status: int | None
    problem: Problem | None = None
    message: str | None = None


class AddressRefused(Exception):  # noqa: N818 - reads as the sentence it is
    """A host has an address that is not of the public internet."""


def host_of(url: str) -> str:
    """The host of an absolute http or https URL, as the network knows it.

    Raises:
        ValueError: it is none.
    """
    try:
        parsed = httpx.URL(url)
        _ = parsed.host  # read back from the form of the network, which not every host survives
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(str(error)) from None
    host = parsed.raw_host.decode("ascii")
    if parsed.scheme not in {"http", "https"} or not host or "%" in host:
        raise ValueError("not an absolute http or https URL")
    if not 0 < (parsed.port or 80) < 2**16:
        raise ValueError("not a port")
    return host


def is_public(address: str) -> bool:
    """Whether an address is of the public internet, also when it is wrapped into one of another kind."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, _IPv6) and ip.scope_id:
        return False
    inner = _wrapped(ip) if isinstance(ip, _IPv6) else None
    if inner is not None:
        return is_public(str(inner))
    return (
        not any(ip in network for network in _SPECIAL) and ip.is_global and not ip.is_multicast and not ip.is_reserved
    )


def _wrapped(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return _IPv4(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class Outbound:
    """Sends requests; every address of a host is checked, and a connection goes to an address that was."""

    def __init__(self, allowed: str = "", *, timeout: float = 10.0, per_host: int = 4) -> None:
        """`allowed`: networks and hosts that need not be public, by commas, such as `10.0.0.0/8, files.internal`."""
        self._networks, self._hosts = _permitted(allowed)
        self._timeout = timeout
        self._per_host = per_host
        self._open: Counter[str] = Counter()
        self._lookups = ThreadPoolExecutor(_LOOKUPS, "lookup")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, within: float | None = None) -> Answer:
        """POST `body` to a URL that `host_of` takes; whatever goes wrong is told by the answer, in time.

        `within` is for those who wait less long than others.
        """
        host, patience = host_of(url), min(within or self._timeout, self._timeout)
        if self._open[host] >= self._per_host:
            return Answer(None, Problem.TOO_MANY_CONNECTIONS, f"{self._per_host} requests to {host} are under way")
        self._open[host] += 1
        try:
            async with (
                asyncio.timeout(patience),
                self.request("POST", url, headers=headers, content=body) as response,
            ):
                status = response.status_code
        except (TimeoutError, httpx.TimeoutException):
            return Answer(None, Problem.REQUEST_TIMEOUT, f"No answer within {patience:g} seconds")
        except (AddressRefused, OSError, UnicodeError, ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
            known = isinstance(error, AddressRefused | OSError | UnicodeError | httpx.TransportError)
            problem = Problem.CONNECTION_ERROR if known else Problem.UNKNOWN
            return Answer(None, problem, str(error) or type(error).__name__)
        finally:
            self._open[host] -= 1
            self._open += Counter()  # drops hosts at zero
        if 200 <= status < 300:
            return Answer(status)
        return Answer(status, Problem.WRONG_STATUS_CODE, f"The answer has the status {status}")

    @asynccontextmanager
    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | AsyncIterable[bytes] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Send a request to a URL that `host_of` takes; the answer, of which nothing but the head was read yet.

        Content that can be read only once is sent to the first address only.

        Raises:
            AddressRefused; OSError: the host has no address; httpx.HTTPError.
        """
        parsed, host = httpx.URL(url), host_of(url)
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        repeatable = content is None or isinstance(content, bytes)
        addresses = (await self._addresses(host, port))[: _TRIED if repeatable else 1]
        # No settings of the environment: a proxy would look the name up once more. One client for one request: an open
        # connection to an address must not serve another host, whose certificate was not checked.
        timeout = httpx.Timeout(self._timeout, connect=min(self._timeout, _CONNECT_SECONDS))
        async with httpx.AsyncClient(verify=_certificates(), trust_env=False, timeout=timeout) as client:
            for left, address in enumerate(addresses, start=1 - len(addresses)):
                request = client.build_request(
                    method,
                    parsed.copy_with(host=address, fragment=None),
                    content=content,
                    headers={"user-agent": "Talka", "accept": "*/*", **headers, "host": parsed.netloc.decode("ascii")},
                    extensions={"sni_hostname": host},
                )
                try:
                    response = await client.send(request, stream=True, follow_redirects=False)
                    break
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if left == 0:
                        raise
            try:
                yield response
            finally:
                await response.aclose()

    async def _addresses(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._lookups, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        )
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        # Without the address: whoever chose the host must not learn what the operator's name servers know.
        if not all(self._may_reach(host, address) for address in addresses):
            raise AddressRefused(f"{host} has an address that is neither public nor allowed by the operator")
        return addresses

    def _may_reach(self, host: str, address: str) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        return is_public(address) or host in self._hosts or any(ip in network for network in self._networks)


def _permitted(allowed: str) -> tuple[list[ipaddress.IPv4Network | ipaddress.IPv6Network], set[str]]:
    networks, hosts = [], set()
    for part in filter(None, (part.strip().lower() for part in allowed.split(","))):
        try:
            networks.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            hosts.add(part)
    return networks, hosts
