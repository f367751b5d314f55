"""The filter tree: what is wrong with it, and which skills it names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from talka.kit.documents import MAX_DEPTH, json_problems, refuse
from talka.kit.errors import FieldError, FieldErrors
from talka.selection.criteria import CATEGORIES, COMPUTED, PROFILE, SKILL
from talka.selection.values import OPERATORS, Criterion

MAX_CHARACTERS = 10_000
"""Of the filter as compact JSON."""


def filter_errors(tree: Any) -> FieldErrors:
    """Everything wrong with a filter, by path below it; empty when nothing is."""
    unstorable = json_problems(tree)
    errors = _node_errors(tree, "", 0) | unstorable
    if not unstorable and len(json.dumps(tree, ensure_ascii=False, separators=(",", ":"))) > MAX_CHARACTERS:
        message = f"Must have at most {MAX_CHARACTERS} characters as JSON"
        errors[""] = FieldError("STRING_LENGTH_GREATER_THAN_MAX", message, (MAX_CHARACTERS,))
    return errors


def skill_references(tree: Any) -> Iterator[tuple[str, str]]:
    """(path, skill id) of each skill in a filter that has no errors."""
    for path, condition in _conditions(tree, ""):
        if condition["category"] == "skill":
            yield f"{path}.key" if path else "key", str(condition["key"])


def _below(path: str, *parts: object) -> str:
    return ".".join([path, *map(str, parts)] if path else map(str, parts))


def branch_of(node: Mapping[str, Any]) -> str | None:
    """Clients tell nodes apart by the presence of `or`, then of `and`; what has neither is a condition."""
    return "or" if node.get("or") is not None else "and" if node.get("and") is not None else None


def _conditions(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    branch = branch_of(node)
    if branch is None:
        yield path, node
        return
    for index, part in enumerate(node[branch]):
        yield from _conditions(part, _below(path, branch, index))


def _node_errors(node: Any, path: str, depth: int) -> FieldErrors:
    if not isinstance(node, dict):
        return {path: FieldError("OBJECT_EXPECTED", "Must be a condition, or an object with `and` or `or`")}
    if not node:
        return {path: FieldError("EMPTY_OBJECT_NOT_ALLOWED", "Must be a condition, or have `and` or `or`")}
    branch = branch_of(node)
    if branch is None:
        return _condition_errors(node, path)
    parts = node[branch]
    if not isinstance(parts, list):
        return {_below(path, branch): FieldError("ARRAY_EXPECTED", "Must be an array of conditions")}
    if depth >= MAX_DEPTH:
        return {path: FieldError("INVALID_VALUE", f"Must be nested at most {MAX_DEPTH} deep", (MAX_DEPTH,))}
    errors: FieldErrors = {}
    for index, part in enumerate(parts):
        errors |= _node_errors(part, _below(path, branch, index), depth + 2)
    return errors


def _condition_errors(condition: dict[str, Any], path: str) -> FieldErrors:
    errors: FieldErrors = {}
    for name in ("category", "key", "operator"):
        value = condition.get(name)
        if value is None:
            errors[_below(path, name)] = FieldError("VALUE_REQUIRED", "Must be present and not null")
        elif not isinstance(value, str) and not (name == "key" and condition.get("category") == "skill"):
            errors[_below(path, name)] = FieldError("STRING_EXPECTED", "Must be a string")
    category, key, operator = (condition.get(name) for name in ("category", "key", "operator"))
    if isinstance(category, str) and category not in CATEGORIES:
        errors[_below(path, "category")] = FieldError("UNKNOWN_ENUM_VALUE", "Must be a category", CATEGORIES)
    if isinstance(operator, str) and operator not in OPERATORS:
        errors[_below(path, "operator")] = FieldError("UNKNOWN_ENUM_VALUE", "Must be an operator", OPERATORS)
    if key is None or category not in CATEGORIES:
        return errors
    found = _criterion(category, key)
    if isinstance(found, FieldError):
        errors.setdefault(_below(path, "key"), found)
        return errors
    if operator in OPERATORS and operator not in found.operators:
        message = "Must be an operator that goes with the key"
        errors[_below(path, "operator")] = FieldError("VALUE_NOT_ALLOWED", message, found.operators)
    problem = _value_error(found, condition)
    if problem is not None:
        errors[_below(path, "value")] = problem
    return errors


def _criterion(category: str, key: Any) -> Criterion | FieldError:
    if category == "skill":
        if isinstance(key, str) or (isinstance(key, int) and not isinstance(key, bool)):
            return SKILL
        return FieldError("STRING_EXPECTED", "Must be the id of a skill")
    keys = PROFILE if category == "profile" else COMPUTED
    return keys.get(key) or FieldError("UNKNOWN_ENUM_VALUE", "Must be a key of the category", tuple(keys.names()))


def _value_error(criterion: Criterion, condition: dict[str, Any]) -> FieldError | None:
    value = condition.get("value")
    if value is not None:
        return criterion.check(value)
    # A skill's absence is asked for by null or by leaving the value out; elsewhere only an explicit null asks for it.
    if criterion is SKILL or (criterion.nullable and "value" in condition):
        return None
    return FieldError("VALUE_REQUIRED", "Must be present and not null")


def _filter(tree: dict[str, Any]) -> dict[str, Any]:
    refuse(filter_errors(tree))
    return tree


Filter = Annotated[dict[str, Any], AfterValidator(_filter)]
"""`filter` of a pool, kept exactly as it was sent."""
