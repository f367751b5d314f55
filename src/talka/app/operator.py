"""The operator's API: settings, deposits, bans. The queue of payouts stands in `payouts`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from talka.accounts import usecases as accounts
from talka.accounts.auth import database, operator, settings
from talka.infra import policy
from talka.infra.db import Tx
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page, parse_listing
from talka.infra.http.responses import Json, no_content
from talka.infra.policy import Policy
from talka.infra.settings import Settings
from talka.kit.documents import within
from talka.kit.errors import field_error
from talka.kit.wire import DateTime, Money, WireModel, parse
from talka.ledger import store as ledger_store
from talka.ledger import usecases as ledger
from talka.messages import notices
from talka.messages import usecases as messages
from talka.restrictions import store as restrictions
from talka.restrictions import usecases as restriction_usecases
from talka.restrictions.wire import restriction_json
from talka.rulebook.actions.restriction import PrivateComment

router = APIRouter(tags=["operator"])
_REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class PolicyBody(WireModel):
    """Fields to decide on; null leaves one to the settings of the processes."""

    fee_percent: Annotated[Money, within(0, 100)] | None = None
    open_registration: bool | None = None
    minimum_payout: Annotated[Money, Field(gt=0, le=1_000_000)] | None = None
    moderation: Literal["OFF", "FIRST_RUN", "EVERY_MAJOR_VERSION"] | None = None


class DepositBody(WireModel):
    """How much to put on an account."""

    amount: Money


class BanBody(WireModel):
    """Why and until when a worker is kept out of everything; without an end, for good."""

    private_comment: PrivateComment | None = None
    will_expire: DateTime | None = None


def policy_json(found: Policy) -> dict[str, Any]:
    """What is in force."""
    return {
        "fee_percent": found.fee_percent,
        "open_registration": found.open_registration,
        "minimum_payout": found.minimum_payout,
        "moderation": found.moderation.value,
    }


@router.get("/settings")
async def get_settings(request: Request) -> Json:
    """What is in force."""
    await operator(request)
    async with database(request).reading() as tx:
        return Json(policy_json(await policy.in_force(tx, settings(request))))


@router.patch("/settings", openapi_extra=takes(PolicyBody))
async def change_settings(request: Request) -> Json:
    """Change what is given; other processes follow within two seconds."""
    await operator(request)
    body = parse(PolicyBody, await read_json(request))
    async with database(request).transaction() as tx:
        found = await decide(tx, settings(request), body)
    request.app.state.policies.forget()
    return Json(policy_json(found))


async def decide(tx: Tx, configured: Settings, body: PolicyBody) -> Policy:
    """Change what is given, and tell requesters of another fee; what is in force then."""
    before = await policy.in_force(tx, configured)
    await policy.change(tx, body.model_dump(exclude_unset=True))
    after = await policy.in_force(tx, configured)
    if after.fee_percent != before.fee_percent:
        await messages.tell_requesters(tx, notices.fee_changed(after.fee_percent))
    return after


async def deposit_once(tx: Tx, requester_id: str, reference: str, amount: Decimal) -> tuple[dict[str, Any], bool]:
    """Put money on an account once per reference; whether it was new.

    Raises:
        NotFound; ValidationError: reference or amount; TalkaError: CONFLICT_STATE when the reference stands for another
            amount.
    """
    if not _REFERENCE.fullmatch(reference):
        raise field_error("reference", "PATTERN_MISMATCH", "Must be 1 to 64 of A-Z a-z 0-9 . _ -", _REFERENCE.pattern)
    account_id = await accounts.find_account(tx, requester_id)
    new = await ledger.deposit_once(tx, account_id, reference, amount)
    balance = await ledger_store.balance(tx, account_id)
    return {"requester_id": requester_id, "reference": reference, "amount": amount, "balance": balance}, new


@router.put("/accounts/{requester_id}/deposits/{reference}", openapi_extra=takes(DepositBody))
async def put_deposit(request: Request, requester_id: str, reference: str) -> Json:
    """Put money on an account; the same reference again (200 instead of 201) puts none."""
    await operator(request)
    body = parse(DepositBody, await read_json(request))
    async with database(request).transaction() as tx:
        shown, new = await deposit_once(tx, requester_id, reference, body.amount)
    return Json(shown, 201 if new else 200)


@router.get("/bans")
async def list_bans(request: Request) -> Json:
    """Workers who are kept out of everything."""
    await operator(request)
    listing = parse_listing(request.query_params, restrictions.BANS)
    async with database(request).reading() as tx:
        found, more = await restrictions.bans(tx, listing)
    return Json(page([restriction_json(restriction) for restriction in found], more))


@router.put("/bans/{user_id}", openapi_extra=takes(BanBody))
async def ban(request: Request, user_id: str) -> Json:
    """Keep a worker out of everything, or replace comment and end of the ban; 201 when there was none."""
    await operator(request)
    body = parse(BanBody, await read_json(request))
    async with database(request).transaction() as tx:
        found, new = await restriction_usecases.ban(tx, user_id, body.private_comment, body.will_expire)
    return Json(restriction_json(found), 201 if new else 200)


@router.delete("/bans/{user_id}", status_code=204)
async def lift_ban(request: Request, user_id: str) -> Response:
    """Let a worker in again."""
    await operator(request)
    async with database(request).transaction() as tx:
        await restriction_usecases.lift_ban(tx, user_id)
    return no_content()
