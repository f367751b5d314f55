"""Endpoints of bonuses."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams

from talka.accounts import languages, limits
from talka.accounts.auth import database, policy, requester, worker
from talka.accounts.quotas import Action
from talka.bonuses import store, usecases
from talka.bonuses.wire import BonusBody, bonus_json, earned_json, echo, own_bonus_json
from talka.infra.db import Tx
from talka.infra.http.docs import takes
from talka.infra.http.listing import ListSpec, page, parse_listing
from talka.infra.http.responses import Json
from talka.kit.errors import FieldError, FieldErrors, ValidationError
from talka.kit.ids import parse_number, parse_work_id
from talka.operations.batches import BatchKind, batch_answer, log_item, log_of, too_many
from talka.operations.model import Operation, Outcome

router = APIRouter(tags=["bonuses"])
worker_router = APIRouter(tags=["work"])
_EARNINGS = ListSpec(sorts={"id": ("id",)})


@router.post("/user-bonuses", status_code=201, openapi_extra=takes(BonusBody, many=True))
async def create_bonuses(request: Request) -> Json:
    """Pay one bonus or an array of them, at once (201) or as an operation (`async_mode=true`, 202)."""
    fee_percent = (await policy(request)).fee_percent

    def create(tx: Tx, operation: Operation, items: list[Any]) -> Awaitable[Outcome]:
        return usecases.pay_now(tx, operation, items, fee_percent)

    kind = BatchKind(
        usecases.BONUSES,
        Action.ISSUE_BONUSES,
        "TOO_MANY_REQUESTS",
        ("skip_invalid_items",),
        _check_size,
        _check,
        create,
        _created,
    )
    return await batch_answer(request, kind)


def _check_size(items: list[Any]) -> None:
    if len(items) > limits.BONUSES_AT_ONCE:
        raise too_many("bonuses", limits.BONUSES_AT_ONCE)


async def _check(tx: Tx, account_id: int, items: list[Any]) -> None:
    """Nothing can be said of a queued batch at once: what there is money for is seen when its turn comes."""


async def _created(tx: Tx, operation: Operation) -> dict[int, dict[str, Any]]:
    return {bonus.item_index: bonus_json(bonus) for bonus in await usecases.created(tx, operation)}


async def batch_log(tx: Tx, operation: Operation) -> list[dict[str, Any]]:
    """The log of a batch of bonuses."""
    entries = {
        bonus.item_index: log_item("USER_BONUS_PERSIST", True, echo(bonus), {"user_bonus_id": str(bonus.id)})
        for bonus in await usecases.created(tx, operation)
    }
    return await log_of(tx, operation, entries)


@router.get("/user-bonuses")
async def list_bonuses(request: Request) -> Json:
    """The account's bonuses."""
    caller = await requester(request)
    listing = parse_listing(request.query_params, store.LIST)
    async with database(request).reading() as tx:
        found, more = await store.listed(tx, caller.account_id, listing)
    return Json(page([bonus_json(bonus) for bonus in found], more))


@router.get("/user-bonuses/{bonus_id}")
async def get_bonus(request: Request, bonus_id: str) -> Json:
    """One bonus."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        return Json(bonus_json(await usecases.find(tx, caller.account_id, bonus_id)))


@worker_router.get("/bonuses")
async def list_own(request: Request) -> Json:
    """What the worker was given beside the price of their pages."""
    caller = await worker(request)
    listing = parse_listing(request.query_params, store.OWN)
    async with database(request).reading() as tx:
        wanted = await languages.wanted(tx, caller.id, request.headers.get("accept-language"))
        found, more = await store.own(tx, caller.id, listing)
    return Json(page([own_bonus_json(bonus, wanted) for bonus in found], more))


@worker_router.get("/earnings")
async def earnings(request: Request) -> Json:
    """What the worker was paid for pages and as bonuses, latest first.

    A page of the list goes on after the last assignment (`before`) and the last bonus (`before_bonus`) that were seen.
    """
    caller = await worker(request)
    limit = parse_listing(request.query_params, _EARNINGS).limit
    before, before_bonus = _seen(request.query_params)
    async with database(request).reading() as tx:
        wanted = await languages.wanted(tx, caller.id, request.headers.get("accept-language"))
        found, more = await usecases.earned(tx, caller.id, limit, before, before_bonus)
    return Json(page([earned_json(earned, wanted) for earned in found], more))


def _seen(params: QueryParams) -> tuple[int | None, int | None]:
    """The numbers of the assignment and of the bonus to go on after."""
    texts = params.get("before"), params.get("before_bonus")
    assignment = parse_work_id(texts[0]) if texts[0] is not None else None
    bonus = parse_number(texts[1]) if texts[1] is not None else None
    errors: FieldErrors = {}
    if texts[0] is not None and assignment is None:
        errors["before"] = FieldError("INVALID_VALUE", "Must be the id of an assignment")
    if texts[1] is not None and bonus is None:
        errors["before_bonus"] = FieldError("INVALID_VALUE", "Must be the id of a bonus")
    if errors:
        raise ValidationError(errors)
    return assignment.number if assignment is not None else None, bonus
