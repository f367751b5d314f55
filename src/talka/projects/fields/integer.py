"""Field types `integer` and `array_integer`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from talka.kit.errors import FieldError
from talka.kit.wire import Integer
from talka.projects.fields.base import (
    ArraySpec,
    Check,
    FieldSpec,
    Problem,
    above,
    between,
    distinct,
    not_allowed,
    wrong_type,
)

INT64 = range(-(2**63), 2**63)
MAX_AGGREGATED_RANGE = 32


class IntegerSpec(FieldSpec):
    """A whole number of 64 bits; 1.0 is one, true is none."""

    min_value: Integer | None = None
    max_value: Annotated[Integer | None, above("min_value")] = None
    allowed_values: list[Integer] | None = None

    def check(self) -> Check:
        """Values are JSON numbers without a fraction."""
        low, high, allowed = self.min_value, self.max_value, self.allowed_values
        bounded = low is not None or high is not None

        def check(value: Any) -> Problem | None:
            if type(value) is not int and not (type(value) is float and value.is_integer()):
                return wrong_type(value, "INTEGER_EXPECTED", "an integer")
            if not -(2**63) <= value < 2**63:
                return FieldError("VALUE_OUT_OF_BOUNDS", "Must have at most 64 bits", (INT64[0], INT64[-1]))
            if bounded and (problem := between(value, low, high)) is not None:
                return problem
            if allowed and value not in allowed:
                return not_allowed(allowed)
            return None

        return check

    @property
    def options(self) -> Sequence[Any]:
        """The allowed values, or all between bounds that are not far apart."""
        if self.allowed_values:
            return distinct(self.allowed_values)
        low, high = self.min_value, self.max_value
        if low is None or high is None or high - low > MAX_AGGREGATED_RANGE:
            return ()
        return range(low, high + 1)


class IntegerArraySpec(ArraySpec, IntegerSpec):
    """An array of integers."""
