"""Field types `boolean` and `array_boolean`."""

from __future__ import annotations

from typing import Any

from talka.projects.fields.base import ArraySpec, Check, FieldSpec, Problem, not_allowed, wrong_type


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
    def aggregatable(self) -> bool:
        """Two values at most."""
        return True


class BooleanArraySpec(ArraySpec, BooleanSpec):
    """An array of booleans."""
