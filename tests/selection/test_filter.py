"""Filters: every key with its operators and values, every mistake at its path, the tree unchanged."""

from __future__ import annotations

from typing import Any

import pytest

from talka.kit.errors import ValidationError
from talka.kit.wire import WireModel, parse
from talka.selection.criteria import COMPUTED, PROFILE
from talka.selection.tree import MAX_CHARACTERS, Filter, filter_errors, skill_references

MISSING = object()


class Body(WireModel):
    filter: Filter


def condition(category: Any, key: Any, operator: Any, value: Any = MISSING) -> dict[str, Any]:
    parts = {"category": category, "key": key, "operator": operator, "value": value}
    return {name: part for name, part in parts.items() if part is not MISSING}


def codes(tree: Any) -> dict[str, str]:
    return {path: error.code for path, error in filter_errors(tree).items()}


GOOD = [
    *[("profile", "gender", op, value) for op in ("EQ", "NE") for value in ("MALE", "FEMALE", "OTHER")],
    ("profile", "country", "EQ", "PT"),
    ("profile", "citizenship", "NE", "US"),
    *[("profile", "education", "EQ", value) for value in ("BASIC", "MIDDLE", "HIGH")],
    ("profile", "adult_allowed", "EQ", True),
    ("profile", "verified", "NE", False),
    *[("profile", "date_of_birth", op, 604972800) for op in ("EQ", "NE", "GT", "GTE", "LT", "LTE")],
    ("profile", "date_of_birth", "LTE", -5),
    ("profile", "city", "IN", 225),
    ("profile", "city", "NOT_IN", "225"),
    ("profile", "languages", "IN", "EN"),
    ("profile", "languages", "NOT_IN", "ZH-HANS"),
    ("profile", "languages", "IN", ["EN", "PT-BR"]),
    ("computed", "client_type", "EQ", "TOLOKA_APP"),
    ("computed", "region_by_phone", "IN", 213),
    ("computed", "region_by_ip", "NOT_IN", None),
    ("computed", "device_category", "EQ", "SMARTPHONE"),
    ("computed", "device_category", "NE", "UNKNOWN"),
    ("computed", "os_family", "EQ", "OS_X"),
    ("computed", "os_version", "GTE", 14.1),
    ("computed", "os_version_major", "GT", 8),
    ("computed", "os_version_minor", "LT", 3),
    ("computed", "os_version_bugfix", "EQ", 0),
    ("computed", "user_agent_type", "EQ", "MOBILE_BROWSER"),
    ("computed", "user_agent_type", "EQ", "MOBIL_BROWSER"),
    ("computed", "user_agent_family", "NE", "YANDEX_BROWSER"),
    ("computed", "user_agent_version", "GTE", "14.10"),
    ("computed", "user_agent_version", "EQ", None),
    ("computed", "user_agent_version_major", "GTE", 100),
    ("computed", "user_agent_version_minor", "LTE", 1),
    ("computed", "user_agent_version_bugfix", "NE", 1),
    ("skill", "224", "GTE", 85),
    ("skill", 224, "LT", 75.512),
    ("skill", "224", "GT", "60"),
    ("skill", "224", "EQ", None),
    ("skill", "224", "NE", MISSING),
]


@pytest.mark.parametrize("parts", GOOD)
def test_good_conditions(parts: tuple[Any, ...]) -> None:
    tree = {"and": [{"or": [condition(*parts)]}]}
    assert codes(tree) == {}
    assert parse(Body, {"filter": tree}).filter == tree


def test_every_key_of_the_table_has_a_good_example() -> None:
    used = {parts[:2] for parts in GOOD}
    assert {key for category, key in used if category == "profile"} == set(PROFILE.names())
    assert {key for category, key in used if category == "computed"} == set(COMPUTED.names())


BAD: list[tuple[Any, dict[str, str]]] = [
    (condition("profile", "rating", "GT", 3), {"key": "UNKNOWN_ENUM_VALUE"}),
    (condition("computed", "rating", "GT", 3), {"key": "UNKNOWN_ENUM_VALUE"}),
    (condition("person", "gender", "EQ", "MALE"), {"category": "UNKNOWN_ENUM_VALUE"}),
    (condition("profile", "gender", "IS", "MALE"), {"operator": "UNKNOWN_ENUM_VALUE"}),
    (condition("profile", "gender", "eq", "MALE"), {"operator": "UNKNOWN_ENUM_VALUE"}),
    (condition("profile", "gender", "GT", "MALE"), {"operator": "VALUE_NOT_ALLOWED"}),
    (condition("profile", "city", "EQ", 1), {"operator": "VALUE_NOT_ALLOWED"}),
    (condition("skill", "1", "IN", 1), {"operator": "VALUE_NOT_ALLOWED"}),
    (condition("profile", "gender", "EQ", "male"), {"value": "UNKNOWN_ENUM_VALUE"}),
    (condition("profile", "gender", "EQ", None), {"value": "VALUE_REQUIRED"}),
    (condition("profile", "gender", "EQ"), {"value": "VALUE_REQUIRED"}),
    (condition("computed", "region_by_ip", "IN"), {"value": "VALUE_REQUIRED"}),
    (condition("profile", "country", "EQ", "Portugal"), {"value": "UNKNOWN_ENUM_VALUE"}),
    (condition("profile", "country", "EQ", 5), {"value": "STRING_EXPECTED"}),
    (condition("profile", "adult_allowed", "EQ", "true"), {"value": "BOOLEAN_EXPECTED"}),
    (condition("profile", "date_of_birth", "EQ", 1.5), {"value": "INTEGER_EXPECTED"}),
    (condition("profile", "languages", "IN", "en"), {"value": "UNKNOWN_ENUM_VALUE"}),
    (condition("profile", "languages", "IN", ["EN", 5]), {"value": "STRING_EXPECTED"}),
    (condition("computed", "os_version", "GT", "new"), {"value": "FLOAT_EXPECTED"}),
    (condition("computed", "os_version_major", "GT", 1.5), {"value": "INTEGER_EXPECTED"}),
    (condition("computed", "os_family", "EQ", "Windows XP"), {"value": "UNKNOWN_ENUM_VALUE"}),
    (condition("skill", "1", "GT", 101), {"value": "VALUE_OUT_OF_BOUNDS"}),
    (condition("skill", "1", "GT", True), {"value": "FLOAT_EXPECTED"}),
    (condition("skill", True, "GT", 1), {"key": "STRING_EXPECTED"}),
    (condition(5, [], {}, 1), {"category": "STRING_EXPECTED", "key": "STRING_EXPECTED", "operator": "STRING_EXPECTED"}),
    ({"value": 1}, {"category": "VALUE_REQUIRED", "key": "VALUE_REQUIRED", "operator": "VALUE_REQUIRED"}),
    ({}, {"": "EMPTY_OBJECT_NOT_ALLOWED"}),
    ({"and": {}}, {"and": "ARRAY_EXPECTED"}),
    ({"or": [5, None]}, {"or.0": "OBJECT_EXPECTED", "or.1": "OBJECT_EXPECTED"}),
    (
        {"and": [{"or": [condition("x", "k", "EQ", 1), condition("skill", "1", "EQ", "\0")]}]},
        {"and.0.or.0.category": "UNKNOWN_ENUM_VALUE", "and.0.or.1.value": "CHARACTER_NOT_ALLOWED"},
    ),
    (
        {"and": [{"or": [condition("profile", "k", "EQ", 1)]}, condition("profile", "gender", "EQ", 5)]},
        {"and.0.or.0.key": "UNKNOWN_ENUM_VALUE", "and.1.value": "STRING_EXPECTED"},
    ),
]


@pytest.mark.parametrize(("tree", "expected"), BAD)
def test_mistakes_and_their_paths(tree: Any, expected: dict[str, str]) -> None:
    assert codes(tree) == expected


def test_paths_start_at_the_body() -> None:
    with pytest.raises(ValidationError) as refused:
        parse(Body, {"filter": {"and": [{"or": [condition("skill", "1", "EQ", 200)]}]}})
    assert list(refused.value.fields) == ["filter.and.0.or.0.value"]
    with pytest.raises(ValidationError) as refused:
        parse(Body, {"filter": "everybody"})
    assert {path: error.code for path, error in refused.value.fields.items()} == {"filter": "OBJECT_EXPECTED"}


@pytest.mark.parametrize(
    "tree",
    [
        {"and": []},
        {"or": []},
        condition("skill", "1", "EQ", None),
        {"or": [{"and": [condition("skill", "1", "EQ", 1)]}, condition("profile", "gender", "EQ", "MALE")]},
        {"and": [condition("profile", "languages", "IN", "EN") | {"note": {"kept": [1]}}]},
    ],
)
def test_any_legal_tree_is_kept_as_it_is(tree: dict[str, Any]) -> None:
    assert parse(Body, {"filter": tree}).model_dump(mode="json") == {"filter": tree}


def test_the_size_is_bounded() -> None:
    one = condition("skill", "1", "EQ", 1)
    fits = {"or": [one] * 170}
    assert codes(fits) == {}
    assert codes({"or": [one] * 200}) == {"": "STRING_LENGTH_GREATER_THAN_MAX"}
    padded = one | {"note": "x" * MAX_CHARACTERS}
    assert codes(padded) == {"": "STRING_LENGTH_GREATER_THAN_MAX"}


@pytest.mark.parametrize("depth", [40, 1000])
def test_the_depth_is_bounded(depth: int) -> None:
    tree = condition("skill", "1", "EQ", 1)
    for _ in range(depth):
        tree = {"and": [tree]}
    assert set(codes(tree).values()) == {"INVALID_VALUE"}


def test_skills_are_references() -> None:
    tree = {"and": [{"or": [condition("skill", "7", "GT", 1), condition("profile", "gender", "EQ", "MALE")]}]}
    tree["and"].append(condition("skill", 8, "EQ", None))
    assert list(skill_references(tree)) == [("and.0.or.0.key", "7"), ("and.1.key", "8")]
    assert list(skill_references(condition("skill", "9", "EQ", 1))) == [("key", "9")]
