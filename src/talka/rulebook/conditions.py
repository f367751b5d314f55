"""The keys that rules can ask for, with their operators and values, and one condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from talka.kit import literals
from talka.kit.documents import Document, JsonValue
from talka.kit.errors import FieldError
from talka.kit.registry import Registry
from talka.kit.wire import wire_error

IDENTITY = ("EQ", "NE")
COMPARABLE = ("EQ", "NE", "GT", "GTE", "LT", "LTE")
Operator = Literal["EQ", "NE", "GT", "GTE", "LT", "LTE"]


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """One key: which operators go with it and what its value may be."""

    operators: tuple[str, ...]
    check: literals.LiteralCheck
    rate: bool = False


def _money(value: Any) -> FieldError | None:
    found = literals.number(value)
    if found is None and float(value) < 0:
        return FieldError("VALUE_OUT_OF_BOUNDS", "Must not be negative", (0,))
    return found


def _id(value: Any) -> FieldError | None:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return None
    return FieldError("STRING_EXPECTED", "Must be an id")


_COUNT = ConditionKey(COMPARABLE, literals.at_least(0))
_RATE = ConditionKey(COMPARABLE, literals.percentage, rate=True)

CONDITION_KEYS: Registry[ConditionKey] = Registry(
    "condition key",
    accepted_assignments_count=_COUNT,
    accepted_assignments_rate=_RATE,
    assessment_event=ConditionKey(IDENTITY, literals.one_of("ACCEPT", "ACCEPT_AFTER_REJECT", "REJECT")),
    assignments_accepted_count=_COUNT,
    correct_answers_rate=_RATE,
    incorrect_answers_rate=_RATE,
    golden_set_answers_count=_COUNT,
    golden_set_correct_answers_rate=_RATE,
    golden_set_incorrect_answers_rate=_RATE,
    fail_rate=_RATE,
    success_rate=_RATE,
    stored_results_count=_COUNT,
    fast_submitted_count=_COUNT,
    total_submitted_count=_COUNT,
    income_sum_for_last_24_hours=ConditionKey(COMPARABLE, _money),
    next_assignment_available=ConditionKey(COMPARABLE, literals.boolean),
    submitted_assignments_count=_COUNT,
    pending_assignments_count=_COUNT,
    rejected_assignments_count=_COUNT,
    pool_access_revoked_reason=ConditionKey(IDENTITY, literals.one_of("SKILL_CHANGE", "RESTRICTION")),
    rejected_assignments_rate=_RATE,
    skill_id=ConditionKey(IDENTITY, _id),
    skipped_in_row_count=_COUNT,
    total_answers_count=_COUNT,
    total_assignments_count=_COUNT,
)

RATE_ALIASES: Mapping[str, str] = {"wrong_answers_rate": "incorrect_answers_rate"}
"""Other spellings of rates that clients send as `from_field`; they are returned as sent."""


def _known(value: str) -> str:
    if CONDITION_KEYS.get(value) is None:
        raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a condition key", *CONDITION_KEYS.names())
    return value


def _goes_with_key(value: str, info: ValidationInfo) -> str:
    key = CONDITION_KEYS.get(info.data.get("key"))
    if key is not None and value not in key.operators:
        raise wire_error("VALUE_NOT_ALLOWED", "Must be an operator that goes with the key", *key.operators)
    return value


def _fits_key(value: Any, info: ValidationInfo) -> Any:
    key = CONDITION_KEYS.get(info.data.get("key"))
    problem = key.check(value) if key is not None else None
    if problem is not None:
        raise wire_error(problem.code, problem.message, *(problem.params or ()))
    return value


class Condition(Document):
    """A comparison of one counter with a literal; the value stays as received (`75.512`, `"1"`)."""

    key: Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*CONDITION_KEYS.names()]})]
    operator: Annotated[Operator, AfterValidator(_goes_with_key)]
    value: Annotated[JsonValue, AfterValidator(_fits_key)]
