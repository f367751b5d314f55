"""Endpoints of proxies: their definitions, and what goes through them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import structlog
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from talka.accounts.auth import database, either, media, requester, settings
from talka.infra import clock
from talka.infra.db import Tx
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.responses import Json, error_response, no_content
from talka.infra.media import TICKET
from talka.infra.outbound import AddressRefused, Outbound
from talka.kit.errors import NotFound, TalkaError
from talka.kit.wire import parse
from talka.proxies import rules, store, usecases
from talka.proxies.model import Proxy
from talka.proxies.wire import ProxyBody, proxy_json

log = structlog.get_logger("talka.proxies")
router = APIRouter(tags=["proxies"])
passing_router = APIRouter(tags=["proxies"])
_FAILURES = (AddressRefused, ClientDisconnect, OSError, ValueError, httpx.HTTPError, httpx.InvalidURL)


@router.post("/proxy/proxy", status_code=201, openapi_extra=takes(ProxyBody))
async def create_proxy(request: Request) -> Json:
    """Register a server under a name that nobody has yet."""
    caller = await requester(request)
    body = parse(ProxyBody, await read_json(request))
    async with database(request).transaction() as tx:
        return Json(proxy_json(await usecases.create(tx, caller.account_id, body)), 201)


@router.get("/proxy/proxy")
async def list_proxies(request: Request) -> Json:
    """All proxies of the account."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        return Json([proxy_json(proxy) for proxy in await store.listed(tx, caller.account_id)])


@router.patch("/proxy/proxy/{proxy_id}", openapi_extra=takes(ProxyBody))
async def edit_proxy(request: Request, proxy_id: str) -> Json:
    """Change what is given of a proxy."""
    caller = await requester(request)
    changes = await read_json(request)

    async def work(tx: Tx) -> Proxy:
        return await usecases.edit(tx, caller.account_id, proxy_id, changes)

    # Two who want each other's names wait in a circle, and one of them is undone.
    return Json(proxy_json(await database(request).retrying(work)))


@router.delete("/proxy/proxy/{proxy_id}", status_code=204)
async def delete_proxy(request: Request, proxy_id: str) -> Response:
    """Remove a proxy."""
    caller = await requester(request)
    async with database(request).transaction() as tx:
        await usecases.remove(tx, caller.account_id, proxy_id)
    return no_content()


@passing_router.head("/proxy/{name}/{path:path}", include_in_schema=False)
@passing_router.post("/proxy/{name}/{path:path}")
@passing_router.get("/proxy/{name}/{path:path}")
async def pass_on(request: Request, name: str, path: str) -> Response:
    """What the server behind a proxy answers, to workers who may use it and to its owner.

    A frame of a page, which has no cookie, sends the page's ticket.
    """
    if request.scope.get("raw_path", b"").endswith(b"/"):  # which was taken off, and means something to others
        path += "/"
    proxy = await _allowed(request, name, path)
    if rules.leaves(path):
        raise NotFound("file", path)
    if rules.OURS in request.headers.get("via", "").lower().replace(",", " ").split():
        raise TalkaError("ACCESS_DENIED", f"The proxy {name} leads back to this server")
    return _Passed(request, proxy, path)


async def _allowed(request: Request, name: str, path: str) -> Proxy:
    """The proxy, if the caller may use it."""
    page_id, given = request.query_params.get("assignmentId"), request.query_params.get(TICKET)
    signed = page_id is not None and given is not None and media(request).admits(page_id, given, clock.wall())
    worker_id, account_id = (None, None) if signed else await either(request)
    async with database(request).reading() as tx:
        if signed and page_id is not None:
            worker_id = await usecases.holder(tx, page_id)
        proxy = await usecases.named(tx, name)
        if account_id is not None and proxy.account_id == account_id:
            return proxy
        if worker_id is None:
            raise NotFound("proxy", name)
        public_url = settings(request).public_url()
        if not await usecases.may_use(tx, proxy, worker_id, path, page_id, public_url):
            raise TalkaError("ACCESS_DENIED", f"Your tasks do not lead to {name}/{path}")
    return proxy


class _Passed(Response):
    """An answer that is fetched while it is sent, so that the other connection ends with this one."""

    def __init__(self, request: Request, proxy: Proxy, path: str) -> None:
        super().__init__()
        self._request = request
        self._name = proxy.name
        self._url = rules.target(proxy, path, request.query_params.multi_items())
        self._content = request.stream() if request.method == "POST" else None
        self._sent = rules.request_headers(proxy, request.headers.items(), content=self._content is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on, and its answer back."""
        outbound: Outbound = self._request.app.state.outbound
        started = False
        try:
            async with (
                asyncio.timeout(rules.MAX_SECONDS),  # of all of it: neither side can hold the other for longer
                outbound.request(self._request.method, self._url, headers=self._sent, content=self._content) as answer,
            ):
                response = self._response(answer)
                started = True
                await response(scope, receive, send)
        except _FAILURES as error:
            log.warning("proxy failed", proxy=self._name, error=str(error) or type(error).__name__)
            if not started:  # else all that is left is to leave the answer unfinished, which cuts the connection
                await self._failed("cannot be reached now")(scope, receive, send)

    def _response(self, answer: httpx.Response) -> Response:
        if answer.status_code < 200:
            return self._failed("does not speak plain HTTP")
        if 300 <= answer.status_code < 400 and answer.status_code != 304:
            return self._failed("answers with a redirect, which is not followed")
        if int(answer.headers.get("content-length", "0")) > rules.MAX_BYTES:
            return self._failed(f"answers with more than {rules.MAX_BYTES} bytes")
        headers = rules.answer_headers(answer.headers)
        return StreamingResponse(_bounded(answer), answer.status_code, headers)

    def _failed(self, why: str) -> Response:
        text = f"The server behind the proxy {self._name} {why}"
        return error_response(self._request, TalkaError("REMOTE_SERVICE_UNAVAILABLE", text))


async def _bounded(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The content as it comes, up to the limit of its size."""
    size = 0
    async for piece in answer.aiter_raw():
        size += len(piece)
        if size > rules.MAX_BYTES:
            raise httpx.ReadError("The answer is too long")
        yield piece
