"""The sandbox API: time travel, waiting for background work, play money. Only with `--sandbox`."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from talka.accounts.auth import database, requester, settings
from talka.app.background import everything
from talka.infra import jobs
from talka.infra.db import Database
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.files import storage
from talka.infra.http.responses import Json
from talka.kit.errors import field_error
from talka.kit.wire import Money, Number, WireModel, parse
from talka.ledger import store as ledger_store
from talka.ledger import usecases as ledger

router = APIRouter(tags=["sandbox"])
_CENTURY = 100 * 366 * 86_400
_LAST = datetime(9000, 1, 1, tzinfo=UTC)
"""Dates end with the year 9999; what is due later than the clock must still have one."""


class Advance(WireModel):
    """How far to travel."""

    seconds: Annotated[Number, Field(ge=0, le=_CENTURY)]


class PlayMoney(WireModel):
    """How much to add."""

    amount: Money


def _jobs(request: Request) -> list[jobs.Job]:
    return everything(settings(request), storage(request), request.app.state.outbound)


async def _clock(db: Database) -> Json:
    async with db.reading() as tx:
        offset = await tx.value("select offset_ms from clock")
        return Json({"now": tx.now, "offset_seconds": Decimal(offset) / 1000})


@router.get("/clock")
async def get_clock(request: Request) -> Json:
    """The time of the domain and how far it is ahead of the real one."""
    await requester(request)
    return await _clock(database(request))


@router.post("/clock/advance", openapi_extra=takes(Advance))
async def advance(request: Request) -> Json:
    """Travel ahead from due moment to due moment, carrying out what each one causes."""
    await requester(request)
    body = parse(Advance, await read_json(request))
    async with database(request).reading() as tx:
        left = (_LAST - tx.now).total_seconds()
    if body.seconds > left:
        raise field_error("seconds", "VALUE_GREATER_THAN_MAX", "The clock ends with the year 8999", int(left))
    await jobs.travel(database(request), _jobs(request), float(body.seconds))
    return await _clock(database(request))


@router.post("/drain")
async def drain(request: Request) -> Json:
    """Wait until nothing is due now."""
    await requester(request)
    await jobs.drain(database(request), _jobs(request))
    return Json({})


@router.post("/balance", openapi_extra=takes(PlayMoney))
async def add_balance(request: Request) -> Json:
    """Add play money to the account."""
    caller = await requester(request)
    body = parse(PlayMoney, await read_json(request))
    async with database(request).transaction() as tx:
        await ledger.deposit(tx, caller.account_id, body.amount)
        balance = await ledger_store.balance(tx, caller.account_id)
    return Json({"balance": balance})
