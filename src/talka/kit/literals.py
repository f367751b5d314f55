"""Checks of literals that are kept as received: numbers may come as JSON strings, and stay strings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from talka.kit.errors import FieldError

LiteralCheck = Callable[[Any], FieldError | None]
"""What is wrong with a literal; None when it is fine."""


def boolean(value: Any) -> FieldError | None:
    """true or false."""
    return None if isinstance(value, bool) else FieldError("BOOLEAN_EXPECTED", "Must be true or false")


def integer(value: Any) -> FieldError | None:
    """A whole number of 64 bits, also as a numeric string."""
    found = number(value)
    if found is not None:
        return FieldError("INTEGER_EXPECTED", "Must be an integer") if found.code == "FLOAT_EXPECTED" else found
    return None if float(value).is_integer() else FieldError("INTEGER_EXPECTED", "Must be an integer")


def number(value: Any) -> FieldError | None:
    """A finite number of at most 64 bits, also as a numeric string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return FieldError("FLOAT_EXPECTED", "Must be a number")
    try:
        parsed = float(value)
    except (ValueError, OverflowError):
        return FieldError("FLOAT_EXPECTED", "Must be a number")
    if not math.isfinite(parsed):
        return FieldError("FLOAT_EXPECTED", "Must be a finite number")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return FieldError("VALUE_OUT_OF_BOUNDS", "Must have at most 64 bits")
    return None


def at_least(low: int) -> LiteralCheck:
    """A whole number that is not below `low`, also as a numeric string."""

    def check(value: Any) -> FieldError | None:
        found = integer(value)
        if found is None and float(value) < low:
            return FieldError("VALUE_OUT_OF_BOUNDS", f"Must be at least {low}", (low,))
        return found

    return check


def percentage(value: Any) -> FieldError | None:
    """A number from 0 to 100, also as a numeric string."""
    found = number(value)
    if found is None and not 0 <= float(value) <= 100:
        return FieldError("VALUE_OUT_OF_BOUNDS", "Must be between 0 and 100", (0, 100))
    return found


def one_of(*names: str) -> LiteralCheck:
    """One of the names."""

    def check(value: Any) -> FieldError | None:
        if not isinstance(value, str):
            return FieldError("STRING_EXPECTED", "Must be a string")
        return None if value in names else FieldError("UNKNOWN_ENUM_VALUE", "Must be a known value", names)

    return check
