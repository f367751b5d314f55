"""Translations of a project: `localization_config`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from talka.kit.documents import Document, Text, at_most, refuse
from talka.kit.errors import FieldError
from talka.kit.languages import Language

MAX_NAME = 255
MAX_DESCRIPTION = 1_000
MAX_INSTRUCTIONS = 1_048_576
"""Characters of what workers read of a project, in each language."""
MAX_LANGUAGES = 200
TEXTS = ("public_name", "public_description", "public_instructions")
Source = Literal["REQUESTER"]


class Translation(Document):
    """One text in another language."""

    value: Text
    source: Source | None = None


class NameTranslation(Translation):
    """The name of a project."""

    value: Annotated[Text, at_most(MAX_NAME)]


class DescriptionTranslation(Translation):
    """What a project is about."""

    value: Annotated[Text, at_most(MAX_DESCRIPTION)]


class InstructionsTranslation(Translation):
    """How to do a project's tasks."""

    value: Annotated[Text, at_most(MAX_INSTRUCTIONS)]


class KeyTranslation(Translation):
    """The translation of one key of a Template Builder interface."""

    key: Text


class KeyTranslations(Document):
    """Translations of an interface."""

    keys: list[KeyTranslation] = Field(default_factory=list)


class InLanguage(Document):
    """Something in one more language."""

    language: Language


class LanguageTexts(InLanguage):
    """Everything of a project in one more language; each part may be absent."""

    public_name: NameTranslation | None = None
    public_description: DescriptionTranslation | None = None
    public_instructions: InstructionsTranslation | None = None
    tb_view_spec: KeyTranslations | None = None


def _check_distinct(languages: Any) -> Any:
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


Distinct = AfterValidator(_check_distinct)


class LocalizationConfig(Document):
    """The language of the plain texts, and the others."""

    default_language: Language
    additional_languages: Annotated[list[LanguageTexts], Field(max_length=MAX_LANGUAGES), Distinct] = Field(
        default_factory=list
    )


class HintTexts(InLanguage):
    """The hint of a training task in one more language."""

    message_on_unknown_solution: Translation | None = None


class HintLocalization(Document):
    """Translations of the hint of a training task."""

    default_language: Language
    additional_languages: Annotated[list[HintTexts], Field(max_length=MAX_LANGUAGES), Distinct] = Field(
        default_factory=list
    )


def translation(config: Mapping[str, Any] | None, wanted: Sequence[str]) -> Mapping[str, Any]:
    """What there is in the first wanted language that the texts come in; nothing if that is the one they are in.

    A language in which nothing is filled in is not there.
    """
    config = config or {}
    entries: dict[str, Mapping[str, Any]] = {
        entry["language"]: entry for entry in config.get("additional_languages") or () if _is_filled(entry)
    }
    for language in wanted:
        if language == config.get("default_language"):
            return {}
        if language in entries:
            return entries[language]
    return {}


def _is_filled(entry: Mapping[str, Any]) -> bool:
    keys = (entry.get("tb_view_spec") or {}).get("keys") or []
    parts = [part for name, part in entry.items() if name not in {"language", "tb_view_spec"}]
    return any((part or {}).get("value") for part in [*parts, *keys])


def texts_in(body: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, str]:
    """Name, description and instructions of a project, each translated if it can be."""
    entry = translation(body.get("localization_config"), wanted)
    return {name: (entry.get(name) or {}).get("value") or body.get(name) or "" for name in TEXTS}


def view_texts(view: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, str]:
    """The texts by key that a translation has for an interface; only those of Template Builder have keys."""
    if view.get("type") != "tb":
        return {}
    return {key["key"]: key["value"] for key in (entry.get("tb_view_spec") or {}).get("keys") or () if key["value"]}


def view_in(view: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An interface whose texts are those of a translation, as far as it has any."""
    texts: Mapping[Any, str] = view_texts(view, entry)
    if not texts:
        return view
    config = view.get("localizationConfig") or {}
    plain = config.get("keys")
    keys = [key for key in plain if isinstance(key, dict)] if isinstance(plain, list) else []
    translated = [{**key, "defaultValue": texts.get(key.get("key"), key.get("defaultValue"))} for key in keys]
    known = {key.get("key") for key in keys}
    more = [{"key": key, "defaultValue": text} for key, text in texts.items() if key not in known]
    return {**view, "localizationConfig": {**config, "keys": [*translated, *more]}}
