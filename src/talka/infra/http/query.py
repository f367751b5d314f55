"""Query parameters that are not those of lists."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from talka.kit.errors import FieldError, FieldErrors, ValidationError

_BOOLEANS = {"true": True, "false": False}


def flag(params: QueryParams, name: str, errors: FieldErrors, *, default: bool = False) -> bool:
    """A query parameter that is true or false; when it is neither, `errors` says so."""
    if name in params and params[name] not in _BOOLEANS:
        errors[name] = FieldError("BOOLEAN_EXPECTED", "Must be true or false")
    return _BOOLEANS.get(params.get(name, ""), default)


def flags(params: QueryParams, *names: str) -> dict[str, bool]:
    """Query parameters that are true or false; absent ones are false.

    Raises:
        ValidationError: naming every wrong one.
    """
    errors: FieldErrors = {}
    found = {name: flag(params, name, errors) for name in names}
    if errors:
        raise ValidationError(errors)
    return found
