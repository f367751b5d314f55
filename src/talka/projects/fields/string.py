"""Field types `string` and `array_string`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator

from talka.kit.documents import Text, text_problem
from talka.kit.errors import FieldError
from talka.kit.wire import wire_error
from talka.projects.fields.base import (
    ArraySpec,
    Check,
    FieldSpec,
    Problem,
    Size,
    above,
    distinct,
    not_allowed,
    wrong_type,
)
from talka.projects.fields.patterns import BadPattern, compile_pattern


def _pattern(text: str) -> str:
    try:
        compile_pattern(text)
    except BadPattern as error:
        raise wire_error("INVALID_REGEX_SYNTAX", str(error)) from None
    return text


class StringSpec(FieldSpec):
    """Any string; lengths are counted in characters, `pattern` must match the whole value."""

    min_length: Size | None = None
    max_length: Annotated[Size | None, above("min_length")] = None
    allowed_values: list[Text] | None = None
    pattern: Annotated[Text, AfterValidator(_pattern)] | None = None

    def check(self) -> Check:
        """Values are JSON strings that can be stored."""
        constrained = self._constraints()

        def check(value: Any) -> Problem | None:
            if type(value) is not str:
                return wrong_type(value, "STRING_EXPECTED", "a string")
            if "\0" in value or not value.isascii():
                problem = text_problem(value)
                if problem is not None:
                    return problem
            return None if constrained is None else constrained(value)

        return check

    def _constraints(self) -> Check | None:
        low, high = self.min_length or 0, self.max_length
        allowed = frozenset(self.allowed_values or ())
        matches = compile_pattern(self.pattern) if self.pattern is not None else None
        if not low and high is None and not allowed and matches is None:
            return None

        def check(value: str) -> Problem | None:
            if len(value) < low:
                return FieldError("STRING_LENGTH_LESS_THAN_MIN", f"Must have at least {low} characters", (low,))
            if high is not None and len(value) > high:
                message = f"Must have at most {high} characters"
                return FieldError("STRING_LENGTH_GREATER_THAN_MAX", message, (high,))
            if allowed and value not in allowed:
                return not_allowed(self.allowed_values or ())
            if matches is not None and not matches(value):
                return FieldError("PATTERN_MISMATCH", "Must match the pattern", (self.pattern,))
            return None

        return check

    @property
    def options(self) -> Sequence[Any]:
        """The allowed values."""
        return distinct(self.allowed_values or ())


class StringArraySpec(ArraySpec, StringSpec):
    """An array of strings."""
