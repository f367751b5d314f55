"""The price of a page: nothing, or at least the smallest price."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator

from talka.kit.money import to_json
from talka.kit.wire import Money, wire_error

SMALLEST = Decimal("0.005")


def _reward(value: Decimal) -> Decimal:
    if value < 0:
        raise wire_error("VALUE_LESS_THAN_MIN", "Must not be negative", 0)
    if 0 < value < SMALLEST:
        raise wire_error("VALUE_LESS_THAN_MIN", f"Must be 0 or at least {SMALLEST}", to_json(SMALLEST))
    return value


Reward = Annotated[Money, AfterValidator(_reward)]
"""US dollars for one page."""
