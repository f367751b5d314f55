"""The main job in short: upload, take, submit, results."""

from __future__ import annotations

from tests.support.app import Talka


async def test_a_page_is_taken_answered_and_paid(talka: Talka) -> None:
    pool = await talka.pool()
    await talka.tasks(pool, 8)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    assert len(page["tasks"]) == 4
    done = (await worker.submit(page)).json()
    assert done["status"] == "ACCEPTED"
    assert (await worker.get("/me")).json()["balance"] == {"available": 0.05, "on_review": 0, "blocked": 0}
    balance = (await talka.requester.get("/api/v1/requester")).json()["balance"]
    assert balance == 1_000_000 - 0.05
