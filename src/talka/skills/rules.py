"""Rounding of values."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

HISTORY = timedelta(days=92)
"""How far back requesters read it: three months."""


def rounded(value: Decimal) -> int:
    """The nearest whole number; a half goes up."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
