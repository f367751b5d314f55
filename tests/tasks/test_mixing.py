"""Smart mixing: what a page is made of, minimums, the last short page, order."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.app import Talka, Worker

KNOWN = [{"output_values": {"label": "a"}}]
CONTROL: dict[str, Any] = {"overlap": None, "infinite_overlap": True, "known_solutions": KNOWN}
TRAINING: dict[str, Any] = {**CONTROL, "message_on_unknown_solution": "Look again."}


async def page_of(worker: Worker, pool: dict[str, Any]) -> list[str] | dict[str, Any]:
    """Ids of a new page's tasks, which are answered; the refusal's payload when there is none."""
    answer = await worker.take(pool)
    if answer.status_code != 201:
        assert answer.json()["code"] == "POOL_ASSIGNMENTS_EXHAUSTED"
        payload: dict[str, Any] = answer.json()["payload"]
        return payload
    await worker.submit(answer.json())
    return [task["id"] for task in answer.json()["tasks"]]


async def filled(talka: Talka, mixer: dict[str, Any], **counts: int) -> tuple[dict[str, Any], dict[str, set[str]]]:
    """A pool with so many tasks of each kind, and their ids."""
    pool = await talka.pool(mixer_config=mixer)
    kinds: dict[str, dict[str, Any]] = {"real": {"overlap": 1}, "golden": CONTROL, "training": TRAINING}
    ids = {}
    for kind, count in counts.items():
        made = await talka.tasks(pool, count, **kinds[kind]) if count else []
        ids[kind] = {task["id"] for task in made}
    return pool, ids


def shares(page: Any, ids: dict[str, set[str]]) -> dict[str, int]:
    """How many tasks of each kind a page has."""
    assert isinstance(page, list), page
    return {kind: len(known & set(page)) for kind, known in ids.items()}


async def test_a_page_has_its_share_of_each_kind_and_nothing_twice(talka: Talka) -> None:
    mixer = {"real_tasks_count": 3, "golden_tasks_count": 1, "training_tasks_count": 1}
    pool, ids = await filled(talka, mixer, real=12, golden=3, training=9)
    worker = await talka.worker()
    seen: list[str] = []
    for _ in range(3):
        page = await page_of(worker, pool)
        assert shares(page, ids) == {"real": 3, "golden": 1, "training": 1}
        seen += page
    assert len(set(seen)) == 15
    assert await page_of(worker, pool) == {"final": True}, "all control tasks are used up"
    other = await page_of(await talka.worker(), pool)
    assert shares(other, ids) == {"real": 3, "golden": 1, "training": 1}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"real": 5, "golden": 2}, {"real": 5, "golden": 2}),
        ({"real": 4, "golden": 2}, {"real": 4, "golden": 2}),
        ({"real": 3, "golden": 1}, {"real": 3, "golden": 1}),
        ({"real": 2, "golden": 2}, None),
        ({"real": 5, "golden": 0}, None),
        ({"real": 0, "golden": 2}, None),
    ],
)
async def test_minimums_without_a_forced_last_page(
    talka: Talka, counts: dict[str, int], expected: dict[str, int] | None
) -> None:
    mixer = {
        "real_tasks_count": 5, "golden_tasks_count": 2, "min_real_tasks_count": 3, "min_golden_tasks_count": 1,
        "force_last_assignment": False,
    }  # fmt: skip
    pool, ids = await filled(talka, mixer, **counts)
    page = await page_of(await talka.worker(), pool)
    if expected is None:
        assert page == {"final": True}
        await talka.tasks(pool, 3, overlap=1)
        if counts["golden"]:
            assert isinstance(await page_of(await talka.worker(), pool), list)
    else:
        assert shares(page, ids) == expected


async def test_the_last_short_page_waits_for_its_delay(talka: Talka) -> None:
    mixer = {"real_tasks_count": 4, "golden_tasks_count": 1, "force_last_assignment_delay_seconds": 100}
    pool, ids = await filled(talka, mixer, golden=2, real=2)
    worker = await talka.worker()
    assert await page_of(worker, pool) == {"final": True}
    await talka.advance(90)
    more = await talka.tasks(pool, 1, overlap=1)
    await talka.advance(90)
    assert await page_of(worker, pool) == {"final": True}, "the wait starts anew with every upload"
    await talka.advance(11)
    ids["real"].add(more[0]["id"])
    assert shares(await page_of(worker, pool), ids) == {"golden": 1, "real": 3}


async def test_one_worker_at_the_end_of_a_long_pool_gets_a_short_page_at_once(talka: Talka) -> None:
    mixer = {"real_tasks_count": 4, "force_last_assignment_delay_seconds": 86_400}
    pool = await talka.pool(mixer_config=mixer)
    await talka.tasks(pool, 6, overlap=5)
    worker = await talka.worker()
    lengths = [len(await page_of(worker, pool)) for _ in range(2)]
    assert lengths == [4, 2]


async def test_control_tasks_alone_make_an_exam(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"golden_tasks_count": 2}, reward_per_assignment=0)
    assert pool["mixer_config"] == {"golden_tasks_count": 2, "real_tasks_count": 0, "training_tasks_count": 0}
    await talka.tasks(pool, 4, **CONTROL)
    worker = await talka.worker()
    assert (await worker.get("/task-list")).json()["items"][0]["kind"] == "EXAM"
    pages = [await page_of(worker, pool) for _ in range(3)]
    assert [len(page) for page in pages[:2]] == [2, 2]
    assert pages[2] == {"final": True}
    await talka.drain()
    found = (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()
    assert found["status"] == "OPEN", "control tasks do not finish a pool"


async def test_creation_order_and_no_shuffle(talka: Talka) -> None:
    mixer = {"real_tasks_count": 3, "mix_tasks_in_creation_order": True, "shuffle_tasks_in_task_suite": False}
    pool = await talka.pool(mixer_config=mixer)
    ids = [task["id"] for task in await talka.tasks(pool, 9, overlap=2)]
    for _ in range(2):
        worker = await talka.worker()
        pages = [await page_of(worker, pool) for _ in range(3)]
        assert pages == [ids[0:3], ids[3:6], ids[6:9]]


async def test_random_order_differs_between_workers(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"real_tasks_count": 10})
    ids = [task["id"] for task in await talka.tasks(pool, 40, overlap=10)]
    pages = [await page_of(await talka.worker(), pool) for _ in range(3)]
    assert all(set(page) < set(ids) and page != ids[:10] for page in pages)
    assert len({tuple(page) for page in pages}) == 3
