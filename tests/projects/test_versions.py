"""Which edits of a specification leave existing pools behind."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from talka.projects.rules import difference, parse_version

TEXT = {"type": "string", "required": False, "hidden": False, "min_length": 1, "max_length": 9}
LABEL = {"type": "string", "required": True, "hidden": False, "allowed_values": ["a", "b"]}
GRADE = {"type": "integer", "required": True, "hidden": False, "min_value": 1, "max_value": 5}
TAGS = {"type": "array_string", "required": False, "hidden": False, "min_size": 1, "max_size": 3}
SPEC = {
    "input_spec": {"image": {"type": "url", "required": True, "hidden": False}, "text": TEXT},
    "output_spec": {"label": LABEL, "grade": GRADE, "tags": TAGS},
    "view_spec": {"type": "classic", "markup": "<p/>"},
}
GONE = object()
BREAKING, MINOR = "BREAKING_CHANGE", "NON_BREAKING_CHANGE"

EDITS: list[tuple[str, str, Any, str]] = [
    ("input_spec.image", "", GONE, BREAKING),
    ("input_spec.text", "", GONE, MINOR),
    ("input_spec.new", "", {"type": "url", "required": True}, BREAKING),
    ("input_spec.new", "", {"type": "url", "required": False}, MINOR),
    ("input_spec.text", "required", True, BREAKING),
    ("input_spec.image", "required", False, MINOR),
    ("input_spec.image", "hidden", True, MINOR),
    ("input_spec.image", "type", "string", BREAKING),
    ("input_spec.text", "type", "url", MINOR),
    ("input_spec.text", "max_length", 8, BREAKING),
    ("input_spec.text", "max_length", 10, MINOR),
    ("input_spec.text", "max_length", GONE, MINOR),
    ("input_spec.text", "min_length", 2, BREAKING),
    ("input_spec.text", "min_length", 0, MINOR),
    ("input_spec.text", "min_length", GONE, MINOR),
    ("input_spec.text", "pattern", "a+", MINOR),
    ("output_spec.label", "allowed_values", ["a"], BREAKING),
    ("output_spec.label", "allowed_values", ["a", "b", "c"], BREAKING),
    ("output_spec.label", "allowed_values", ["b", "a"], MINOR),
    ("output_spec.label", "allowed_values", GONE, BREAKING),
    ("output_spec.label", "max_length", 5, BREAKING),
    ("output_spec.label", "min_length", 1, BREAKING),
    ("output_spec.grade", "max_value", 4, BREAKING),
    ("output_spec.grade", "max_value", 6, MINOR),
    ("output_spec.grade", "max_value", GONE, MINOR),
    ("output_spec.grade", "min_value", 2, BREAKING),
    ("output_spec.grade", "min_value", 0, MINOR),
    ("output_spec.tags", "max_size", 2, BREAKING),
    ("output_spec.tags", "max_size", 4, MINOR),
    ("output_spec.tags", "min_size", 2, BREAKING),
    ("output_spec.tags", "min_size", 0, MINOR),
    ("view_spec", "markup", "<b/>", MINOR),
]


@pytest.mark.parametrize(("field", "key", "value", "expected"), EDITS)
def test_edits(field: str, key: str, value: Any, expected: str) -> None:
    edited: Any = copy.deepcopy(SPEC)
    path = f"{field}.{key}" if key else field
    *way, last = path.split(".")
    place = edited
    for step in way:
        place = place[step]
    place[last] = value
    if value is GONE:
        del place[last]
    assert difference(SPEC, edited) == expected


def test_the_same_is_equal() -> None:
    assert difference(SPEC, copy.deepcopy(SPEC)) == "EQUAL"


def test_one_is_not_true() -> None:
    edited: Any = copy.deepcopy(SPEC)
    edited["view_spec"]["zoom"] = 1
    assert difference(edited, {**edited, "view_spec": {**edited["view_spec"], "zoom": True}}) == MINOR
    assert difference(SPEC, dict(reversed(SPEC.items()))) == "EQUAL"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1.0", (1, 0)), ("12.34", (12, 34)), ("0.1", None), ("1", None), ("1.", None), ("1.01", None),
        ("1.0.0", None), ("-1.0", None), ("1.9999999999", None), ("\u0661.0", None), ("1.0\n", None), ("", None),
    ],
)  # fmt: skip
def test_ids_of_versions(text: str, parts: tuple[int, int] | None) -> None:
    assert parse_version(text) == parts


def test_a_renamed_required_field_breaks() -> None:
    edited: Any = copy.deepcopy(SPEC)
    edited["input_spec"]["picture"] = edited["input_spec"].pop("image")
    assert difference(SPEC, edited) == BREAKING
