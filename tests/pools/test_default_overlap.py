"""What was uploaded without an overlap of its own follows the default of its pool."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.app import Talka
from tests.support.bodies import pool_body


async def upload(talka: Talka, pool: dict[str, Any], count: int, *, ready: bool, **changes: Any) -> list[Any]:
    task = {"input_values": {"item": "x"}}
    unit = {"pool_id": pool["id"], **({"tasks": [task]} if ready else task), **changes}
    path = f"/api/v1/{'task-suites' if ready else 'tasks'}?allow_defaults=true"
    answer = await talka.requester.post(path, json=[unit] * count)
    assert answer.status_code == 201, answer.text
    return list(answer.json()["items"].values())


async def overlaps(talka: Talka, pool: dict[str, Any], *, ready: bool) -> list[tuple[Any, Any]]:
    path = f"/api/v1/{'task-suites' if ready else 'tasks'}"
    found = (await talka.requester.get(path, params={"pool_id": pool["id"]})).json()["items"]
    return [(unit["overlap"], unit["remaining_overlap"]) for unit in found]


async def put(talka: Talka, pool: dict[str, Any], overlap: int, *, ready: bool, **changes: Any) -> Any:
    defaults = {f"default_overlap_for_new_{'task_suites' if ready else 'tasks'}": overlap}
    body = pool_body(pool["project_id"], defaults=defaults, **changes)
    if ready:
        body["mixer_config"] = None
    return await talka.requester.put(f"/api/v1/pools/{pool['id']}", json=body)


@pytest.mark.parametrize("ready", [False, True])
async def test_units_follow_the_default(talka: Talka, ready: bool) -> None:
    changes: dict[str, Any] = {"mixer_config": None} if ready else {}
    pool = await talka.pool(defaults={"default_overlap_for_new_tasks": 2, "default_overlap_for_new_task_suites": 2},
                            **changes)  # fmt: skip
    for more in ({}, {"overlap": 4}, {"overlap": None, "infinite_overlap": True}):
        await upload(talka, pool, 1, ready=ready, **more)
    assert await overlaps(talka, pool, ready=ready) == [(2, 2), (4, 4), (None, None)]
    for overlap in (5, 1, 5):
        assert (await put(talka, pool, overlap, ready=ready)).status_code == 200
        assert await overlaps(talka, pool, ready=ready) == [(overlap, overlap), (4, 4), (None, None)]
    summary = (await talka.requester.get(f"/api/requester/v1/pools/{pool['id']}/summary")).json()
    assert summary["progress"]["total"] == 9


async def test_what_was_done_is_offered_again_and_nothing_falls_below_it(talka: Talka) -> None:
    pool = await talka.pool(defaults={"default_overlap_for_new_tasks": 2}, auto_close_after_complete_delay_seconds=60)
    await upload(talka, pool, 4, ready=False)
    path = f"/api/v1/pools/{pool['id']}"
    people = [await talka.worker() for _ in range(4)]
    await talka.requester.post(f"{path}/open")
    for worker in people[:2]:
        await worker.submit((await worker.take(pool)).json())
    await talka.advance(61)
    assert (await talka.requester.get(path)).json()["last_close_reason"] == "COMPLETED"
    assert (await put(talka, pool, 1, ready=False)).status_code == 200
    assert await overlaps(talka, pool, ready=False) == [(2, 0)] * 4
    assert (await put(talka, pool, 3, ready=False)).status_code == 200
    assert await overlaps(talka, pool, ready=False) == [(3, 1)] * 4
    await talka.requester.post(f"{path}/open")
    assert (await people[0].take(pool)).json()["code"] == "POOL_ASSIGNMENTS_EXHAUSTED"
    page = await people[2].take(pool)
    assert (page.status_code, len(page.json()["tasks"])) == (201, 4)
    refused = await put(talka, pool, 9, ready=False)
    assert (refused.status_code, refused.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
    await people[2].submit(page.json())
    await talka.drain()
    assert (await talka.requester.get(path)).json()["last_close_reason"] == "COMPLETED"


async def test_edits_uploads_and_changes_of_tasks_at_once(talka: Talka) -> None:
    pool = await talka.pool(defaults={"default_overlap_for_new_tasks": 2})
    [task, *_] = await upload(talka, pool, 20, ready=False)
    calls = [put(talka, pool, 3 + number % 3, ready=False) for number in range(6)]
    uploads = [upload(talka, pool, 5, ready=False) for _ in range(4)]
    path = f"/api/v1/tasks/{task['id']}"
    patches = [talka.requester.patch(path, json={"overlap": 7 + number}) for number in range(4)]
    answers = await asyncio.gather(*calls, *patches, *uploads)
    assert {answer.status_code for answer in answers if not isinstance(answer, list)} == {200}
    default = (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()["defaults"]
    found = await overlaps(talka, pool, ready=False)
    assert len(found) == 40
    assert found[0][0] in range(7, 11)
    assert set(found[1:]) == {(default["default_overlap_for_new_tasks"],) * 2}
