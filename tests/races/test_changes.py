"""The requester changes overlap, closes and opens the pool and uploads more while 64 workers are at it."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.races.people import World
from tests.races.run import Run, control, general, time_flies
from tests.support.server import RunningServer

SEED = int(os.environ.get("TALKA_SOAK", "1"))


@pytest.fixture
async def run(server: RunningServer, database_url: str) -> AsyncIterator[Run]:
    async with Run.start(World(server.url, SEED + 100), server.api_key, database_url) as started:
        yield started


async def patch(run: Run, task: str, body: dict[str, Any], path: str = "", *, opening: bool = False) -> int:
    """A change of a task; the status of its answer."""
    params = {"open_pool": "true"} if opening else {}
    answer = await run.requester.patch(f"/api/v1/tasks/{task}{path}", params=params, json=body)
    assert answer.status_code in {200, 409}, answer.text
    return answer.status_code


async def change_overlap(run: Run, rounds: int, *, unlimited: bool) -> None:
    """Raise and lower the overlap of random tasks; in the end of all that are below three, to three."""
    dice = random.Random(f"{run.world.seed} overlap")
    for _ in range(rounds):
        task = dice.choice(run.tasks)
        kind = dice.randrange(4 if unlimited else 3)
        if kind == 0:
            await patch(run, task, {"overlap": dice.randint(1, 5)})
        elif kind == 1:
            await patch(run, task, {"overlap": dice.randint(0, 3)}, "/set-overlap-or-min")
        elif kind == 2:
            changed = dice.sample(run.tasks, 3)
            await asyncio.gather(
                *(patch(run, other, {"overlap": dice.randint(2, 6)}, opening=True) for other in changed)
            )
        else:
            await asyncio.gather(
                patch(run, task, {"infinite_overlap": True}), patch(run, task, {"overlap": dice.randint(2, 6)})
            )
            await patch(run, task, {"overlap": 3}, "/set-overlap-or-min")
    await asyncio.gather(*(patch(run, task, {"overlap": 3}, "/set-overlap-or-min") for task in run.tasks))


@pytest.mark.parametrize("unlimited", [False, True], ids=["finite", "also unlimited"])
async def test_overlap_changes_while_people_work(run: Run, unlimited: bool) -> None:
    pool = await run.pool(await run.project())
    await run.upload(general(pool, 120))
    changed = asyncio.Event()

    async def change(run: Run) -> None:
        await change_overlap(run, 60, unlimited=unlimited)
        await run.requester.post(f"/api/v1/pools/{pool}/open")
        changed.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(change(run))
        group.create_task(run.until_done(time_flies, meanwhile=changed))
    await run.settle()


async def test_the_pool_closes_and_opens_and_grows(run: Run) -> None:
    pool = await run.pool(await run.project(), mixer_config={"real_tasks_count": 4, "golden_tasks_count": 1})
    await run.upload(control(pool, 40, None), open_pool=False)
    await run.upload(general(pool, 60))
    changed = asyncio.Event()

    async def change(run: Run) -> None:
        dice = random.Random(f"{run.world.seed} pool")
        for number in range(12):
            how = dice.choice(("close", "close-for-update"))
            await run.requester.post(f"/api/v1/pools/{pool}/{how}")
            await asyncio.sleep(dice.uniform(0, 0.1))
            async with asyncio.TaskGroup() as group:
                for _ in range(3):
                    group.create_task(run.upload(general(pool, 10), open_pool=bool(number % 2)))
                opened = group.create_task(run.requester.post(f"/api/v1/pools/{pool}/open"))
            assert opened.result().status_code in {202, 204}, opened.result().text
            await asyncio.sleep(dice.uniform(0, 0.2))
        changed.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(change(run))
        group.create_task(run.until_done(time_flies, meanwhile=changed))
    await run.settle()
