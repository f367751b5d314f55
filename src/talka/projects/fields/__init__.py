"""Field types of input and output specifications: one file and one registry line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pydantic
from pydantic import AfterValidator, SerializeAsAny

from talka.kit.registry import Registry
from talka.kit.wire import variant, wire_error
from talka.projects.fields.base import FieldSpec, Specs
from talka.projects.fields.boolean import BooleanArraySpec, BooleanSpec
from talka.projects.fields.checker import Checker, compile_checker
from talka.projects.fields.coordinates import CoordinatesArraySpec, CoordinatesSpec
from talka.projects.fields.file import FileArraySpec, FileSpec
from talka.projects.fields.float import FloatArraySpec, FloatSpec
from talka.projects.fields.integer import IntegerArraySpec, IntegerSpec
from talka.projects.fields.json import JsonArraySpec, JsonSpec
from talka.projects.fields.string import StringArraySpec, StringSpec
from talka.projects.fields.url import UrlArraySpec, UrlSpec

__all__ = [
    "FIELD_TYPES",
    "Checker",
    "Field",
    "FieldSpec",
    "Specs",
    "aggregatable",
    "compile_checker",
    "field_specs",
    "hidden_names",
]

FIELD_TYPES: Registry[type[FieldSpec]] = Registry(
    "field type",
    boolean=BooleanSpec,
    string=StringSpec,
    integer=IntegerSpec,
    float=FloatSpec,
    url=UrlSpec,
    file=FileSpec,
    coordinates=CoordinatesSpec,
    json=JsonSpec,
    array_boolean=BooleanArraySpec,
    array_string=StringArraySpec,
    array_integer=IntegerArraySpec,
    array_float=FloatArraySpec,
    array_url=UrlArraySpec,
    array_file=FileArraySpec,
    array_coordinates=CoordinatesArraySpec,
    array_json=JsonArraySpec,
)


def _unknown(value: str) -> str:
    raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a field type", *FIELD_TYPES.names())


class UnknownSpec(FieldSpec):
    """A field whose type is missing, of the wrong kind or unknown: it has errors only."""

    type: Annotated[str, AfterValidator(_unknown)]


def _pick(value: Any) -> type[pydantic.BaseModel]:
    name = value.get("type") if isinstance(value, dict) else None
    return FIELD_TYPES.get(name.lower() if isinstance(name, str) else None) or UnknownSpec


Field = Annotated[SerializeAsAny[FieldSpec], variant(_pick, FIELD_TYPES)]
"""A field specification of any type."""

_SPECS: pydantic.TypeAdapter[dict[str, FieldSpec]] = pydantic.TypeAdapter(dict[str, Field])


def field_specs(stored: Mapping[str, Any]) -> dict[str, FieldSpec]:
    """The `input_spec` or `output_spec` of a stored project as specifications."""
    return _SPECS.validate_python(dict(stored))


def hidden_names(spec: Specs) -> frozenset[str]:
    """The inputs that never reach a worker."""
    return frozenset(name for name, field in spec.items() if field.hidden)


def aggregatable(spec: Specs) -> frozenset[str]:
    """The outputs whose answers can be aggregated: few values, known beforehand."""
    return frozenset(name for name, field in spec.items() if field.aggregatable)
