"""Definitions that are kept as documents: stored as they were sent and returned as they were stored."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Self

import pydantic
from pydantic import (
    AfterValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails

from talka.kit.errors import FieldError, FieldErrors
from talka.kit.wire import IdText, NonBlank, WireModel, field_errors, wire_error

MAX_DEPTH = 64
"""How deep arrays and objects may be nested in a document."""

_INTEGERS = range(-(2**63), 2**64)


def text_problem(value: str) -> FieldError | None:
    """What keeps a string from being stored: PostgreSQL knows neither NUL nor half a surrogate pair."""
    if "\0" in value:
        return FieldError("CHARACTER_NOT_ALLOWED", "Must not contain the character U+0000")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return FieldError("CHARACTER_NOT_ALLOWED", "Must not contain half a surrogate pair")
    return None


def json_problems(value: Any, path: str = "", depth: int = 0) -> FieldErrors:
    """What keeps a JSON value from being stored and returned unchanged, by path; empty when nothing does."""
    if isinstance(value, str):
        problem = text_problem(value)
        return {path: problem} if problem else {}
    if isinstance(value, dict | list):
        return _container_problems(value, path, depth)
    if isinstance(value, float) and not math.isfinite(value):
        return {path: FieldError("JSON_EXPECTED", "JSON has neither NaN nor infinity")}
    if isinstance(value, int) and value not in _INTEGERS:
        return {path: FieldError("VALUE_OUT_OF_BOUNDS", "Integers have at most 64 bits")}
    if value is None or isinstance(value, int | float):
        return {}
    return {path: FieldError("JSON_EXPECTED", "Must be a JSON value")}


def _container_problems(value: dict[Any, Any] | list[Any], path: str, depth: int) -> FieldErrors:
    if depth >= MAX_DEPTH:
        return {path: FieldError("INVALID_VALUE", f"Must be nested at most {MAX_DEPTH} deep", (MAX_DEPTH,))}
    errors: FieldErrors = {}
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and (problem := text_problem(key)):
            errors.setdefault(path, problem)
            continue
        errors |= json_problems(part, f"{path}.{key}" if path else str(key), depth + 1)
    return errors


def refuse(errors: Mapping[str, FieldError]) -> None:
    """For use inside Pydantic validators: raise all of `errors` (paths relative to the value), if any."""
    if errors:
        raise pydantic.ValidationError.from_exception_data(
            "document",
            [
                InitErrorDetails(
                    type=wire_error(error.code, error.message, *(error.params or ())),
                    loc=(path,) if path else (),
                    input=path,
                )
                for path, error in errors.items()
            ],
        )


class Document(WireModel):
    """A shape whose `stored()` is what was sent: absent stays absent, null means absent.

    `filled` names what is filled in when absent because clients rely on it, `nullable` the keys whose null is kept.
    """

    filled: ClassVar[Mapping[str, Any]] = {}
    nullable: ClassVar[frozenset[str]] = frozenset()

    def stored(self) -> dict[str, Any]:
        """The document as JSON, to be stored and to be returned."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """Errors between fields, found in the raw object so that they are told beside all others."""
        return {}

    @classmethod
    def wire_names(cls) -> frozenset[str]:
        """The keys that the shape knows."""
        return frozenset(field.alias or name for name, field in cls.model_fields.items())

    @model_validator(mode="wrap")
    @classmethod
    def _as_sent(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(value, dict):
            return handler(value)
        dropped = cls.wire_names() - cls.nullable
        raw = {key: part for key, part in value.items() if part is not None or key not in dropped}
        for key, part in cls.filled.items():
            raw.setdefault(key, part)
        errors = cls.cross_check(raw)
        try:
            document = handler(raw)
        except pydantic.ValidationError as error:
            refuse(errors | field_errors(error))
            raise
        refuse(errors)
        return document


class OpenDocument(Document):
    """A document that keeps unknown keys, too."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """Whether the unknown keys can be stored."""
        known = cls.wire_names()
        return json_problems({key: part for key, part in raw.items() if key not in known})


def _text(value: str) -> str:
    problem = text_problem(value)
    if problem:
        raise wire_error(problem.code, problem.message)
    return value


def _json(value: Any) -> Any:
    refuse(json_problems(value))
    return value


def _labels(value: dict[str, Any]) -> dict[str, Any]:
    errors = json_problems(value)
    for key, labels in value.items():
        if not isinstance(labels, list):
            errors.setdefault(key, FieldError("ARRAY_EXPECTED", "Must be an array of strings"))
            continue
        for index, label in enumerate(labels):
            if not isinstance(label, str):
                errors.setdefault(f"{key}.{index}", FieldError("STRING_EXPECTED", "Must be a string"))
    refuse(errors)
    return value


class _Described(AfterValidator):
    """A check that can also be said in JSON Schema."""

    keywords: Mapping[str, Any]

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), **self.keywords}


def _described(check: Callable[[Any], Any], **keywords: Any) -> AfterValidator:
    found = _Described(check)
    object.__setattr__(found, "keywords", keywords)
    return found


def at_most(characters: int) -> AfterValidator:
    """The greatest length of a string (`Field(max_length=…)` after other validators speaks of arrays)."""

    def check(value: str) -> str:
        if len(value) > characters:
            message = f"Must have at most {characters} characters"
            raise wire_error("STRING_LENGTH_GREATER_THAN_MAX", message, characters)
        return value

    return _described(check, maxLength=characters)


def within(low: float, high: float) -> AfterValidator:
    """Bounds of a number whose violation is told as `VALUE_OUT_OF_BOUNDS`."""

    def check(value: Any) -> Any:
        if not low <= value <= high:
            raise wire_error("VALUE_OUT_OF_BOUNDS", f"Must be between {low} and {high}", low, high)
        return value

    return _described(check, minimum=low, maximum=high)


Text = Annotated[str, AfterValidator(_text)]
"""A string that can be stored."""
Name = Annotated[NonBlank, AfterValidator(_text)]
"""A string that can be stored and is not blank."""
JsonValue = Annotated[Any, AfterValidator(_json)]
"""Any JSON value that can be stored, kept as received."""
JsonObject = Annotated[dict[str, Any], AfterValidator(_json)]
Labels = Annotated[
    dict[str, Any],
    AfterValidator(_labels),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}),
]
"""`metadata`: object of string → array of strings."""
Id = Annotated[IdText, AfterValidator(_text)]
"""The id of something else; whether that exists is for others to say."""
