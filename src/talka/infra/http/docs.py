"""What routes add to the OpenAPI document: bodies are parsed by the kit, so FastAPI does not see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

TAKES = "takes"


@dataclass(frozen=True, slots=True)
class Takes:
    """The JSON body of a route: a `model`, an array of them, or either."""

    model: type[BaseModel]
    one: bool = True
    many: bool = False


def takes(model: type[BaseModel], *, many: bool = False, one: bool = True) -> dict[str, Any]:
    """`openapi_extra` of a route whose JSON body is a `model` (with `many`, an array of them, too)."""
    return {TAKES: Takes(model, one, many)}
