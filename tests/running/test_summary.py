"""The numbers of a pool: the same before and after its counters are folded."""

from __future__ import annotations

from typing import Any

from tests.support.app import Talka

CONTROL: dict[str, Any] = {
    "overlap": None,
    "infinite_overlap": True,
    "known_solutions": [{"output_values": {"label": "a"}}],
}


async def test_a_summary_follows_what_happens(talka: Talka) -> None:
    project = await talka.project(max_active_assignments_count=9)
    mixer = {"real_tasks_count": 2, "golden_tasks_count": 1, "min_golden_tasks_count": 0}
    pool = await talka.pool(project, mixer_config=mixer, auto_accept_solutions=False)
    await talka.tasks(pool, 10, overlap=2)
    await talka.tasks(pool, 4, **CONTROL)
    worker = await talka.worker()
    pages = [(await worker.take(pool)).json() for _ in range(5)]
    for page in pages[:3]:
        await worker.submit(page)
    for page, status in zip(pages, ("ACCEPTED", "REJECTED"), strict=False):
        await talka.requester.patch(f"/api/v1/assignments/{page['id']}", json={"status": status})
    await worker.post(f"/assignments/{pages[3]['id']}/skip")

    async def summary() -> Any:
        return (await talka.requester.get(f"/api/requester/v1/pools/{pool['id']}/summary")).json()

    expected: dict[str, Any] = {
        "tasks": {"general": 10, "control": 4, "training": 0},
        "assignments": {"active": 1, "submitted": 1, "accepted": 1, "rejected": 1, "skipped": 1, "expired": 0},
        "progress": {"done": 6, "total": 20, "percent": 30},
        "spent": 0.05,
        "held": 0.1,
        "workers": 1,
        "project_version": {"id": "1.0", "newest": "1.0"},
    }
    assert await summary() == expected
    await talka.drain()
    assert await summary() == expected
    await talka.advance(601)
    ended = {**expected["assignments"], "active": 0, "expired": 1}
    assert await summary() == {**expected, "assignments": ended, "held": 0.05}
