"""Wire shapes: a strict Pydantic base, the value types of the API, and its validation codes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

from talka.kit.errors import FieldError, FieldErrors, ValidationError
from talka.kit.money import to_json
from talka.kit.registry import Registry
from talka.kit.times import format_time, parse_time

Model = TypeVar("Model", bound=BaseModel)


class WireModel(BaseModel):
    """Base of every JSON shape: no coercion between types, unknown keys ignored, null means absent."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, use_enum_values=True)


def wire_error(code: str, message: str, *params: Any) -> PydanticCustomError:
    """An error for use inside Pydantic validators; `code` is a validation code of the API."""
    text = message.replace("{", "{{").replace("}", "}}")
    return PydanticCustomError(code, text, {"params": list(params)} if params else None)


# Pydantic's error type → code of the API, and which context keys are its params.
_CODES: Mapping[str, tuple[str, Sequence[str]]] = {
    "missing": ("VALUE_REQUIRED", ()),
    "string_type": ("STRING_EXPECTED", ()),
    "string_too_short": ("STRING_LENGTH_LESS_THAN_MIN", ("min_length",)),
    "string_too_long": ("STRING_LENGTH_GREATER_THAN_MAX", ("max_length",)),
    "string_pattern_mismatch": ("PATTERN_MISMATCH", ("pattern",)),
    "bool_type": ("BOOLEAN_EXPECTED", ()),
    "int_type": ("INTEGER_EXPECTED", ()),
    "int_from_float": ("INTEGER_EXPECTED", ()),
    "int_parsing_size": ("VALUE_OUT_OF_BOUNDS", ()),
    "float_type": ("FLOAT_EXPECTED", ()),
    "finite_number": ("FLOAT_EXPECTED", ()),
    "decimal_type": ("FLOAT_EXPECTED", ()),
    "greater_than_equal": ("VALUE_LESS_THAN_MIN", ("ge",)),
    "greater_than": ("VALUE_LESS_THAN_MIN", ("gt",)),
    "less_than_equal": ("VALUE_GREATER_THAN_MAX", ("le",)),
    "less_than": ("VALUE_GREATER_THAN_MAX", ("lt",)),
    "list_type": ("ARRAY_EXPECTED", ()),
    "too_short": ("ARRAY_SIZE_LESS_THAN_MIN", ("min_length",)),
    "too_long": ("ARRAY_SIZE_GREATER_THAN_MAX", ("max_length",)),
    "dict_type": ("OBJECT_EXPECTED", ()),
    "model_type": ("OBJECT_EXPECTED", ()),
    "model_attributes_type": ("OBJECT_EXPECTED", ()),
    "enum": ("UNKNOWN_ENUM_VALUE", ("expected",)),
    "literal_error": ("UNKNOWN_ENUM_VALUE", ("expected",)),
}


def _field_error(detail: ErrorDetails) -> FieldError:
    kind, context = detail["type"], detail.get("ctx", {})
    if detail["input"] is None and kind != "missing" and kind in _CODES:
        return FieldError("VALUE_REQUIRED", "Must be present and not null")
    if kind in _CODES:
        code, keys = _CODES[kind]
        params = tuple(context[key] for key in keys if key in context)
        return FieldError(code, detail["msg"], params or None)
    if kind.isupper():
        given = context.get("params")
        return FieldError(kind, detail["msg"], tuple(given) if given else None)
    return FieldError("INVALID_VALUE", detail["msg"])


def field_errors(error: pydantic.ValidationError) -> FieldErrors:
    """Every wrong field of a failed parse, by dotted path; the first error of a field wins."""
    errors: FieldErrors = {}
    for detail in error.errors(include_url=False):
        errors.setdefault(".".join(str(part) for part in detail["loc"]), _field_error(detail))
    return errors


def parse(model: type[Model], body: Any) -> Model:
    """`body` as a `model`.

    Raises:
        ValidationError: naming every wrong field.
    """
    try:
        return model.model_validate(body)
    except pydantic.ValidationError as error:
        raise ValidationError({path or "body": found for path, found in field_errors(error).items()}) from None


def _money(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise wire_error("FLOAT_EXPECTED", "Must be a number of US dollars")
    amount = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not amount.is_finite():
        raise wire_error("FLOAT_EXPECTED", "Must be a finite number")
    if abs(amount) >= 10**12:
        raise wire_error("VALUE_OUT_OF_BOUNDS", "Must be below a trillion")
    return amount


def _date_time(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise wire_error("STRING_EXPECTED", "Must be a date-time such as 2030-01-31T12:00:00")
    moment = parse_time(value)
    if moment is None:
        raise wire_error("INVALID_DATE_TIME_SYNTAX", "Must be a date-time such as 2030-01-31T12:00:00")
    return moment


def _integer(value: Any) -> Any:
    """Accept 3.0 as 3: JSON does not tell them apart and some clients print the former."""
    return int(value) if isinstance(value, float) and math.isfinite(value) and value.is_integer() else value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wire_error("FLOAT_EXPECTED", "Must be a number")
    if not math.isfinite(value):
        raise wire_error("FLOAT_EXPECTED", "Must be a finite number")
    return value


def _id_text(value: Any) -> Any:
    """Ids are strings; clients of statically typed languages send digits as numbers, too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise wire_error("BLANK_STRING_NOT_ALLOWED", "Must not be blank")
    return value


Money = Annotated[
    Decimal,
    BeforeValidator(_money),
    PlainSerializer(to_json),
    WithJsonSchema({"type": "number", "description": "US dollars", "examples": [0.05]}),
]
DateTime = Annotated[
    datetime,
    BeforeValidator(_date_time),
    PlainSerializer(format_time),
    WithJsonSchema({"type": "string", "description": "UTC", "examples": ["2030-01-31T12:00:00"]}),
]
# Bounds are added where it is used: `Annotated[Integer, Field(ge=1, le=500)]`.
Integer = Annotated[int, BeforeValidator(_integer), Field(ge=-(2**63), le=2**63 - 1)]
Number = Annotated[Any, AfterValidator(_number), WithJsonSchema({"type": "number"})]
"""A finite integer or float, kept as received."""
IdText = Annotated[str, BeforeValidator(_id_text)]
NonBlank = Annotated[str, AfterValidator(_not_blank)]


class _Variant(BeforeValidator):
    """Describes itself as one of its kinds, each with its name as `type`."""

    kinds: Registry[type[BaseModel]]

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        either = []
        for name, model in self.kinds:
            described = handler(model.__pydantic_core_schema__)
            required = ["type", *(field for field in described.get("required", ()) if field != "type")]
            properties = {**described.get("properties", {}), "type": {"const": name}}
            title = f"{self.kinds.what} {name}"
            either.append({**described, "title": title, "properties": properties, "required": required})
        return {"oneOf": either}


def variant(pick: Callable[[Any], type[BaseModel]], kinds: Registry[Any]) -> BeforeValidator:
    """For `Annotated[SerializeAsAny[Base], variant(pick, kinds)]`: `pick` chooses the shape from the raw value.

    Errors keep their plain path (no tag in it). `pick` raises `wire_error` for an unknown kind.
    """

    def validate(value: Any) -> Any:
        return value if isinstance(value, BaseModel) else pick(value).model_validate(value)

    found = _Variant(validate)
    object.__setattr__(found, "kinds", kinds)
    return found
