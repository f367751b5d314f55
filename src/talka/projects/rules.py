"""Versions of projects: their ids, and what an edit means for the pools that exist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import orjson

Difference = Literal["EQUAL", "NON_BREAKING_CHANGE", "BREAKING_CHANGE"]

_LOWERED = ("max_size", "max_length", "max_value")
_RAISED = ("min_size", "min_length", "min_value")
_VERSION = re.compile(r"([1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


def parse_version(text: str) -> tuple[int, int] | None:
    """Major and minor number behind the id of a version (`2.1`); None when it cannot be one."""
    match = _VERSION.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def same(old: Any, new: Any) -> bool:
    """Whether two JSON values are the same, whatever the order of their keys: to Python `1` and `true` are equal."""
    return orjson.dumps(old, option=orjson.OPT_SORT_KEYS) == orjson.dumps(new, option=orjson.OPT_SORT_KEYS)


def change(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """How two stored projects differ."""
    found = difference(old["task_spec"], new["task_spec"])
    return "NON_BREAKING_CHANGE" if found == "EQUAL" and not same(old, new) else found


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """How two stored `task_spec` objects differ: breaking when tasks or answers of the old may not fit the new."""
    if same(old, new):
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
