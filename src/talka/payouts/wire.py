"""Payouts as workers and operators send and get them."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from talka.kit.documents import at_most
from talka.kit.money import to_json
from talka.kit.times import format_time
from talka.kit.wire import Money, NonBlank, WireModel
from talka.payouts import rules
from talka.payouts.model import Payout

COLUMNS = ("id", "user_id", "login", "amount", "destination", "status", "comment", "created", "modified")


class WithdrawalBody(WireModel):
    """How much a worker wants and where to: an account number, an address of a payment service."""

    amount: Money
    destination: Annotated[NonBlank, at_most(500)]


class DecisionBody(WireModel):
    """What the worker is told about the decision."""

    comment: Annotated[NonBlank, at_most(500)] | None = None


def withdrawal_json(payout: Payout) -> dict[str, Any]:
    """A payout as its worker gets it."""
    body: dict[str, Any] = {
        "id": str(payout.id),
        "amount": payout.amount,
        "destination": payout.destination,
        "status": payout.status.value,
        "created": payout.created,
        "modified": payout.modified,
    }
    return body if payout.comment is None else {**body, "comment": payout.comment}


def payout_json(payout: Payout) -> dict[str, Any]:
    """A payout as the operator gets it."""
    return {**withdrawal_json(payout), "user_id": payout.user_id, "login": payout.login}


def csv_line(values: tuple[Any, ...]) -> str:
    """A line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def payout_line(payout: Payout) -> str:
    """A payout as a line of CSV, in the order of `COLUMNS`."""
    shown = {
        **payout_json(payout),
        "amount": str(to_json(payout.amount)),
        "login": rules.cell(payout.login),
        "destination": rules.cell(payout.destination),
        "comment": rules.cell(payout.comment or ""),
        "created": format_time(payout.created),
        "modified": format_time(payout.modified),
    }
    return csv_line(tuple(shown[name] for name in COLUMNS))
