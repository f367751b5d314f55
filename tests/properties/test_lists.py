"""Filter, sort and paging of every list against a brute-force reference over seeded rows."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.support.app import Talka
from tests.support.postgres import fresh_database

from talka.infra.settings import Settings

Item = dict[str, Any]
_BELOW: dict[str, Callable[[Any, Any], bool]] = {
    "_gt": lambda a, b: a > b,
    "_gte": lambda a, b: a >= b,
    "_lt": lambda a, b: a < b,
    "_lte": lambda a, b: a <= b,
}


@dataclass(frozen=True)
class Resource:
    """A list: its path with what it needs, equality filters, range fields and sort fields."""

    path: str
    equal: tuple[str, ...]
    ranges: tuple[str, ...]
    sorts: tuple[str, ...]


PROJECTS = Resource(
    "/api/v1/projects", ("status",), ("id", "created"), ("id", "created", "public_name", "private_comment")
)
POOLS = Resource(
    "/api/v1/pools",
    ("status", "project_id"),
    ("id", "created", "last_started"),
    ("id", "created", "last_started"),
)
TRAININGS = Resource("/api/v1/trainings", POOLS.equal, POOLS.ranges, POOLS.sorts)
TASKS = Resource("/api/v1/tasks", ("overlap",), ("id", "created", "overlap"), ("id", "created"))
SUITES = Resource("/api/v1/task-suites", ("overlap",), ("id", "created", "overlap"), ("id", "created"))
_DATES = ("created", "submitted", "accepted", "rejected", "skipped", "expired")
ASSIGNMENTS = Resource("/api/v1/assignments", ("status", "user_id", "pool_id"), ("id", *_DATES), ("id", *_DATES))
OPERATIONS = Resource(
    "/api/v1/operations", ("status", "type"), ("id", "submitted", "finished"), ("id", "submitted", "finished")
)
RESOURCES = {
    "projects": PROJECTS,
    "pools": POOLS,
    "trainings": TRAININGS,
    "tasks": TASKS,
    "suites": SUITES,
    "mixed suites": SUITES,
    "assignments": ASSIGNMENTS,
    "operations": OPERATIONS,
}
# What a list needs besides.
_FIXED = {"tasks": "mixed", "suites": "ready", "mixed suites": "mixed"}


def reference(items: list[Item], resource: Resource, query: dict[str, str]) -> list[Item]:
    """What the list should give without a limit."""
    found = items
    for name, text in query.items():
        base, _, suffix = name.rpartition("_")
        if name in resource.equal:
            wanted = text.split(",") if name == "status" and resource is ASSIGNMENTS else [text]
            found = [item for item in found if str(item.get(name)) in wanted]
        elif base in resource.ranges and f"_{suffix}" in _BELOW:
            compare = _BELOW[f"_{suffix}"]
            found = [item for item in found if item.get(base) is not None and compare(_key(item[base]), _key(text))]
    ordered = sorted(found, key=lambda item: str(item["id"]))
    for name in reversed(query.get("sort", "id").split(",")):
        field, descending = name.removeprefix("-"), name.startswith("-")
        known = [item for item in ordered if item.get(field) is not None]
        known.sort(key=lambda item, field=field: _key(item[field]), reverse=descending)  # type: ignore[misc]
        ordered = known + [item for item in ordered if item.get(field) is None]
    return ordered


def _key(value: Any) -> Any:
    """Numbers by value; dates with their fraction spelt out; everything else as text."""
    if isinstance(value, str) and len(value) == 19 and value[10:11] == "T":
        return value + ".000"
    if isinstance(value, str) and value.isdigit() and len(value) < 6:
        return int(value)
    return value


@pytest.fixture
async def seeded(postgres_url: str, tmp_path: Path) -> AsyncIterator[Talka]:
    """An application with rows that share dates and lack some."""
    with fresh_database(postgres_url) as url:
        async with Talka.start(url, Settings(data=tmp_path, sandbox=True)) as talka:
            await _seed(talka)
            yield talka


async def _seed(talka: Talka) -> None:
    names, comments = ["b", "a", "b", "\u00e4", "B", "a"], ["x", None, "y", None, "x", None]
    projects = [
        await talka.project(public_name=name, private_comment=comment, max_active_assignments_count=9)
        for name, comment in zip(names, comments, strict=True)
    ]
    pools = [await talka.pool(projects[index % 2], auto_accept_solutions=bool(index % 2)) for index in range(6)]
    ready = await talka.pool(projects[0], mixer_config=None)
    for pool in pools[:4]:
        for overlap in (1, 3, None):
            more = {"overlap": overlap} if overlap else {"overlap": None, "infinite_overlap": True}
            await talka.tasks(pool, 7, **more)
    suites = [
        {"pool_id": ready["id"], "tasks": [{"input_values": {"item": "x"}}], "overlap": 1 + number % 3}
        for number in range(9)
    ]
    await talka.requester.post("/api/v1/task-suites", json=suites)
    await _seed_trainings(talka, projects)
    people = [await talka.worker() for _ in range(3)]
    for worker, pool in itertools.product(people, pools[:4]):
        pages = [(await worker.take(pool)).json() for _ in range(2)]
        await worker.submit(pages[0])
        ends = ("skip", "exit", None)
        end = ends[(pools.index(pool) + people.index(worker)) % 3]
        if end is not None:
            await worker.post(f"/assignments/{pages[1]['id']}/{end}")
        if pools.index(pool) == 0:
            await talka.requester.patch(f"/api/v1/assignments/{pages[0]['id']}", json={"status": "REJECTED"})
    for name in ("close", "open"):
        await talka.requester.post(f"/api/v1/pools/{pools[1]['id']}/{name}")
    await talka.requester.post(f"/api/v1/pools/{pools[5]['id']}/archive")
    await talka.requester.post(f"/api/v1/projects/{projects[5]['id']}/archive")
    await _share_dates(talka)


async def _seed_trainings(talka: Talka, projects: list[Item]) -> None:
    for index in range(6):
        body = {"private_name": "t", "training_tasks_in_task_suite_count": 1, "project_id": projects[index % 2]["id"]}
        training = (await talka.requester.post("/api/v1/trainings", json=body)).json()
        if index < 4:
            task: dict[str, Any] = {"message_on_unknown_solution": "Hm.", "infinite_overlap": True, "overlap": None}
            await talka.tasks(training, 1, **task)
        if index == 1:
            await talka.requester.post(f"/api/v1/trainings/{training['id']}/close")
        if index > 4:
            await talka.requester.post(f"/api/v1/trainings/{training['id']}/archive")


async def _share_dates(talka: Talka) -> None:
    """Round creation times, so that many rows have equal ones, some with and some without a fraction."""
    async with talka.db.transaction() as tx:
        for table in ("project", "pool", "task", "suite", "assignment"):
            await tx.execute(
                f"update {table} set created = date_trunc('second', created) + mod(id, 3) * interval '500 milliseconds'"
            )
        await tx.execute("update operation set submitted = date_trunc('second', submitted)")


async def _all(talka: Talka, resource: Resource, fixed: dict[str, str]) -> list[Item]:
    answer = await talka.requester.get(resource.path, params={**fixed, "limit": "300"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["has_more"] is False
    items: list[Item] = answer.json()["items"]
    assert len(items) > 4
    return items


async def _fixed(talka: Talka, name: str) -> dict[str, str]:
    kind = _FIXED.get(name)
    if kind is None:
        return {}
    pools = (await talka.requester.get("/api/v1/pools?limit=300")).json()["items"]
    chosen = [pool for pool in pools if ("mixer_config" in pool) is (kind == "mixed")]
    return {"pool_id": chosen[0]["id"]}


@st.composite
def queries(draw: st.DrawFn, resource: Resource, items: list[Item]) -> dict[str, str]:
    """Filters, ranges and an order made of values that occur."""
    query: dict[str, str] = {}
    for name in draw(st.lists(st.sampled_from(resource.equal), max_size=2, unique=True)):
        values = sorted({str(item[name]) for item in items if item.get(name) is not None})
        if values:
            chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
            query[name] = ",".join(chosen) if name == "status" and resource is ASSIGNMENTS else chosen[0]
    bounds = [f"{field}{suffix}" for field in resource.ranges for suffix in _BELOW]
    for name in draw(st.lists(st.sampled_from(bounds), max_size=3, unique=True)):
        values = sorted({str(item[name.rpartition("_")[0]]) for item in items if item.get(name.rpartition("_")[0])})
        if values:
            query[name] = draw(st.sampled_from(values))
    orders = [sign + field for field in resource.sorts for sign in ("", "-")]
    order = draw(st.lists(st.sampled_from(orders), max_size=3, unique_by=lambda name: name.removeprefix("-")))
    if order:
        query["sort"] = ",".join(order)
    return query


_SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    database=None,
    derandomize=True,
)


def _examples(resource: Resource, items: list[Item]) -> list[tuple[dict[str, str], int]]:
    """Queries with a limit, drawn by hypothesis; they are run in the loop of the test."""
    drawn: list[tuple[dict[str, str], int]] = []

    @_SETTINGS
    @given(queries(resource, items), st.integers(1, 7))
    def collect(query: dict[str, str], limit: int) -> None:
        drawn.append((query, limit))

    collect()
    return drawn


@pytest.mark.parametrize("name", RESOURCES)
async def test_a_list_gives_what_was_asked_for_in_order(seeded: Talka, name: str) -> None:
    resource, fixed = RESOURCES[name], await _fixed(seeded, name)
    items = await _all(seeded, resource, fixed)
    for query, limit in _examples(resource, items):
        expected = reference(items, resource, query)
        answer = await seeded.requester.get(resource.path, params={**fixed, **query, "limit": str(limit)})
        assert answer.status_code == 200, f"{query}: {answer.text}"
        body = answer.json()
        shown = [item["id"] for item in body["items"]]
        assert shown == [item["id"] for item in expected[:limit]], query
        assert body == {"items": expected[:limit], "has_more": len(expected) > limit}, query


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize("limit", [1, 3])
async def test_paging_by_id_loses_and_repeats_nothing(seeded: Talka, name: str, limit: int) -> None:
    resource, fixed = RESOURCES[name], await _fixed(seeded, name)
    items = await _all(seeded, resource, fixed)
    found: list[Item] = []
    more = True
    while more:
        params = {**fixed, "sort": "id", "limit": str(limit)}
        if found:
            params["id_gt"] = found[-1]["id"]
        body = (await seeded.requester.get(resource.path, params=params)).json()
        assert 0 < len(body["items"]) <= limit
        found += body["items"]
        more = body["has_more"]
    assert found == sorted(items, key=lambda item: str(item["id"]))
    ids = [item["id"] for item in items]
    window = {**fixed, "id_gte": min(ids), "id_lte": max(ids), "limit": "300"}
    assert len((await seeded.requester.get(resource.path, params=window)).json()["items"]) == len(items)
