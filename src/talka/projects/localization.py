"""Translations of a project: `localization_config`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from talka.kit.documents import Document, Text, refuse
from talka.kit.errors import FieldError
from talka.kit.wire import wire_error

_LANGUAGE = re.compile(r"[A-Z]{2,3}(-[A-Z]{2,8})?")


def _language(value: str) -> str:
    if _LANGUAGE.fullmatch(value) is None:
        raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a language code such as EN or PT-BR")
    return value


Language = Annotated[str, AfterValidator(_language)]
Source = Literal["REQUESTER"]


class Translation(Document):
    """One text in another language."""

    value: Text
    source: Source | None = None


class KeyTranslation(Translation):
    """The translation of one key of a Template Builder interface."""

    key: Text


class KeyTranslations(Document):
    """Translations of an interface."""

    keys: list[KeyTranslation] = Field(default_factory=list)


class LanguageTexts(Document):
    """Everything in one more language; each part may be absent."""

    language: Language
    public_name: Translation | None = None
    public_description: Translation | None = None
    public_instructions: Translation | None = None
    tb_view_spec: KeyTranslations | None = None


def _distinct(languages: list[LanguageTexts]) -> list[LanguageTexts]:
    first: dict[str, int] = {}
    error = FieldError("DUPLICATE_VALUE_IN_ARRAY", "Each language may stand once")
    refuse(
        {
            f"{index}.language": error
            for index, texts in enumerate(languages)
            if first.setdefault(texts.language, index) != index
        }
    )
    return languages


class LocalizationConfig(Document):
    """The language of the plain texts, and the others."""

    default_language: Language
    additional_languages: Annotated[list[LanguageTexts], AfterValidator(_distinct)] = Field(default_factory=list)
