"""From items to results: what workers are asked, how answers become results, who pays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.apps import support
from tests.support.app import Talka


async def test_a_batch_of_texts_from_start_to_results(talka: Talka) -> None:
    project = await support.project(talka)
    texts = [{"id": str(n), "text": f"It {'purrs' if n % 2 else 'barks'} {n}"} for n in range(6)]
    batch = await support.batch(talka, project, texts, name="first", priority_order="TWO")
    assert batch["status"] == "NEW"
    assert (batch["items_count"], batch["item_price"], batch["cost"]) == (6, 0.03, 0.18)
    assert await support.pools(talka) == []
    started = await support.done(talka, project, batch, "start")
    assert started["status"] == "PROCESSING"
    assert started["items_per_state"]["PROCESSING"] == 6
    [pool] = await support.pools(talka)
    assert (pool["status"], pool["reward_per_assignment"], pool["priority"]) == ("OPEN", 0.01, 70)
    for worker in await support.crew(talka, 3):
        pages = await support.work(worker, pool, lambda given: {"result": "cat" if "purrs" in given["text"] else "dog"})
        assert pages == 6
    await talka.drain()
    finished = await support.shown(talka, project, batch)
    assert finished["status"] == "COMPLETED"
    assert finished["cost_of_processed"] == 0.18
    assert finished["items_processed_count"] == 6
    assert {name: n for name, n in finished["items_per_state"].items() if n} == {"COMPLETED": 6}
    found = await support.items_of(talka, project, batch_id=batch["id"])
    assert [item["input_data"] for item in found] == texts
    expected = [["cat" if n % 2 else "dog"] for n in range(6)]
    assert [item["output_data"]["result"] for item in found] == expected
    assert {item["status"] for item in found} == {"COMPLETED"}
    assert all(0.9 < item["output_data"]["confidence"] < 1 for item in found)
    assert finished["confidence_avg"] == found[0]["output_data"]["confidence"]
    [pool] = await support.pools(talka)
    assert (pool["status"], pool["last_close_reason"]) == ("CLOSED", "COMPLETED")
    balance = (await talka.requester.get("/api/v1/requester")).json()["balance"]
    assert Decimal(str(balance)) == 1_000_000 - Decimal("0.18")


async def test_a_majority_wins(talka: Talka) -> None:
    project = await support.project(talka, "image-classification", option_other=True)
    batch = await support.batch(talka, project, [support.ITEMS["image-classification"]])
    await support.done(talka, project, batch, "start")
    [pool] = await support.pools(talka)
    said: list[dict[str, Any]] = [{"result": "dog"}, {"result": "other"}, {"result": "dog"}]
    for worker, answer in zip(await support.crew(talka, 3), said, strict=True):
        assert await support.work(worker, pool, lambda _, answer=answer: answer) == 1  # type: ignore[misc]
    await talka.drain()
    [item] = await support.items_of(talka, project)
    assert item["output_data"]["result"] == ["dog"]
    assert 0.5 < item["output_data"]["confidence"] < 0.95
