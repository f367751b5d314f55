"""The pool's shape: what is sent comes back, and every mistake has its path and code."""

from __future__ import annotations

import copy
import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from talka.kit.errors import ValidationError
from talka.kit.references import Reference
from talka.kit.wire import parse
from talka.pools.rules import IssuePlan, default_overlap, issue_plan, output_errors
from talka.pools.wire import PoolBody, PoolPatch, pool_json
from talka.projects.fields import field_specs

EXAMPLE: dict[str, Any] = json.loads((Path(__file__).parent / "example.json").read_text())
READ_ONLY = ("id", "owner", "type", "status", "last_close_reason", "created", "last_started", "last_stopped")
ABSENT = object()
LEAST = {
    "project_id": "10",
    "private_name": "p",
    "will_expire": "2016-03-23T12:59:00",
    "reward_per_assignment": 0,
    "assignment_max_duration_seconds": 5,
}
SPREAD = {"scope": "POOL", "distribution": "UNIFORM", "window_days": 5, "intervals": [{"to": 50, "frequency": 5}]}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The example with one thing replaced, or removed with ABSENT."""
    body = copy.deepcopy(EXAMPLE)
    *way, last = path.split(".")
    place: Any = body
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    key = int(last) if isinstance(place, list) else last
    place[key] = value
    if value is ABSENT:
        del place[key]
    return body


def sent(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in READ_ONLY}


def codes(body: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        parse(PoolBody, body)
    return {path: error.code for path, error in refused.value.fields.items()}


def stored(body: Any) -> dict[str, Any]:
    return parse(PoolBody, body).stored()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_example_comes_back_unchanged() -> None:
    shown = pool_json(
        pool_id=1500042,
        owner="6c6e20dc86cca2ae787afcb2629de162",
        myself=True,
        status="CLOSED",
        created=moment(EXAMPLE["created"]),
        stored=stored(EXAMPLE),
        last_close_reason="COMPLETED",
        last_started=moment(EXAMPLE["last_started"]),
        last_stopped=moment(EXAMPLE["last_stopped"]),
    )
    assert shown == EXAMPLE


def test_what_has_not_happened_is_absent() -> None:
    shown = pool_json(
        pool_id=7, owner="0" * 32, myself=False, status="CLOSED", created=moment("2024-01-01"), stored=stored(LEAST)
    )
    assert shown == LEAST | {
        "id": "7",
        "owner": {"id": "0" * 32, "myself": False},
        "type": "REGULAR",
        "status": "CLOSED",
        "created": "2024-01-01T00:00:00",
    }


def test_a_body_as_it_was_got_can_be_sent_again() -> None:
    body = parse(PoolBody, EXAMPLE)
    assert not set(body.stored()) & set(READ_ONLY)
    assert parse(PoolBody, body.stored()) == body


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("reward_per_assignment", 0.005),
        ("reward_per_assignment", 0),
        ("public_description", "other words"),
        ("public_instructions", "<p>other</p>"),
        ("private_comment", "mine"),
        ("will_expire", "2016-03-23T12:59:00.250"),
        ("assignments_issuing_config.issue_task_suites_in_creation_order", True),
        ("defaults", {"default_overlap_for_new_task_suites": 0, "default_overlap_for_new_tasks": 0}),
        ("defaults", {"default_overlap_for_new_task_suites": 4}),
        ("speed_quality_balance", {"type": "BEST_CONCURRENT_USERS_BY_QUALITY", "count": 3000}),
        ("training_config", {"training_skill_ttl_days": 5}),
        ("training", True),
        ("quality_control.captcha_frequency", "MEDIUM"),
        ("quality_control.checkpoints_config", {}),
        ("mixer_config.golden_task_distribution_function", SPREAD),
        ("mixer_config.training_task_distribution_function", {"intervals": [{"frequency": 1}]}),
        (
            "dynamic_pricing_config.intervals",
            [{"to": 10, "reward_per_assignment": 0.1}, {"from": 11, "reward_per_assignment": 1}],
        ),
        ("filter", {"or": [{"category": "skill", "key": 5, "operator": "EQ", "value": None}]}),
    ],
)
def test_what_is_sent_comes_back(path: str, value: Any) -> None:
    body = changed(path, value)
    assert stored(body) == sent(body)


@pytest.mark.parametrize("path", sorted(set(EXAMPLE) - set(READ_ONLY) - set(LEAST) - {"mixer_config"}))
def test_what_is_absent_or_null_stays_absent(path: str) -> None:
    rest = sent(changed(path, ABSENT))
    assert stored(changed(path, ABSENT)) == rest
    assert stored(changed(path, None)) == rest


def test_counts_of_the_mixer_are_always_integers() -> None:
    mixer = {"real_tasks_count": 9, "golden_tasks_count": None, "min_golden_tasks_count": None}
    counts = {"real_tasks_count": 9, "golden_tasks_count": 0, "training_tasks_count": 0}
    assert stored(LEAST | {"mixer_config": mixer})["mixer_config"] == counts


def test_a_page_of_nothing_but_distributed_control_tasks() -> None:
    mixer = {"real_tasks_count": 0, "golden_tasks_count": 0, "training_tasks_count": 0}
    with_spread = mixer | {"golden_task_distribution_function": SPREAD}
    assert stored(LEAST | {"mixer_config": with_spread})["mixer_config"] == with_spread
    assert codes(LEAST | {"mixer_config": mixer}) == {"mixer_config": "VALUE_OUT_OF_BOUNDS"}


def test_dates_and_ids_are_canonical() -> None:
    body = LEAST | {"project_id": 10, "will_expire": "2030-09-01T13:00+02:00"}
    assert stored(body) == LEAST | {"will_expire": "2030-09-01T11:00:00"}


PRICE = {"type": "SKILL", "skill_id": "1"}
MISTAKES: list[tuple[str, Any, str, str]] = [
    *[(name, ABSENT, name, "VALUE_REQUIRED") for name in LEAST],
    *[(name, None, name, "VALUE_REQUIRED") for name in LEAST],
    ("project_id", [], "project_id", "STRING_EXPECTED"),
    ("project_id", "\0", "project_id", "CHARACTER_NOT_ALLOWED"),
    ("private_name", "\t", "private_name", "BLANK_STRING_NOT_ALLOWED"),
    ("private_name", "x" * 256, "private_name", "STRING_LENGTH_GREATER_THAN_MAX"),
    ("private_comment", 1, "private_comment", "STRING_EXPECTED"),
    ("public_description", "x" * 1001, "public_description", "STRING_LENGTH_GREATER_THAN_MAX"),
    ("public_instructions", True, "public_instructions", "STRING_EXPECTED"),
    ("may_contain_adult_content", "no", "may_contain_adult_content", "BOOLEAN_EXPECTED"),
    ("will_expire", "soon", "will_expire", "INVALID_DATE_TIME_SYNTAX"),
    ("will_expire", 1893456000, "will_expire", "STRING_EXPECTED"),
    (
        "auto_close_after_complete_delay_seconds",
        259_201,
        "auto_close_after_complete_delay_seconds",
        "VALUE_GREATER_THAN_MAX",
    ),
    ("auto_close_after_complete_delay_seconds", -1, "auto_close_after_complete_delay_seconds", "VALUE_LESS_THAN_MIN"),
    ("reward_per_assignment", -0.01, "reward_per_assignment", "VALUE_LESS_THAN_MIN"),
    ("reward_per_assignment", 0.004, "reward_per_assignment", "VALUE_LESS_THAN_MIN"),
    ("reward_per_assignment", "0.03", "reward_per_assignment", "FLOAT_EXPECTED"),
    ("reward_per_assignment", float("nan"), "reward_per_assignment", "FLOAT_EXPECTED"),
    ("reward_per_assignment", 1e13, "reward_per_assignment", "VALUE_OUT_OF_BOUNDS"),
    ("assignment_max_duration_seconds", 4, "assignment_max_duration_seconds", "VALUE_LESS_THAN_MIN"),
    ("assignment_max_duration_seconds", 2**31, "assignment_max_duration_seconds", "VALUE_GREATER_THAN_MAX"),
    ("assignment_max_duration_seconds", 5.5, "assignment_max_duration_seconds", "INTEGER_EXPECTED"),
    ("assignment_max_duration_seconds", 2**80, "assignment_max_duration_seconds", "VALUE_GREATER_THAN_MAX"),
    ("auto_accept_solutions", 1, "auto_accept_solutions", "BOOLEAN_EXPECTED"),
    ("auto_accept_period_day", 0, "auto_accept_period_day", "VALUE_LESS_THAN_MIN"),
    ("auto_accept_period_day", 22, "auto_accept_period_day", "VALUE_GREATER_THAN_MAX"),
    ("assignments_issuing_config", [], "assignments_issuing_config", "OBJECT_EXPECTED"),
    (
        "assignments_issuing_config.issue_task_suites_in_creation_order",
        "yes",
        "assignments_issuing_config.issue_task_suites_in_creation_order",
        "BOOLEAN_EXPECTED",
    ),
    ("priority", -1, "priority", "VALUE_LESS_THAN_MIN"),
    ("priority", 101, "priority", "VALUE_GREATER_THAN_MAX"),
    ("filter", "all", "filter", "OBJECT_EXPECTED"),
    ("filter.and.0.or.0.key", "height", "filter.and.0.or.0.key", "UNKNOWN_ENUM_VALUE"),
    ("quality_control", "strict", "quality_control", "OBJECT_EXPECTED"),
    ("quality_control.captcha_frequency", "OFTEN", "quality_control.captcha_frequency", "UNKNOWN_ENUM_VALUE"),
    (
        "quality_control.training_requirement.training_passing_skill_value",
        -1,
        "quality_control.training_requirement.training_passing_skill_value",
        "VALUE_OUT_OF_BOUNDS",
    ),
    (
        "quality_control.configs.0.rules.0.conditions.0.key",
        "fail_rate",
        "quality_control.configs.0.rules.0.conditions.0.key",
        "VALUE_NOT_ALLOWED",
    ),
    (
        "quality_control.checkpoints_config.real_settings.target_overlap",
        0,
        "quality_control.checkpoints_config.real_settings.target_overlap",
        "VALUE_LESS_THAN_MIN",
    ),
    (
        "quality_control.checkpoints_config.golden_settings",
        {"target_overlap": 1},
        "quality_control.checkpoints_config.golden_settings.task_distribution_function",
        "VALUE_REQUIRED",
    ),
    ("speed_quality_balance", {"percent": 90}, "speed_quality_balance.type", "VALUE_REQUIRED"),
    ("speed_quality_balance.type", "BEST", "speed_quality_balance.type", "UNKNOWN_ENUM_VALUE"),
    ("speed_quality_balance.percent", 95, "speed_quality_balance.percent", "VALUE_NOT_ALLOWED"),
    ("speed_quality_balance.percent", 0, "speed_quality_balance.percent", "VALUE_LESS_THAN_MIN"),
    (
        "speed_quality_balance",
        {"type": "BEST_CONCURRENT_USERS_BY_QUALITY", "count": 0},
        "speed_quality_balance.count",
        "VALUE_LESS_THAN_MIN",
    ),
    ("dynamic_overlap_config.type", "FANCY", "dynamic_overlap_config.type", "UNKNOWN_ENUM_VALUE"),
    ("dynamic_overlap_config.max_overlap", 30_001, "dynamic_overlap_config.max_overlap", "VALUE_GREATER_THAN_MAX"),
    ("dynamic_overlap_config.max_overlap", 2, "dynamic_overlap_config.max_overlap", "VALUE_LESS_THAN_MIN"),
    ("dynamic_overlap_config.min_confidence", 1.1, "dynamic_overlap_config.min_confidence", "VALUE_OUT_OF_BOUNDS"),
    (
        "dynamic_overlap_config.answer_weight_skill_id",
        None,
        "dynamic_overlap_config.answer_weight_skill_id",
        "VALUE_REQUIRED",
    ),
    ("dynamic_overlap_config.fields", [], "dynamic_overlap_config.fields", "ARRAY_SIZE_LESS_THAN_MIN"),
    ("dynamic_overlap_config.fields", [{}], "dynamic_overlap_config.fields.0.name", "VALUE_REQUIRED"),
    ("mixer_config.real_tasks_count", 501, "mixer_config.real_tasks_count", "VALUE_GREATER_THAN_MAX"),
    ("mixer_config.golden_tasks_count", -1, "mixer_config.golden_tasks_count", "VALUE_LESS_THAN_MIN"),
    ("mixer_config.real_tasks_count", "9", "mixer_config.real_tasks_count", "INTEGER_EXPECTED"),
    ("mixer_config.min_real_tasks_count", 10, "mixer_config.min_real_tasks_count", "VALUE_GREATER_THAN_MAX"),
    ("mixer_config.min_training_tasks_count", -1, "mixer_config.min_training_tasks_count", "VALUE_LESS_THAN_MIN"),
    ("mixer_config.force_last_assignment", 1, "mixer_config.force_last_assignment", "BOOLEAN_EXPECTED"),
    (
        "mixer_config.force_last_assignment_delay_seconds",
        86_401,
        "mixer_config.force_last_assignment_delay_seconds",
        "VALUE_GREATER_THAN_MAX",
    ),
    (
        "mixer_config.golden_task_distribution_function",
        SPREAD | {"scope": "WORLD"},
        "mixer_config.golden_task_distribution_function.scope",
        "UNKNOWN_ENUM_VALUE",
    ),
    (
        "mixer_config.golden_task_distribution_function",
        SPREAD | {"window_days": 366},
        "mixer_config.golden_task_distribution_function.window_days",
        "VALUE_GREATER_THAN_MAX",
    ),
    (
        "mixer_config.golden_task_distribution_function",
        SPREAD | {"intervals": []},
        "mixer_config.golden_task_distribution_function.intervals",
        "ARRAY_SIZE_LESS_THAN_MIN",
    ),
    (
        "mixer_config.golden_task_distribution_function",
        SPREAD | {"intervals": [{"frequency": 1}] * 10_001},
        "mixer_config.golden_task_distribution_function.intervals",
        "ARRAY_SIZE_GREATER_THAN_MAX",
    ),
    (
        "mixer_config.golden_task_distribution_function",
        SPREAD | {"intervals": [{"from": 6, "frequency": 1}, {"to": 6, "frequency": 2}]},
        "mixer_config.golden_task_distribution_function.intervals.0",
        "INVALID_VALUE",
    ),
    (
        "mixer_config.golden_task_distribution_function",
        SPREAD | {"intervals": [{"from": 7, "to": 6, "frequency": 1}]},
        "mixer_config.golden_task_distribution_function.intervals.0",
        "INVALID_VALUE",
    ),
    (
        "mixer_config.golden_task_distribution_function",
        SPREAD | {"intervals": [{"to": 6, "frequency": 0}]},
        "mixer_config.golden_task_distribution_function.intervals.0.frequency",
        "VALUE_LESS_THAN_MIN",
    ),
    ("dynamic_pricing_config.type", "AGE", "dynamic_pricing_config.type", "UNKNOWN_ENUM_VALUE"),
    ("dynamic_pricing_config.intervals.0.to", 101, "dynamic_pricing_config.intervals.0.to", "VALUE_GREATER_THAN_MAX"),
    ("dynamic_pricing_config.intervals.0.to", 80, "dynamic_pricing_config.intervals.1", "INVALID_VALUE"),
    ("dynamic_pricing_config.intervals.0.from", 80, "dynamic_pricing_config.intervals.0", "INVALID_VALUE"),
    (
        "dynamic_pricing_config.intervals.1.reward_per_assignment",
        0.001,
        "dynamic_pricing_config.intervals.1.reward_per_assignment",
        "VALUE_LESS_THAN_MIN",
    ),
    ("dynamic_pricing_config.intervals", [], "dynamic_pricing_config.intervals", "ARRAY_SIZE_LESS_THAN_MIN"),
    (
        "training_config",
        {"training_skill_ttl_days": 0},
        "training_config.training_skill_ttl_days",
        "VALUE_LESS_THAN_MIN",
    ),
    (
        "defaults.default_overlap_for_new_tasks",
        30_001,
        "defaults.default_overlap_for_new_tasks",
        "VALUE_GREATER_THAN_MAX",
    ),
    (
        "defaults.default_overlap_for_new_task_suites",
        -1,
        "defaults.default_overlap_for_new_task_suites",
        "VALUE_LESS_THAN_MIN",
    ),
    ("metadata", {"a": "b"}, "metadata.a", "ARRAY_EXPECTED"),
    ("training", "yes", "training", "BOOLEAN_EXPECTED"),
]


@pytest.mark.parametrize(("path", "value", "place", "code"), MISTAKES)
def test_each_mistake_alone(path: str, value: Any, place: str, code: str) -> None:
    found = codes(changed(path, value))
    found.pop("dynamic_overlap_config.max_overlap", None) if place.startswith("defaults") else None
    assert found == {place: code}


def test_some_settings_need_smart_mixing() -> None:
    assert codes(changed("mixer_config", ABSENT)) == {
        "dynamic_overlap_config": "MIXER_CONFIG_REQUIRED",
        "quality_control.checkpoints_config": "MIXER_CONFIG_REQUIRED",
    }


def test_all_mistakes_are_told_at_once() -> None:
    body = changed("mixer_config", ABSENT) | {"priority": 200, "reward_per_assignment": 0.001}
    body["filter"]["and"][0]["or"][0]["value"] = "yes"
    body["dynamic_overlap_config"]["max_overlap"] = 1
    del body["private_name"]
    assert codes(body) == {
        "dynamic_overlap_config": "MIXER_CONFIG_REQUIRED",
        "dynamic_overlap_config.max_overlap": "VALUE_LESS_THAN_MIN",
        "quality_control.checkpoints_config": "MIXER_CONFIG_REQUIRED",
        "priority": "VALUE_GREATER_THAN_MAX",
        "reward_per_assignment": "VALUE_LESS_THAN_MIN",
        "filter.and.0.or.0.value": "BOOLEAN_EXPECTED",
        "private_name": "VALUE_REQUIRED",
    }


def test_references() -> None:
    body = parse(
        PoolBody, changed("filter.and.0", {"or": [{"category": "skill", "key": 7, "operator": "GT", "value": 1}]})
    )
    assert body.references() == [
        Reference("project", "project_id", "120045"),
        Reference("skill", "dynamic_pricing_config.skill_id", "12648"),
        Reference("skill", "filter.and.0.or.0.key", "7"),
        Reference("training", "quality_control.training_requirement.training_pool_id", "1499001"),
        Reference(
            "collector",
            "quality_control.configs.0.collector_config.uuid",
            "38830d4b-930b-43ab-a98f-f52e992fd11a",
        ),
        Reference("skill", "dynamic_overlap_config.answer_weight_skill_id", "12648"),
    ]


def test_collectors_without_uuid_get_one() -> None:
    body = changed("quality_control.configs.0.collector_config.uuid", ABSENT)
    new = uuid.UUID(int=5)
    completed = parse(PoolBody, body).with_uuids(lambda: new)
    assert completed.stored() == sent(changed("quality_control.configs.0.collector_config.uuid", str(new)))
    assert completed.with_uuids(uuid.uuid4) == completed
    assert parse(PoolBody, LEAST).with_uuids(uuid.uuid4) == parse(PoolBody, LEAST)


def test_patch() -> None:
    assert parse(PoolPatch, {"priority": 42}).priority == 42
    assert parse(PoolPatch, {"priority": None, "status": "OPEN"}).stored() == {}
    with pytest.raises(ValidationError) as refused:
        parse(PoolPatch, {"priority": 101})
    assert refused.value.fields["priority"].code == "VALUE_GREATER_THAN_MAX"


def test_the_plan_of_a_mixed_pool() -> None:
    assert issue_plan(parse(PoolBody, EXAMPLE)) == IssuePlan(
        reward=Decimal("0.03"),
        duration_seconds=600,
        mixed=True,
        real_count=9,
        golden_count=1,
        training_count=0,
        min_real_count=4,
        min_golden_count=1,
        min_training_count=0,
        force_last=True,
        force_last_delay_seconds=10,
        in_creation_order=False,
        shuffle=True,
        suites_in_creation_order=False,
        auto_accept=False,
        auto_accept_period_days=7,
        auto_close_delay_seconds=60,
        priority=10,
        will_expire=moment("2030-01-01"),
        adult=False,
    )


def test_the_plan_of_the_least_pool_is_all_defaults() -> None:
    assert issue_plan(parse(PoolBody, LEAST)) == IssuePlan(
        reward=Decimal(0),
        duration_seconds=5,
        mixed=False,
        real_count=0,
        golden_count=0,
        training_count=0,
        min_real_count=0,
        min_golden_count=0,
        min_training_count=0,
        force_last=False,
        force_last_delay_seconds=0,
        in_creation_order=False,
        shuffle=False,
        suites_in_creation_order=False,
        auto_accept=True,
        auto_accept_period_days=21,
        auto_close_delay_seconds=0,
        priority=0,
        will_expire=moment("2016-03-23T12:59:00"),
        adult=False,
    )


def test_defaults_of_the_mixer_in_the_plan() -> None:
    order = {"issue_task_suites_in_creation_order": True}
    mixer = {"real_tasks_count": 3}
    plan = issue_plan(parse(PoolBody, LEAST | {"mixer_config": mixer, "assignments_issuing_config": order}))
    assert (plan.min_real_count, plan.force_last, plan.shuffle, plan.in_creation_order) == (3, True, True, False)
    assert not plan.suites_in_creation_order
    assert issue_plan(parse(PoolBody, LEAST | {"assignments_issuing_config": order})).suites_in_creation_order


@pytest.mark.parametrize(
    ("defaults", "mixed", "ready"),
    [
        (None, 1, 1),
        ({}, 1, 1),
        ({"tasks": 0, "task_suites": 0}, 1, 1),
        ({"tasks": 3}, 3, 1),
        ({"task_suites": 4}, 1, 4),
    ],
)
def test_the_overlap_of_what_has_none(defaults: Any, mixed: int, ready: int) -> None:
    if defaults is not None:
        defaults = {f"default_overlap_for_new_{name}": value for name, value in defaults.items()}
    body = LEAST | {"defaults": defaults}
    assert default_overlap(stored(body | {"mixer_config": {"real_tasks_count": 1}})) == mixed
    assert default_overlap(stored(body)) == ready


def test_dynamic_overlap_names_outputs_that_can_be_aggregated() -> None:
    body = parse(
        PoolBody, changed("dynamic_overlap_config.fields", [{"name": "yes"}, {"name": "text"}, {"name": "no"}])
    )
    spec = field_specs({"yes": {"type": "boolean"}, "text": {"type": "string"}})
    errors = output_errors(body, spec)
    assert {path: error.code for path, error in errors.items()} == {
        "dynamic_overlap_config.fields.1.name": "INVALID_VALUE",
        "dynamic_overlap_config.fields.2.name": "INVALID_VALUE",
    }
    assert output_errors(parse(PoolBody, LEAST), spec) == {}
