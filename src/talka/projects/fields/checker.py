"""The check of whole `input_values` and `output_values`, compiled once per specification.

It runs for every uploaded task and every answer, so a valid object costs one closure call per field and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from talka.kit.errors import FieldError, FieldErrors
from talka.projects.fields.base import Check, Specs, located

Checker = Callable[[Any, str], FieldErrors]
"""`checker(values, path)` → errors by path below `path`; empty when the values are fine."""


def compile_checker(spec: Specs, *, partial: bool = False) -> Checker:
    """The checker of a specification; with `partial` required fields may be absent (known solutions)."""
    fields: list[tuple[str, bool, Check]] = [
        (name, field.required and not partial, field.check()) for name, field in spec.items()
    ]

    def checker(values: Any, path: str) -> FieldErrors:
        if type(values) is not dict:
            return _explain(fields, values, path)
        seen = 0
        for name, required, check in fields:
            value = values.get(name)
            if value is not None:
                if check(value) is not None:
                    return _explain(fields, values, path)
                seen += 1
            elif required:
                return _explain(fields, values, path)
            elif name in values:
                seen += 1
        return {} if seen == len(values) else _explain(fields, values, path)

    return checker


def _explain(fields: list[tuple[str, bool, Check]], values: Any, path: str) -> FieldErrors:
    """Every error, by path."""
    if values is None:
        return {path: FieldError("VALUE_REQUIRED", "Must be present and not null")}
    if not isinstance(values, dict):
        return {path: FieldError("OBJECT_EXPECTED", "Must be an object")}
    errors: FieldErrors = {}
    for name, required, check in fields:
        place = f"{path}.{name}" if path else name
        value = values.get(name)
        if value is not None:
            problem = check(value)
            if problem is not None:
                errors |= located(place, problem)
        elif required:
            errors[place] = FieldError("VALUE_REQUIRED", "Must be present and not null")
    known = {name for name, _, _ in fields}
    for name in values:
        if name not in known:
            place = f"{path}.{name}" if path else name
            errors[place] = FieldError("VALUE_NOT_ALLOWED", "The specification has no such field")
    return errors
