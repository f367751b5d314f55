"""From where a payout can go where, what may be asked for, and text that is safe in a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from talka.kit.errors import FieldError
from talka.payouts.model import Status

BEFORE: Mapping[Status, Sequence[Status]] = {
    Status.APPROVED: (Status.NEW,),
    Status.PAID: (Status.NEW, Status.APPROVED),
    Status.REJECTED: (Status.NEW, Status.APPROVED),
    Status.CANCELLED: (Status.NEW,),
}
_CENT = Decimal("0.01")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def amount_problem(amount: Decimal, minimum: Decimal) -> FieldError | None:
    """What is wrong with an amount that a worker asks for."""
    least = max(minimum, _CENT)
    if amount < least:
        return FieldError("VALUE_LESS_THAN_MIN", f"Must be at least {least} US dollars", (least,))
    if amount != amount.quantize(_CENT):
        return FieldError("VALUE_OUT_OF_BOUNDS", "Must be whole cents")
    return None


def cell(text: str) -> str:
    """Text of a worker as a cell: an apostrophe keeps a spreadsheet from computing it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
