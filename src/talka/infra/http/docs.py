"""What routes add to the OpenAPI document: bodies are parsed by the kit, so FastAPI does not see them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema


def takes(model: type[BaseModel], *, many: bool = False) -> dict[str, Any]:
    """`openapi_extra` of a route whose JSON body is a `model` (with `many`: one or an array of them)."""
    schema = model.model_json_schema(mode="validation", schema_generator=_Inlined)
    either = {"oneOf": [schema, {"type": "array", "items": schema}]} if many else schema
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": either}}}}


class _Inlined(GenerateJsonSchema):
    """Refers to nested shapes from within the same schema, where they are defined."""

    def generate(self, schema: Any, mode: Any = "validation") -> dict[str, Any]:
        """The schema with its definitions in it."""
        document = super().generate(schema, mode)
        definitions = document.pop("$defs", {})
        resolved: dict[str, Any] = _resolve(document, definitions, ())
        return resolved


def _resolve(node: Any, definitions: dict[str, Any], within: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_resolve(part, definitions, within) for part in node]
    if not isinstance(node, dict):
        return node
    name = node.get("$ref", "").removeprefix("#/$defs/") if isinstance(node.get("$ref"), str) else ""
    if name in within:
        return {"type": "object", "description": f"{name}, nested"}
    if name:
        return _resolve(definitions[name], definitions, (*within, name))
    return {key: _resolve(value, definitions, within) for key, value in node.items()}
