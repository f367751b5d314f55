"""Review of submitted pages and the money behind it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.support.app import Talka, Worker

from talka.infra.settings import Settings
from talka.ledger import store as ledger

DAY = 86_400


async def balance(talka: Talka) -> float:
    """What the requester can spend."""
    value: float = (await talka.requester.get("/api/v1/requester")).json()["balance"]
    return value


async def money(worker: Worker) -> tuple[float, float]:
    """What a worker can withdraw, and what waits for review."""
    found = (await worker.get("/me")).json()["balance"]
    return found["available"], found["on_review"]


async def accounts(talka: Talka) -> dict[int, Decimal]:
    """Ledger accounts by kind (1 outside, 2 platform, 3 available, 4 held, 5 worker), from the movements alone."""
    async with talka.db.reading() as tx:
        rows = await ledger.balances(tx)
    kinds: dict[int, Decimal] = {}
    for row in rows:
        kind = row["account"] >> 32
        kinds[kind] = kinds.get(kind, Decimal(0)) + row["balance"]
    assert sum(kinds.values()) == 0
    return {kind: value for kind, value in kinds.items() if kind > 1}


async def submitted(talka: Talka, **changes: Any) -> tuple[dict[str, Any], Worker, str]:
    """A pool under review with one submitted page: pool, worker, path of the assignment."""
    pool = await talka.pool(auto_accept_solutions=False, **changes)
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    await worker.submit(page)
    return pool, worker, f"/api/v1/assignments/{page['id']}"


async def review(talka: Talka, path: str, status: str | None, comment: str | None = None) -> Any:
    """PATCH of an assignment."""
    body = {"status": status, "public_comment": comment}
    return await talka.requester.patch(path, json={key: value for key, value in body.items() if value is not None})


async def test_each_decision_and_what_cannot_be_undone(talka: Talka) -> None:
    _, worker, path = await submitted(talka)
    start = (await talka.requester.get(path)).json()
    task = start["tasks"][0]
    assert start == {
        "id": start["id"], "task_suite_id": start["task_suite_id"], "pool_id": start["pool_id"],
        "user_id": worker.user_id, "status": "SUBMITTED", "reward": 0.05, "tasks": start["tasks"],
        "solutions": [{"output_values": {"label": "a"}}] * 4, "mixed": True, "automerged": False,
        "created": start["created"], "submitted": start["submitted"],
        "owner": {"id": talka.account["requester_id"], "myself": True},
    }  # fmt: skip
    assert task == (await talka.requester.get(f"/api/v1/tasks/{task['id']}")).json()
    assert (await balance(talka), await money(worker)) == (1_000_000 - 0.05, (0, 0.05))
    rejected = (await review(talka, path, "REJECTED", "blurred")).json()
    assert rejected == {
        **start, "status": "REJECTED", "rejected": rejected["rejected"], "public_comment": "blurred",
    }  # fmt: skip
    assert (await balance(talka), await money(worker)) == (1_000_000, (0, 0))
    assert (await review(talka, path, "REJECTED")).json() == rejected
    accepted = (await review(talka, path, "ACCEPTED")).json()
    assert accepted == {**rejected, "status": "ACCEPTED", "accepted": accepted["accepted"]}
    assert (await balance(talka), await money(worker)) == (1_000_000 - 0.05, (0.05, 0))
    commented = (await review(talka, path, "ACCEPTED", "after all")).json()
    assert commented == {**accepted, "public_comment": "after all"}
    final = await review(talka, path, "REJECTED")
    assert (final.status_code, final.json()["code"]) == (409, "INAPPROPRIATE_STATUS")
    assert await accounts(talka) == {3: Decimal("999999.95"), 4: 0, 5: Decimal("0.05")}


@pytest.mark.parametrize("end", [None, "skip", "exit"])
async def test_pages_that_were_not_submitted_cannot_be_reviewed(talka: Talka, end: str | None) -> None:
    pool = await talka.pool(auto_accept_solutions=False)
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    if end is not None:
        await worker.post(f"/assignments/{page['id']}/{end}")
    for status, fitting in (("ACCEPTED", ["SUBMITTED", "REJECTED"]), ("REJECTED", ["SUBMITTED"])):
        answer = await review(talka, f"/api/v1/assignments/{page['id']}", status)
        assert (answer.status_code, answer.json()["code"]) == (409, "INAPPROPRIATE_STATUS")
        assert answer.json()["payload"] == {"appropriate_statuses": fitting}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"status": "ACTIVE"}, {"status": "VALUE_NOT_ALLOWED"}),
        ({"status": "SUBMITTED"}, {"status": "VALUE_NOT_ALLOWED"}),
        ({"status": "APPROVED"}, {"status": "UNKNOWN_ENUM_VALUE"}),
        ({"status": 1, "public_comment": 2}, {"status": "STRING_EXPECTED", "public_comment": "STRING_EXPECTED"}),
        ({"public_comment": "x" * 2049}, {"public_comment": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({}, {"status": "VALUE_REQUIRED"}),
        ([], {"body": "OBJECT_EXPECTED"}),
    ],
)
async def test_wrong_reviews(talka: Talka, body: Any, wrong: dict[str, str]) -> None:
    _, _, path = await submitted(talka)
    before = (await talka.requester.get(path)).json()
    answer = await talka.requester.patch(path, json=body)
    assert answer.status_code == 400
    assert {name: found["code"] for name, found in answer.json()["payload"].items()} == wrong
    assert (await talka.requester.get(path)).json() == before


async def test_what_nobody_reviews_is_accepted_when_its_time_is_over(talka: Talka) -> None:
    _, worker, path = await submitted(talka, auto_accept_period_day=3)
    await talka.advance(3 * DAY - 60)
    assert (await talka.requester.get(path)).json()["status"] == "SUBMITTED"
    assert await money(worker) == (0, 0.05)
    await talka.advance(61)
    found = (await talka.requester.get(path)).json()
    assert found["status"] == "ACCEPTED"
    day = int(found["submitted"][8:10])
    assert found["accepted"][11:19] >= found["submitted"][11:19]
    assert int(found["accepted"][8:10]) in {day + 3, (day + 3) % 30, (day + 3) % 31}
    assert await money(worker) == (0.05, 0)


async def test_the_price_is_the_one_at_issue(talka: Talka) -> None:
    pool, worker, path = await submitted(talka)
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    changed = {**pool, "reward_per_assignment": 9}
    assert (await talka.requester.put(f"/api/v1/pools/{pool['id']}", json=changed)).status_code == 200
    assert (await review(talka, path, "ACCEPTED")).json()["reward"] == 0.05
    assert await money(worker) == (0.05, 0)


async def test_the_platform_takes_its_fee(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sandbox=True, fee_percent=Decimal("12.5"))
    async with Talka.start(database_url, settings) as talka:
        pool, worker, path = await submitted(talka, reward_per_assignment=0.333)
        cost = Decimal("0.333") + Decimal("0.041625")
        start = Decimal(1_000_000)
        assert await accounts(talka) == {3: start - cost, 4: cost}
        assert await balance(talka) == float(start - cost)
        await review(talka, path, "REJECTED")
        assert await accounts(talka) == {3: start, 4: 0}
        await review(talka, path, "ACCEPTED")
        assert await accounts(talka) == {2: Decimal("0.041625"), 3: start - cost, 4: 0, 5: Decimal("0.333")}
        assert await money(worker) == (0.333, 0)
        skipping = await talka.worker()
        page = (await skipping.take(pool)).json()
        await skipping.post(f"/assignments/{page['id']}/skip")
        assert await balance(talka) == float(start - cost)


async def test_a_pool_without_money_closes_and_money_opens_it(database_url: str, tmp_path: Path) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True)) as talka:
        pool = await talka.pool(reward_per_assignment=400_000)
        await talka.tasks(pool, 20)
        people = [await talka.worker() for _ in range(3)]
        pages = [(await worker.take(pool)).json() for worker in people[:2]]
        assert await balance(talka) == 200_000
        refused = await people[2].take(pool)
        assert (refused.status_code, refused.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
        found = (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()
        assert (found["status"], found["last_close_reason"]) == ("CLOSED", "NOT_ENOUGH_BALANCE")
        assert (await people[0].submit(pages[0])).json()["status"] == "ACCEPTED"
        opening = f"/api/v1/pools/{pool['id']}/open"
        assert (await talka.requester.post(opening)).json()["code"] == "NOT_ENOUGH_BALANCE"
        await people[1].post(f"/assignments/{pages[1]['id']}/skip")
        assert await balance(talka) == 600_000
        assert (await talka.requester.post(opening)).status_code == 202
        assert (await people[2].take(pool)).status_code == 201
        added = await talka.requester.post("/api/sandbox/v1/balance", json={"amount": 0.5})
        assert added.json() == {"balance": 200_000.5}


async def test_accepting_after_all_needs_money(database_url: str, tmp_path: Path) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True)) as talka:
        pool, worker, path = await submitted(talka, reward_per_assignment=600_000)
        await review(talka, path, "REJECTED")
        other = await talka.worker()
        page = (await other.take(pool)).json()
        poor = await review(talka, path, "ACCEPTED")
        assert (poor.status_code, poor.json()["code"]) == (409, "NOT_ENOUGH_BALANCE")
        assert (await talka.requester.get(path)).json()["status"] == "REJECTED"
        await other.post(f"/assignments/{page['id']}/skip")
        assert (await review(talka, path, "ACCEPTED")).status_code == 200
        assert await money(worker) == (600_000, 0)
        assert await balance(talka) == 400_000


async def test_decisions_at_the_same_time_move_money_once(talka: Talka) -> None:
    _, worker, path = await submitted(talka)
    statuses = ["ACCEPTED", "REJECTED"] * 4
    answers = await asyncio.gather(*(review(talka, path, status) for status in statuses))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (await talka.requester.get(path)).json()["status"] == "ACCEPTED"
    assert await money(worker) == (0.05, 0)
    assert await accounts(talka) == {3: Decimal("999999.95"), 4: 0, 5: Decimal("0.05")}


async def test_submits_and_skips_at_the_same_time_end_a_page_once(talka: Talka) -> None:
    pool = await talka.pool()
    await talka.tasks(pool, 40, overlap=1)
    for _ in range(5):
        worker = await talka.worker()
        page = (await worker.take(pool)).json()
        calls = [worker.submit(page), worker.post(f"/assignments/{page['id']}/skip")]
        calls += [worker.submit(page), worker.post(f"/assignments/{page['id']}/exit")]
        answers = await asyncio.gather(*calls)
        final = (await worker.get(f"/assignments/{page['id']}")).json()["status"]
        fitting = {"ACCEPTED": {0, 2}, "SKIPPED": {1}, "EXPIRED": {3}}[final]
        assert {index for index, answer in enumerate(answers) if answer.status_code == 200} == fitting
        assert await money(worker) == ((0.05, 0) if final == "ACCEPTED" else (0, 0))
    sums = await accounts(talka)
    assert sums[4] == 0
    assert sums[3] + sums.get(5, Decimal(0)) == 1_000_000
