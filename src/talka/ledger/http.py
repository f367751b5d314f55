"""The requester's account and what it can spend."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from talka.accounts import store as accounts
from talka.accounts.auth import database, requester
from talka.infra.db import Tx
from talka.infra.http.responses import Json
from talka.ledger import store

router = APIRouter(tags=["requester"])
session_router = APIRouter(tags=["requester app"])


async def _account(tx: Tx, account_id: int) -> dict[str, Any]:
    row = await accounts.account_row(tx, account_id)
    if row is None:
        raise LookupError(f"no account {account_id}")
    return {**row, "balance": await store.balance(tx, account_id)}


@router.get("/requester")
async def get_requester(request: Request) -> Json:
    """The account behind the key."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        account = await _account(tx, caller.account_id)
    return Json({"id": caller.requester_id, "balance": account["balance"], "public_name": account["public_name"]})


@session_router.get("/session")
async def get_session(request: Request) -> Json:
    """Who is signed in to the requester app."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        account = await _account(tx, caller.account_id)
    shown = {"requester_id": caller.requester_id, "public_name": account["public_name"], "balance": account["balance"]}
    return Json(shown)
