"""Money: US dollars as decimals, JSON numbers on the wire, never binary fractions in between."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

SCALE = Decimal("0.000001")
"""The smallest amount that is stored: a micro-dollar."""


def to_json(amount: Decimal) -> int | float:
    """A JSON number that prints as the decimal does (up to 15 digits, far above any balance)."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def fee_of(price: Decimal, percent: Decimal) -> Decimal:
    """The platform fee on `price`, rounded up to a micro-dollar so that it never undercuts the rate."""
    return (price * percent / 100).quantize(SCALE, rounding=ROUND_UP)
