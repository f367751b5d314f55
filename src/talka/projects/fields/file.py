"""Field types `file` and `array_file`, for outputs only."""

from __future__ import annotations

from typing import Any

from talka.kit.documents import text_problem
from talka.projects.fields.base import ArraySpec, Check, FieldSpec, Problem, wrong_type


class FileSpec(FieldSpec):
    """The id of an attachment; whether it is one of the page is checked with the whole submission."""

    def check(self) -> Check:
        """Values are strings."""

        def check(value: Any) -> Problem | None:
            if type(value) is not str:
                return wrong_type(value, "STRING_EXPECTED", "the id of an attachment")
            return text_problem(value)

        return check


class FileArraySpec(ArraySpec, FileSpec):
    """An array of attachment ids."""
