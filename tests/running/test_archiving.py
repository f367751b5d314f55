"""Closed pools with which nothing happens are archived, and those from which too many pages were issued are closed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.api.full_bodies import full_training
from tests.support.app import Talka

from talka.infra.settings import Settings
from talka.running.jobs import archive_pools

DAYS = 86_400
KNOWN: dict[str, Any] = {
    "known_solutions": [{"output_values": {"label": "a"}}],
    "infinite_overlap": True,
    "overlap": None,
}


async def now(talka: Talka, pool: dict[str, Any]) -> Any:
    return (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()


async def move(talka: Talka, pool: dict[str, Any], name: str) -> Any:
    return await talka.requester.post(f"/api/v1/pools/{pool['id']}/{name}")


async def archived_after(talka: Talka, pool: dict[str, Any], days: int) -> None:
    """It is archived after so many days from now, not a minute earlier."""
    await talka.advance(days * DAYS - 60)
    assert (await now(talka, pool))["status"] == "CLOSED"
    await talka.advance(61)
    assert (await now(talka, pool))["status"] == "ARCHIVED"


async def test_a_pool_that_nobody_touches(talka: Talka) -> None:
    pool = await talka.pool()
    await talka.tasks(pool, 4, open_pool=False)
    await archived_after(talka, pool, 30)
    found = (await talka.requester.get("/api/v1/operations", params={"type": "POOL.ARCHIVE"})).json()["items"]
    assert [(one["status"], one["parameters"]) for one in found] == [("SUCCESS", {"pool_id": pool["id"]})]
    assert (await move(talka, pool, "open")).json()["code"] == "POOL_INAPPROPRIATE_STATUS"


@pytest.mark.parametrize("touch", ["edit", "priority", "upload", "overlap", "close", "submit"])
async def test_what_is_activity(talka: Talka, touch: str) -> None:
    pool = await talka.pool(assignment_max_duration_seconds=40 * DAYS)
    [task, *_] = await talka.tasks(pool, 4, open_pool=False)
    await move(talka, pool, "open")
    page = (await (worker := await talka.worker()).take(pool)).json()
    await move(talka, pool, "close")
    await talka.advance(20 * DAYS)
    path = f"/api/v1/pools/{pool['id']}"
    if touch == "edit":
        await talka.requester.put(path, json=pool)
    if touch == "priority":
        await talka.requester.patch(path, json={"priority": 3})
    if touch == "upload":
        await talka.tasks(pool, 1, open_pool=False)
    if touch == "overlap":
        await talka.requester.patch(f"/api/v1/tasks/{task['id']}", json={"overlap": 9})
    if touch == "close":
        await move(talka, pool, "open")
        await move(talka, pool, "close")
    assert (await worker.submit(page)).status_code == 200
    await archived_after(talka, pool, 30)


async def test_some_kinds_of_pools_wait_longer(talka: Talka) -> None:
    empty, control = await talka.pool(), await talka.pool(mixer_config={"golden_tasks_count": 1})
    await talka.tasks(control, 1, open_pool=False, **KNOWN)
    copy = {"id": (await move(talka, control, "clone")).json()["details"]["pool_id"]}
    await talka.tasks(copy, 1, open_pool=False)
    await talka.advance(31 * DAYS)
    for pool in (empty, control, copy):
        assert (await now(talka, pool))["status"] == "CLOSED"
    await talka.advance(60 * DAYS)
    for pool in (empty, control, copy):
        assert (await now(talka, pool))["status"] == "ARCHIVED"


async def test_a_training_goes_after_its_pools(talka: Talka) -> None:
    project = await talka.project()
    training = (await talka.requester.post("/api/v1/trainings", json=full_training(project["id"]))).json()
    requirement = {"training_pool_id": training["id"], "training_passing_skill_value": 80}
    pool = await talka.pool(project, quality_control={"training_requirement": requirement, "configs": []})
    await talka.tasks(pool, 4, open_pool=False)
    await talka.tasks(training, 1, open_pool=False, message_on_unknown_solution="Hm.", **KNOWN)
    await talka.advance(20 * DAYS)
    await talka.requester.patch(f"/api/v1/pools/{pool['id']}", json={"priority": 3})
    await talka.advance(11 * DAYS)
    assert (await now(talka, training))["status"] == "CLOSED"
    await talka.advance(20 * DAYS)
    assert (await now(talka, pool))["status"] == "ARCHIVED"
    assert (await now(talka, training))["status"] == "ARCHIVED"
    found = (await talka.requester.get("/api/v1/operations", params={"type": "TRAINING.ARCHIVE"})).json()["items"]
    assert [one["parameters"] for one in found] == [{"training_id": training["id"]}]


async def test_open_pools_and_unfinished_reviews_stay(talka: Talka) -> None:
    pool = await talka.pool(auto_accept_solutions=False)
    await talka.tasks(pool, 8)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    await worker.submit(page)
    await talka.advance(100 * DAYS)
    assert (await now(talka, pool))["status"] == "OPEN"
    late = (await worker.take(pool)).json()
    await worker.submit(late)
    await talka.advance(15 * DAYS)
    await talka.requester.patch(f"/api/v1/assignments/{late['id']}", json={"status": "REJECTED"})
    await move(talka, pool, "close")
    await talka.advance(29 * DAYS)
    assert (await now(talka, pool))["status"] == "CLOSED"
    await talka.advance(2 * DAYS)
    assert (await now(talka, pool))["status"] == "ARCHIVED"


async def test_touching_a_pool_while_it_is_archived(talka: Talka) -> None:
    pools = [await talka.pool() for _ in range(6)]
    for pool in pools:
        await talka.tasks(pool, 1, open_pool=False)
    async with talka.db.transaction() as tx:
        await tx.execute("update pool set touched = touched - interval '31 days', archive_at = touched")
    calls = [talka.requester.patch(f"/api/v1/pools/{pool['id']}", json={"priority": 7}) for pool in pools]
    answers, _ = await asyncio.gather(asyncio.gather(*calls), archive_pools(talka.db))
    for pool, answer in zip(pools, answers, strict=True):
        status = (await now(talka, pool))["status"]
        assert status == ("CLOSED" if answer.status_code == 200 and answer.json()["priority"] == 7 else "ARCHIVED")
        assert answer.status_code == (200 if status == "CLOSED" else 409)


async def test_an_operator_can_keep_pools(database_url: str, tmp_path: Path) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True, archive_idle_pools=False)) as talka:
        pool = await talka.pool()
        await talka.advance(400 * DAYS)
        assert (await now(talka, pool))["status"] == "CLOSED"


async def test_so_many_pages_and_no_more(database_url: str, tmp_path: Path) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True, max_pool_assignments=3)) as talka:
        pool = await talka.pool(await talka.project(max_active_assignments_count=9))
        await talka.tasks(pool, 40)
        worker, other = await talka.worker(), await talka.worker()
        pages = [(await worker.take(pool)).json() for _ in range(2)]
        await worker.submit(pages[0])
        await worker.post(f"/assignments/{pages[1]['id']}/skip")
        await talka.drain()
        assert (await now(talka, pool))["status"] == "OPEN"
        await worker.submit((await worker.take(pool)).json())
        await talka.drain()
        found = await now(talka, pool)
        assert (found["status"], found["last_close_reason"]) == ("CLOSED", "ASSIGNMENTS_LIMIT_EXCEEDED")
        assert (await other.take(pool)).json()["code"] == "POOL_INAPPROPRIATE_STATUS"
        refused = await move(talka, pool, "open")
        assert (refused.status_code, refused.json()["code"]) == (409, "POOL_ASSIGNMENTS_COUNT_EXCEEDED")
        copy = {"id": (await move(talka, pool, "clone")).json()["details"]["pool_id"]}
        await talka.tasks(copy, 4)
        assert (await now(talka, copy))["status"] == "OPEN"
