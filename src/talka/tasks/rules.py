"""Reading uploaded tasks and suites: plain functions, since twenty thousand pass here in a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from talka.kit.errors import FieldError, FieldErrors, ValidationError, prefixed
from talka.kit.wire import parse
from talka.projects.fields import Checker
from talka.projects.localization import HintLocalization
from talka.tasks.model import EVERYBODY, Audience, Kind, NewSuite, NewTask

MAX_OVERLAP: Final = 30_000
MAX_TASKS_IN_SUITE: Final = 500
_REQUIRED: Final = FieldError("VALUE_REQUIRED", "Must be present and not null")
_TRAITS: Final = ("traits_all_of", "traits_any_of", "traits_none_of_any")
_AUDIENCE: Final = frozenset({*_TRAITS, "reserved_for", "unavailable_for"})
_BESIDE_INPUT: Final = frozenset(
    {"known_solutions", "message_on_unknown_solution", "localization_config", "origin_task_id"}
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a pool expects of its tasks."""

    pool_id: int
    status: str
    training: bool
    mixed: bool
    paid: bool
    on_map: bool
    in_order: bool
    default_task_overlap: int
    default_suite_overlap: int
    check_input: Checker
    check_known: Checker


class ItemInvalid(Exception):  # noqa: N818 - reads as the sentence it is
    """An item of a batch has errors."""

    def __init__(self, errors: FieldErrors) -> None:
        super().__init__(errors)
        self.errors = errors


def read_task(item: Any, index: int, targets: Mapping[str, Target | None], *, allow_defaults: bool) -> NewTask:
    """One item of POST /tasks.

    Raises:
        ItemInvalid: with every wrong field of it.
    """
    target = _target(item, targets)
    errors: FieldErrors = {}
    if target.status == "ARCHIVED":
        errors["pool_id"] = FieldError("POOL_INAPPROPRIATE_STATUS", "The pool is archived")
    elif not target.mixed:
        errors["pool_id"] = FieldError("MIXER_CONFIG_REQUIRED", "The pool has no mixer_config: upload task suites")
    kind, details = _content(item, target, errors, "")
    if "baseline_solutions" in item:
        details |= _solutions(item, "baseline_solutions", "confidence_weight", target, errors)
    audience = _audience(item, errors, details)
    if target.training:
        overlap: int | None = None
        by_default = False
    else:
        overlap, by_default = _overlap(item, target.default_task_overlap, errors, allow_defaults=allow_defaults)
    if not errors:
        _check_kind(kind, target, errors)
    if errors:
        raise ItemInvalid(errors)
    return NewTask(
        target.pool_id,
        index,
        kind,
        orjson.dumps(item["input_values"]),
        orjson.dumps(details) if details else None,
        overlap,
        by_default,
        audience,
    )


def read_suite(item: Any, index: int, targets: Mapping[str, Target | None], *, allow_defaults: bool) -> NewSuite:
    """One item of POST /task-suites.

    Raises:
        ItemInvalid: with every wrong field of it.
    """
    target = _target(item, targets)
    errors: FieldErrors = {}
    mixed = item.get("mixed")
    if mixed is not None and not isinstance(mixed, bool):
        errors["mixed"] = FieldError("BOOLEAN_EXPECTED", "Must be true or false")
    if target.status == "ARCHIVED":
        errors["pool_id"] = FieldError("POOL_INAPPROPRIATE_STATUS", "The pool is archived")
    elif target.training or target.mixed:
        errors["pool_id"] = FieldError("POOL_TASK_TYPE_CONFLICT", "The pool mixes its suites itself: upload tasks")
    details: dict[str, Any] = {}
    tasks = _suite_tasks(item, target, errors)
    audience = _audience(item, errors, details)
    overlap, by_default = _overlap(item, target.default_suite_overlap, errors, allow_defaults=allow_defaults)
    override = _override(item.get("issuing_order_override"), errors)
    place = [_coordinate(item, name, bound, target, errors) for name, bound in (("latitude", 90), ("longitude", 180))]
    if errors:
        raise ItemInvalid(errors)
    return NewSuite(
        target.pool_id,
        index,
        tuple(tasks),
        overlap,
        by_default,
        audience,
        orjson.dumps(details) if details else None,
        bool(mixed),
        override,
        place[0],
        place[1],
    )


def _target(item: Any, targets: Mapping[str, Target | None]) -> Target:
    if not isinstance(item, dict):
        raise ItemInvalid({"": FieldError("OBJECT_EXPECTED", "Must be an object")})
    pool_id = item.get("pool_id")
    if pool_id is None:
        raise ItemInvalid({"pool_id": _REQUIRED})
    text = str(pool_id) if type(pool_id) is int else pool_id
    if not isinstance(text, str):
        raise ItemInvalid({"pool_id": FieldError("STRING_EXPECTED", "Must be the id of a pool")})
    if text not in targets:
        raise ItemInvalid({"pool_id": FieldError("ENTITY_DOES_NOT_EXIST", "There is no such pool")})
    target = targets[text]
    if target is None:
        raise ItemInvalid({"pool_id": FieldError("ENTITY_ACCESS_DENIED", "The pool belongs to somebody else")})
    return target


def _content(item: Mapping[str, Any], target: Target, errors: FieldErrors, path: str) -> tuple[Kind, dict[str, Any]]:
    """Input values, known solutions and hint: what kind of task it is, and what is kept beside its input."""
    prefix = f"{path}." if path else ""
    found = target.check_input(item.get("input_values"), f"{prefix}input_values")
    if found:
        errors.update(found)
    details: dict[str, Any] = {}
    if _BESIDE_INPUT.isdisjoint(item):
        return Kind.GENERAL, details
    if item.get("known_solutions"):
        details |= _solutions(item, "known_solutions", "correctness_weight", target, errors, prefix)
    elif item.get("known_solutions") not in (None, []):
        errors[f"{prefix}known_solutions"] = FieldError("ARRAY_EXPECTED", "Must be an array")
    hint = item.get("message_on_unknown_solution")
    if hint is not None and not isinstance(hint, str):
        errors[f"{prefix}message_on_unknown_solution"] = FieldError("STRING_EXPECTED", "Must be a string")
    elif hint:
        details["message_on_unknown_solution"] = hint
    localization = item.get("localization_config")
    if localization is not None:
        try:
            details["localization_config"] = parse(HintLocalization, localization).stored()
        except ValidationError as error:
            place = f"{prefix}localization_config"
            errors.update({f"{place}.{path}" if path != "body" else place: e for path, e in error.fields.items()})
    origin = item.get("origin_task_id")
    if isinstance(origin, str) and origin:
        details["origin_task_id"] = origin
    return kind_of(details), details


def kind_of(details: Mapping[str, Any]) -> Kind:
    """A hint makes a training task, known solutions alone a control task."""
    if details.get("message_on_unknown_solution"):
        return Kind.TRAINING
    return Kind.CONTROL if details.get("known_solutions") else Kind.GENERAL


def _check_kind(kind: Kind, target: Target, errors: FieldErrors) -> None:
    problem = kind_problem(kind, training=target.training, paid=target.paid)
    if problem is not None:
        errors["pool_id"] = problem


def kind_problem(kind: Kind, *, training: bool, paid: bool) -> FieldError | None:
    """Why a pool takes no tasks of a kind; None when it does."""
    if training and kind is not Kind.TRAINING:
        return FieldError("POOL_TASK_TYPE_CONFLICT", "A training takes training tasks only")
    if kind is Kind.GENERAL and not paid and not training:
        return FieldError("POOL_TASK_TYPE_CONFLICT", "An unpaid pool takes no general tasks")
    return None


def _solutions(
    item: Mapping[str, Any], name: str, weight: str, target: Target, errors: FieldErrors, prefix: str = ""
) -> dict[str, Any]:
    value = item.get(name)
    path = f"{prefix}{name}"
    if value is None or value == []:
        return {}
    if not isinstance(value, list):
        errors[path] = FieldError("ARRAY_EXPECTED", "Must be an array")
        return {}
    kept = []
    for position, solution in enumerate(value):
        place = f"{path}.{position}"
        if not isinstance(solution, dict):
            errors[place] = FieldError("OBJECT_EXPECTED", "Must be an object")
            continue
        errors.update(target.check_known(solution.get("output_values"), f"{place}.output_values"))
        number = solution.get(weight)
        if number is None:
            number = 1
        elif isinstance(number, bool) or not isinstance(number, int | float):
            errors[f"{place}.{weight}"] = FieldError("FLOAT_EXPECTED", "Must be a number")
        elif not 0 <= number <= 1:
            errors[f"{place}.{weight}"] = FieldError("VALUE_OUT_OF_BOUNDS", "Must be from 0 to 1", (0, 1))
        kept.append({"output_values": solution.get("output_values"), weight: number})
    return {name: kept}


def read_solutions(item: Mapping[str, Any], target: Target, errors: FieldErrors) -> dict[str, Any]:
    """Known and baseline solutions of a PATCH."""
    known = _solutions(item, "known_solutions", "correctness_weight", target, errors)
    return known | _solutions(item, "baseline_solutions", "confidence_weight", target, errors)


def _strings(item: Mapping[str, Any], name: str, errors: FieldErrors) -> tuple[str, ...]:
    value = item.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        errors[name] = FieldError("ARRAY_EXPECTED", "Must be an array of strings")
        return ()
    for position, text in enumerate(value):
        if not isinstance(text, str):
            errors[f"{name}.{position}"] = FieldError("STRING_EXPECTED", "Must be a string")
    return tuple(dict.fromkeys(text for text in value if isinstance(text, str)))


def _audience(item: Mapping[str, Any], errors: FieldErrors, details: dict[str, Any]) -> Audience:
    if _AUDIENCE.isdisjoint(item):
        return EVERYBODY
    for name in _TRAITS:
        traits = _strings(item, name, errors)
        if traits:
            details[name] = list(traits)
    reserved, unavailable = _strings(item, "reserved_for", errors), _strings(item, "unavailable_for", errors)
    if reserved:
        details["reserved_for"] = list(reserved)
    if unavailable:
        details["unavailable_for"] = list(unavailable)
    return Audience(reserved, unavailable) if reserved or unavailable else EVERYBODY


def _overlap(
    item: Mapping[str, Any], default: int, errors: FieldErrors, *, allow_defaults: bool
) -> tuple[int | None, bool]:
    infinite, overlap = item.get("infinite_overlap"), item.get("overlap")
    if infinite is not None and not isinstance(infinite, bool):
        errors["infinite_overlap"] = FieldError("BOOLEAN_EXPECTED", "Must be true or false")
        return None, False
    if infinite:
        if overlap is not None:
            errors["overlap"] = FieldError("VALUE_NOT_ALLOWED", "Must be absent when infinite_overlap is true")
        return None, False
    if overlap is None:
        if not allow_defaults:
            errors["overlap"] = _REQUIRED
        return default, True
    number = read_overlap(overlap, 1, errors)
    return number, False


def read_overlap(value: Any, low: int, errors: FieldErrors) -> int:
    """An overlap from `low` to 30000."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        errors["overlap"] = FieldError("INTEGER_EXPECTED", "Must be a whole number")
        return low
    if value < low:
        errors["overlap"] = FieldError("VALUE_LESS_THAN_MIN", f"Must be at least {low}", (low,))
    elif value > MAX_OVERLAP:
        errors["overlap"] = FieldError("VALUE_GREATER_THAN_MAX", f"Must be at most {MAX_OVERLAP}", (MAX_OVERLAP,))
    return value


def _suite_tasks(item: Mapping[str, Any], target: Target, errors: FieldErrors) -> list[NewTask]:
    value = item.get("tasks")
    if value is None:
        errors["tasks"] = _REQUIRED
        return []
    if not isinstance(value, list):
        errors["tasks"] = FieldError("ARRAY_EXPECTED", "Must be an array of tasks")
        return []
    if not 1 <= len(value) <= MAX_TASKS_IN_SUITE:
        code = "ARRAY_SIZE_GREATER_THAN_MAX" if value else "ARRAY_SIZE_LESS_THAN_MIN"
        errors["tasks"] = FieldError(code, f"Must have 1 to {MAX_TASKS_IN_SUITE} tasks", (1, MAX_TASKS_IN_SUITE))
        return []
    tasks = []
    for position, task in enumerate(value):
        path = f"tasks.{position}"
        if not isinstance(task, dict):
            errors[path] = FieldError("OBJECT_EXPECTED", "Must be an object")
            continue
        found: FieldErrors = {}
        kind, details = _content(task, target, found, "")
        if task.get("baseline_solutions"):
            found["baseline_solutions"] = FieldError("VALUE_NOT_ALLOWED", "Only tasks of smart-mixed pools have them")
        errors.update(prefixed(path, found))
        if not found:
            inputs = orjson.dumps(task["input_values"])
            tasks.append(NewTask(target.pool_id, position, kind, inputs, orjson.dumps(details) if details else None, 0))
    if not errors and not target.paid and any(task.kind is Kind.GENERAL for task in tasks):
        _check_kind(Kind.GENERAL, target, errors)
    return tasks


def _override(value: Any, errors: FieldErrors) -> Decimal:
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        errors["issuing_order_override"] = FieldError("FLOAT_EXPECTED", "Must be a number")
    elif abs(value) > 99999.99999:
        bounds = (-99999.99999, 99999.99999)
        errors["issuing_order_override"] = FieldError("VALUE_OUT_OF_BOUNDS", "Must be within ±99999.99999", bounds)
    else:
        return Decimal(repr(value))
    return Decimal(0)


def read_override(value: Any, errors: FieldErrors) -> Decimal:
    """`issuing_order_override` of a PATCH."""
    return _override(value, errors)


def _coordinate(item: Mapping[str, Any], name: str, bound: int, target: Target, errors: FieldErrors) -> float | None:
    value = item.get(name)
    if value is None:
        if target.on_map:
            errors[name] = _REQUIRED
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        errors[name] = FieldError("FLOAT_EXPECTED", "Must be a number of degrees")
        return None
    if abs(value) > bound:
        errors[name] = FieldError("VALUE_OUT_OF_BOUNDS", f"Must be within ±{bound}", (-bound, bound))
    return float(value)
