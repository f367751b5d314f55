"""Documents: stored as sent, nothing unstorable in them, every error at once."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field

from talka.kit.documents import (
    MAX_DEPTH,
    Document,
    Id,
    JsonObject,
    JsonValue,
    Labels,
    Name,
    OpenDocument,
    Text,
    json_problems,
    text_problem,
    within,
)
from talka.kit.errors import FieldError, FieldErrors, ValidationError
from talka.kit.wire import Integer, Number, parse


class Part(OpenDocument):
    filled = {"size": 3}  # noqa: RUF012

    size: Integer
    start: Integer | None = Field(default=None, alias="from")


class Whole(Document):
    nullable = frozenset({"lock"})

    name: Name
    parts: list[Part] = Field(default_factory=list)
    lock: Text | None = None
    share: Annotated[Number, within(0, 1)] | None = None
    labels: Labels | None = None
    free: JsonValue = None
    box: JsonObject | None = None
    other: Id | None = None

    @classmethod
    def cross_check(cls, raw: Any) -> FieldErrors:
        return {"parts.0.size": FieldError("INVALID_VALUE", "never nine")} if raw.get("share") == 9 else {}


def codes(body: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        parse(Whole, body)
    return {path: error.code for path, error in refused.value.fields.items()}


def test_what_was_sent_is_stored_and_nothing_else() -> None:
    sent = {"name": "n", "share": 0.5, "labels": {"a": ["b"]}, "free": {"x": [None, 1.5]}, "other": "7"}
    assert parse(Whole, sent | {"unknown": 1}).stored() == sent


def test_null_means_absent_except_where_it_is_kept() -> None:
    assert parse(Whole, {"name": "n", "share": None, "lock": None}).stored() == {"name": "n", "lock": None}


def test_what_clients_rely_on_is_filled_in_and_unknown_keys_of_open_documents_are_kept() -> None:
    body = parse(Whole, {"name": "n", "parts": [{"from": 2, "odd": {"z": None}}, {"size": 5}]})
    assert body.stored()["parts"] == [{"size": 3, "from": 2, "odd": {"z": None}}, {"size": 5}]
    assert parse(Whole, body.stored()) == body


def test_every_error_is_told_at_once_by_its_path() -> None:
    body = {
        "parts": [{"size": "x", "from": True, "odd": "\0"}, 4],
        "lock": "\ud800",
        "share": 9,
        "labels": {"a": [1], "b": "c"},
        "free": [float("nan"), 2**70],
        "box": {"k\0": 1},
        "other": "\0",
    }
    assert codes(body) == {
        "name": "VALUE_REQUIRED",
        "parts.0.size": "INTEGER_EXPECTED",
        "parts.0.from": "INTEGER_EXPECTED",
        "parts.0.odd": "CHARACTER_NOT_ALLOWED",
        "parts.1": "OBJECT_EXPECTED",
        "lock": "CHARACTER_NOT_ALLOWED",
        "share": "VALUE_OUT_OF_BOUNDS",
        "labels.a.0": "STRING_EXPECTED",
        "labels.b": "ARRAY_EXPECTED",
        "free.0": "JSON_EXPECTED",
        "free.1": "VALUE_OUT_OF_BOUNDS",
        "box": "CHARACTER_NOT_ALLOWED",
        "other": "CHARACTER_NOT_ALLOWED",
    }


def test_an_error_between_fields_is_told_beside_the_others() -> None:
    assert codes({"name": " ", "share": 9}) == {
        "name": "BLANK_STRING_NOT_ALLOWED",
        "share": "VALUE_OUT_OF_BOUNDS",
        "parts.0.size": "INVALID_VALUE",
    }


def test_depth_is_bounded() -> None:
    def nested(depth: int) -> list[Any]:
        value: list[Any] = []
        for _ in range(depth - 1):
            value = [value]
        return value

    assert json_problems(nested(MAX_DEPTH)) == {}
    assert [error.code for error in json_problems(nested(MAX_DEPTH + 1)).values()] == ["INVALID_VALUE"]


@pytest.mark.parametrize("text", ["", "plain", "ünï", "\U0001f600", "\x01"])
def test_text_that_can_be_stored(text: str) -> None:
    assert text_problem(text) is None


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "é\udfff"])
def test_text_that_cannot_be_stored(text: str) -> None:
    problem = text_problem(text)
    assert problem is not None
    assert problem.code == "CHARACTER_NOT_ALLOWED"
