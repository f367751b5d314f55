"""Lists of aggregated solutions: filters, order, limits, and their end."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from tests.aggregation.support import DAWID_SKENE, answer, by_pool, close, pool, request, results
from tests.support.app import Talka

DAYS = 86_400


async def aggregated(talka: Talka, tasks: int = 5) -> dict[str, Any]:
    """The operation of a pool of that many answered tasks."""
    where = await pool(
        talka, mixer_config={"real_tasks_count": tasks, "golden_tasks_count": 0, "training_tasks_count": 0}
    )
    await talka.tasks(where, tasks, overlap=1)
    await answer(await talka.worker(), where, {"label": "OK"})
    await close(talka, where)
    return await by_pool(talka, request(where, DAWID_SKENE, "label"))


async def test_lists_range_sort_and_page(talka: Talka) -> None:
    operation = await aggregated(talka)
    other = await aggregated(talka, 2)

    async def listed(**params: Any) -> tuple[list[str], bool]:
        found = await results(talka, operation, **params)
        return [item["task_id"] for item in found["items"]], found["has_more"]

    ids, more = await listed()
    assert (len(ids), ids, more) == (5, sorted(ids), False)
    assert await listed(sort="task_id", limit=2) == (ids[:2], True)
    assert await listed(sort="task_id", limit=2, task_id_gt=ids[1]) == (ids[2:4], True)
    assert await listed(sort="task_id", limit=2, task_id_gt=ids[3]) == (ids[4:], False)
    assert await listed(sort="-task_id", limit=5) == (ids[::-1], False)
    assert await listed(task_id_gte=ids[1], task_id_lt=ids[3]) == (ids[1:3], False)
    assert await listed(task_id_lte=ids[0], unknown="x") == (ids[:1], False)
    assert await listed(limit=100_000) == (ids, False)
    assert not set(ids) & {item["task_id"] for item in (await results(talka, other))["items"]}


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"sort": "confidence", "limit": "0"}, {"sort": "UNKNOWN_ENUM_VALUE", "limit": "VALUE_LESS_THAN_MIN"}),
        ({"limit": "100001"}, {"limit": "VALUE_GREATER_THAN_MAX"}),
        ({"task_id_gt": "7", "task_id_lte": "\0"}, {"task_id_gt": "INVALID_VALUE", "task_id_lte": "INVALID_VALUE"}),
    ],
)
async def test_wrong_list_requests_name_every_parameter(talka: Talka, params: Any, wrong: dict[str, str]) -> None:
    answer = await talka.requester.get(f"/api/v1/aggregated-solutions/{uuid.uuid4()}", params=params)
    assert (answer.status_code, {n: e["code"] for n, e in answer.json()["payload"].items()}) == (400, wrong)


async def test_what_is_no_aggregation_is_not_found(talka: Talka) -> None:
    operation = await aggregated(talka)
    closing = (await talka.requester.get("/api/v1/operations?type=POOL.CLOSE")).json()["items"][0]
    for wrong in (closing["id"], str(uuid.uuid4()), "x", operation["id"][:-1]):
        hidden = await talka.requester.get(f"/api/v1/aggregated-solutions/{wrong}")
        assert (hidden.status_code, hidden.json()["code"]) == (404, "DOES_NOT_EXIST")


async def test_what_failed_has_no_solutions(talka: Talka) -> None:
    where = await pool(talka)
    await talka.tasks(where, 1, overlap=1)
    await answer(await talka.worker(), where, {"label": "OK"})
    await close(talka, where)
    body = request(where, DAWID_SKENE, "label")
    started = await talka.requester.post("/api/v1/aggregated-solutions/aggregate-by-pool", json=body)
    async with talka.db.transaction() as tx:
        await tx.execute("update assignment set status = 3 where pool_id = %s", (int(where["id"]),))
    await talka.drain()
    operation = (await talka.requester.get(f"/api/v1/operations/{started.json()['id']}")).json()
    assert (operation["status"], operation["details"]["code"]) == ("FAIL", "ASSIGNMENTS_AGGREGATION_DENIED")
    hidden = await talka.requester.get(f"/api/v1/aggregated-solutions/{operation['id']}")
    assert (hidden.status_code, hidden.json()["code"]) == (409, "CONFLICT_STATE")


async def test_solutions_are_dropped_after_a_month(talka: Talka) -> None:
    old = await aggregated(talka)
    await talka.advance(10 * DAYS)
    young = await aggregated(talka, 2)
    await talka.advance(19 * DAYS)
    assert len((await results(talka, old))["items"]) == 5
    await talka.advance(1 * DAYS + 1)
    gone = await talka.requester.get(f"/api/v1/aggregated-solutions/{old['id']}")
    assert (gone.status_code, gone.json()["code"]) == (409, "RESULTS_EXPIRED")
    await talka.advance(3600)
    assert len((await results(talka, young))["items"]) == 2
    gone = await talka.requester.get(f"/api/v1/aggregated-solutions/{old['id']}")
    assert (gone.status_code, gone.json()["code"]) == (409, "RESULTS_EXPIRED")
    async with talka.db.reading() as tx:
        assert await tx.value("select count(*) from aggregated_solution") == 2
        assert await tx.value("select count(*) from aggregation") == 1
    assert (await talka.requester.get(f"/api/v1/operations/{old['id']}")).json()["status"] == "SUCCESS"
