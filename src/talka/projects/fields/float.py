"""Field types `float` and `array_float`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

from talka.kit.errors import FieldError
from talka.kit.wire import Number
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
from talka.projects.fields.integer import INT64


class FloatSpec(FieldSpec):
    """Any finite number."""

    min_value: Number | None = None
    max_value: Annotated[Number | None, above("min_value")] = None
    allowed_values: list[Number] | None = None

    def check(self) -> Check:
        """Values are JSON numbers; integers have at most 64 bits."""
        low, high, allowed = self.min_value, self.max_value, self.allowed_values
        bounded = low is not None or high is not None

        def check(value: Any) -> Problem | None:
            if type(value) is float:
                if not math.isfinite(value):
                    return FieldError("FLOAT_EXPECTED", "Must be a finite number")
            elif type(value) is not int:
                return wrong_type(value, "FLOAT_EXPECTED", "a number")
            elif value not in INT64:
                return FieldError("VALUE_OUT_OF_BOUNDS", "Must have at most 64 bits", (INT64[0], INT64[-1]))
            if bounded and (problem := between(value, low, high)) is not None:
                return problem
            if allowed and value not in allowed:
                return not_allowed(allowed)
            return None

        return check

    @property
    def options(self) -> Sequence[Any]:
        """The allowed values."""
        return distinct(self.allowed_values or ())


class FloatArraySpec(ArraySpec, FloatSpec):
    """An array of numbers."""
