"""RESTRICTION_V2: keeps a worker out for a time in minutes, hours or days, or for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from talka.kit.errors import FieldError, FieldErrors
from talka.kit.wire import Integer
from talka.rulebook.actions.base import ActionConfig, Parameters
from talka.rulebook.actions.restriction import PrivateComment, Scope


class TimedRestrictionParameters(Parameters):
    """With `PERMANENT` the duration does not matter."""

    scope: Scope
    duration: Integer | None = None
    duration_unit: Literal["MINUTES", "HOURS", "DAYS", "PERMANENT"]
    private_comment: PrivateComment | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """A time that ends needs a positive duration."""
        errors = super().cross_check(raw)
        if raw.get("duration_unit") in ("MINUTES", "HOURS", "DAYS"):
            duration = raw.get("duration")
            if duration is None:
                errors["duration"] = FieldError("VALUE_REQUIRED", "Must be present unless the unit is PERMANENT")
            elif isinstance(duration, int | float) and duration < 1:
                errors["duration"] = FieldError("VALUE_LESS_THAN_MIN", "Must be at least 1", (1,))
        return errors


class TimedRestriction(ActionConfig):
    """Restricts the worker."""

    filled = {"parameters": {}}  # noqa: RUF012 - so that what is missing is told by its own path

    parameters: TimedRestrictionParameters
