"""An error body names every wrong field of a body that is wrong in several places at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.api.breakage import replaced
from tests.api.full_bodies import full_pool, full_project, full_task
from tests.support.app import Talka

Path = tuple[str | int, ...]
# Values that cannot stand at a place, whatever else is wrong with the body, and the code that says so.
Wrong = dict[Path, tuple[Any, str]]

PROJECT: Wrong = {
    ("public_name",): (5, "STRING_EXPECTED"),
    ("public_description",): ("x" * 1001, "STRING_LENGTH_GREATER_THAN_MAX"),
    ("public_instructions",): ([], "STRING_EXPECTED"),
    ("private_comment",): ({}, "STRING_EXPECTED"),
    ("assignments_automerge_enabled",): ("yes", "BOOLEAN_EXPECTED"),
    ("max_active_assignments_count",): (0, "VALUE_LESS_THAN_MIN"),
    ("sensitive",): (1, "BOOLEAN_EXPECTED"),
    ("metadata", "team"): ("vision", "ARRAY_EXPECTED"),
    ("task_spec", "input_spec", "item", "type"): ("text", "UNKNOWN_ENUM_VALUE"),
    ("task_spec", "input_spec", "count", "min_value"): ("0", "INTEGER_EXPECTED"),
    ("task_spec", "output_spec", "note", "pattern"): ("(", "INVALID_REGEX_SYNTAX"),
    ("task_spec", "output_spec", "sure", "required"): ("true", "BOOLEAN_EXPECTED"),
    ("task_spec", "view_spec", "config"): ("{", "JSON_EXPECTED"),
    ("localization_config", "additional_languages", 0, "language"): ("french", "UNKNOWN_ENUM_VALUE"),
}
POOL: Wrong = {
    ("private_name",): (" ", "BLANK_STRING_NOT_ALLOWED"),
    ("will_expire",): ("tomorrow", "INVALID_DATE_TIME_SYNTAX"),
    ("reward_per_assignment",): (0.004, "VALUE_LESS_THAN_MIN"),
    ("assignment_max_duration_seconds",): (4, "VALUE_LESS_THAN_MIN"),
    ("auto_accept_solutions",): ("false", "BOOLEAN_EXPECTED"),
    ("auto_accept_period_day",): (22, "VALUE_GREATER_THAN_MAX"),
    ("auto_close_after_complete_delay_seconds",): (259_201, "VALUE_GREATER_THAN_MAX"),
    ("priority",): (101, "VALUE_GREATER_THAN_MAX"),
    ("may_contain_adult_content",): ("no", "BOOLEAN_EXPECTED"),
    ("speed_quality_balance", "percent"): (15, "VALUE_NOT_ALLOWED"),
    ("mixer_config", "real_tasks_count"): (501, "VALUE_GREATER_THAN_MAX"),
    ("mixer_config", "force_last_assignment"): ("no", "BOOLEAN_EXPECTED"),
    ("defaults", "default_overlap_for_new_tasks"): (30_001, "VALUE_GREATER_THAN_MAX"),
    ("assignments_issuing_config", "issue_task_suites_in_creation_order"): (1, "BOOLEAN_EXPECTED"),
    ("filter", "and", 0, "or", 0, "operator"): ("LIKE", "UNKNOWN_ENUM_VALUE"),
    ("quality_control", "captcha_frequency"): ("OFTEN", "UNKNOWN_ENUM_VALUE"),
}
TASK: Wrong = {
    ("input_values", "item"): (5, "STRING_EXPECTED"),
    ("input_values", "link"): ("ftp://x", "INVALID_URL_SYNTAX"),
    ("input_values", "count"): (10, "VALUE_GREATER_THAN_MAX"),
    ("input_values", "weight"): ("0.7", "FLOAT_EXPECTED"),
    ("input_values", "place"): ("north", "INVALID_COORDINATES_SYNTAX"),
    ("input_values", "words"): ([], "ARRAY_SIZE_LESS_THAN_MIN"),
    ("input_values", "secret"): ({}, "SIMPLE_VALUE_EXPECTED"),
    ("known_solutions", 0, "correctness_weight"): (1.01, "VALUE_OUT_OF_BOUNDS"),
    ("known_solutions", 0, "output_values", "label"): ("z", "VALUE_NOT_ALLOWED"),
    ("baseline_solutions", 0, "confidence_weight"): ("1", "FLOAT_EXPECTED"),
    ("message_on_unknown_solution",): (5, "STRING_EXPECTED"),
    ("overlap",): (30_001, "VALUE_GREATER_THAN_MAX"),
    ("reserved_for", 0): (5, "STRING_EXPECTED"),
    ("unavailable_for",): ("x", "ARRAY_EXPECTED"),
    ("traits_all_of",): ({}, "ARRAY_EXPECTED"),
}
KINDS = {"project": PROJECT, "pool": POOL, "task": TASK, "array of tasks": TASK}


def _combinations(wrong: Wrong) -> list[frozenset[Path]]:
    drawn: list[frozenset[Path]] = []

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
        derandomize=True,
    )
    @given(st.frozensets(st.sampled_from(sorted(wrong, key=str)), min_size=1))
    def collect(places: frozenset[Path]) -> None:
        drawn.append(places)

    collect()
    return [*drawn, frozenset(wrong)]


async def _valid(talka: Talka, kind: str) -> tuple[str, Any]:
    if kind == "project":
        return "/api/v1/projects", full_project()
    project = (await talka.requester.post("/api/v1/projects", json=full_project())).json()
    if kind == "pool":
        return "/api/v1/pools", full_pool(project["id"])
    pool = (await talka.requester.post("/api/v1/pools", json=full_pool(project["id"]))).json()
    return "/api/v1/tasks", full_task(pool["id"])


@pytest.mark.parametrize("kind", KINDS)
async def test_every_wrong_field_is_named_and_no_other(talka: Talka, kind: str) -> None:
    path, body = await _valid(talka, kind)
    wrong = KINDS[kind]
    batch = kind == "array of tasks"
    assert (await talka.requester.post(path, json=[body] if batch else body)).status_code == 201
    for places in _combinations(wrong):
        broken = body
        for place in places:
            broken = replaced(broken, place, wrong[place][0])
        answer = await talka.requester.post(path, json=[body, broken] if batch else broken)
        assert answer.status_code == 400, answer.text
        payload = answer.json()["payload"]
        if batch:
            assert list(payload) == ["1"]
            payload = payload["1"]
        expected = {".".join(map(str, place)): wrong[place][1] for place in places}
        assert {name: found["code"] for name, found in payload.items()} == expected
