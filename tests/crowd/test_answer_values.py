"""Random answers are valid by an independent reading of the specification; texts become typed values."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from talka.crowd.model import CrowdError
from talka.crowd.simulated import seeded
from talka.crowd.values import as_text, classes_of, from_text, identity, random_value, random_values


def scalar_is_valid(spec: dict[str, Any], kind: str, value: Any) -> bool:
    """The checks of api-work 1.3, written down a second time."""
    allowed = spec.get("allowed_values")
    if allowed is not None and not any(type(one) is type(value) and one == value for one in allowed):
        return False
    if kind == "boolean":
        return type(value) is bool
    if kind == "string":
        return (
            type(value) is str
            and spec.get("min_length", 0) <= len(value) <= spec.get("max_length", 10**6)
            and re.fullmatch(spec.get("pattern", "(?s:.*)"), value) is not None
        )
    if kind in {"integer", "float"}:
        right_type = type(value) is int or (kind == "float" and type(value) is float)
        return right_type and spec.get("min_value", -(10**18)) <= value <= spec.get("max_value", 10**18)
    if kind == "url":
        return type(value) is str and value.startswith(("http://", "https://"))
    if kind == "coordinates":
        parts = re.fullmatch(r"(-?\d+\.\d+),(-?\d+\.\d+)", value)
        return parts is not None and abs(float(parts[1])) <= 90 and abs(float(parts[2])) <= 180
    return kind == "json" and isinstance(value, dict)


def is_valid(spec: dict[str, Any], value: Any) -> bool:
    kind = spec["type"].lower()
    if not kind.startswith("array_"):
        return scalar_is_valid(spec, kind, value)
    sizes = range(spec.get("min_size", 0), spec.get("max_size", 1000) + 1)
    element = kind.removeprefix("array_")
    return type(value) is list and len(value) in sizes and all(scalar_is_valid(spec, element, one) for one in value)


SPECS: list[dict[str, Any]] = [
    {"type": "boolean"},
    {"type": "boolean", "allowed_values": [True]},
    {"type": "string"},
    {"type": "string", "allowed_values": ["cat", "dog", "other"]},
    {"type": "string", "min_length": 120},
    {"type": "string", "max_length": 3},
    {"type": "string", "max_length": 0},
    {"type": "string", "min_length": 6, "max_length": 6},
    {"type": "string", "pattern": r"[A-Z]{2}\d{4}"},
    {"type": "string", "pattern": r"(?:\+|00)[1-9]\d{6,12}"},
    {"type": "string", "pattern": r"^[^\s@]+@[a-z]+\.(com|org)$"},
    {"type": "string", "pattern": r"[a-z]+", "min_length": 30, "max_length": 60},
    {"type": "string", "pattern": r"([ab])x\1", "min_length": 3},
    {"type": "string", "pattern": r"(?=.*\d)\w{4,}"},
    {"type": "string", "pattern": r"[А-Я][а-я]*"},
    {"type": "string", "pattern": r"[^\W\d]+\S?[^a-z].?"},
    {"type": "integer"},
    {"type": "integer", "min_value": 3, "max_value": 3},
    {"type": "integer", "min_value": -(2**60), "max_value": 2**60},
    {"type": "integer", "max_value": -5},
    {"type": "integer", "min_value": 10**9},
    {"type": "integer", "allowed_values": [1, 5]},
    {"type": "float"},
    {"type": "float", "min_value": 0.00001, "max_value": 0.00002},
    {"type": "float", "max_value": -2.5},
    {"type": "float", "allowed_values": [0.5, 1.5]},
    {"type": "URL"},
    {"type": "coordinates", "current_location": True},
    {"type": "json"},
    {"type": "array_boolean"},
    {"type": "array_string", "min_size": 2, "max_size": 2, "pattern": r"\d+"},
    {"type": "array_string", "allowed_values": ["a", "b"], "max_size": 1},
    {"type": "array_integer", "min_value": 1, "max_value": 4, "min_size": 7},
    {"type": "array_float", "max_size": 0},
    {"type": "array_url"},
    {"type": "array_coordinates", "min_size": 1},
    {"type": "array_json"},
]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_random_value_is_valid_and_repeatable(spec: dict[str, Any]) -> None:
    values = [random_value("field", spec, seeded(1, draw)) for draw in range(200)]
    assert [value for value in values if not is_valid(spec, value)] == []
    assert values == [random_value("field", spec, seeded(1, draw)) for draw in range(200)]


def test_random_values_vary_over_all_that_is_allowed() -> None:
    spec = {"type": "string", "allowed_values": ["cat", "dog", "other"]}
    assert {random_value("f", spec, seeded(draw)) for draw in range(60)} == {"cat", "dog", "other"}
    assert {random_value("f", {"type": "boolean"}, seeded(draw)) for draw in range(60)} == {True, False}


def test_only_required_fields_are_filled_and_fields_are_required_by_default() -> None:
    spec: dict[str, Any] = {
        "a": {"type": "boolean"},
        "b": {"type": "file", "required": False},
        "c": {"type": "integer", "required": True, "allowed_values": [4]},
    }
    filled = random_values(spec, random.Random(0))
    assert set(filled) == {"a", "c"}
    assert filled["c"] == 4


@pytest.mark.parametrize("kind", ["file", "array_file"])
def test_a_required_file_cannot_be_answered(kind: str) -> None:
    with pytest.raises(CrowdError) as caught:
        random_values({"photo": {"type": kind}}, random.Random(0))
    assert str(caught.value) == f"Simulated workers cannot answer the output field photo of type {kind}"


@pytest.mark.parametrize("pattern", ["[", r"\d{5}(?!\d)x(?<!x)"])
def test_a_pattern_without_a_match_is_named(pattern: str) -> None:
    with pytest.raises(CrowdError, match="of the output field code"):
        random_value("code", {"type": "string", "pattern": pattern}, random.Random(0))


@pytest.mark.parametrize(
    ("spec", "classes"),
    [
        ({"type": "boolean"}, (False, True)),
        ({"type": "string", "allowed_values": ["b", "a"]}, ("b", "a")),
        ({"type": "integer", "min_value": 1, "max_value": 5}, (1, 2, 3, 4, 5)),
        ({"type": "integer", "min_value": 0, "max_value": 32}, tuple(range(33))),
        ({"type": "integer", "min_value": 0, "max_value": 33}, None),
        ({"type": "integer", "min_value": 0}, None),
        ({"type": "string"}, None),
        ({"type": "array_string", "allowed_values": ["a", "b"]}, None),
    ],
    ids=str,
)
def test_classes_of_a_field(spec: dict[str, Any], classes: tuple[Any, ...] | None) -> None:
    assert classes_of(spec) == classes


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        ({"type": "string"}, " as it is ", " as it is "),
        ({"type": "string", "allowed_values": ["1", "0"]}, "1", "1"),
        ({"type": "boolean"}, "1", True),
        ({"type": "boolean"}, "False", False),
        ({"type": "integer"}, "12", 12),
        ({"type": "integer"}, "12.0", 12),
        ({"type": "integer"}, "9007199254740993", 9007199254740993),
        ({"type": "integer", "allowed_values": [0, 1]}, "0", 0),
        ({"type": "float"}, "1e-3", 0.001),
        ({"type": "float", "allowed_values": [1, 0.5]}, "1.0", 1.0),
        ({"type": "url"}, "https://example.org", "https://example.org"),
        ({"type": "json"}, '{"a": [1]}', {"a": [1]}),
        ({"type": "array_integer"}, "[1, 2]", [1, 2]),
    ],
    ids=str,
)
def test_a_label_becomes_a_value_of_its_field(spec: dict[str, Any], text: str, value: Any) -> None:
    converted = from_text(spec, text)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("spec", "text", "message"),
    [
        ({"type": "boolean"}, "maybe", "'maybe' is neither true nor false"),
        ({"type": "integer"}, "1.5", "'1.5' is not an integer"),
        ({"type": "integer"}, "inf", "'inf' is not a number"),
        ({"type": "float"}, "one", "'one' is not a number"),
        ({"type": "json"}, "{", "'{' is not JSON"),
        ({"type": "array_string"}, '"a"', "'\"a\"' is not a JSON array"),
        ({"type": "file"}, "x", "a text cannot stand for a value of type file"),
        ({"type": "integer", "allowed_values": [1, 2]}, "3", "'3' is not among the allowed values 1, 2"),
    ],
    ids=str,
)
def test_a_label_that_does_not_fit_says_why(spec: dict[str, Any], text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        from_text(spec, text)
    assert str(caught.value) == message


def test_items_are_compared_as_text() -> None:
    assert [as_text(value) for value in ("25", 25, 25.0, 0.5, True, ["a"])] == [
        "25",
        "25",
        "25",
        "0.5",
        "true",
        '["a"]',
    ]


def test_identity_tells_true_from_one_and_not_one_from_one_point_nought() -> None:
    assert identity(True) != identity(1)
    assert identity("1") != identity(1)
    assert identity(1.0) == identity(1)
    assert identity({"a": 1, "b": 2}) == identity({"b": 2, "a": 1})
