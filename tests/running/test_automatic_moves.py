"""What pools do by themselves as time goes by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.app import Talka

from talka.ledger.store import lock_free
from talka.pools.store import lock_pool
from talka.running.jobs import close_noted, fold_outbox

MINUTES, DAYS = 60, 86_400


async def now(talka: Talka, pool: dict[str, Any]) -> Any:
    """The pool as it is."""
    return (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()


async def move(talka: Talka, pool: dict[str, Any], name: str) -> Any:
    """One move by hand."""
    return await talka.requester.post(f"/api/v1/pools/{pool['id']}/{name}")


async def clock(talka: Talka) -> str:
    """The time of the sandbox."""
    text: str = (await talka.requester.get("/api/sandbox/v1/clock")).json()["now"]
    return text


async def test_a_pause_for_an_update_ends_after_15_minutes(talka: Talka) -> None:
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    await move(talka, pool, "close-for-update")
    await talka.advance(14 * MINUTES)
    assert (await now(talka, pool))["status"] == "CLOSED"
    await talka.advance(1 * MINUTES + 1)
    found = await now(talka, pool)
    assert (found["status"], found["last_close_reason"]) == ("OPEN", "FOR_UPDATE")
    await move(talka, pool, "close-for-update")
    assert (await move(talka, pool, "close")).status_code == 202
    await talka.advance(20 * MINUTES)
    found = await now(talka, pool)
    assert (found["status"], found["last_close_reason"]) == ("CLOSED", "MANUAL")


async def test_a_pool_finished_during_its_pause_closes_when_it_is_open_again(talka: Talka) -> None:
    pool = await talka.pool(auto_close_after_complete_delay_seconds=30)
    await talka.tasks(pool, 4, overlap=1)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    await move(talka, pool, "close-for-update")
    assert (await worker.submit(page)).json()["status"] == "ACCEPTED"
    await talka.advance(15 * MINUTES + 1)
    assert (await now(talka, pool))["status"] == "OPEN"
    await talka.advance(31)
    found = await now(talka, pool)
    assert (found["status"], found["last_close_reason"]) == ("CLOSED", "COMPLETED")


async def test_a_finished_pool_closes_at_once_without_a_delay(talka: Talka) -> None:
    pool = await talka.pool()
    known = [{"output_values": {"label": "a"}}]
    endless: dict[str, Any] = {"overlap": None, "infinite_overlap": True, "known_solutions": known}
    await talka.tasks(pool, 4, overlap=2)
    await talka.tasks(pool, 1, **endless)
    people = [await talka.worker() for _ in range(2)]
    for worker in people:
        assert (await now(talka, pool))["status"] == "OPEN"
        await worker.submit((await worker.take(pool)).json())
        await talka.drain()
    found = await now(talka, pool)
    assert (found["status"], found["last_close_reason"]) == ("CLOSED", "COMPLETED")
    refused = await (await talka.worker()).take(pool)
    assert (refused.status_code, refused.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
    assert refused.json()["payload"] == {"appropriate_statuses": ["OPEN"]}


async def test_pools_that_finish_together_do_not_wait_in_a_circle_with_takes(talka: Talka) -> None:
    pools = [await talka.pool() for _ in range(2)]
    worker = await talka.worker()
    for pool in pools:
        await talka.tasks(pool, 4, overlap=1)
        await worker.submit((await worker.take(pool)).json())
    first, second = sorted(int(pool["id"]) for pool in pools)
    async with talka.db.transaction() as taking:
        # Whoever takes a page of the second pool holds its lock and comes to the money last.
        await lock_pool(taking, second, exclusive=False)
        assert await fold_outbox(talka.db, most=0)
        assert await close_noted(talka.db, most=0), "the first pool can be closed"
        assert not await close_noted(talka.db, most=0), "nobody waits for the second one"
        await taking.execute("set local lock_timeout = '2s'")
        account_id = await taking.value("select account_id from pool where id = %s", (first,))
        assert await lock_free(taking, account_id) > 0
    await talka.drain()
    for pool in pools:
        assert (await now(talka, pool))["last_close_reason"] == "COMPLETED"


async def test_a_finished_pool_waits_for_its_delay_and_anew_for_new_tasks(talka: Talka) -> None:
    pool = await talka.pool(auto_close_after_complete_delay_seconds=600)
    tasks = await talka.tasks(pool, 1, overlap=1)
    worker = await talka.worker()
    await worker.submit((await worker.take(pool)).json())
    await talka.advance(500)
    assert (await now(talka, pool))["status"] == "OPEN"
    await talka.tasks(pool, 1, overlap=1)
    await talka.advance(700)
    assert (await now(talka, pool))["status"] == "OPEN"
    await worker.submit((await worker.take(pool)).json())
    await talka.advance(500)
    await talka.requester.patch(f"/api/v1/tasks/{tasks[0]['id']}", json={"overlap": 2})
    await talka.advance(700)
    assert (await now(talka, pool))["status"] == "OPEN"
    await talka.requester.patch(f"/api/v1/tasks/{tasks[0]['id']}/set-overlap-or-min", json={"overlap": 0})
    await talka.advance(599)
    assert (await now(talka, pool))["status"] == "OPEN"
    await talka.advance(2)
    found = await now(talka, pool)
    assert (found["status"], found["last_close_reason"]) == ("CLOSED", "COMPLETED")


async def test_a_pool_with_pages_out_is_not_finished(talka: Talka) -> None:
    pool = await talka.pool(assignment_max_duration_seconds=60)
    await talka.tasks(pool, 4, overlap=1)
    lazy, keen = await talka.worker(), await talka.worker()
    page = (await lazy.take(pool)).json()
    nothing = await keen.take(pool)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "POOL_ASSIGNMENTS_EXHAUSTED")
    assert nothing.json()["payload"] == {"final": False}
    await talka.drain()
    assert (await now(talka, pool))["status"] == "OPEN"
    await talka.advance(61)
    assert (await lazy.get(f"/assignments/{page['id']}")).json()["status"] == "EXPIRED"
    assert (await now(talka, pool))["status"] == "OPEN"
    await keen.submit((await keen.take(pool)).json())
    await talka.drain()
    assert (await now(talka, pool))["last_close_reason"] == "COMPLETED"


async def test_a_pool_ends_at_its_expiry_but_pages_may_be_finished(talka: Talka) -> None:
    end = datetime.fromisoformat(await clock(talka)) + timedelta(hours=1)
    pool = await talka.pool(will_expire=end.isoformat(), assignment_max_duration_seconds=600)
    await talka.tasks(pool, 8)
    await talka.advance(3500)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    assert (await now(talka, pool))["status"] == "OPEN"
    await talka.advance(200)
    found = await now(talka, pool)
    assert (found["status"], found["last_close_reason"]) == ("CLOSED", "EXPIRED")
    assert abs(datetime.fromisoformat(found["last_stopped"]) - end) < timedelta(seconds=5)
    assert (await worker.submit(page)).json()["status"] == "ACCEPTED"
    refused = await worker.take(pool)
    assert (refused.status_code, refused.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
    reopened = await move(talka, pool, "open")
    assert (reopened.status_code, reopened.json()["code"]) == (409, "CONFLICT_STATE")


async def test_archiving_waits_for_pages_reviews_and_appeals(talka: Talka) -> None:
    pool = await talka.pool(auto_accept_solutions=False, assignment_max_duration_seconds=600)
    await talka.tasks(pool, 8)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    await move(talka, pool, "close")
    path = f"/api/v1/assignments/{page['id']}"

    async def refusal() -> Any:
        answer = await move(talka, pool, "archive")
        return (answer.status_code, answer.json()["code"])

    assert await refusal() == (409, "THERE_IS_ACTIVE_ASSIGNMENT")
    await worker.submit(page)
    assert await refusal() == (409, "SUBMITTED_ASSIGNMENTS_CONFLICT")
    await talka.requester.patch(path, json={"status": "REJECTED", "public_comment": "no"})
    assert await refusal() == (409, "THERE_IS_REJECTED_ASSIGNMENT")
    await talka.advance(9 * DAYS - 60)
    assert await refusal() == (409, "THERE_IS_REJECTED_ASSIGNMENT")
    await talka.advance(61)
    assert (await move(talka, pool, "archive")).status_code == 202
    late = await talka.requester.patch(path, json={"status": "ACCEPTED"})
    assert (late.status_code, late.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
    assert (await talka.requester.get(path)).json()["status"] == "REJECTED"


async def test_an_acceptance_after_all_ends_the_time_of_appeal(talka: Talka) -> None:
    pool = await talka.pool(auto_accept_solutions=False)
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    await worker.submit(page)
    for status in ("REJECTED", "ACCEPTED"):
        assert (
            await talka.requester.patch(f"/api/v1/assignments/{page['id']}", json={"status": status})
        ).status_code == 200
    await move(talka, pool, "close")
    assert (await move(talka, pool, "archive")).status_code == 202
