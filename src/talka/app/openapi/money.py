"""The account and its balance, bonuses, payouts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from talka.app.openapi.calls import BATCH, Call, Calls, Either, Raw
from talka.app.openapi.operations import Operation
from talka.app.openapi.shapes import MAYBE, Amount, Batch, Moment, NumberId, Page, Shape, Texts, UserId, WorkId
from talka.bonuses import store as bonuses
from talka.payouts import store as payouts


class Requester(Shape):
    """The account behind the key."""

    id: UserId
    balance: Amount
    public_name: Texts


class Environment(Shape):
    """The server that is talked to."""

    version: Annotated[str, Field(examples=["0.1.0"])]
    sandbox: bool
    """Whether money is play money and time can be travelled."""
    currency: Literal["USD"]
    fee_percent: Amount
    open_registration: bool
    """Whether anybody may register as a worker."""


class Bonus(Shape):
    """Money beside the price of pages."""

    id: NumberId
    user_id: UserId
    amount: Amount
    assignment_id: WorkId = MAYBE
    private_comment: str = MAYBE
    public_title: Texts = MAYBE
    public_message: Texts = MAYBE
    without_message: bool
    created: Moment


class OwnBonus(Shape):
    """A bonus as its worker sees it."""

    id: NumberId
    amount: Amount
    assignment_id: WorkId = MAYBE
    title: str = MAYBE
    message: str = MAYBE
    created: Moment


class Withdrawal(Shape):
    """A payout as its worker sees it."""

    id: NumberId
    amount: Amount
    destination: str
    status: Literal["NEW", "APPROVED", "PAID", "REJECTED", "CANCELLED"]
    comment: str = MAYBE
    created: Moment
    modified: Moment


class Payout(Withdrawal):
    """A payout as the operator sees it."""

    user_id: UserId
    login: str


_BONUS = {
    "user_id": "9f2b1c0de4a5b6c7d8e9f00112233445",
    "amount": 0.5,
    "public_title": {"EN": "Thank you"},
    "public_message": {"EN": "Thirty pages without a mistake"},
}
_DECIDED = ["INAPPROPRIATE_STATUS", "NOT_ENOUGH_BALANCE", "CONFLICT_STATE"]

CALLS: Calls = {
    "GET /api/v1/requester": Call({200: Requester}),
    "GET /api/env": Call({200: Environment}),
    "POST /api/v1/user-bonuses": Call(
        {201: Either((Bonus, Batch[Bonus])), 202: Operation},
        query=BATCH,
        conflicts=["NOT_ENOUGH_BALANCE", "CONFLICT_STATE", "OPERATION_ALREADY_EXISTS"],
        example=_BONUS,
    ),
    "GET /api/v1/user-bonuses": Call({200: Page[Bonus]}, bonuses.LIST),
    "GET /api/v1/user-bonuses/{bonus_id}": Call({200: Bonus}),
    "GET /api/worker/v1/bonuses": Call({200: Page[OwnBonus]}, bonuses.OWN),
    "POST /api/worker/v1/withdrawals": Call(
        {201: Withdrawal}, conflicts=_DECIDED, example={"amount": 12.5, "destination": "PT50 0002 0123 1234"}
    ),
    "GET /api/worker/v1/withdrawals": Call({200: Page[Withdrawal]}, payouts.OWN),
    "POST /api/worker/v1/withdrawals/{withdrawal_id}/cancel": Call({200: Withdrawal}, conflicts=_DECIDED),
    "GET /api/operator/v1/payouts": Call({200: Page[Payout]}, payouts.LIST),
    "GET /api/operator/v1/payouts.csv": Call({200: Raw("A line for each payout", "text/csv")}, payouts.LIST),
    "POST /api/operator/v1/payouts/{payout_id}/approve": Call({200: Payout}, conflicts=_DECIDED),
    "POST /api/operator/v1/payouts/{payout_id}/pay": Call({200: Payout}, conflicts=_DECIDED),
    "POST /api/operator/v1/payouts/{payout_id}/reject": Call(
        {200: Payout}, conflicts=_DECIDED, example={"comment": "There is no such account"}
    ),
}
