"""64 workers on one pool until it is exhausted, over real connections, in every way in which a pool gives out pages."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.races.people import Habits, World
from tests.races.run import PEOPLE, Run, control, general, time_flies
from tests.support.server import RunningServer

SEED = int(os.environ.get("TALKA_SOAK", "1"))


@pytest.fixture
async def run(server: RunningServer, database_url: str) -> AsyncIterator[Run]:
    async with Run.start(World(server.url, SEED), server.api_key, database_url) as started:
        yield started


def mixing(real: int = 4, golden: int = 0, **more: Any) -> dict[str, Any]:
    counts = {"real_tasks_count": real, "golden_tasks_count": golden, "training_tasks_count": 0}
    return {"mixer_config": {**counts, **more}}


@pytest.mark.parametrize("order", [{"mix_tasks_in_creation_order": True}, {}], ids=["in order", "shuffled"])
async def test_every_task_gets_its_three_answers(run: Run, order: dict[str, Any]) -> None:
    pool = await run.pool(await run.project(), **mixing(**order))
    await run.upload(general(pool, 300))
    if order:
        run.world.habits = Habits(forget=0)
        await run.until_done()
    else:
        await run.until_done(time_flies)
    await run.settle()
    found = (await run.requester.get(f"/api/v1/pools/{pool}")).json()
    assert (found["status"], found["last_close_reason"]) == ("CLOSED", "COMPLETED")


async def test_several_processes(database_url: str, tmp_path: Path) -> None:
    with RunningServer.start(tmp_path, database_url, "--workers", "2") as server:
        world = World(server.url, SEED + 1, at_once=3)
        async with Run.start(world, server.api_key, database_url) as run:
            pool = await run.pool(await run.project(), **mixing())
            await run.upload(general(pool, 300))
            await run.until_done(time_flies)
            await run.settle()


@pytest.mark.parametrize(("count", "overlap"), [(60, None), (10, 64)], ids=["unlimited", "few and finite"])
async def test_control_tasks(run: Run, count: int, overlap: int | None) -> None:
    pool = await run.pool(await run.project(), **mixing(4, 1))
    await run.upload(control(pool, count, overlap), open_pool=False)
    await run.upload(general(pool, 250))
    await run.until_done(time_flies)
    await run.settle()


async def test_ready_made_pages(run: Run) -> None:
    pool = await run.pool(await run.project(), mixer_config=None)
    await run.upload(
        [
            {"pool_id": pool, "overlap": 3, "tasks": [{"input_values": {"item": f"{n} {m}"}} for m in range(3)]}
            for n in range(120)
        ],
        "task-suites",
    )
    await run.until_done(time_flies)
    await run.settle()


async def test_reserved_and_unavailable_tasks(run: Run) -> None:
    pool = await run.pool(await run.project(), **mixing(3))
    ids = [person.user_id for person in run.people]
    items = general(pool, 240)
    for number, item in enumerate(items):
        if number % 3 == 0:
            item["reserved_for"] = [ids[(number + step * 5) % 64] for step in range(12)]
        if number % 4 == 0:
            item["unavailable_for"] = [ids[(number + step * 3) % 64] for step in range(20)]
    made = await run.upload(items)
    await run.until_done(time_flies)
    await run.settle(complete=False)
    allowed = {
        task: set(item.get("reserved_for", ids)) - set(item.get("unavailable_for", ()))
        for task, item in zip(made, items, strict=True)
    }
    for person in run.people:
        assert all(person.user_id in allowed[task] for task in person.done | person.skipped)


@pytest.mark.parametrize("in_order", [True, False], ids=["in order", "shuffled"])
async def test_everybody_on_every_task(run: Run, in_order: bool) -> None:
    """Whoever passes over a task that somebody else holds at that moment must come back to it: all are needed."""
    run.world.habits = Habits(skip=0, clash=0)
    pool = await run.pool(await run.project(), **mixing(3, mix_tasks_in_creation_order=in_order))
    await run.upload(general(pool, 24, overlap=PEOPLE))
    await run.until_done(time_flies)
    await run.settle()
