"""RESTRICTION: keeps a worker out for whole days, or for good when no number of days is given."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from talka.kit.documents import Text, at_most
from talka.kit.wire import Integer, wire_error
from talka.rulebook.actions.base import ActionConfig, Parameters

SCOPES = ("POOL", "PROJECT", "ALL_PROJECTS")
MAX_COMMENT = 499


def _scope(value: str) -> str:
    if value == "SYSTEM":
        raise wire_error("VALUE_NOT_ALLOWED", "Only the platform restricts with the scope SYSTEM", *SCOPES)
    if value not in SCOPES:
        raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a scope", *SCOPES)
    return value


Scope = Annotated[str, AfterValidator(_scope)]
PrivateComment = Annotated[Text, at_most(MAX_COMMENT)]


class RestrictionParameters(Parameters):
    """Where the worker is kept out, for how many days, and why (never shown to the worker)."""

    scope: Scope
    duration_days: Annotated[Integer, Field(ge=1)] | None = None
    private_comment: PrivateComment | None = None


class Restriction(ActionConfig):
    """Restricts the worker."""

    filled = {"parameters": {}}  # noqa: RUF012 - so that what is missing is told by its own path

    parameters: RestrictionParameters
