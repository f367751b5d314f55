"""Parameters that follow from what is there already: ids in paths, and all that a list can be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from talka.app.openapi.calls import Parameter
from talka.infra.http.listing import RANGES, Column, ListSpec

_NUMBER: Mapping[str, Any] = {"type": "string", "examples": ["1000042"]}
_WORK: Mapping[str, Any] = {"type": "string", "examples": ["00000f426a--000000000000000000000017"]}
_USER: Mapping[str, Any] = {"type": "string", "examples": ["9f2b1c0de4a5b6c7d8e9f00112233445"]}
_UUID: Mapping[str, Any] = {"type": "string", "examples": ["38830d4b-930b-43ab-a98f-f52e992fd11a"]}
_TEXT: Mapping[str, Any] = {"type": "string"}
_IDS: Mapping[str, Mapping[str, Any]] = {
    "task_id": _WORK, "suite_id": _WORK, "task_suite_id": _WORK, "assignment_id": _WORK,
    "user_id": _USER, "requester_id": _USER, "owner_id": _USER, "operation_id": _UUID, "attachment_id": _UUID,
    "name": _TEXT, "path": _TEXT, "reference": _TEXT,
    "thread_id": {"type": "string", "examples": ["0000000000000000000f4249"]},
}  # fmt: skip
_KINDS: Mapping[str, Mapping[str, Any]] = {
    "INTEGER_EXPECTED": {"type": "integer"},
    "INVALID_DATE_TIME_SYNTAX": {"type": "string", "examples": ["2030-01-31T12:00:00"]},
    "UUID_EXPECTED": _UUID,
}
_COMPARED = {"_gt": "greater than this", "_gte": "at least this", "_lt": "less than this", "_lte": "at most this"}


def of_path(name: str, path: str) -> dict[str, Any]:
    """A parameter of a path."""
    schema = _IDS.get(name, _NUMBER if name.endswith("_id") else _TEXT)
    return {"name": name, "in": "path", "required": True, "schema": dict(schema)}


def of_listing(spec: ListSpec) -> Iterator[Parameter]:
    """Everything that a list can be asked."""
    one = f"One of {', '.join(spec.required)} must be given" if len(spec.required) > 1 else ""
    for name, column in spec.filters.items():
        note = f"{one}. " if name in spec.required and one else ""
        which = "Any of these" if column.many and not column.denied else "None of these" if column.denied else "This"
        yield Parameter(name, f"{note}{which} `{name}`", _schema(name, column), spec.required == (name,))
    for name, column in spec.ranges.items():
        for suffix in RANGES:
            yield Parameter(name + suffix, f"`{name}` {_COMPARED[suffix]}", _one(name, column))
    sorts = [sign + name for name in spec.sorts for sign in ("", "-")]
    order = "Fields to sort by, with `-` the other way round; what is equal is sorted by id"
    yield Parameter("sort", order, {"type": "array", "items": {"enum": sorts}, "default": ["id"]})
    limit = {"type": "integer", "minimum": 1, "maximum": spec.max_limit, "default": spec.default_limit}
    yield Parameter("limit", "How many items to give at most", limit)


def _schema(name: str, column: Column) -> Mapping[str, Any]:
    one = _one(name, column)
    return {"type": "array", "items": one, "minItems": 1} if column.many else one


def _one(name: str, column: Column) -> Mapping[str, Any]:
    words = tuple(column.words or column.choices)
    if words:
        return {"enum": list(words)}
    return _KINDS.get(column.error) or _IDS.get(name) or (_NUMBER if name.endswith("id") else _TEXT)
