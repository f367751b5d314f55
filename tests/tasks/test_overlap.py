"""Overlap of tasks and suites: changing it while pages are out, and who may get what."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.app import Talka, Worker

EXHAUSTED = "POOL_ASSIGNMENTS_EXHAUSTED"


async def task_of(talka: Talka, task_id: str) -> Any:
    """A task as it is."""
    return (await talka.requester.get(f"/api/v1/tasks/{task_id}")).json()


async def patch(talka: Talka, task_id: str, body: dict[str, Any], path: str = "") -> Any:
    """PATCH of a task."""
    return await talka.requester.patch(f"/api/v1/tasks/{task_id}{path}", json=body)


async def overlap(talka: Talka, task_id: str) -> tuple[Any, Any, Any]:
    """Overlap, whether unlimited, and what remains."""
    task = await task_of(talka, task_id)
    return task["overlap"], task["infinite_overlap"], task["remaining_overlap"]


async def one(talka: Talka, **changes: Any) -> tuple[dict[str, Any], str]:
    """A pool of one task a page with one task in it."""
    pool = await talka.pool(mixer_config={"real_tasks_count": 1}, defaults={"default_overlap_for_new_tasks": 4})
    return pool, (await talka.tasks(pool, 1, **changes))[0]["id"]


async def take(worker: Worker, pool: dict[str, Any]) -> Any:
    """A page, or the code of the refusal."""
    answer = await worker.take(pool)
    return answer.json() if answer.status_code == 201 else answer.json()["code"]


async def test_slots_are_taken_at_issue_and_freed_by_skip_exit_and_expiry(talka: Talka) -> None:
    pool, task = await one(talka, overlap=3)
    a, b, c = [await talka.worker() for _ in range(3)]
    pages = [await take(worker, pool) for worker in (a, b, c)]
    assert await overlap(talka, task) == (3, False, 0)
    await a.submit(pages[0])
    assert await overlap(talka, task) == (3, False, 0)
    await b.post(f"/assignments/{pages[1]['id']}/skip")
    assert await overlap(talka, task) == (3, False, 1)
    await c.post(f"/assignments/{pages[2]['id']}/exit")
    assert await overlap(talka, task) == (3, False, 2)
    assert await take(a, pool) == EXHAUSTED, "answered before"
    assert await take(b, pool) == EXHAUSTED, "skipped before"
    again = await take(c, pool)
    assert again["tasks"][0]["id"] == task, "left before: may come back"
    await talka.advance(601)
    assert await overlap(talka, task) == (3, False, 2)
    assert (await take(c, pool))["tasks"][0]["id"] == task, "expired before: may come back"


async def test_a_rejection_keeps_its_slot(talka: Talka) -> None:
    pool = await talka.pool(auto_accept_solutions=False)
    task = (await talka.tasks(pool, 4, overlap=1))[0]["id"]
    worker = await talka.worker()
    page = await take(worker, pool)
    await worker.submit(page)
    await talka.requester.patch(f"/api/v1/assignments/{page['id']}", json={"status": "REJECTED"})
    assert await overlap(talka, task) == (1, False, 0)
    assert await take(await talka.worker(), pool) == EXHAUSTED


@pytest.mark.parametrize(
    ("body", "status", "after"),
    [
        ({"overlap": 2}, 200, (2, False, 0)),
        ({"overlap": 30000}, 200, (30000, False, 29998)),
        ({"overlap": 1}, 409, (3, False, 1)),
        ({"infinite_overlap": True}, 200, (None, True, None)),
        ({"overlap": None, "infinite_overlap": True}, 200, (None, True, None)),
        ({"infinite_overlap": False}, 200, (4, False, 2)),
        ({"overlap": 5, "infinite_overlap": False}, 200, (5, False, 3)),
        ({"overlap": 5, "infinite_overlap": True}, 400, (3, False, 1)),
        ({"overlap": 0}, 400, (3, False, 1)),
        ({}, 200, (3, False, 1)),
    ],
)
async def test_changing_a_finite_overlap_with_two_pages_out(
    talka: Talka, body: dict[str, Any], status: int, after: Any
) -> None:
    pool, task = await one(talka, overlap=3)
    for _ in range(2):
        await take(await talka.worker(), pool)
    answer = await patch(talka, task, body)
    assert answer.status_code == status, answer.text
    if status == 409:
        assert answer.json()["code"] == "ASSIGNMENTS_COUNT_CONFLICT"
    if status == 200:
        assert answer.json() == await task_of(talka, task)
    assert await overlap(talka, task) == after


@pytest.mark.parametrize(("asked", "after"), [(0, (2, False, 0)), (2, (2, False, 0)), (9, (9, False, 7))])
async def test_overlap_or_min_never_goes_below_what_is_out(talka: Talka, asked: int, after: Any) -> None:
    for endless in (False, True):
        start = {"overlap": None, "infinite_overlap": True} if endless else {"overlap": 5}
        pool, task = await one(talka, **start)
        for _ in range(2):
            await take(await talka.worker(), pool)
        answer = await patch(talka, task, {"overlap": asked, "infinite_overlap": False}, "/set-overlap-or-min")
        assert answer.status_code == 200
        assert await overlap(talka, task) == after


async def test_unlimited_and_back_while_pages_are_out(talka: Talka) -> None:
    pool, task = await one(talka, overlap=1)
    a, b, c, d = [await talka.worker() for _ in range(4)]
    first = await take(a, pool)
    assert await take(b, pool) == EXHAUSTED
    await patch(talka, task, {"infinite_overlap": True})
    second, third = await take(b, pool), await take(c, pool)
    await a.post(f"/assignments/{first['id']}/skip")
    refused = await patch(talka, task, {"overlap": 1})
    assert refused.json()["code"] == "ASSIGNMENTS_COUNT_CONFLICT"
    assert (await patch(talka, task, {"overlap": 3})).json()["remaining_overlap"] == 1
    await b.post(f"/assignments/{second['id']}/exit")
    assert await overlap(talka, task) == (3, False, 2)
    assert await take(a, pool) == EXHAUSTED, "skipped while it was unlimited"
    await c.submit(third)
    assert isinstance(await take(d, pool), dict)
    assert isinstance(await take(b, pool), dict)
    assert await overlap(talka, task) == (3, False, 0)
    assert await take(await talka.worker(), pool) == EXHAUSTED


async def test_a_task_never_issued_can_be_put_away(talka: Talka) -> None:
    pool, task = await one(talka, overlap=2)
    answer = await patch(talka, task, {"overlap": 0}, "/set-overlap-or-min")
    assert (answer.json()["overlap"], answer.json()["remaining_overlap"]) == (0, 0)
    worker = await talka.worker()
    refused = await worker.take(pool)
    assert (refused.json()["code"], refused.json()["payload"]) == (EXHAUSTED, {"final": True})
    assert (await worker.get("/task-list")).json() == {"items": []}
    await patch(talka, task, {"overlap": 1})
    assert isinstance(await take(worker, pool), dict)


async def test_a_finished_task_of_a_closed_pool_is_worked_on_again(talka: Talka) -> None:
    pool, task = await one(talka, overlap=1)
    worker = await talka.worker()
    await worker.submit(await take(worker, pool))
    await talka.drain()
    path = f"/api/v1/pools/{pool['id']}"
    assert (await talka.requester.get(path)).json()["status"] == "CLOSED"
    await patch(talka, task, {"overlap": 2})
    assert (await talka.requester.get(path)).json()["status"] == "CLOSED"
    await patch(talka, task, {"overlap": 3}, "?open_pool=true")
    assert (await talka.requester.get(path)).json()["status"] == "OPEN"
    assert await take(worker, pool) == EXHAUSTED
    assert isinstance(await take(await talka.worker(), pool), dict)


async def test_archived_pools_keep_their_tasks_as_they_are(talka: Talka) -> None:
    pool, task = await one(talka, overlap=1)
    for name in ("close", "archive"):
        await talka.requester.post(f"/api/v1/pools/{pool['id']}/{name}")
    for body, path in (({"overlap": 2}, ""), ({"overlap": 2}, "/set-overlap-or-min")):
        answer = await patch(talka, task, body, path)
        assert (answer.status_code, answer.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
    assert await overlap(talka, task) == (1, False, 1)


async def test_reserved_and_unavailable(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"real_tasks_count": 1})
    a, b, c = [await talka.worker() for _ in range(3)]
    reserved = (await talka.tasks(pool, 1, overlap=2, reserved_for=[a.user_id, b.user_id, a.user_id]))[0]
    barred = (await talka.tasks(pool, 1, overlap=3, unavailable_for=[a.user_id, "f" * 32]))[0]
    assert (reserved["reserved_for"], reserved["unavailable_for"]) == ([a.user_id, b.user_id], [])
    assert barred["unavailable_for"] == [a.user_id, "f" * 32]
    got: dict[str, set[str]] = {}
    for name, worker in (("a", a), ("b", b), ("c", c)):
        got[name] = set()
        while isinstance(page := await take(worker, pool), dict):
            got[name].add(page["tasks"][0]["id"])
            await worker.submit(page)
    assert got == {"a": {reserved["id"]}, "b": {reserved["id"], barred["id"]}, "c": {barred["id"]}}


async def test_known_solutions_turn_a_task_into_another_kind(talka: Talka) -> None:
    mixer = {"real_tasks_count": 1, "golden_tasks_count": 1}
    pool = await talka.pool(mixer_config=mixer)
    first, second = await talka.tasks(pool, 2, overlap=2)
    a, b = await talka.worker(), await talka.worker()
    assert await take(a, pool) == EXHAUSTED, "there is no control task yet"
    known = [{"output_values": {"label": "a"}}]
    answer = (await patch(talka, second["id"], {"known_solutions": known, "infinite_overlap": True})).json()
    assert answer == {
        **second, "known_solutions": [{"output_values": {"label": "a"}, "correctness_weight": 1}],
        "overlap": None, "infinite_overlap": True, "remaining_overlap": None,
    }  # fmt: skip
    page = await take(a, pool)
    assert {task["id"] for task in page["tasks"]} == {first["id"], second["id"]}
    assert all(task.keys() == {"id", "input_values"} for task in page["tasks"])
    await a.submit(page)
    hinted = (await patch(talka, second["id"], {"message_on_unknown_solution": "Look."})).json()
    assert hinted["message_on_unknown_solution"] == "Look."
    assert await take(b, pool) == EXHAUSTED, "now it is a training task"
    plain = await patch(talka, second["id"], {"known_solutions": [], "message_on_unknown_solution": None, "overlap": 2})
    assert plain.json() == {**second, "remaining_overlap": 1}
    bad = await patch(talka, second["id"], {"known_solutions": [{"output_values": {"label": "z"}}]})
    assert bad.json()["payload"].keys() == {"known_solutions.0.output_values.label"}


@pytest.mark.parametrize("ready", [False, True])
async def test_unlimited_units_reserved_for_some(talka: Talka, ready: bool) -> None:
    a, b, c = [await talka.worker() for _ in range(3)]
    audience = {"infinite_overlap": True, "reserved_for": [a.user_id, b.user_id], "unavailable_for": [b.user_id]}
    pool = await talka.pool(mixer_config=None if ready else {"real_tasks_count": 1})
    unit = {"tasks": [{"input_values": {"item": "x"}}]} if ready else {"input_values": {"item": "x"}}
    body = {"pool_id": pool["id"], **unit, **audience}
    path = f"/api/v1/{'task-suites' if ready else 'tasks'}?open_pool=true"
    assert (await talka.requester.post(path, json=body)).status_code == 201
    for worker in (b, c):
        assert await take(worker, pool) == EXHAUSTED
        assert (await worker.get("/task-list")).json() == {"items": []}
    assert len((await a.get("/task-list")).json()["items"]) == 1
    for end in ("exit", "exit", "skip"):
        page = await take(a, pool)
        assert isinstance(page, dict)
        await a.post(f"/assignments/{page['id']}/{end}")
    assert await take(a, pool) == EXHAUSTED


async def test_a_task_that_becomes_a_control_task_while_its_page_is_out(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"real_tasks_count": 1}, auto_close_after_complete_delay_seconds=5)
    first, second = await talka.tasks(pool, 2, overlap=1)
    a, b = await talka.worker(), await talka.worker()
    pages = {page["tasks"][0]["id"]: (worker, page) for worker in (a, b) if (page := await take(worker, pool))}
    turned = await patch(talka, first["id"], {"known_solutions": [{"output_values": {"label": "a"}}]})
    assert (turned.json()["overlap"], turned.json()["remaining_overlap"]) == (1, 0)
    worker, page = pages[first["id"]]
    await worker.post(f"/assignments/{page['id']}/exit")
    assert await overlap(talka, first["id"]) == (1, False, 1)
    assert await take(worker, pool) == EXHAUSTED, "pages of this pool have no control tasks"
    other, rest = pages[second["id"]]
    await other.submit(rest)
    await talka.advance(6)
    closed = (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()
    assert (closed["status"], closed["last_close_reason"]) == ("CLOSED", "COMPLETED")
