"""Complaints: what workers call, and the operator's list. Requesters are told nothing of them."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka.accounts.auth import database, operator, worker
from talka.complaints import store, usecases
from talka.complaints.wire import ClosingBody, ComplaintBody, complaint_json, own_complaint_json
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.wire import parse

worker_router = APIRouter(tags=["work"])
operator_router = APIRouter(tags=["operator"])


@worker_router.post("/assignments/{assignment_id}/complaints", status_code=201, openapi_extra=takes(ComplaintBody))
async def complain(request: Request, assignment_id: str) -> Json:
    """Tell the operator what is wrong with a page; a second complaint about it changes nothing (200)."""
    caller = await worker(request)
    body = parse(ComplaintBody, await read_json(request))
    async with database(request).transaction() as tx:
        found, new = await usecases.complain(tx, caller.id, assignment_id, body)
    return Json(own_complaint_json(found), 201 if new else 200)


@operator_router.get("/complaints")
async def list_complaints(request: Request) -> Json:
    """What workers complain about."""
    await operator(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, listing)
    return Json(page([complaint_json(complaint) for complaint in found], more))


@operator_router.post("/complaints/{complaint_id}/close", openapi_extra=takes(ClosingBody))
async def close(request: Request, complaint_id: str) -> Json:
    """Note that a complaint was dealt with, and tell its worker."""
    await operator(request)
    body = parse(ClosingBody, await read_json(request))
    async with database(request).transaction() as tx:
        found = await usecases.close(tx, complaint_id, body.comment)
    return Json(complaint_json(found))
