"""Endpoints of messages for workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request

from talka.accounts import languages
from talka.accounts import store as accounts
from talka.accounts.auth import database, worker
from talka.infra.db import Tx
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.wire import parse
from talka.messages import store, usecases
from talka.messages.model import OwnThread
from talka.messages.wire import MAX_INLINED, AnswerBody, WriteBody, in_own_words, own_thread_json

router = APIRouter(tags=["messages"])


async def _written(tx: Tx, worker_id: int) -> list[str]:
    """The languages that a worker writes in: what a browser asks for is none of them."""
    return (await accounts.worker_profile(tx, worker_id)).profile.get("languages") or []


async def _shown(request: Request, tx: Tx, worker_id: int, found: Sequence[OwnThread]) -> list[dict[str, Any]]:
    wanted = await languages.wanted(tx, worker_id, request.headers.get("accept-language"))
    messages = await store.messages_of(tx, [own.thread.id for own in found], MAX_INLINED + 1)
    return [
        own_thread_json(
            own,
            messages[own.thread.id][:MAX_INLINED],
            worker_id,
            wanted,
            more=len(messages[own.thread.id]) > MAX_INLINED,
        )
        for own in found
    ]


@router.get("/message-threads")
async def list_own(request: Request) -> Json:
    """The threads in which the worker takes part."""
    caller = await worker(request)
    listing = parse_listing(request.query_params, store.OWN)
    async with database(request).reading() as tx:
        found, more = await store.listed_own(tx, caller.id, listing)
        return Json(page(await _shown(request, tx, caller.id, found), more))


@router.get("/message-threads/{thread_id}")
async def get_own(request: Request, thread_id: str) -> Json:
    """One of them."""
    caller = await worker(request)
    async with database(request).reading() as tx:
        found = await usecases.find_own(tx, caller.id, thread_id)
        [shown] = await _shown(request, tx, caller.id, [found])
    return Json(shown)


@router.post("/message-threads", status_code=201, openapi_extra=takes(WriteBody))
async def write(request: Request) -> Json:
    """Write to a requester about a page (`assignment_id`) or a project; text may be plain or by language."""
    caller = await worker(request)
    sent = await read_json(request)
    async with database(request).transaction() as tx:
        written = await _written(tx, caller.id)
        body = parse(WriteBody, in_own_words(sent, written))
        found, new = await usecases.write(tx, caller, written, body)
        [shown] = await _shown(request, tx, caller.id, [found])
    return Json(shown, 201 if new else 200)


@router.post("/message-threads/{thread_id}/reply", openapi_extra=takes(AnswerBody))
async def answer(request: Request, thread_id: str) -> Json:
    """Answer, where the requester wants answers; text may be plain or by language."""
    caller = await worker(request)
    sent = await read_json(request)
    async with database(request).transaction() as tx:
        body = parse(AnswerBody, in_own_words(sent, await _written(tx, caller.id)))
        found = await usecases.answer(tx, caller, thread_id, body.text)
        [shown] = await _shown(request, tx, caller.id, [found])
    return Json(shown)


@router.post("/message-threads/{thread_id}/read")
async def read(request: Request, thread_id: str) -> Json:
    """Note that the worker has read a thread."""
    caller = await worker(request)
    async with database(request).transaction() as tx:
        found = await usecases.read(tx, caller.id, thread_id)
        [shown] = await _shown(request, tx, caller.id, [found])
    return Json(shown)
