"""Endpoints of messages for requesters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request

from talka.accounts import quotas
from talka.accounts.auth import database, requester
from talka.accounts.quotas import Action
from talka.infra.db import Tx
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.wire import parse
from talka.messages import store, usecases
from talka.messages.model import SelectType, Thread
from talka.messages.wire import MAX_INLINED, ComposeBody, FoldersBody, ReplyBody, thread_json

router = APIRouter(tags=["messages"])


async def _shown(tx: Tx, threads: Sequence[Thread]) -> list[dict[str, Any]]:
    workers = await store.workers_of(tx, [thread.id for thread in threads if thread.recipients <= MAX_INLINED])
    messages = await store.messages_of(tx, [thread.id for thread in threads], MAX_INLINED + 1)
    return [
        thread_json(
            thread,
            workers.get(thread.id, []),
            messages[thread.id][:MAX_INLINED],
            more=len(messages[thread.id]) > MAX_INLINED,
        )
        for thread in threads
    ]


@router.post("/message-threads/compose", status_code=201, openapi_extra=takes(ComposeBody))
async def compose(request: Request) -> Json:
    """Write to workers who have worked for the account."""
    caller = await requester(request)
    body = parse(ComposeBody, await read_json(request))
    async with database(request).transaction() as tx:
        found = await usecases.compose(tx, caller.account_id, body)
        if body.recipients_select_type == SelectType.ALL:
            await quotas.spend(request, tx, caller.account_id, Action.MESSAGE_EVERYBODY)
        else:
            await quotas.spend(request, tx, caller.account_id, Action.MESSAGE_WORKERS, found.recipients)
        [shown] = await _shown(tx, [found])
    return Json(shown, 201)


@router.get("/message-threads")
async def list_threads(request: Request) -> Json:
    """The account's threads."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
        return Json(page(await _shown(tx, found), more))


@router.post("/message-threads/{thread_id}/reply", openapi_extra=takes(ReplyBody))
async def reply(request: Request, thread_id: str) -> Json:
    """Write to everybody in a thread again."""
    caller = await requester(request)
    body = parse(ReplyBody, await read_json(request))
    async with database(request).transaction() as tx:
        found = await usecases.reply(tx, caller.account_id, thread_id, body.text)
        [shown] = await _shown(tx, [found])
    return Json(shown)


@router.post("/message-threads/{thread_id}/add-to-folders", openapi_extra=takes(FoldersBody))
async def add_to_folders(request: Request, thread_id: str) -> Json:
    """Mark a thread as important or unread."""
    return await _mark(request, thread_id, put=True)


@router.post("/message-threads/{thread_id}/remove-from-folders", openapi_extra=takes(FoldersBody))
async def remove_from_folders(request: Request, thread_id: str) -> Json:
    """Mark a thread as read or no longer important."""
    return await _mark(request, thread_id, put=False)


async def _mark(request: Request, thread_id: str, *, put: bool) -> Json:
    caller = await requester(request)
    body = parse(FoldersBody, await read_json(request))
    async with database(request).transaction() as tx:
        found = await usecases.mark(tx, caller.account_id, thread_id, body.folders, put=put)
        [shown] = await _shown(tx, [found])
    return Json(shown)
