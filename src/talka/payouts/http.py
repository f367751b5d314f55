"""Payouts: what workers call, and the operator's queue."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from talka.accounts.auth import database, operator, policy, worker
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.wire import parse
from talka.payouts import store, usecases
from talka.payouts.model import Status
from talka.payouts.wire import (
    COLUMNS,
    DecisionBody,
    WithdrawalBody,
    csv_line,
    payout_json,
    payout_line,
    withdrawal_json,
)

worker_router = APIRouter(tags=["work"])
operator_router = APIRouter(tags=["operator"])


@worker_router.post("/withdrawals", status_code=201, openapi_extra=takes(WithdrawalBody))
async def ask(request: Request) -> Json:
    """Ask for a payout; one at a time."""
    caller = await worker(request)
    body = parse(WithdrawalBody, await read_json(request))
    minimum = (await policy(request)).minimum_payout
    async with database(request).transaction() as tx:
        payout = await usecases.ask(tx, caller.id, body.amount, body.destination, minimum)
    return Json(withdrawal_json(payout), 201)


@worker_router.get("/withdrawals")
async def list_own(request: Request) -> Json:
    """The worker's own payouts."""
    caller = await worker(request)
    listing = parse_listing(request.query_params, store.OWN)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, listing, worker_id=caller.id)
    return Json(page([withdrawal_json(payout) for payout in found], more))


@worker_router.post("/withdrawals/{withdrawal_id}/cancel")
async def cancel(request: Request, withdrawal_id: str) -> Json:
    """Take a request back that the operator has not looked at yet."""
    caller = await worker(request)
    async with database(request).transaction() as tx:
        payout = await usecases.move(tx, withdrawal_id, Status.CANCELLED, worker_id=caller.id)
    return Json(withdrawal_json(payout))


@operator_router.get("/payouts")
async def list_payouts(request: Request) -> Json:
    """The queue of payouts."""
    await operator(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, listing)
    return Json(page([payout_json(payout) for payout in found], more))


@operator_router.get("/payouts.csv")
async def payouts_csv(request: Request) -> StreamingResponse:
    """All payouts that meet the filters, oldest first, as a table."""
    await operator(request)
    listing = parse_listing(request.query_params, store.LIST)
    db = database(request)

    async def lines() -> AsyncIterator[str]:
        yield csv_line(COLUMNS)
        async for payout in usecases.every(db, listing):
            yield payout_line(payout)

    return StreamingResponse(lines(), media_type="text/csv; charset=UTF-8")


async def _decide(request: Request, payout_id: str, status: Status) -> Json:
    await operator(request)
    body = parse(DecisionBody, await read_json(request))
    async with database(request).transaction() as tx:
        payout = await usecases.move(tx, payout_id, status, comment=body.comment)
    return Json(payout_json(payout))


@operator_router.post("/payouts/{payout_id}/approve", openapi_extra=takes(DecisionBody))
async def approve(request: Request, payout_id: str) -> Json:
    """Put a payout on its way; the worker can no longer cancel it."""
    return await _decide(request, payout_id, Status.APPROVED)


@operator_router.post("/payouts/{payout_id}/pay", openapi_extra=takes(DecisionBody))
async def pay(request: Request, payout_id: str) -> Json:
    """Note that a payout was paid."""
    return await _decide(request, payout_id, Status.PAID)


@operator_router.post("/payouts/{payout_id}/reject", openapi_extra=takes(DecisionBody))
async def reject(request: Request, payout_id: str) -> Json:
    """Refuse a payout; the money is the worker's again."""
    return await _decide(request, payout_id, Status.REJECTED)
