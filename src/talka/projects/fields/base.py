"""What all field types share: the shape of a field, its value check, and the array of any type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from talka.kit.documents import Document
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.wire import Integer, wire_error

Problem = FieldError | FieldErrors
"""What is wrong with a value: one error, or errors by path below the field."""
Check = Callable[[Any], Problem | None]
"""A value check, compiled once per field; None when the value is fine."""


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class FieldSpec(Document):
    """One field of an input or output specification."""

    filled = {"required": True, "hidden": False}  # noqa: RUF012 - a class variable of the base

    type: Annotated[str, BeforeValidator(_lower)]
    required: bool = True
    hidden: bool = False

    def check(self) -> Check:
        """The value check of this field; nulls never reach it."""
        raise TypeError(f"fields of type {self.type} hold no values")

    @property
    def options(self) -> Sequence[Any]:
        """The values that answers can have, in order, when they are few and known beforehand; else nothing."""
        return ()

    @property
    def aggregatable(self) -> bool:
        """Whether the answers come from so small a set that they can be aggregated."""
        return bool(self.options)


def wrong_type(value: Any, code: str, what: str) -> FieldError:
    """The error for a value of the wrong JSON type where a scalar is due."""
    if isinstance(value, dict | list):
        return FieldError("SIMPLE_VALUE_EXPECTED", f"Must be {what}, not an array or an object")
    return FieldError(code, f"Must be {what}")


def between(value: float, low: float | None, high: float | None) -> FieldError | None:
    """The error for a number outside its bounds."""
    if low is not None and value < low:
        return FieldError("VALUE_LESS_THAN_MIN", f"Must be at least {low}", (low,))
    if high is not None and value > high:
        return FieldError("VALUE_GREATER_THAN_MAX", f"Must be at most {high}", (high,))
    return None


def distinct(values: Sequence[Any]) -> Sequence[Any]:
    """The same values, each once."""
    return tuple(dict.fromkeys(values))


def not_allowed(allowed: Sequence[Any]) -> FieldError:
    """The error for a value that is none of the allowed ones."""
    return FieldError("VALUE_NOT_ALLOWED", "Must be one of the allowed values", tuple(allowed))


def above(other: str) -> AfterValidator:
    """For a maximum: it must not be below the minimum that stands in the field `other`."""

    def check(value: Any, info: ValidationInfo) -> Any:
        low = info.data.get(other)
        if value is not None and low is not None and value < low:
            raise wire_error("VALUE_OUT_OF_BOUNDS", f"Must not be less than {other}", low)
        return value

    return AfterValidator(check)


def _size(value: int) -> int:
    if not 0 <= value <= 2**31 - 1:
        raise wire_error("VALUE_OUT_OF_BOUNDS", "Must not be negative", 0)
    return value


Size = Annotated[Integer, AfterValidator(_size)]
"""A length or a number of elements."""


class ArraySpec(FieldSpec):
    """Mixed in before the specification of the elements: `class IntegerArraySpec(ArraySpec, IntegerSpec)`."""

    min_size: Size | None = None
    max_size: Annotated[Size | None, above("min_size")] = None

    def check(self) -> Check:
        """Checks the size and each element; errors of elements stand under their index."""
        element = super().check()
        low, high = self.min_size or 0, self.max_size

        def check(value: Any) -> Problem | None:
            if type(value) is not list:
                return FieldError("ARRAY_EXPECTED", "Must be an array")
            if len(value) < low:
                return FieldError("ARRAY_SIZE_LESS_THAN_MIN", f"Must have at least {low} elements", (low,))
            if high is not None and len(value) > high:
                return FieldError("ARRAY_SIZE_GREATER_THAN_MAX", f"Must have at most {high} elements", (high,))
            errors: FieldErrors = {}
            for index, part in enumerate(value):
                problem = element(part)
                if problem is not None:
                    errors |= located(str(index), problem)
            return errors or None

        return check

    @property
    def options(self) -> Sequence[Any]:
        """Arrays have too many."""
        return ()


def located(path: str, problem: Problem) -> FieldErrors:
    """The problem of a value as errors by path."""
    if isinstance(problem, FieldError):
        return {path: problem}
    return {f"{path}.{below}": error for below, error in problem.items()}


Specs = Mapping[str, FieldSpec]
"""Field id → its specification."""
