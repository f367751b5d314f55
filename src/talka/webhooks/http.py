"""Endpoints of webhook subscriptions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from talka.accounts.auth import database, requester
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json, no_content
from talka.infra.outbound import Outbound
from talka.kit.errors import FieldErrors, TalkaError, ValidationError, as_payload, field_error
from talka.kit.wire import parse
from talka.webhooks import store, usecases
from talka.webhooks.wire import (
    Replay,
    SubscriptionBody,
    delivery_json,
    progress_json,
    subscription_json,
    trial_json,
)

router = APIRouter(tags=["webhooks"])
MAX_ITEMS = 1000


def _outbound(request: Request) -> Outbound:
    outbound: Outbound = request.app.state.outbound
    return outbound


@router.put("/webhook-subscriptions", openapi_extra=takes(SubscriptionBody, many=True))
async def put_subscriptions(request: Request) -> Json:
    """Subscribe, to one thing or to several; the same pool, event type and address are the same subscription.

    Of an array whatever is valid is done, and the answer says by index what is wrong with the rest.
    """
    caller = await requester(request)
    raw = await read_json(request)
    if not isinstance(raw, list):
        body = parse(SubscriptionBody, raw)
        async with database(request).transaction() as tx:
            one = await usecases.put(tx, caller.account_id, body)
        return Json(subscription_json(one))
    bodies, errors = _read(raw)
    async with database(request).transaction() as tx:
        found, wrong = await usecases.put_batch(tx, caller.account_id, bodies, errors)
    items = {str(index): subscription_json(found[index]) for index in sorted(found)}
    return Json(
        {"items": items, "validation_errors": {str(index): as_payload(wrong[index]) for index in sorted(wrong)}}
    )


def _read(raw: list[Any]) -> tuple[dict[int, SubscriptionBody], dict[int, FieldErrors]]:
    if not raw:
        raise field_error("body", "ARRAY_SIZE_LESS_THAN_MIN", "The array is empty", 1)
    if len(raw) > MAX_ITEMS:
        raise TalkaError("ENTITY_TOO_LARGE", f"At most {MAX_ITEMS} subscriptions at a time", {"limit": MAX_ITEMS})
    bodies: dict[int, SubscriptionBody] = {}
    errors: dict[int, FieldErrors] = {}
    for index, item in enumerate(raw):
        try:
            bodies[index] = parse(SubscriptionBody, item)
        except ValidationError as error:
            errors[index] = error.fields
    return bodies, errors


@router.get("/webhook-subscriptions")
async def list_subscriptions(request: Request) -> Json:
    """The account's subscriptions."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
    return Json(page([subscription_json(one) for one in found], more))


@router.get("/webhook-subscriptions/{subscription_id}")
async def get_subscription(request: Request, subscription_id: str) -> Json:
    """One subscription."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        found = await usecases.find(tx, caller.account_id, subscription_id)
    return Json(subscription_json(found))


@router.delete("/webhook-subscriptions/{subscription_id}", status_code=204)
async def delete_subscription(request: Request, subscription_id: str) -> Response:
    """End a subscription; what is pending is not sent any more."""
    caller = await requester(request)
    async with database(request).transaction() as tx:
        await usecases.delete(tx, caller.account_id, subscription_id)
    return no_content()


@router.post("/webhook-subscriptions/{subscription_id}/test")
async def try_subscription(request: Request, subscription_id: str) -> Json:
    """Send a TEST_EVENT now; what came of it."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        found = await usecases.find(tx, caller.account_id, subscription_id)
        now = tx.now
    answer, number = await usecases.trial(_outbound(request), found, now)
    async with database(request).reading() as tx:
        return Json(trial_json(answer, tx.now, number))


@router.get("/webhook-subscriptions/{subscription_id}/deliveries")
async def list_deliveries(request: Request, subscription_id: str) -> Json:
    """The events of a subscription, sent or pending, and what keeps delivery from going on. Of Talka's own."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        found = await usecases.find(tx, caller.account_id, subscription_id)
        listing = parse_listing(request.query_params, store.deliveries_list(found.progress.delivered))
        events, more = await store.deliveries(tx, found, listing)
    shown = page([delivery_json(found, event) for event in events], more)
    return Json({"delivery": progress_json(found.progress), **shown})


@router.post("/webhook-subscriptions/{subscription_id}/replay", openapi_extra=takes(Replay))
async def replay(request: Request, subscription_id: str) -> Json:
    """Send again what happened from a moment on, also to an endpoint that was given up. Of Talka's own."""
    caller = await requester(request)
    body = parse(Replay, await read_json(request))
    async with database(request).transaction() as tx:
        found = await usecases.replay(tx, caller.account_id, subscription_id, body.event_time_from)
    return Json(progress_json(found.progress))
