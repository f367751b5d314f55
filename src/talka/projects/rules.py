"""What an edit of a project means for the pools that exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Difference = Literal["EQUAL", "NON_BREAKING_CHANGE", "BREAKING_CHANGE"]

_LOWERED = ("max_size", "max_length", "max_value")
_RAISED = ("min_size", "min_length", "min_value")


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """How two stored `task_spec` objects differ: breaking when tasks or answers of the old may not fit the new."""
    if old == new:
        return "EQUAL"
    breaking = any(_breaks(old[side], new[side]) for side in ("input_spec", "output_spec"))
    return "BREAKING_CHANGE" if breaking else "NON_BREAKING_CHANGE"


def _breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    for name in old.keys() | new.keys():
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            if (before or after or {}).get("required"):
                return True
        elif _field_breaks(before, after):
            return True
    return False


def _field_breaks(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    if after["required"] and not before["required"]:
        return True
    if before["type"] != after["type"]:
        # A field that was optional and stays so may change its type: nothing depends on it.
        return bool(before["required"])
    if _values(before) != _values(after):
        return True
    if any(_limit(after, name, 1) < _limit(before, name, 1) for name in _LOWERED):
        return True
    return any(_limit(after, name, -1) > _limit(before, name, -1) for name in _RAISED)


def _values(field: Mapping[str, Any]) -> set[Any]:
    """An empty list allows everything, as no list does; the order does not matter."""
    return set(field.get("allowed_values") or ())


def _limit(field: Mapping[str, Any], name: str, sign: int) -> float:
    value = field.get(name)
    return sign * float("inf") if value is None else value
