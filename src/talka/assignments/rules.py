"""Checking submissions, matching training answers, deciding reviews."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from talka.kit.errors import FieldError, FieldErrors, ValidationError, field_error
from talka.projects.fields import Checker

MAX_COMMENT = 2048


def read_solutions(body: Any, count: int, check: Checker) -> list[dict[str, Any]]:
    """The solutions of a submission, one per task of the page.

    Raises:
        ValidationError: naming every wrong field (`solutions.0.output_values.label`).
    """
    solutions = body.get("solutions") if isinstance(body, dict) else None
    if solutions is None:
        raise field_error("solutions", "VALUE_REQUIRED", "Must be present and not null")
    if not isinstance(solutions, list):
        raise field_error("solutions", "ARRAY_EXPECTED", "Must be an array")
    if len(solutions) != count:
        code = "ARRAY_SIZE_LESS_THAN_MIN" if len(solutions) < count else "ARRAY_SIZE_GREATER_THAN_MAX"
        raise field_error("solutions", code, f"Must have {count} items, one per task", count)
    errors: FieldErrors = {}
    kept: list[dict[str, Any]] = []
    for index, solution in enumerate(solutions):
        path = f"solutions.{index}"
        if not isinstance(solution, dict):
            errors[path] = FieldError("OBJECT_EXPECTED", "Must be an object")
            continue
        values = solution.get("output_values")
        found = check(values, f"{path}.output_values")
        if found:
            errors.update(found)
        kept.append({"output_values": values})
    if errors:
        raise ValidationError(errors)
    return kept


def named_files(output_values: Mapping[str, Any], fields: Collection[str], path: str) -> dict[str, str]:
    """The attachments that checked answers to one task name, by the path where each stands."""
    named: dict[str, str] = {}
    for name in fields:
        value = output_values.get(name)
        if isinstance(value, str):
            named[f"{path}.{name}"] = value
        elif value is not None:
            named |= {f"{path}.{name}.{index}": part for index, part in enumerate(value)}
    return named


def matches(answer: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether an answer equals a known solution in every field that the solution names, exactly."""
    return all(name in answer and same(answer[name], value) for name, value in known["output_values"].items())


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: numbers by value, but true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def is_correct(answer: Mapping[str, Any], known_solutions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an answer to a training task is right: some known solution of positive weight matches.

    A task with a hint but without known solutions accepts every answer.
    """
    if not known_solutions:
        return True
    return any(known.get("correctness_weight", 1) > 0 and matches(answer, known) for known in known_solutions)
