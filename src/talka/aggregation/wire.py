"""JSON shapes of aggregation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from talka.aggregation.model import Algorithm, Solution
from talka.kit.documents import Document, Id, Text
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.ids import work_id

MAX_FIELDS = 1_000
_REQUIRED = FieldError("VALUE_REQUIRED", "Must be present and not null")


class OutputName(Document):
    """An output to aggregate."""

    name: Text


class PoolRequest(Document):
    """What to aggregate in a pool, and how. Without fields DAWID_SKENE takes every output that can be aggregated."""

    type: Literal["WEIGHTED_DYNAMIC_OVERLAP", "DAWID_SKENE"]
    pool_id: Id
    answer_weight_skill_id: Id | None = None
    fields_: Annotated[list[OutputName], Field(alias="fields", default_factory=list, max_length=MAX_FIELDS)]

    @property
    def algorithm(self) -> Algorithm:
        """`type` as what it means."""
        return Algorithm(self.type)

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """What the algorithm asks of the other fields."""
        errors: FieldErrors = {}
        fields = raw.get("fields")
        count = len(fields) if isinstance(fields, list) else None
        if raw.get("type") == Algorithm.WEIGHTED_DYNAMIC_OVERLAP:
            if raw.get("answer_weight_skill_id") is None:
                errors["answer_weight_skill_id"] = _REQUIRED
            if fields is None:
                errors["fields"] = _REQUIRED
            elif count == 0:
                errors["fields"] = FieldError("ARRAY_SIZE_LESS_THAN_MIN", "Must name at least one output", (1,))
        elif raw.get("type") == Algorithm.DAWID_SKENE and (count or 0) > 1:
            errors["fields"] = FieldError("ARRAY_SIZE_GREATER_THAN_MAX", "Must name at most one output", (1,))
        return errors | _repeated(fields if isinstance(fields, list) else [])


class TaskRequest(PoolRequest):
    """What to aggregate of one task."""

    task_id: Id


def _repeated(fields: list[Any]) -> FieldErrors:
    errors: FieldErrors = {}
    seen: set[str] = set()
    for index, field in enumerate(fields):
        name = field.get("name") if isinstance(field, dict) else None
        if isinstance(name, str):
            if name in seen:
                errors[f"fields.{index}.name"] = FieldError("DUPLICATE_VALUE_IN_ARRAY", "Is named twice")
            seen.add(name)
    return errors


def solution_json(solution: Solution) -> dict[str, Any]:
    """An aggregated solution as its requester gets it."""
    return {
        "pool_id": str(solution.pool_id),
        "task_id": work_id(solution.pool_id, solution.task_id),
        "confidence": solution.confidence,
        "output_values": solution.output_values,
    }
