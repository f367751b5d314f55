"""SET_SKILL_FROM_OUTPUT_FIELD: gives a worker a skill of the value that a rate of the collector has now."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from talka.kit.documents import Id
from talka.kit.wire import wire_error
from talka.rulebook.actions.base import ActionConfig, Parameters
from talka.rulebook.conditions import CONDITION_KEYS, RATE_ALIASES


def _rate(value: str) -> str:
    key = CONDITION_KEYS.get(RATE_ALIASES.get(value, value))
    if key is None:
        raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a rate of the collector")
    if not key.rate:
        raise wire_error("VALUE_NOT_ALLOWED", "Must be a rate of the collector")
    return value


class FromFieldParameters(Parameters):
    """The skill and the rate."""

    skill_id: Id
    from_field: Annotated[str, AfterValidator(_rate)]


class SetSkillFromOutputField(ActionConfig):
    """Overwrites the value that the worker has."""

    filled = {"parameters": {}}  # noqa: RUF012 - so that what is missing is told by its own path

    parameters: FromFieldParameters

    def source(self) -> str:
        """The rate, by the name that the collector has for it."""
        return RATE_ALIASES.get(self.parameters.from_field, self.parameters.from_field)
