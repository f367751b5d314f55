"""Parameters as a JSON schema for people who read it in an answer: no references, no titles, no nulls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_LEFT_OUT = frozenset({"title", "description", "default", "additionalProperties", "$defs"})


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a shape."""
    schema = model.model_json_schema()
    plain: dict[str, Any] = _plain(schema, schema.get("$defs", {}))
    return plain


def _plain(node: Any, shapes: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(part, shapes) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(shapes[node["$ref"].rpartition("/")[2]], shapes)
    some = [part for part in node.get("anyOf", ()) if part != {"type": "null"}]
    if len(some) == 1:
        return _plain({**{key: value for key, value in node.items() if key != "anyOf"}, **some[0]}, shapes)
    return {
        key: {name: _plain(part, shapes) for name, part in value.items()}
        if key == "properties"
        else _plain(value, shapes)
        for key, value in node.items()
        if key not in _LEFT_OUT
    }
