"""Quality-control objects: collectors, conditions and actions as clients send them, and every mistake."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from talka.kit.errors import ValidationError
from talka.kit.references import Reference
from talka.kit.wire import parse
from talka.rulebook.actions import ACTIONS
from talka.rulebook.collectors import COLLECTORS
from talka.rulebook.conditions import CONDITION_KEYS
from talka.rulebook.wire import QualityControl

UUID = "38830d4b-930b-43ab-a98f-f52e992fd11a"
BAN = {"type": "RESTRICTION", "parameters": {"scope": "POOL"}}


def config(collector: Any, *conditions: Any, action: Any = BAN) -> dict[str, Any]:
    parts = [dict(zip(("key", "operator", "value"), part, strict=True)) for part in conditions]
    return {"collector_config": collector, "rules": [{"conditions": parts, "action": action}]}


def control(*configs: Any) -> dict[str, Any]:
    return {"configs": list(configs)}


def codes(body: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        parse(QualityControl, body)
    return {path: error.code for path, error in refused.value.fields.items()}


# (type, parameters, keys it offers)
MATRIX: list[tuple[str, dict[str, Any], set[str]]] = [
    (
        "ACCEPTANCE_RATE",
        {"history_size": 10},
        {"total_assignments_count", "accepted_assignments_rate", "rejected_assignments_rate"},
    ),
    ("ANSWER_COUNT", {}, {"assignments_accepted_count"}),
    (
        "ASSIGNMENTS_ASSESSMENT",
        {"history_size": 5},
        {
            "pending_assignments_count",
            "accepted_assignments_count",
            "rejected_assignments_count",
            "assessment_event",
        },
    ),
    (
        "ASSIGNMENT_SUBMIT_TIME",
        {"fast_submit_threshold_seconds": 20, "history_size": 5},
        {"total_submitted_count", "fast_submitted_count"},
    ),
    ("CAPTCHA", {"history_size": 10}, {"stored_results_count", "success_rate", "fail_rate"}),
    (
        "GOLDEN_SET",
        {"history_size": 1},
        {
            "total_answers_count",
            "correct_answers_rate",
            "incorrect_answers_rate",
            "golden_set_answers_count",
            "golden_set_correct_answers_rate",
            "golden_set_incorrect_answers_rate",
        },
    ),
    ("INCOME", {}, {"income_sum_for_last_24_hours"}),
    (
        "MAJORITY_VOTE",
        {"answer_threshold": 2, "history_size": 10},
        {"total_answers_count", "correct_answers_rate", "incorrect_answers_rate"},
    ),
    ("SKIPPED_IN_ROW_ASSIGNMENTS", {}, {"skipped_in_row_count"}),
    (
        "TRAINING",
        {},
        {
            "submitted_assignments_count",
            "total_answers_count",
            "correct_answers_rate",
            "incorrect_answers_rate",
            "next_assignment_available",
        },
    ),
    ("USERS_ASSESSMENT", {}, {"pool_access_revoked_reason", "skill_id"}),
]
VALUES: dict[str, Any] = {
    "assessment_event": "ACCEPT_AFTER_REJECT",
    "next_assignment_available": False,
    "pool_access_revoked_reason": "SKILL_CHANGE",
    "skill_id": "2626",
}


@pytest.mark.parametrize(("kind", "parameters", "keys"), MATRIX)
def test_collectors_with_all_their_conditions_come_back_unchanged(
    kind: str, parameters: dict[str, Any], keys: set[str]
) -> None:
    collector: dict[str, Any] = {"type": kind, "uuid": UUID, "parameters": parameters}
    body = control(config(collector, *[(key, "EQ", VALUES.get(key, 1)) for key in sorted(keys)]))
    assert parse(QualityControl, body).stored() == body


@pytest.mark.parametrize(("kind", "parameters", "keys"), MATRIX)
def test_conditions_of_other_collectors_are_refused(kind: str, parameters: dict[str, Any], keys: set[str]) -> None:
    others = sorted(set(CONDITION_KEYS.names()) - keys)
    collector = {"type": kind, "parameters": parameters}
    body = control(config(collector, *[(key, "EQ", VALUES.get(key, 1)) for key in others]))
    place = "configs.0.rules.0.conditions.{}.key"
    assert codes(body) == {place.format(index): "VALUE_NOT_ALLOWED" for index in range(len(others))}


def test_the_matrix_is_complete() -> None:
    assert sorted(kind for kind, _, _ in MATRIX) == sorted(COLLECTORS.names())
    assert set().union(*(keys for _, _, keys in MATRIX)) == set(CONDITION_KEYS.names())


ACTION_EXAMPLES: list[dict[str, Any]] = [
    BAN,
    {"type": "RESTRICTION", "parameters": {"scope": "PROJECT", "duration_days": 10, "private_comment": "x" * 499}},
    {"type": "RESTRICTION_V2", "parameters": {"scope": "ALL_PROJECTS", "duration": 12, "duration_unit": "HOURS"}},
    {"type": "RESTRICTION_V2", "parameters": {"scope": "POOL", "duration": 30, "duration_unit": "MINUTES"}},
    {"type": "RESTRICTION_V2", "parameters": {"scope": "POOL", "duration": 1, "duration_unit": "DAYS"}},
    {"type": "RESTRICTION_V2", "parameters": {"scope": "POOL", "duration_unit": "PERMANENT"}},
    {"type": "RESTRICTION_V2", "parameters": {"scope": "POOL", "duration": 0, "duration_unit": "PERMANENT"}},
    {"type": "SET_SKILL", "parameters": {"skill_id": "42", "skill_value": 75.512}},
    {"type": "SET_SKILL_FROM_OUTPUT_FIELD", "parameters": {"skill_id": "42", "from_field": "correct_answers_rate"}},
    {"type": "SET_SKILL_FROM_OUTPUT_FIELD", "parameters": {"skill_id": "42", "from_field": "wrong_answers_rate"}},
    {
        "type": "SET_SKILL_FROM_OUTPUT_FIELD",
        "parameters": {"skill_id": "42", "from_field": "golden_set_incorrect_answers_rate"},
    },
    {"type": "CHANGE_OVERLAP", "parameters": {"delta": -2, "open_pool": True}},
    {"type": "APPROVE_ALL_ASSIGNMENTS"},
    {"type": "REJECT_ALL_ASSIGNMENTS"},
    {"type": "REJECT_ALL_ASSIGNMENTS", "parameters": {"public_comment": "too fast", "scope": "POOL"}},
    {"type": "CLEAN_ASSIGNMENTS_HISTORY"},
    {"type": "CLEAN_COLLECTOR", "parameters": {}},
    {"type": "SET_POOL_COMPLETE", "parameters": {"any": {"thing": [None]}}},
]


@pytest.mark.parametrize("action", ACTION_EXAMPLES)
def test_actions_come_back_unchanged(action: dict[str, Any]) -> None:
    body = control(config({"type": "GOLDEN_SET"}, ("total_answers_count", "GTE", 5), action=action))
    assert parse(QualityControl, body).stored() == body


def test_every_action_has_an_example() -> None:
    assert {action["type"] for action in ACTION_EXAMPLES} == set(ACTIONS.names())


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("CAPTCHA", "success_rate", 70.1),
        ("ACCEPTANCE_RATE", "rejected_assignments_rate", 0.12),
        ("GOLDEN_SET", "correct_answers_rate", 75.512),
        ("GOLDEN_SET", "total_answers_count", "10"),
        ("GOLDEN_SET", "correct_answers_rate", "66.6"),
        ("INCOME", "income_sum_for_last_24_hours", 20.0),
        ("USERS_ASSESSMENT", "skill_id", 2626),
        ("ASSIGNMENT_SUBMIT_TIME", "fast_submitted_count", 3),
    ],
)
def test_values_come_back_as_received(kind: str, key: str, value: Any) -> None:
    body = control(config({"type": kind}, (key, "EQ", value)))
    back = parse(QualityControl, body).stored()
    assert back == body
    got = back["configs"][0]["rules"][0]["conditions"][0]["value"]
    assert type(got) is type(value)


def test_an_unusual_pair_that_makes_sense_is_accepted() -> None:
    action = {"type": "SET_SKILL", "parameters": {"skill_id": "2117", "skill_value": 1}}
    body = control(config({"type": "ASSIGNMENTS_ASSESSMENT"}, ("pending_assignments_count", "GT", 3), action=action))
    assert parse(QualityControl, body).stored() == body


GOLDEN = {"type": "GOLDEN_SET"}
COUNT = ("total_answers_count", "GTE", 3)
ACTION, CONDITION = "configs.0.rules.0.action", "configs.0.rules.0.conditions.0"


def acting(kind: str, **parameters: Any) -> dict[str, Any]:
    return control(config(GOLDEN, COUNT, action={"type": kind, "parameters": parameters}))


def collecting(kind: Any, **parameters: Any) -> dict[str, Any]:
    keys = next((keys for name, _, keys in MATRIX if name == kind), {"total_answers_count"})
    key = min(keys)
    return control(config({"type": kind, "parameters": parameters}, (key, "EQ", VALUES.get(key, 1))))


MISTAKES: list[tuple[Any, dict[str, str]]] = [
    ({"configs": "none"}, {"configs": "ARRAY_EXPECTED"}),
    ({"configs": [5]}, {"configs.0": "OBJECT_EXPECTED"}),
    ({"configs": [{}]}, {"configs.0.collector_config": "VALUE_REQUIRED", "configs.0.rules": "VALUE_REQUIRED"}),
    (control({"collector_config": GOLDEN, "rules": []}), {"configs.0.rules": "ARRAY_SIZE_LESS_THAN_MIN"}),
    (
        control({"collector_config": GOLDEN, "rules": [{}]}),
        {"configs.0.rules.0.conditions": "VALUE_REQUIRED", "configs.0.rules.0.action": "VALUE_REQUIRED"},
    ),
    (control(config(GOLDEN)), {"configs.0.rules.0.conditions": "ARRAY_SIZE_LESS_THAN_MIN"}),
    (control(config({}, COUNT)), {"configs.0.collector_config.type": "VALUE_REQUIRED"}),
    (control(config(None, COUNT)), {"configs.0.collector_config": "VALUE_REQUIRED"}),
    (control(config("GOLDEN_SET", COUNT)), {"configs.0.collector_config": "OBJECT_EXPECTED"}),
    (collecting("GOLD"), {"configs.0.collector_config.type": "UNKNOWN_ENUM_VALUE"}),
    (collecting(7), {"configs.0.collector_config.type": "STRING_EXPECTED"}),
    (control(config(GOLDEN | {"uuid": "1"}, COUNT)), {"configs.0.collector_config.uuid": "UUID_EXPECTED"}),
    (control(config(GOLDEN | {"uuid": 1}, COUNT)), {"configs.0.collector_config.uuid": "STRING_EXPECTED"}),
    (collecting("MAJORITY_VOTE"), {"configs.0.collector_config.parameters.answer_threshold": "VALUE_REQUIRED"}),
    (
        control(config({"type": "MAJORITY_VOTE"}, COUNT)),
        {"configs.0.collector_config.parameters.answer_threshold": "VALUE_REQUIRED"},
    ),
    (
        collecting("MAJORITY_VOTE", answer_threshold=0),
        {"configs.0.collector_config.parameters.answer_threshold": "VALUE_LESS_THAN_MIN"},
    ),
    (
        collecting("ASSIGNMENT_SUBMIT_TIME", fast_submit_threshold_seconds=0),
        {"configs.0.collector_config.parameters.fast_submit_threshold_seconds": "VALUE_LESS_THAN_MIN"},
    ),
    (
        collecting("GOLDEN_SET", history_size=0),
        {"configs.0.collector_config.parameters.history_size": "VALUE_LESS_THAN_MIN"},
    ),
    (
        collecting("CAPTCHA", history_size="many"),
        {"configs.0.collector_config.parameters.history_size": "INTEGER_EXPECTED"},
    ),
    (collecting("INCOME", odd="\0"), {"configs.0.collector_config.parameters.odd": "CHARACTER_NOT_ALLOWED"}),
    (control(config(GOLDEN, ("tempo", "EQ", 1))), {f"{CONDITION}.key": "UNKNOWN_ENUM_VALUE"}),
    (control(config(GOLDEN, (None, "EQ", 1))), {f"{CONDITION}.key": "VALUE_REQUIRED"}),
    (control(config(GOLDEN, (COUNT[0], "IN", 1))), {f"{CONDITION}.operator": "UNKNOWN_ENUM_VALUE"}),
    (control(config(GOLDEN, (COUNT[0], None, 1))), {f"{CONDITION}.operator": "VALUE_REQUIRED"}),
    (control(config(GOLDEN, (COUNT[0], "EQ", None))), {f"{CONDITION}.value": "VALUE_REQUIRED"}),
    (control(config(GOLDEN, (COUNT[0], "EQ", -1))), {f"{CONDITION}.value": "VALUE_OUT_OF_BOUNDS"}),
    (control(config(GOLDEN, (COUNT[0], "EQ", 1.5))), {f"{CONDITION}.value": "INTEGER_EXPECTED"}),
    (control(config(GOLDEN, (COUNT[0], "EQ", True))), {f"{CONDITION}.value": "INTEGER_EXPECTED"}),
    (control(config(GOLDEN, ("correct_answers_rate", "LT", 101))), {f"{CONDITION}.value": "VALUE_OUT_OF_BOUNDS"}),
    (control(config(GOLDEN, ("correct_answers_rate", "LT", "low"))), {f"{CONDITION}.value": "FLOAT_EXPECTED"}),
    (
        control(config({"type": "INCOME"}, ("income_sum_for_last_24_hours", "GT", -1))),
        {f"{CONDITION}.value": "VALUE_OUT_OF_BOUNDS"},
    ),
    (
        control(config({"type": "ASSIGNMENTS_ASSESSMENT"}, ("assessment_event", "GT", "ACCEPT"))),
        {f"{CONDITION}.operator": "VALUE_NOT_ALLOWED"},
    ),
    (
        control(config({"type": "ASSIGNMENTS_ASSESSMENT"}, ("assessment_event", "EQ", "PAY"))),
        {f"{CONDITION}.value": "UNKNOWN_ENUM_VALUE"},
    ),
    (
        control(config({"type": "USERS_ASSESSMENT"}, ("skill_id", "LT", 5))),
        {f"{CONDITION}.operator": "VALUE_NOT_ALLOWED"},
    ),
    (
        control(config({"type": "TRAINING"}, ("next_assignment_available", "EQ", "no"))),
        {f"{CONDITION}.value": "BOOLEAN_EXPECTED"},
    ),
    (control(config(GOLDEN, COUNT, action={})), {f"{ACTION}.type": "VALUE_REQUIRED"}),
    (acting("PRAISE"), {f"{ACTION}.type": "UNKNOWN_ENUM_VALUE"}),
    (control(config(GOLDEN, COUNT, action={"type": "RESTRICTION"})), {f"{ACTION}.parameters.scope": "VALUE_REQUIRED"}),
    (acting("RESTRICTION", scope="SYSTEM"), {f"{ACTION}.parameters.scope": "VALUE_NOT_ALLOWED"}),
    (acting("RESTRICTION", scope="WORLD"), {f"{ACTION}.parameters.scope": "UNKNOWN_ENUM_VALUE"}),
    (
        acting("RESTRICTION", scope="POOL", duration_days=0),
        {f"{ACTION}.parameters.duration_days": "VALUE_LESS_THAN_MIN"},
    ),
    (
        acting("RESTRICTION", scope="POOL", private_comment="x" * 500),
        {f"{ACTION}.parameters.private_comment": "STRING_LENGTH_GREATER_THAN_MAX"},
    ),
    (
        acting("RESTRICTION_V2"),
        {f"{ACTION}.parameters.scope": "VALUE_REQUIRED", f"{ACTION}.parameters.duration_unit": "VALUE_REQUIRED"},
    ),
    (
        acting("RESTRICTION_V2", scope="POOL", duration_unit="DAYS"),
        {f"{ACTION}.parameters.duration": "VALUE_REQUIRED"},
    ),
    (
        acting("RESTRICTION_V2", scope="POOL", duration_unit="DAYS", duration=0),
        {f"{ACTION}.parameters.duration": "VALUE_LESS_THAN_MIN"},
    ),
    (
        acting("RESTRICTION_V2", scope="POOL", duration_unit="WEEKS", duration=1),
        {f"{ACTION}.parameters.duration_unit": "UNKNOWN_ENUM_VALUE"},
    ),
    (
        acting("SET_SKILL"),
        {f"{ACTION}.parameters.skill_id": "VALUE_REQUIRED", f"{ACTION}.parameters.skill_value": "VALUE_REQUIRED"},
    ),
    (
        acting("SET_SKILL", skill_id="1", skill_value=101),
        {f"{ACTION}.parameters.skill_value": "VALUE_OUT_OF_BOUNDS"},
    ),
    (acting("SET_SKILL", skill_id="\0", skill_value=1), {f"{ACTION}.parameters.skill_id": "CHARACTER_NOT_ALLOWED"}),
    (
        acting("SET_SKILL_FROM_OUTPUT_FIELD", skill_id="1"),
        {f"{ACTION}.parameters.from_field": "VALUE_REQUIRED"},
    ),
    (
        acting("SET_SKILL_FROM_OUTPUT_FIELD", skill_id="1", from_field="tempo"),
        {f"{ACTION}.parameters.from_field": "UNKNOWN_ENUM_VALUE"},
    ),
    (
        acting("SET_SKILL_FROM_OUTPUT_FIELD", skill_id="1", from_field="total_answers_count"),
        {f"{ACTION}.parameters.from_field": "VALUE_NOT_ALLOWED"},
    ),
    (
        acting("SET_SKILL_FROM_OUTPUT_FIELD", skill_id="1", from_field="fail_rate"),
        {f"{ACTION}.parameters.from_field": "VALUE_NOT_ALLOWED"},
    ),
    (acting("CHANGE_OVERLAP"), {f"{ACTION}.parameters.delta": "VALUE_REQUIRED"}),
    (acting("CHANGE_OVERLAP", delta="1"), {f"{ACTION}.parameters.delta": "INTEGER_EXPECTED"}),
    (acting("CHANGE_OVERLAP", delta=1, open_pool="no"), {f"{ACTION}.parameters.open_pool": "BOOLEAN_EXPECTED"}),
    (acting("REJECT_ALL_ASSIGNMENTS", public_comment=5), {f"{ACTION}.parameters.public_comment": "STRING_EXPECTED"}),
    (
        {"training_requirement": {}},
        {
            "training_requirement.training_pool_id": "VALUE_REQUIRED",
            "training_requirement.training_passing_skill_value": "VALUE_REQUIRED",
        },
    ),
    (
        {"training_requirement": {"training_pool_id": "1", "training_passing_skill_value": 101}},
        {"training_requirement.training_passing_skill_value": "VALUE_OUT_OF_BOUNDS"},
    ),
]


@pytest.mark.parametrize(("body", "expected"), MISTAKES)
def test_mistakes_and_their_paths(body: Any, expected: dict[str, str]) -> None:
    assert codes(body) == expected


def test_mistakes_of_all_configs_are_told_at_once() -> None:
    body = control(
        config(GOLDEN, ("skipped_in_row_count", "EQ", -1)),
        config({"type": "NONE"}, COUNT, action={"type": "RESTRICTION", "parameters": {"scope": "X"}}),
    )
    assert codes(body) == {
        f"{CONDITION}.key": "VALUE_NOT_ALLOWED",
        f"{CONDITION}.value": "VALUE_OUT_OF_BOUNDS",
        "configs.1.collector_config.type": "UNKNOWN_ENUM_VALUE",
        "configs.1.rules.0.action.parameters.scope": "UNKNOWN_ENUM_VALUE",
    }


def test_references_and_new_uuids() -> None:
    skilled = {"type": "SET_SKILL", "parameters": {"skill_id": 7, "skill_value": 1}}
    body = parse(
        QualityControl,
        {
            "training_requirement": {"training_pool_id": 9, "training_passing_skill_value": 80},
            "configs": [
                config({"type": "INCOME"}, ("income_sum_for_last_24_hours", "GT", 1), action=skilled),
                config({"type": "USERS_ASSESSMENT", "uuid": UUID.replace("-", "")}, ("skill_id", "EQ", 8)),
            ],
        },
    )
    new = uuid.UUID(int=1)
    assert body.with_uuids(lambda: new).references("qc") == [
        Reference("training", "qc.training_requirement.training_pool_id", "9"),
        Reference("collector", "qc.configs.0.collector_config.uuid", str(new)),
        Reference("skill", "qc.configs.0.rules.0.action.parameters.skill_id", "7"),
        Reference("collector", "qc.configs.1.collector_config.uuid", UUID),
        Reference("skill", "qc.configs.1.rules.0.conditions.0.value", "8"),
    ]
    assert body.with_uuids(lambda: new).stored()["configs"][0]["collector_config"] == {
        "type": "INCOME",
        "uuid": str(new),
    }


def test_nothing_to_complete() -> None:
    empty = parse(QualityControl, {"configs": []})
    assert empty.with_uuids(uuid.uuid4) == empty
    assert empty.stored() == {"configs": []}
    assert parse(QualityControl, {}).with_uuids(uuid.uuid4).stored() == {}
