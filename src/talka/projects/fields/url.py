"""Field types `url` and `array_url`."""

from __future__ import annotations

from typing import Any

from talka.kit.documents import text_problem
from talka.kit.errors import FieldError
from talka.projects.fields.base import ArraySpec, Check, FieldSpec, Problem, wrong_type

_STARTS = ("http://", "https://", "www")


class UrlSpec(FieldSpec):
    """An absolute web address."""

    def check(self) -> Check:
        """Values are strings that start with `http://`, `https://` or `www`, in any case."""

        def check(value: Any) -> Problem | None:
            if type(value) is not str:
                return wrong_type(value, "STRING_EXPECTED", "a URL")
            if not value.startswith(_STARTS) and not value[:8].lower().startswith(_STARTS):
                return FieldError("INVALID_URL_SYNTAX", "Must start with http://, https:// or www")
            if "\0" in value or not value.isascii():
                return text_problem(value)
            return None

        return check


class UrlArraySpec(ArraySpec, UrlSpec):
    """An array of URLs."""
