"""Texts in several languages: their shape on the wire, and the choice of one for a reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator

from talka.kit.documents import Name, at_most, refuse
from talka.kit.errors import FieldError
from talka.kit.wire import wire_error

MAX_LANGUAGES = 50
MAX_TITLE = 255
MAX_MESSAGE = 10_000
"""Characters of a message in one language."""
FALLBACK = "EN"
_LANGUAGE = re.compile(r"[A-Z]{2,3}(-[A-Z]{2,8})?")
_EXPECTED = "Must be a language code such as EN or PT-BR"


def _language(value: str) -> str:
    if _LANGUAGE.fullmatch(value) is None:
        raise wire_error("UNKNOWN_ENUM_VALUE", _EXPECTED)
    return value


Language = Annotated[str, AfterValidator(_language)]
"""A language code in upper case: `EN`, `PT-BR`."""


def in_language(texts: Mapping[str, str] | None, languages: Sequence[str]) -> str | None:
    """The text in the first of `languages` that there is, else in English, else in any."""
    if not texts:
        return None
    return next((texts[language] for language in (*languages, FALLBACK) if language in texts), min(texts.items())[1])


def language_keys(value: dict[str, Any]) -> dict[str, Any]:
    """For use in Pydantic validators: refuse keys that are no language codes."""
    error = FieldError("UNKNOWN_ENUM_VALUE", _EXPECTED)
    refuse({language: error for language in value if _LANGUAGE.fullmatch(language) is None})
    return value


def _some(value: dict[str, str]) -> dict[str, str]:
    if not value:
        raise wire_error("EMPTY_OBJECT_NOT_ALLOWED", "Must have a text in one language at least")
    if len(value) > MAX_LANGUAGES:
        message = f"Must have at most {MAX_LANGUAGES} languages"
        raise wire_error("VALUE_OUT_OF_BOUNDS", message, MAX_LANGUAGES)
    return value


Title = Annotated[dict[str, Annotated[Name, at_most(MAX_TITLE)]], AfterValidator(_some), AfterValidator(language_keys)]
"""A title in one language at least."""
Message = Annotated[
    dict[str, Annotated[Name, at_most(MAX_MESSAGE)]], AfterValidator(_some), AfterValidator(language_keys)
]
"""A message in one language at least."""
