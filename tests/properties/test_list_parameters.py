"""Every filter, range, sort field and limit of every list by itself, against brute force; and each of them wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.properties.test_lists import (
    ASSIGNMENTS,
    POOLS,
    PROJECTS,
    RESOURCES,
    SUITES,
    TASKS,
    TRAININGS,
    Item,
    Resource,
    _all,
    _fixed,
    reference,
    seeded,
)
from tests.support.app import Talka

__all__ = ["seeded"]
ABSENT_ID = "00000f4240--000000000000000000000001"
NOBODY = "0" * 32
OWNED = ("projects", "pools", "trainings", "tasks", "suites", "mixed suites")
MAX_LIMITS = {
    "projects": 300, "pools": 300, "trainings": 300, "tasks": 100_000, "suites": 100_000, "mixed suites": 100_000,
    "assignments": 100_000, "operations": 500,
}  # fmt: skip
# Values that are none of a kind, and the code that says so.
_WRONG_DATE = ("yesterday", "INVALID_DATE_TIME_SYNTAX")
_WRONG_ID = ("not an id!", "INVALID_VALUE")
WRONG: dict[str, tuple[str, str]] = {
    "status": ("SLEEPING", "UNKNOWN_ENUM_VALUE"), "owner_id": ("me", "INVALID_VALUE"), "project_id": _WRONG_ID,
    "pool_id": _WRONG_ID, "task_id": _WRONG_ID, "task_suite_id": _WRONG_ID, "user_id": _WRONG_ID, "id": _WRONG_ID,
    "overlap": ("many", "INTEGER_EXPECTED"),
}  # fmt: skip
# Operations may have any text as id and type: none of it is wrong.
_FREE = {("operations", "id"), ("operations", "type")}


@dataclass(frozen=True)
class Case:
    """A query and what it must give."""

    query: dict[str, str]
    expected: list[Item]


def _cases(resource: Resource, items: list[Item]) -> list[Case]:
    queries: list[dict[str, str]] = [{}]
    for name in resource.equal:
        values = sorted({str(item[name]) for item in items if item.get(name) is not None})
        assert values, f"no row has {name}"
        queries += [{name: value} for value in values]
    for name in resource.ranges:
        values = sorted({str(item[name]) for item in items if item.get(name) is not None})
        assert values, f"no row has {name}"
        middle = values[len(values) // 2]
        queries += [{f"{name}{suffix}": middle} for suffix in ("_gt", "_gte", "_lt", "_lte")]
        queries.append({f"{name}_gte": values[0], f"{name}_lt": values[-1]})
    queries += [{"sort": sign + name} for name in resource.sorts for sign in ("", "-")]
    queries += [{"sort": f"-{name},id"} for name in resource.sorts if name != "id"]
    return [Case(query, reference(items, resource, query)) for query in queries]


async def _given(talka: Talka, resource: Resource, query: dict[str, str]) -> Any:
    answer = await talka.requester.get(resource.path, params=query)
    assert answer.status_code == 200, f"{query}: {answer.text}"
    return answer.json()


@pytest.mark.parametrize("name", RESOURCES)
async def test_each_parameter_by_itself(seeded: Talka, name: str) -> None:
    resource, fixed = RESOURCES[name], await _fixed(seeded, name)
    items = await _all(seeded, resource, fixed)
    for case in _cases(resource, items):
        whole = {"items": case.expected, "has_more": False}
        assert await _given(seeded, resource, {**fixed, **case.query, "limit": "300"}) == whole, case.query
        for limit in {1, len(case.expected)} - {0}:
            part = {"items": case.expected[:limit], "has_more": len(case.expected) > limit}
            assert await _given(seeded, resource, {**fixed, **case.query, "limit": str(limit)}) == part, case.query
    if len(items) < 50:
        assert await _given(seeded, resource, fixed) == {"items": reference(items, resource, {}), "has_more": False}
    most = await _given(seeded, resource, {**fixed, "limit": str(MAX_LIMITS[name])})
    assert most["items"] == reference(items, resource, {})
    await _refused(seeded, name, fixed)
    if name in OWNED:
        await _by_owner(seeded, resource, fixed, items)


async def _refused(talka: Talka, name: str, fixed: dict[str, str]) -> None:
    """Each parameter wrong by itself, then all of them at once."""
    resource = RESOURCES[name]
    wrong = {
        "limit": [("0", "VALUE_LESS_THAN_MIN"), ("-1", "VALUE_LESS_THAN_MIN"), ("x", "INTEGER_EXPECTED"),
                  ("1.5", "INTEGER_EXPECTED"), ("", "INTEGER_EXPECTED"), ("9" * 30, "INTEGER_EXPECTED"),
                  (str(MAX_LIMITS[name] + 1), "VALUE_GREATER_THAN_MAX")],
        "sort": [("nothing", "UNKNOWN_ENUM_VALUE"), ("id,-nothing", "UNKNOWN_ENUM_VALUE")],
    }  # fmt: skip
    for field in resource.equal:
        if (name, field) not in _FREE and field not in fixed:
            wrong[field] = [WRONG[field]]
    for field in resource.ranges:
        if (name, field) not in _FREE:
            wrong |= {f"{field}{suffix}": [WRONG.get(field, _WRONG_DATE)] for suffix in ("_gt", "_gte", "_lt", "_lte")}
    if resource is ASSIGNMENTS:  # whose pool is not part of the list itself
        wrong.pop("pool_id")
    for field, values in wrong.items():
        for value, code in values:
            answer = await talka.requester.get(resource.path, params={**fixed, field: value})
            assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), (field, value)
            found = {path: error["code"] for path, error in answer.json()["payload"].items()}
            assert found == {field: code}, (field, value)
    everything = {field: values[0][0] for field, values in wrong.items()}
    answer = await talka.requester.get(resource.path, params={**fixed, **everything})
    assert answer.json()["payload"].keys() == everything.keys()


async def _by_owner(talka: Talka, resource: Resource, fixed: dict[str, str], items: list[Item]) -> None:
    """Lists hold what is the account's own, so the filter by owner gives all or nothing."""
    own = talka.account["requester_id"]
    queries = [({"owner_id": own}, items), ({"owner_id": NOBODY}, []), ({"owner_company_id": "1"}, [])]
    if resource in (PROJECTS, POOLS, TRAININGS):
        queries += [({"owner": own}, items), ({"owner": NOBODY}, []), ({"owner": own, "owner_id": NOBODY}, [])]
        wrong = {"owner": "me", "owner_id": own[:-1], "owner_company_id": "x"}
        refused = await talka.requester.get(resource.path, params=wrong)
        assert {name: error["code"] for name, error in refused.json()["payload"].items()} == dict.fromkeys(
            wrong, "INVALID_VALUE"
        )
    for query, expected in queries:
        found = await _given(talka, resource, {**fixed, **query, "limit": "300"})
        assert found == {"items": reference(expected, resource, {}), "has_more": False}, query


async def test_what_contains_a_task(seeded: Talka) -> None:
    pages = await _all(seeded, ASSIGNMENTS, {})
    for kind in ("mixed suites", "suites"):
        fixed = await _fixed(seeded, kind)
        suites = await _all(seeded, SUITES, fixed)
        tasks = await _all(seeded, TASKS, fixed)
        for task in tasks:
            for within in ({}, fixed):
                found = await _given(seeded, SUITES, {**within, "task_id": task["id"]})
                holding = [suite for suite in suites if task["id"] in [inner["id"] for inner in suite["tasks"]]]
                assert found == {"items": holding, "has_more": False}
            answered = await _given(seeded, ASSIGNMENTS, {"task_id": task["id"]})
            assert answered["items"] == [p for p in pages if task["id"] in [inner["id"] for inner in p["tasks"]]]
        for suite in suites:
            taken = await _given(seeded, ASSIGNMENTS, {"task_suite_id": suite["id"]})
            assert taken["items"] == [page for page in pages if page["task_suite_id"] == suite["id"]]
    for resource in (SUITES, ASSIGNMENTS):
        assert await _given(seeded, resource, {"task_id": ABSENT_ID}) == {"items": [], "has_more": False}


@pytest.mark.parametrize(("path", "field"), [(TASKS.path, "pool_id"), (SUITES.path, "pool_id")])
async def test_lists_within_a_pool_say_so(talka: Talka, path: str, field: str) -> None:
    answer = await talka.requester.get(path)
    assert (answer.status_code, answer.json()["payload"][field]["code"]) == (400, "VALUE_REQUIRED")
