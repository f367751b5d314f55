"""Query parameters that are not those of lists."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from talka.kit.errors import FieldError, ValidationError

_BOOLEANS = {"true": True, "false": False}


def flags(params: QueryParams, *names: str) -> dict[str, bool]:
    """Query parameters that are true or false; absent ones are false.

    Raises:
        ValidationError: naming every wrong one.
    """
    wrong = {
        name: FieldError("BOOLEAN_EXPECTED", "Must be true or false")
        for name in names
        if name in params and params[name] not in _BOOLEANS
    }
    if wrong:
        raise ValidationError(wrong)
    return {name: _BOOLEANS[params.get(name, "false")] for name in names}
