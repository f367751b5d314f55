"""Field types `boolean` and `array_boolean`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from talka.projects.fields.base import ArraySpec, Check, FieldSpec, Problem, distinct, not_allowed, wrong_type


class BooleanSpec(FieldSpec):
    """true or false; strings are not coerced."""

    allowed_values: list[bool] | None = None

    def check(self) -> Check:
        """Values are JSON booleans."""
        allowed = self.allowed_values

        def check(value: Any) -> Problem | None:
            if type(value) is not bool:
                return wrong_type(value, "BOOLEAN_EXPECTED", "true or false")
            if allowed and value not in allowed:
                return not_allowed(allowed)
            return None

        return check

    @property
    def options(self) -> Sequence[Any]:
        """Two values at most."""
        return distinct(self.allowed_values or (True, False))


class BooleanArraySpec(ArraySpec, BooleanSpec):
    """An array of booleans."""
