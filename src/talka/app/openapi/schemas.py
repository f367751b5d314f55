"""JSON Schemas of the shapes that calls take and give, under one name each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from talka.kit.documents import Document

TEMPLATE = "#/components/schemas/{model}"
Shown = tuple[type[BaseModel], JsonSchemaMode]
"""A shape as it is taken (validation) or given (serialization)."""
# Bounds of types that stand behind a check of ours, which Pydantic leaves under its own names.
_BOUNDS: Mapping[Any, str] = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


class _Schemas(GenerateJsonSchema):
    """What is given has no other keys than those named, and nulls only where a shape says so."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Names of fields need no title."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The schema of one shape."""
        found = super().model_schema(schema)
        cls: type[BaseModel] = schema["cls"]
        properties: dict[str, Any] = found.get("properties", {})
        for part in properties.values():
            if part.get("default", 0) is None:
                del part["default"]
        filled = cls.filled if issubclass(cls, Document) else {}
        if self.mode == "validation":
            found.pop("additionalProperties", None)
            required = [name for name in found.pop("required", ()) if name not in filled]
            for name in filled.keys() & properties.keys():
                properties[name] = {**properties[name], "default": filled[name]}
            return {**found, "required": required} if required else found
        found["additionalProperties"] = cls.model_config.get("extra") == "allow"
        if issubclass(cls, Document):
            found["properties"] = {
                name: part if name in cls.nullable else _not_null(part) for name, part in properties.items()
            }
            required = [name for name in properties if name in {*found.get("required", ()), *filled}]
            if required:
                found["required"] = required
        return found


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    either = schema.get("anyOf", [])
    left = [part for part in either if part != {"type": "null"}]
    if len(left) == len(either):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**left[0], **rest} if len(left) == 1 else {**rest, "anyOf": left}


def components(shapes: Iterable[Shown]) -> tuple[Mapping[Shown, JsonSchemaValue], dict[str, Any]]:
    """A reference for each shape, and the schemas that are referred to."""
    wanted = list(dict.fromkeys(shapes))
    references, document = models_json_schema(
        [(model, mode) for model, mode in wanted], ref_template=TEMPLATE, schema_generator=_Schemas
    )
    found: dict[str, Any] = {}
    for name, schema in document.get("$defs", {}).items():
        found[_name(name)] = _tidy(schema, found)
    shown = {shape: _tidy(references[shape], found) for shape in wanted}
    return shown, _reachable(found, shown.values())


def _reachable(found: Mapping[str, Any], start: Iterable[JsonSchemaValue]) -> dict[str, Any]:
    """What is referred to: bases of variants are not."""
    kept: dict[str, Any] = {}
    waiting = list(start)
    while waiting:
        for name in _referred(waiting.pop()):
            if name not in kept:
                kept[name] = found[name]
                waiting.append(found[name])
    return kept


def _referred(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.rsplit("/", 1)[1]
        for part in schema.values():
            yield from _referred(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _referred(part)


def _tidy(schema: Any, found: dict[str, Any], variant: bool = False) -> Any:
    """The schema with standard names of bounds; the kinds of a variant stand among the others, under their titles."""
    if isinstance(schema, list):
        return [_tidy(part, found) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tidy: dict[Any, Any] = {}
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            tidy[key] = {name: _tidy(part, found) for name, part in value.items()}
        elif key == "oneOf":
            tidy[key] = [_tidy(part, found, variant=True) for part in value]
        elif key in {"examples", "default", "enum", "const", "required"}:
            tidy[key] = value
        elif key == "$ref":
            tidy[key] = "#/components/schemas/" + _name(value.rsplit("/", 1)[1])
        else:
            tidy[_BOUNDS.get(key, key)] = _tidy(value, found)
    if variant and "title" in tidy:
        name = _kept(_name(tidy["title"]), tidy, found)
        return {"$ref": f"#/components/schemas/{name}"}
    return tidy


def _kept(name: str, schema: dict[str, Any], found: dict[str, Any]) -> str:
    """Where the schema stands: what is taken and what is given may differ, and then have names of their own."""
    name = name if schema.get("additionalProperties") is None else f"{name}-Output"
    if found.setdefault(name, schema) != schema:
        raise LookupError(f"two schemas are called {name}")
    return name


def _name(text: str) -> str:
    """`Page_Skill_` → `Page_Skill`; of shapes with one name, `talka__payouts__wire__Body` → `payouts.Body`."""
    short = re.sub(r"^talka__(?:app__openapi__)?(\w+?)__(?:\w+__)?", r"\1.", text)
    return re.sub(r"[^A-Za-z0-9._-]", "_", short).replace("_-", "-").rstrip("_")
