"""Server and database are killed half-way, with people at work and batches under way, and started again."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.races import checks
from tests.races.crash import data_folder, database_url, kill
from tests.races.people import World
from tests.races.run import Run, general, time_flies
from tests.support.server import RunningServer, launch

SEED = int(os.environ.get("TALKA_SOAK", "1"))
TASKS, BATCHES, BATCH = 240, 4, 25
_PATIENCE = 30.0


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder of the test's own."""
    with data_folder() as folder:
        yield folder


async def test_nothing_acknowledged_is_lost(data: Path) -> None:
    server = await asyncio.to_thread(launch, data, None)
    try:
        world = World(server.url, SEED + 300, fragile=True)
        print(f"seed {world.seed}")
        async with Run.start(world, server.api_key, database_url(data)) as run:
            pool = await run.pool(await run.project())
            await run.upload(general(pool, TASKS))
            async with asyncio.TaskGroup() as group:
                for person in run.people:
                    group.create_task(person.live(run.pools))
                for part in (4, 2):
                    await _until_submitted(run, TASKS * 3 // 4 // part)
                    operations = await _send_batches(run, pool)
                    await asyncio.to_thread(kill, server)
                    world.up.clear()
                    server = await asyncio.to_thread(launch, data, None)
                    await _find_again(run, server, database_url(data))
                    await asyncio.gather(*(_succeeded(run, operation) for operation in operations))
                world.stop.set()
            world.stop.clear()
            await run.until_done(time_flies)
            assert world.counts["lost"] > len(run.people) // 2, "hardly anybody noticed"
            await run.settle()
            await _uploaded_once(run)
    finally:
        await asyncio.to_thread(server.stop)


async def _find_again(run: Run, server: RunningServer, url: str) -> None:
    """Everybody goes on at the server's new address."""
    await run.connection.close()
    run.connection = await checks.connect(url)
    run.world.url = server.url
    for client in (run.requester, *(person.client for person in run.people)):
        client.base_url = httpx.URL(server.url)
    await checks.always(run.connection)
    run.world.up.set()


async def _until_submitted(run: Run, pages: int) -> None:
    """Wait until so many pages were acknowledged; invariants are looked at all the while."""
    until = time.monotonic() + _PATIENCE
    while run.world.counts["submitted"] < pages:
        assert time.monotonic() < until, f"too few answers: {dict(run.world.counts)}"
        await checks.always(run.connection)
        await asyncio.sleep(0.02)


async def _send_batches(run: Run, pool: str) -> list[str]:
    """Promised uploads, sent together so that the end comes in the midst of one; their operations."""
    ids = [str(uuid.UUID(int=run.people[0].dice.getrandbits(128), version=4)) for _ in range(BATCHES)]
    answers = await asyncio.gather(
        *(
            run.requester.post(
                "/api/v1/tasks",
                params={"async_mode": "true", "operation_id": operation},
                json=[
                    {"pool_id": pool, "input_values": {"item": f"{operation} {number}"}, "overlap": 3}
                    for number in range(BATCH)
                ],
            )
            for operation in ids
        )
    )
    assert [answer.status_code for answer in answers] == [202] * BATCHES
    return ids


async def _succeeded(run: Run, operation: str) -> None:
    """What was promised is carried out after the restart."""
    until = time.monotonic() + _PATIENCE
    while True:
        answer = await run.requester.get(f"/api/v1/operations/{operation}")
        assert answer.status_code == 200, answer.text
        if (status := answer.json()["status"]) not in {"PENDING", "RUNNING"}:
            break
        assert time.monotonic() < until, answer.text
        await asyncio.sleep(0.1)
    assert status == "SUCCESS", answer.text


async def _uploaded_once(run: Run) -> None:
    """Every task of every batch is there, and none of them twice."""
    query = "select count(*) as tasks, count(distinct input_values::text) as items from task"
    async with run.connection.transaction():
        row = await (await run.connection.execute(query)).fetchone()
    expected = TASKS + 2 * BATCHES * BATCH
    assert row == {"tasks": expected, "items": expected}
