"""Values of fields: each type's own check, and the checker of whole objects."""

from __future__ import annotations

import time
from typing import Any

import pytest

from talka.kit.errors import FieldError, ValidationError
from talka.kit.wire import WireModel, parse
from talka.projects.fields import FIELD_TYPES, Field, aggregatable, compile_checker, field_specs, hidden_names
from talka.projects.fields.patterns import BadPattern, compile_pattern

INT_MAX = 2**63 - 1
DEEP: Any = "x"
for _ in range(65):
    DEEP = [DEEP]

GOOD: list[tuple[dict[str, Any], Any]] = [
    ({"type": "boolean"}, False),
    ({"type": "boolean", "allowed_values": [True]}, True),
    ({"type": "string"}, ""),
    ({"type": "string"}, "naïve \U0001f600"),
    ({"type": "string", "min_length": 2, "max_length": 2}, "ab"),
    ({"type": "string", "allowed_values": ["a", "b"]}, "b"),
    ({"type": "string", "allowed_values": []}, "anything"),
    ({"type": "string", "pattern": "a+"}, "aaa"),
    ({"type": "string", "pattern": "a|b"}, "b"),
    ({"type": "string", "pattern": "(?=.*\\d).{3,}"}, "ab1"),
    ({"type": "integer"}, INT_MAX),
    ({"type": "integer"}, 1.0),
    ({"type": "integer", "min_value": -1, "max_value": 1}, -1),
    ({"type": "integer", "allowed_values": [1, 2]}, 2.0),
    ({"type": "float"}, 3),
    ({"type": "float", "min_value": 0.5, "max_value": 0.5}, 0.5),
    ({"type": "float", "allowed_values": [0.5]}, 0.5),
    ({"type": "url"}, "http://x"),
    ({"type": "url"}, "HTTPS://EXAMPLE.ORG/ä"),
    ({"type": "url"}, "www.example.org"),
    ({"type": "file"}, "a1b2"),
    ({"type": "coordinates"}, "38.71,-9.14"),
    ({"type": "coordinates"}, "-90, 180"),
    ({"type": "json"}, {"a": [1, None, {"b": True}]}),
    ({"type": "json"}, "text"),
    ({"type": "array_string", "max_size": 2}, ["a", "b"]),
    ({"type": "array_integer"}, []),
    ({"type": "array_json"}, [None, {}]),
    ({"type": "array_coordinates"}, ["1,2"]),
]

BAD: list[tuple[dict[str, Any], Any, dict[str, str]]] = [
    ({"type": "boolean"}, "true", {"f": "BOOLEAN_EXPECTED"}),
    ({"type": "boolean"}, 1, {"f": "BOOLEAN_EXPECTED"}),
    ({"type": "boolean"}, [True], {"f": "SIMPLE_VALUE_EXPECTED"}),
    ({"type": "boolean", "allowed_values": [True]}, False, {"f": "VALUE_NOT_ALLOWED"}),
    ({"type": "string"}, 5, {"f": "STRING_EXPECTED"}),
    ({"type": "string"}, {}, {"f": "SIMPLE_VALUE_EXPECTED"}),
    ({"type": "string"}, "a\0", {"f": "CHARACTER_NOT_ALLOWED"}),
    ({"type": "string"}, "\ud800", {"f": "CHARACTER_NOT_ALLOWED"}),
    ({"type": "string", "min_length": 1}, "", {"f": "STRING_LENGTH_LESS_THAN_MIN"}),
    ({"type": "string", "max_length": 1}, "ab", {"f": "STRING_LENGTH_GREATER_THAN_MAX"}),
    ({"type": "string", "allowed_values": ["a"]}, "A", {"f": "VALUE_NOT_ALLOWED"}),
    ({"type": "string", "pattern": "a+"}, "aab", {"f": "PATTERN_MISMATCH"}),
    ({"type": "string", "pattern": "a|b"}, "ab", {"f": "PATTERN_MISMATCH"}),
    ({"type": "string", "pattern": "a"}, "a\n", {"f": "PATTERN_MISMATCH"}),
    ({"type": "string", "pattern": "(?=.*\\d).{3,}"}, "abc", {"f": "PATTERN_MISMATCH"}),
    ({"type": "integer"}, True, {"f": "INTEGER_EXPECTED"}),
    ({"type": "integer"}, "1", {"f": "INTEGER_EXPECTED"}),
    ({"type": "integer"}, 1.5, {"f": "INTEGER_EXPECTED"}),
    ({"type": "integer"}, float("nan"), {"f": "INTEGER_EXPECTED"}),
    ({"type": "integer"}, float("inf"), {"f": "INTEGER_EXPECTED"}),
    ({"type": "integer"}, [1], {"f": "SIMPLE_VALUE_EXPECTED"}),
    ({"type": "integer"}, INT_MAX + 1, {"f": "VALUE_OUT_OF_BOUNDS"}),
    ({"type": "integer"}, 1e300, {"f": "VALUE_OUT_OF_BOUNDS"}),
    ({"type": "integer", "min_value": 0}, -1, {"f": "VALUE_LESS_THAN_MIN"}),
    ({"type": "integer", "max_value": 5}, 6, {"f": "VALUE_GREATER_THAN_MAX"}),
    ({"type": "integer", "allowed_values": [1]}, 2, {"f": "VALUE_NOT_ALLOWED"}),
    ({"type": "float"}, "1.5", {"f": "FLOAT_EXPECTED"}),
    ({"type": "float"}, True, {"f": "FLOAT_EXPECTED"}),
    ({"type": "float"}, float("-inf"), {"f": "FLOAT_EXPECTED"}),
    ({"type": "float"}, {"a": 1}, {"f": "SIMPLE_VALUE_EXPECTED"}),
    ({"type": "float"}, 2**64, {"f": "VALUE_OUT_OF_BOUNDS"}),
    ({"type": "float", "min_value": 0.5}, 0.4, {"f": "VALUE_LESS_THAN_MIN"}),
    ({"type": "float", "max_value": 0.5}, 0.6, {"f": "VALUE_GREATER_THAN_MAX"}),
    ({"type": "float", "allowed_values": [0.5]}, 0.6, {"f": "VALUE_NOT_ALLOWED"}),
    ({"type": "url"}, "ftp://x", {"f": "INVALID_URL_SYNTAX"}),
    ({"type": "url"}, "", {"f": "INVALID_URL_SYNTAX"}),
    ({"type": "url"}, 5, {"f": "STRING_EXPECTED"}),
    ({"type": "url"}, "http://\0", {"f": "CHARACTER_NOT_ALLOWED"}),
    ({"type": "file"}, 5, {"f": "STRING_EXPECTED"}),
    ({"type": "file"}, "\0", {"f": "CHARACTER_NOT_ALLOWED"}),
    ({"type": "coordinates"}, "38.71", {"f": "INVALID_COORDINATES_SYNTAX"}),
    ({"type": "coordinates"}, "١,٢", {"f": "INVALID_COORDINATES_SYNTAX"}),
    ({"type": "coordinates"}, "91,0", {"f": "VALUE_OUT_OF_BOUNDS"}),
    ({"type": "coordinates"}, "0,-180.5", {"f": "VALUE_OUT_OF_BOUNDS"}),
    ({"type": "coordinates"}, [1, 2], {"f": "SIMPLE_VALUE_EXPECTED"}),
    ({"type": "json"}, float("nan"), {"f": "JSON_EXPECTED"}),
    ({"type": "json"}, {"a": ["\0"]}, {"f": "CHARACTER_NOT_ALLOWED"}),
    ({"type": "json"}, {"a\0": 1}, {"f": "CHARACTER_NOT_ALLOWED"}),
    ({"type": "json"}, DEEP, {"f": "INVALID_VALUE"}),
    ({"type": "array_string"}, "a", {"f": "ARRAY_EXPECTED"}),
    ({"type": "array_string"}, {"a": 1}, {"f": "ARRAY_EXPECTED"}),
    ({"type": "array_string", "min_size": 1}, [], {"f": "ARRAY_SIZE_LESS_THAN_MIN"}),
    ({"type": "array_string", "max_size": 1}, ["a", "b"], {"f": "ARRAY_SIZE_GREATER_THAN_MAX"}),
    ({"type": "array_string"}, ["a", 1, None], {"f.1": "STRING_EXPECTED", "f.2": "STRING_EXPECTED"}),
    ({"type": "array_integer", "max_value": 1}, [1, 2], {"f.1": "VALUE_GREATER_THAN_MAX"}),
    ({"type": "array_boolean"}, [[True]], {"f.0": "SIMPLE_VALUE_EXPECTED"}),
    ({"type": "array_float"}, ["x"], {"f.0": "FLOAT_EXPECTED"}),
    ({"type": "array_url"}, ["x"], {"f.0": "INVALID_URL_SYNTAX"}),
    ({"type": "array_file"}, [1], {"f.0": "STRING_EXPECTED"}),
    ({"type": "array_coordinates"}, ["x"], {"f.0": "INVALID_COORDINATES_SYNTAX"}),
    ({"type": "array_json"}, [["\0"]], {"f.0": "CHARACTER_NOT_ALLOWED"}),
]


def found(spec: dict[str, Any], values: Any, path: str = "", *, partial: bool = False) -> dict[str, str]:
    errors = compile_checker(field_specs(spec), partial=partial)(values, path)
    return {place: error.code for place, error in errors.items()}


@pytest.mark.parametrize(("field", "value"), GOOD)
def test_good_values(field: dict[str, Any], value: Any) -> None:
    assert found({"f": field}, {"f": value}) == {}


@pytest.mark.parametrize(("field", "value", "codes"), BAD)
def test_bad_values(field: dict[str, Any], value: Any, codes: dict[str, str]) -> None:
    assert found({"f": field}, {"f": value}) == codes
    below = {f"input_values.{path}": code for path, code in codes.items()}
    assert found({"f": field}, {"f": value}, "input_values") == below


def test_every_type_refuses_a_value_of_the_wrong_kind_or_holds_any() -> None:
    for name, _ in FIELD_TYPES:
        assert bool(found({"f": {"type": name}}, {"f": {"a": 1}})) == (name != "json")


SPEC = {"a": {"type": "string"}, "b": {"type": "integer", "required": False}, "c": {"type": "url", "hidden": True}}


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"a": "x", "c": "http://x"}, {}),
        ({"a": "x", "b": None, "c": "http://x"}, {}),
        ({"a": None, "c": "http://x"}, {"v.a": "VALUE_REQUIRED"}),
        ({}, {"v.a": "VALUE_REQUIRED", "v.c": "VALUE_REQUIRED"}),
        ({"a": "x", "c": "http://x", "d": None}, {"v.d": "VALUE_NOT_ALLOWED"}),
        (
            {"a": 1, "b": "x", "c": "y", "d": 1},
            {
                "v.a": "STRING_EXPECTED",
                "v.b": "INTEGER_EXPECTED",
                "v.c": "INVALID_URL_SYNTAX",
                "v.d": "VALUE_NOT_ALLOWED",
            },
        ),
        (None, {"v": "VALUE_REQUIRED"}),
        ([], {"v": "OBJECT_EXPECTED"}),
        ("x", {"v": "OBJECT_EXPECTED"}),
    ],
)
def test_whole_objects(values: Any, codes: dict[str, str]) -> None:
    assert found(SPEC, values, "v") == codes


def test_known_solutions_may_be_partial_but_not_wrong() -> None:
    assert found(SPEC, {"b": 1}, "v", partial=True) == {}
    assert found(SPEC, {"a": 1, "x": 2}, "v", partial=True) == {"v.a": "STRING_EXPECTED", "v.x": "VALUE_NOT_ALLOWED"}


def test_errors_carry_the_bounds() -> None:
    checker = compile_checker(field_specs({"f": {"type": "integer", "min_value": 3}}))
    assert checker({"f": 2}, "") == {"f": FieldError("VALUE_LESS_THAN_MIN", "Must be at least 3", (3,))}


class OneField(WireModel):
    field: Field


@pytest.mark.parametrize(
    ("field", "path", "code"),
    [
        ({}, "field.type", "VALUE_REQUIRED"),
        ({"type": None}, "field.type", "VALUE_REQUIRED"),
        ({"type": 5}, "field.type", "STRING_EXPECTED"),
        ({"type": "number"}, "field.type", "UNKNOWN_ENUM_VALUE"),
        (5, "field", "OBJECT_EXPECTED"),
        ({"type": "string", "required": "yes"}, "field.required", "BOOLEAN_EXPECTED"),
        ({"type": "string", "hidden": 0}, "field.hidden", "BOOLEAN_EXPECTED"),
        ({"type": "string", "min_length": -1}, "field.min_length", "VALUE_OUT_OF_BOUNDS"),
        ({"type": "string", "min_length": 3, "max_length": 2}, "field.max_length", "VALUE_OUT_OF_BOUNDS"),
        ({"type": "string", "allowed_values": ["a", 1]}, "field.allowed_values.1", "STRING_EXPECTED"),
        ({"type": "string", "allowed_values": "a"}, "field.allowed_values", "ARRAY_EXPECTED"),
        ({"type": "string", "pattern": "("}, "field.pattern", "INVALID_REGEX_SYNTAX"),
        ({"type": "string", "pattern": "a)|(b"}, "field.pattern", "INVALID_REGEX_SYNTAX"),
        ({"type": "string", "pattern": "x" * 2001}, "field.pattern", "INVALID_REGEX_SYNTAX"),
        ({"type": "string", "pattern": "(?=a)(a+)+"}, "field.pattern", "INVALID_REGEX_SYNTAX"),
        ({"type": "integer", "min_value": 2, "max_value": 1}, "field.max_value", "VALUE_OUT_OF_BOUNDS"),
        ({"type": "integer", "min_value": 1.5}, "field.min_value", "INTEGER_EXPECTED"),
        ({"type": "integer", "allowed_values": [True]}, "field.allowed_values.0", "INTEGER_EXPECTED"),
        ({"type": "float", "min_value": 2, "max_value": 1}, "field.max_value", "VALUE_OUT_OF_BOUNDS"),
        ({"type": "float", "max_value": "1"}, "field.max_value", "FLOAT_EXPECTED"),
        ({"type": "boolean", "allowed_values": [1]}, "field.allowed_values.0", "BOOLEAN_EXPECTED"),
        ({"type": "coordinates", "current_location": 1}, "field.current_location", "BOOLEAN_EXPECTED"),
        ({"type": "array_url", "min_size": 2, "max_size": 1}, "field.max_size", "VALUE_OUT_OF_BOUNDS"),
        ({"type": "array_string", "max_size": -1}, "field.max_size", "VALUE_OUT_OF_BOUNDS"),
    ],
)
def test_bad_specifications(field: Any, path: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse(OneField, {"field": field})
    assert {place: error.code for place, error in refused.value.fields.items()} == {path: code}


def test_specifications_are_stored_with_what_clients_rely_on() -> None:
    spec = parse(OneField, {"field": {"type": "ARRAY_String", "max_size": 3, "max_length": 4, "odd": 1}}).field
    assert spec.stored() == {
        "type": "array_string",
        "required": True,
        "hidden": False,
        "max_size": 3,
        "max_length": 4,
    }


def test_hidden_names() -> None:
    assert hidden_names(field_specs(SPEC)) == {"c"}


def test_aggregatable_outputs() -> None:
    spec = {
        "yes": {"type": "boolean"},
        "label": {"type": "string", "allowed_values": ["a", "b"]},
        "text": {"type": "string"},
        "grade": {"type": "integer", "min_value": 1, "max_value": 33},
        "wide": {"type": "integer", "min_value": 1, "max_value": 34},
        "open": {"type": "integer", "min_value": 1},
        "step": {"type": "integer", "allowed_values": [1, 100]},
        "share": {"type": "float", "allowed_values": [0.5, 1]},
        "real": {"type": "float", "min_value": 0, "max_value": 1},
        "labels": {"type": "array_string", "allowed_values": ["a", "b"]},
        "place": {"type": "coordinates"},
        "any": {"type": "json"},
    }
    assert aggregatable(field_specs(spec)) == {"yes", "label", "grade", "step", "share"}


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*", "(a|aa)+", "([a-z]+)*x", "(.*)*y"])
def test_patterns_that_explode_elsewhere_run_in_linear_time(pattern: str) -> None:
    matches = compile_pattern(pattern)
    start = time.monotonic()
    assert not matches("a" * 100_000 + "!")
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "pattern", ["(?=a)(a+)+", "(?!b)([a-z]*)*", r"(a)\1(b|c?)*", "(?=a)(a{1,5}){2,}", "(?=a)((ab?))+", "(?=x)(?:(a+))*"]
)
def test_backtracking_patterns_that_could_explode_are_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"(?=.*[A-Z])(?=.*\d).{8,}", "Passw0rd", "password"),
        (r"(\w)\1", "aa", "ab"),
        (r"(?!.*--)[a-z-]+", "a-b", "a--b"),
        (r"(?=a)[(+]*a(b){2}", "abb", "ab"),
        (r"(?i)abc", "ABC", "ABD"),
        (r"\d{3}-\d{4}", "555-1234", "555-12345"),
    ],
)
def test_patterns_match_the_whole_value(pattern: str, good: str, bad: str) -> None:
    matches = compile_pattern(pattern)
    assert matches(good)
    assert not matches(bad)
    assert not matches(f"{good}\n")


def test_large_classes_match_long_values_and_several_repetitions_only_short_ones() -> None:
    assert compile_pattern(r"\w{1,5000}")("ä" * 5000)
    assert not compile_pattern(r"\w{1,5000}")("ä" * 5001)
    several = compile_pattern(r"(?=a).*b.*")
    assert several("ab" + "c" * 998)
    assert not several("ab" + "c" * 999)
