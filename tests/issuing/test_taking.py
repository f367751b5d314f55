"""Taking pages: what must never keep a page from a worker who may have it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from tests.support.app import Talka
from tests.support.bodies import pool_body, project_body

from talka.issuing.model import PoolOutOfMoney


async def test_tasks_and_ready_made_pages_never_share_a_number(talka: Talka) -> None:
    project = await talka.project()
    mixed = await talka.pool(project, mixer_config={"real_tasks_count": 10})
    manual = await talka.pool(project, mixer_config=None)
    await talka.tasks(mixed, 10)
    suites = [
        {"pool_id": manual["id"], "overlap": 1, "tasks": [{"input_values": {"item": f"suite {n}"}}]} for n in range(10)
    ]
    answer = await talka.requester.post("/api/v1/task-suites", params={"open_pool": "true"}, json=suites)
    assert answer.status_code == 201, answer.text
    worker = await talka.worker()
    assert (await worker.submit((await worker.take(mixed)).json())).status_code == 200
    seen = set()
    for _ in suites:
        page = await worker.take(manual)
        assert page.status_code == 201, page.text
        seen.add(page.json()["tasks"][0]["input_values"]["item"])
        assert (await worker.submit(page.json())).status_code == 200
    assert seen == {f"suite {n}" for n in range(10)}


async def test_a_short_page_waits_only_while_the_pool_has_too_few_tasks(talka: Talka) -> None:
    mixer = {
        "real_tasks_count": 4,
        "min_real_tasks_count": 4,
        "golden_tasks_count": 0,
        "training_tasks_count": 0,
        "force_last_assignment": True,
        "force_last_assignment_delay_seconds": 3600,
    }
    pool = await talka.pool(mixer_config=mixer)
    await talka.tasks(pool, 6, overlap=None, infinite_overlap=True)
    worker = await talka.worker()
    assert (await worker.submit((await worker.take(pool)).json())).status_code == 200
    page = await worker.take(pool)  # six tasks with free slots are in the pool, two of them left for this worker
    assert page.status_code == 201, page.text
    assert len(page.json()["tasks"]) == 2


async def test_a_late_refusal_does_not_close_a_pool_that_has_money_again(talka: Talka) -> None:
    account = await talka.stranger()
    project = (await account.post("/api/v1/projects", json=project_body())).json()
    pool = (await account.post("/api/v1/pools", json=pool_body(project["id"], reward_per_assignment=1))).json()
    items = [{"pool_id": pool["id"], "input_values": {"item": f"{n}"}} for n in range(8)]
    answer = await account.post("/api/v1/tasks", params={"open_pool": "true", "allow_defaults": "true"}, json=items)
    assert answer.status_code == 201, answer.text
    async with talka.db.transaction() as tx:  # a worker was refused before the money came
        tx.record(PoolOutOfMoney(int(pool["id"])))
    assert (await account.get(f"/api/v1/pools/{pool['id']}")).json()["status"] == "OPEN"


async def test_uploads_that_open_the_same_pool_at_once_all_succeed(talka: Talka) -> None:
    pool = await talka.pool()

    async def upload(number: int) -> int:
        items = [{"pool_id": pool["id"], "input_values": {"item": f"{number} {n}"}, "overlap": 1} for n in range(50)]
        answer = await talka.requester.post("/api/v1/tasks", params={"open_pool": "true"}, json=items)
        return answer.status_code

    assert await asyncio.gather(*(upload(number) for number in range(8))) == [201] * 8
    assert (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()["status"] == "OPEN"


async def test_a_complete_pool_closes_even_if_control_tasks_come_meanwhile(talka: Talka) -> None:
    mixer = {"real_tasks_count": 1, "golden_tasks_count": 0, "training_tasks_count": 0}
    pool = await talka.pool(mixer_config=mixer, auto_close_after_complete_delay_seconds=100)
    await talka.tasks(pool, 1, overlap=1)
    worker = await talka.worker()
    assert (await worker.submit((await worker.take(pool)).json())).status_code == 200
    await talka.drain()
    control: dict[str, Any] = {"known_solutions": [{"output_values": {"label": "a"}}], "infinite_overlap": True}
    await talka.tasks(pool, 1, overlap=None, **control)
    await talka.drain()
    await talka.advance(timedelta(seconds=101).total_seconds())
    found = (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()
    assert (found["status"], found.get("last_close_reason")) == ("CLOSED", "COMPLETED")
