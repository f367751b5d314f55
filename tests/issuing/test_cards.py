"""The task list of a worker."""

from __future__ import annotations

from typing import Any

from tests.support.app import Talka, Worker


async def _cards(worker: Worker) -> list[dict[str, Any]]:
    answer = await worker.get("/task-list")
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_pools_that_differ_in_name_only_share_a_card(talka: Talka) -> None:
    project = await talka.project()
    first = await talka.pool(project, private_name="first", priority=1)
    for pool in (first, await talka.pool(project, private_name="second", priority=5)):
        await talka.tasks(pool, 4)
    other = await talka.pool(project, reward_per_assignment=0.1)
    await talka.tasks(other, 4)
    cards = await _cards(await talka.worker())
    assert [card["reward_per_assignment"] for card in cards] == [0.05, 0.1]
    assert cards[0]["pool_id"] != first["id"], "the card leads to the pool of the highest priority"
    assert cards[0] == {
        "project_id": project["id"],
        "pool_id": cards[0]["pool_id"],
        "title": "Letters",
        "description": "Say which letter it is",
        "reward_per_assignment": 0.05,
        "requester": "Requester",
        "may_contain_adult_content": False,
        "kind": "GENERAL",
        "acceptance": "AUTO",
        "available": True,
    }


async def test_a_page_at_work_is_continued_even_when_its_pool_closed(talka: Talka) -> None:
    project = await talka.project()
    pool, other = await talka.pool(project), await talka.pool(project, public_description="Another card")
    for each in (pool, other):
        await talka.tasks(each, 8)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    cards = {card["description"]: card for card in await _cards(worker)}
    assert cards["Say which letter it is"]["active_assignment_id"] == page["id"]
    assert cards["Say which letter it is"]["available"] is True
    assert cards["Another card"]["available"] is False
    assert cards["Another card"]["unavailable_reason"] == "ACTIVE_ASSIGNMENT"
    await worker.submit(page)
    cards = {card["description"]: card for card in await _cards(worker)}
    assert "Say which letter it is" not in cards
    assert cards["Another card"]["available"] is True


async def test_adult_content_needs_consent(talka: Talka) -> None:
    pool = await talka.pool(may_contain_adult_content=True)
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    assert [card["unavailable_reason"] for card in await _cards(worker)] == ["ADULT_CONTENT"]
    refused = await worker.take(pool)
    assert refused.status_code == 403
    assert (refused.json()["code"], refused.json()["payload"]) == ("ACCESS_DENIED", {"reason": "ADULT_CONTENT"})
    await worker.client.patch("/api/worker/v1/me", json={"profile": {"adult_allowed": True}})
    assert [card["available"] for card in await _cards(worker)] == [True]
    assert (await worker.take(pool)).status_code == 201


async def test_what_is_exhausted_for_a_worker_has_no_card(talka: Talka) -> None:
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    await worker.submit((await worker.take(pool)).json())
    assert await _cards(worker) == []
    exhausted = await worker.take(pool)
    assert exhausted.status_code == 409
    assert exhausted.json()["code"] == "POOL_ASSIGNMENTS_EXHAUSTED"
    assert exhausted.json()["payload"] == {"final": True}
    assert len(await _cards(await talka.worker())) == 1


async def test_instructions_come_in_the_workers_language(talka: Talka) -> None:
    french = {"language": "FR", "public_name": {"value": "Lettres", "source": "REQUESTER"}}
    languages = {"default_language": "EN", "additional_languages": [french]}
    project = await talka.project(localization_config=languages)
    await talka.tasks(await talka.pool(project), 4)
    path = f"/projects/{project['id']}/instructions"
    plain = (await (await talka.worker()).get(path)).json()
    assert plain == {"public_name": "Letters", "public_instructions": "<p>Choose one.</p>"}
    speaker = await talka.worker(profile={"languages": ["FR"]})
    assert (await speaker.get(path)).json() == {**plain, "public_name": "Lettres"}
    assert (await speaker.get("/projects/999/instructions")).status_code == 404
