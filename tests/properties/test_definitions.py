"""Whatever a client sends as a project or a pool is either refused by fields or stored and read back as it was."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talka.kit.documents import Document, json_problems
from talka.kit.errors import ValidationError
from talka.kit.wire import parse
from talka.pools.rules import issue_plan
from talka.pools.wire import PoolBody
from talka.projects.fields import FIELD_TYPES, compile_checker, field_specs
from talka.projects.wire import ProjectBody

BODIES = settings(deadline=None, max_examples=150)
VALUES = settings(deadline=None, max_examples=30)
TESTS = Path(__file__).parents[1]
KINDS: list[tuple[type[Document], dict[str, Any]]] = [
    (ProjectBody, json.loads((TESTS / "projects" / "example.json").read_text())),
    (PoolBody, json.loads((TESTS / "pools" / "example.json").read_text())),
]
ODD_TEXT = st.sampled_from(
    ["", " ", "\0", "\ud800", "nan", "1e999", "(", "tb", "EN", "POOL", "or", "and", "2030-01-01"]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.integers(0, 12) | st.floats() | st.text() | ODD_TEXT
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | ODD_TEXT, inner, max_size=4),
    max_leaves=12,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    found = [path]
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += places(part, (*path, key))
    return found


def check(model: type[Document], value: Any) -> None:
    """Refused by named fields, or stored and read back; whatever else is raised fails the test."""
    try:
        body = parse(model, value)
    except ValidationError as refused:
        paths = set(refused.fields)
        assert paths
        return
    stored = body.stored()
    assert json_problems(stored) == {}
    again = parse(model, orjson.loads(orjson.dumps(stored)))
    assert again.stored() == stored
    assert again == body
    if isinstance(body, PoolBody):
        assert issue_plan(body) == issue_plan(parse(PoolBody, stored))
    if isinstance(body, ProjectBody):
        assert body.max_active() >= 1
        compile_checker(field_specs(stored["task_spec"]["input_spec"]))


@pytest.mark.parametrize(("model", "example"), KINDS)
@BODIES
@given(value=JSON)
def test_any_json_is_refused_by_fields_or_round_trips(model: type[Document], example: Any, value: Any) -> None:
    check(model, value)


@pytest.mark.parametrize(("model", "example"), KINDS)
@BODIES
@given(data=st.data())
def test_any_change_of_a_good_body_is_refused_by_fields_or_round_trips(
    model: type[Document], example: Any, data: st.DataObject
) -> None:
    value = copy.deepcopy(example)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(value)[1:]))
        place = value
        for step in way:
            place = place[step]
        place[last] = data.draw(JSON)
    check(model, value)


@pytest.mark.parametrize("kind", FIELD_TYPES.names())
@VALUES
@given(constraints=st.dictionaries(st.sampled_from(["required", "pattern", "max_size", "max_value"]), JSON), value=JSON)
def test_no_value_breaks_a_checker(kind: str, constraints: dict[str, Any], value: Any) -> None:
    for extra in (constraints, {}):
        try:
            spec = field_specs({"f": extra | {"type": kind}})
        except ValueError:  # Pydantic's own: the constraints are no good
            continue
        errors = compile_checker(spec)({"f": value}, "v")
        assert all(path == "v.f" or path.startswith("v.f.") for path in errors)
        if not errors:
            assert json_problems(value) == {}
