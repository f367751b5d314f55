"""The project's shape: what is sent comes back, and every mistake has its path and code."""

from __future__ import annotations

import copy
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from talka.kit.errors import ValidationError
from talka.kit.references import Reference
from talka.kit.wire import parse
from talka.projects.wire import ProjectBody, project_json

EXAMPLE: dict[str, Any] = json.loads((Path(__file__).parent / "example.json").read_text())
READ_ONLY = ("id", "owner", "status", "created")
ABSENT = object()
RULE = {
    "conditions": [{"key": "income_sum_for_last_24_hours", "operator": "GTE", "value": 20}],
    "action": {"type": "RESTRICTION", "parameters": {"scope": "PROJECT", "duration_days": 1}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The example with one thing replaced, or removed with ABSENT."""
    body = copy.deepcopy(EXAMPLE)
    *way, last = path.split(".")
    place: Any = body
    for step in way:
        place = place.setdefault(step, {})
    place[last] = value
    if value is ABSENT:
        del place[last]
    return body


def codes(body: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        parse(ProjectBody, body)
    return {path: error.code for path, error in refused.value.fields.items()}


def stored(body: Any) -> dict[str, Any]:
    return parse(ProjectBody, body).stored()


def test_the_example_comes_back_unchanged() -> None:
    shown = project_json(
        project_id=120045,
        owner="6c6e20dc86cca2ae787afcb2629de162",
        myself=True,
        status="ACTIVE",
        created=datetime(2024, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC),
        stored=stored(EXAMPLE),
    )
    assert shown == EXAMPLE


def test_a_body_as_it_was_got_can_be_sent_again() -> None:
    body = parse(ProjectBody, EXAMPLE)
    assert not set(body.stored()) & set(READ_ONLY)
    assert parse(ProjectBody, body.stored()) == body


def test_the_least_that_must_be_sent() -> None:
    least = {
        "public_name": "n",
        "public_description": "",
        "task_spec": {
            "input_spec": {"a": {"type": "URL"}},
            "output_spec": {"b": {"type": "boolean", "hidden": True}},
            "view_spec": {"markup": "<p/>", "odd": [1]},
        },
        "quality_control": None,
        "unknown": 1,
    }
    assert stored(least) == {
        "public_name": "n",
        "public_description": "",
        "task_spec": {
            "input_spec": {"a": {"type": "url", "required": True, "hidden": False}},
            "output_spec": {"b": {"type": "boolean", "required": True, "hidden": False}},
            "view_spec": {"type": "classic", "markup": "<p/>", "odd": [1]},
        },
        "assignments_issuing_type": "AUTOMATED",
    }


@pytest.mark.parametrize("lock", [None, {}, {"core": "1.0.0"}])
def test_lock_is_always_there(lock: Any) -> None:
    assert stored(changed("task_spec.view_spec.lock", lock))["task_spec"]["view_spec"]["lock"] == lock
    assert stored(changed("task_spec.view_spec.lock", ABSENT))["task_spec"]["view_spec"]["lock"] is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("task_spec.view_spec.inputExample", {"a": [None]}),
        ("task_spec.view_spec.settings", {"showTimer": False, "permissions": [], "unexpected": 1024}),
        ("task_spec.view_spec.localizationConfig", {"keys": [{"key": "k", "defaultValue": "text"}]}),
        ("task_spec.view_spec.config", '{\n  "view": {"type": "view.text", "content": "ä"}\n}'),
        ("task_spec.input_spec.place", {"type": "coordinates", "required": False, "hidden": False}),
        ("task_spec.output_spec.file", {"type": "file", "required": False, "hidden": False}),
        ("sensitive", True),
        ("metadata", {}),
        ("quality_control", {"training_requirement": {"training_pool_id": "7", "training_passing_skill_value": 80}}),
        ("localization_config", {"default_language": "PT-BR", "additional_languages": []}),
        (
            "localization_config.additional_languages",
            [
                {"language": "ZH-HANS", "tb_view_spec": {"keys": [{"key": "k", "value": "v", "source": "REQUESTER"}]}},
                {"language": "KG", "public_description": {"value": "x"}},
            ],
        ),
    ],
)
def test_what_is_sent_comes_back(path: str, value: Any) -> None:
    body = changed(path, value)
    assert stored(body) == {key: part for key, part in body.items() if key not in READ_ONLY}


LONG = "x" * 1_048_577
_MANY = {f"f{number}": {"type": "string"} for number in range(501)}

MISTAKES: list[tuple[str, Any, str, str]] = [
    ("public_name", ABSENT, "public_name", "VALUE_REQUIRED"),
    ("public_name", None, "public_name", "VALUE_REQUIRED"),
    ("public_name", 5, "public_name", "STRING_EXPECTED"),
    ("public_name", " ", "public_name", "BLANK_STRING_NOT_ALLOWED"),
    ("public_name", "x" * 256, "public_name", "STRING_LENGTH_GREATER_THAN_MAX"),
    ("public_name", "a\0", "public_name", "CHARACTER_NOT_ALLOWED"),
    ("public_description", ABSENT, "public_description", "VALUE_REQUIRED"),
    ("public_description", "x" * 1001, "public_description", "STRING_LENGTH_GREATER_THAN_MAX"),
    ("public_instructions", LONG, "public_instructions", "STRING_LENGTH_GREATER_THAN_MAX"),
    ("public_instructions", ["x"], "public_instructions", "STRING_EXPECTED"),
    ("private_comment", {}, "private_comment", "STRING_EXPECTED"),
    ("private_comment", "\ud800", "private_comment", "CHARACTER_NOT_ALLOWED"),
    ("task_spec", ABSENT, "task_spec", "VALUE_REQUIRED"),
    ("task_spec", [], "task_spec", "OBJECT_EXPECTED"),
    ("task_spec.input_spec", ABSENT, "task_spec.input_spec", "VALUE_REQUIRED"),
    ("task_spec.input_spec", [], "task_spec.input_spec", "OBJECT_EXPECTED"),
    ("task_spec.input_spec", {}, "task_spec.input_spec", "EMPTY_OBJECT_NOT_ALLOWED"),
    ("task_spec.output_spec", {}, "task_spec.output_spec", "EMPTY_OBJECT_NOT_ALLOWED"),
    ("task_spec.input_spec", _MANY, "task_spec.input_spec", "VALUE_NOT_ALLOWED"),
    ("task_spec.output_spec", _MANY, "task_spec.output_spec", "VALUE_NOT_ALLOWED"),
    ("task_spec.input_spec.a b", {"type": "url"}, "task_spec.input_spec.a b", "CHARACTER_NOT_ALLOWED"),
    ("task_spec.input_spec.ä", {"type": "url"}, "task_spec.input_spec.ä", "CHARACTER_NOT_ALLOWED"),
    ("task_spec.output_spec.", {"type": "url"}, "task_spec.output_spec", "NAME_LENGTH_LESS_THAN_MIN"),
    (
        f"task_spec.output_spec.{'x' * 101}",
        {"type": "url"},
        f"task_spec.output_spec.{'x' * 101}",
        "STRING_LENGTH_GREATER_THAN_MAX",
    ),
    ("task_spec.input_spec.image", None, "task_spec.input_spec.image", "VALUE_REQUIRED"),
    ("task_spec.input_spec.image.type", "file", "task_spec.input_spec.image.type", "VALUE_NOT_ALLOWED"),
    ("task_spec.input_spec.image.type", "array_file", "task_spec.input_spec.image.type", "VALUE_NOT_ALLOWED"),
    ("task_spec.input_spec.image.type", "number", "task_spec.input_spec.image.type", "UNKNOWN_ENUM_VALUE"),
    ("task_spec.output_spec.tags.min_size", 6, "task_spec.output_spec.tags.max_size", "VALUE_OUT_OF_BOUNDS"),
    ("task_spec.output_spec.result.pattern", "[", "task_spec.output_spec.result.pattern", "INVALID_REGEX_SYNTAX"),
    ("task_spec.view_spec", ABSENT, "task_spec.view_spec", "VALUE_REQUIRED"),
    ("task_spec.view_spec", "tb", "task_spec.view_spec", "OBJECT_EXPECTED"),
    ("task_spec.view_spec.type", "TB", "task_spec.view_spec.type", "UNKNOWN_ENUM_VALUE"),
    ("task_spec.view_spec.type", 5, "task_spec.view_spec.type", "STRING_EXPECTED"),
    ("task_spec.view_spec.config", ABSENT, "task_spec.view_spec.config", "VALUE_REQUIRED"),
    ("task_spec.view_spec.config", {"view": {}}, "task_spec.view_spec.config", "STRING_EXPECTED"),
    ("task_spec.view_spec.config", "{view}", "task_spec.view_spec.config", "JSON_EXPECTED"),
    ("task_spec.view_spec.config", "[" * 100_000, "task_spec.view_spec.config", "JSON_EXPECTED"),
    ("task_spec.view_spec.config", "[]", "task_spec.view_spec.config", "JSON_EXPECTED"),
    ("task_spec.view_spec.config", "{}", "task_spec.view_spec.config", "VALUE_REQUIRED"),
    ("task_spec.view_spec.lock", {"view.list": "1.0.0"}, "task_spec.view_spec.lock", "VALUE_REQUIRED"),
    ("task_spec.view_spec.lock", {"core": 1}, "task_spec.view_spec.lock.core", "STRING_EXPECTED"),
    ("task_spec.view_spec.lock", "1.0.0", "task_spec.view_spec.lock", "OBJECT_EXPECTED"),
    ("task_spec.view_spec.settings", [], "task_spec.view_spec.settings", "OBJECT_EXPECTED"),
    ("task_spec.view_spec.settings.showTimer", "no", "task_spec.view_spec.settings.showTimer", "BOOLEAN_EXPECTED"),
    ("task_spec.view_spec.settings.odd", ["\0"], "task_spec.view_spec.settings.odd.0", "CHARACTER_NOT_ALLOWED"),
    ("task_spec.view_spec.inferDataSpec", 1, "task_spec.view_spec.inferDataSpec", "BOOLEAN_EXPECTED"),
    ("task_spec.view_spec.inputExample", {"a": "\0"}, "task_spec.view_spec.inputExample.a", "CHARACTER_NOT_ALLOWED"),
    ("assignments_issuing_type", "RANDOM", "assignments_issuing_type", "UNKNOWN_ENUM_VALUE"),
    ("assignments_issuing_type", "MAP_SELECTOR", "assignments_issuing_view_config", "VALUE_REQUIRED"),
    (
        "assignments_issuing_view_config",
        {"title_template": "t"},
        "assignments_issuing_view_config.description_template",
        "VALUE_REQUIRED",
    ),
    (
        "assignments_issuing_view_config",
        {"title_template": "t", "description_template": "d", "map_provider": "OSM"},
        "assignments_issuing_view_config.map_provider",
        "UNKNOWN_ENUM_VALUE",
    ),
    ("assignments_automerge_enabled", "x", "assignments_automerge_enabled", "BOOLEAN_EXPECTED"),
    ("max_active_assignments_count", 0, "max_active_assignments_count", "VALUE_LESS_THAN_MIN"),
    ("max_active_assignments_count", "5", "max_active_assignments_count", "INTEGER_EXPECTED"),
    ("max_active_assignments_count", 2**40, "max_active_assignments_count", "VALUE_GREATER_THAN_MAX"),
    ("quality_control", [], "quality_control", "OBJECT_EXPECTED"),
    ("quality_control", {"configs": {}}, "quality_control.configs", "ARRAY_EXPECTED"),
    ("metadata", {"a": "b"}, "metadata.a", "ARRAY_EXPECTED"),
    ("metadata", {"a": [1]}, "metadata.a.0", "STRING_EXPECTED"),
    ("sensitive", "yes", "sensitive", "BOOLEAN_EXPECTED"),
    ("localization_config", {}, "localization_config.default_language", "VALUE_REQUIRED"),
    ("localization_config.default_language", "en", "localization_config.default_language", "UNKNOWN_ENUM_VALUE"),
    (
        "localization_config.additional_languages",
        [{"language": "FR"}, {"language": "DE"}, {"language": "FR"}],
        "localization_config.additional_languages.2.language",
        "DUPLICATE_VALUE_IN_ARRAY",
    ),
    (
        "localization_config.additional_languages",
        [{"language": "FR", "public_name": {"value": "x", "source": "ROBOT"}}],
        "localization_config.additional_languages.0.public_name.source",
        "UNKNOWN_ENUM_VALUE",
    ),
    (
        "localization_config.additional_languages",
        [{"language": "FR", "public_name": {"source": "REQUESTER"}}],
        "localization_config.additional_languages.0.public_name.value",
        "VALUE_REQUIRED",
    ),
]


@pytest.mark.parametrize(("path", "value", "place", "code"), MISTAKES)
def test_each_mistake_alone(path: str, value: Any, place: str, code: str) -> None:
    assert codes(changed(path, value)) == {place: code}


def test_all_mistakes_are_told_at_once() -> None:
    body = changed("public_name", ABSENT)
    body["task_spec"]["input_spec"]["image"]["type"] = "picture"
    body["task_spec"]["view_spec"]["config"] = "x"
    body["assignments_issuing_type"] = "MAP_SELECTOR"
    body["localization_config"]["default_language"] = 5
    assert codes(body) == {
        "public_name": "VALUE_REQUIRED",
        "task_spec.input_spec.image.type": "UNKNOWN_ENUM_VALUE",
        "task_spec.view_spec.config": "JSON_EXPECTED",
        "assignments_issuing_view_config": "VALUE_REQUIRED",
        "localization_config.default_language": "STRING_EXPECTED",
    }


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_a_body_that_is_no_object(body: Any) -> None:
    assert set(codes(body).values()) <= {"OBJECT_EXPECTED", "VALUE_REQUIRED"}
    assert list(codes(body)) == ["body"]


def test_how_many_assignments_a_worker_may_hold() -> None:
    map_view = {"title_template": "t", "description_template": "d"}
    on_map = changed("assignments_issuing_view_config", map_view) | {"assignments_issuing_type": "MAP_SELECTOR"}
    del on_map["max_active_assignments_count"]
    assert parse(ProjectBody, EXAMPLE).max_active() == 5
    assert parse(ProjectBody, changed("max_active_assignments_count", ABSENT)).max_active() == 1
    assert parse(ProjectBody, on_map).max_active() == 15
    assert "max_active_assignments_count" not in stored(on_map)


def test_collectors_get_uuids_and_are_references() -> None:
    known = "38830d4b-930b-43ab-a98f-f52e992fd11a"
    configs = [
        {"collector_config": {"type": "INCOME"}, "rules": [RULE]},
        {"collector_config": {"type": "INCOME", "uuid": known.upper()}, "rules": [RULE]},
    ]
    new = uuid.UUID(int=7)
    body = parse(ProjectBody, changed("quality_control", {"configs": configs}))
    place = "quality_control.configs.{}.collector_config.uuid"
    assert body.references() == [Reference("collector", place.format(1), known)]
    completed = body.with_uuids(lambda: new)
    assert completed.references() == [
        Reference("collector", place.format(0), str(new)),
        Reference("collector", place.format(1), known),
    ]
    assert parse(ProjectBody, completed.stored()) == completed
