"""Field types `json` and `array_json`."""

from __future__ import annotations

from talka.kit.documents import json_problems
from talka.projects.fields.base import ArraySpec, Check, FieldSpec, Problem


class JsonSpec(FieldSpec):
    """Any JSON value of bounded depth."""

    def check(self) -> Check:
        """Any JSON value that can be stored; an error inside it is told at the field itself."""

        def check(value: object) -> Problem | None:
            errors = json_problems(value)
            return next(iter(errors.values())) if errors else None

        return check


class JsonArraySpec(ArraySpec, JsonSpec):
    """An array of JSON values."""
