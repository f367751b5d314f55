"""What operators call, probes, and the sandbox."""

from __future__ import annotations

from typing import Literal

from talka.app.openapi.calls import Call, Calls, Raw
from talka.app.openapi.shapes import Amount, Moment, Nothing, Page, Shape, UserId
from talka.app.openapi.skills import UserRestriction
from talka.kit.wire import Number
from talka.restrictions import store


class Policy(Shape):
    """What is in force."""

    fee_percent: Number
    open_registration: bool
    minimum_payout: Amount
    moderation: Literal["OFF", "FIRST_RUN", "EVERY_MAJOR_VERSION"]
    """Whether projects must be approved before their pools can be opened."""


class Deposit(Shape):
    """Money that was put on an account."""

    requester_id: UserId
    reference: str
    amount: Amount
    balance: Amount


class Health(Shape):
    """The process is alive and can serve."""

    status: Literal["ok"]


class Unready(Shape):
    """The process cannot serve now."""

    status: str
    message: str


class Clock(Shape):
    """The time of the domain."""

    now: Moment
    offset_seconds: Number
    """How far it is ahead of the real one."""


class Balance(Shape):
    """What the account has."""

    balance: Amount


CALLS: Calls = {
    "GET /api/operator/v1/settings": Call({200: Policy}),
    "PATCH /api/operator/v1/settings": Call({200: Policy}, example={"fee_percent": 15}),
    "PUT /api/operator/v1/accounts/{requester_id}/deposits/{reference}": Call(
        {200: Deposit, 201: Deposit}, conflicts=["CONFLICT_STATE"], example={"amount": 250}
    ),
    "GET /api/operator/v1/bans": Call({200: Page[UserRestriction]}, store.BANS),
    "PUT /api/operator/v1/bans/{user_id}": Call(
        {200: UserRestriction, 201: UserRestriction}, example={"private_comment": "Sells accounts"}
    ),
    "DELETE /api/operator/v1/bans/{user_id}": Call({204: None}),
    "GET /api/sandbox/v1/clock": Call({200: Clock}),
    "POST /api/sandbox/v1/clock/advance": Call({200: Clock}, example={"seconds": 86400}),
    "POST /api/sandbox/v1/drain": Call({200: Nothing}),
    "POST /api/sandbox/v1/balance": Call({200: Balance}, example={"amount": 100}),
    "GET /healthz": Call({200: Health}),
    "GET /readyz": Call({200: Health, 503: Unready}),
    "GET /metrics": Call({200: Raw("Figures in the text format of Prometheus", "text/plain")}),
}
