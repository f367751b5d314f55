"""Deliveries by several processes at once, by killed ones, and while everything changes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.app import Talka, Worker
from tests.webhooks.conftest import API, fold, open_pool, state, subscribe, work
from tests.webhooks.receiver import Receiver, receiving

from talka.infra.outbound import Outbound
from talka.infra.settings import Settings
from talka.webhooks import jobs, store


async def test_two_processes_do_not_deliver_one_subscription_at_once(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    await work(await talka.worker(), pool, 3)
    await fold(talka)
    with receiver.answering(hangs=0.3):
        results = await asyncio.gather(*(jobs.deliver(talka.db, Outbound("127.0.0.1")) for _ in range(4)))
    assert sorted(results) == [False, False, False, True]
    assert len(receiver.got) == 1


async def test_a_lease_ends_with_its_time(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    done = await work(await talka.worker(), pool, 1)
    await fold(talka)
    async with talka.db.transaction() as tx:
        (batch,) = await store.claim(tx, 10)
        assert await store.claim(tx, 10) == []
    async with talka.db.transaction() as tx:
        await tx.execute("update clock set offset_ms = offset_ms + 31000")
    async with talka.db.transaction() as tx:
        (again,) = await store.claim(tx, 10)
        assert [event.number for event in again.events] == [event.number for event in batch.events]
        await store.succeeded(tx, batch)  # of the process that was too slow: not its business any more
        assert await tx.value("select delivered from webhook_subscription") == 0
        await store.succeeded(tx, again)
        assert await tx.value("select delivered from webhook_subscription") == len(done)


async def test_no_more_than_four_requests_to_a_host(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    for number in range(7):
        await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", f"{receiver.url}{number}")
    await work(await talka.worker(), pool, 1)
    await fold(talka)
    async with talka.db.transaction() as tx:
        assert len(await store.claim(tx, 16)) == 4
        assert await store.claim(tx, 16) == []


async def test_no_account_has_more_than_its_share_of_requests(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    bodies = [
        {"event_type": "ASSIGNMENT_SUBMITTED", "pool_id": pool["id"], "webhook_url": f"http://h{number}.example.org/"}
        for number in range(20)
    ]
    assert (await talka.requester.put(API, json=bodies)).status_code == 200
    await work(await talka.worker(), pool, 1)
    await fold(talka)
    async with talka.db.transaction() as tx:
        assert len(await store.claim(tx, 10)) == 10
        assert len(await store.claim(tx, 50)) == 6
        assert await store.claim(tx, 50) == []


async def test_two_that_claim_at_once_keep_to_the_share_of_a_host_together(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    for number in range(12):
        await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", f"{receiver.url}{number}")
    await work(await talka.worker(), pool, 1)
    await fold(talka)

    async def claim() -> int:
        async with talka.db.transaction() as tx:
            found = len(await store.claim(tx, 16))
            await asyncio.sleep(0.1)
            return found

    assert sum(await asyncio.gather(*(claim() for _ in range(6)))) == 4


async def test_one_that_hangs_holds_up_nobody_for_longer_than_a_look(
    database_url: str, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_ROUND_SECONDS", 0.2)
    settings = Settings(data=tmp_path, outbound_allowed="127.0.0.0/8")
    async with Talka.start(database_url, settings) as talka:
        pool = await open_pool(talka)
        worker = await talka.worker()
        with receiving() as slow:
            await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", slow.url)
            await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
            with slow.answering(hangs=4):
                done = await work(worker, pool, 1)
                await fold(talka)
                delivering = asyncio.create_task(jobs.deliver(talka.db, Outbound("127.0.0.1", timeout=3)))
                await asyncio.sleep(1)
                done += await work(worker, pool, 1)
                await fold(talka)
                await asyncio.sleep(1)
                assert [event["assignment_id"] for event in receiver.events] == done
                assert not delivering.done()
                assert await delivering


async def test_one_that_was_woken_during_an_attempt_starts_afresh(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    done = await work(await talka.worker(), pool, 1)
    await fold(talka)
    async with talka.db.transaction() as tx:
        text = "update webhook_subscription set failures = 80, failing_since = %s"
        await tx.execute(text, (tx.now - timedelta(hours=80),))
    with receiver.answering(500, hangs=0.6):
        delivering = asyncio.create_task(jobs.deliver(talka.db, Outbound("127.0.0.1")))
        await asyncio.sleep(0.3)
        await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
        await delivering
    found = (await state(talka, one))["delivery"]
    assert (found["status"], found["failed_attempts"]) == ("RETRYING", 1)
    await talka.advance(11)
    assert [event["assignment_id"] for event in receiver.events] == done


async def test_one_that_cannot_be_sent_does_not_stop_the_others(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    broken = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", f"{receiver.url}-broken")
    await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    done = await work(await talka.worker(), pool, 1)
    await fold(talka)
    async with talka.db.transaction() as tx:
        text = "update webhook_subscription set webhook_url = 'http://[' where id = %s"
        await tx.execute(text, (int(broken["id"]),))
    assert await jobs.deliver(talka.db, Outbound("127.0.0.1"))
    assert [event["assignment_id"] for event in receiver.events] == done


async def test_the_last_two_that_end_at_once_leave_nothing(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    await work(await talka.worker(), pool, 1)
    for _ in range(6):
        ones = [
            await subscribe(talka.requester, pool, "ASSIGNMENT_CREATED", f"{receiver.url}{number}")
            for number in range(4)
        ]
        async with talka.db.transaction() as tx:
            await tx.execute("insert into webhook_issued values (%s, 1)", (int(pool["id"]),))
        answers = await asyncio.gather(*(talka.requester.delete(f"{API}/{one['id']}") for one in ones))
        assert {answer.status_code for answer in answers} == {204}
        async with talka.db.reading() as tx:
            assert await tx.value("select count(*) from webhook_issued") == 0


def _jobs_process(database_url: str) -> subprocess.Popen[bytes]:
    surroundings = {**os.environ, "TALKA_OUTBOUND_ALLOWED": "127.0.0.1", "TALKA_LOG_LEVEL": "warning"}
    arguments = [sys.executable, "-m", "talka", "jobs", "--database-url", database_url, "--sandbox"]
    return subprocess.Popen(arguments, env=surroundings)


@pytest.mark.timeout(180)
async def test_killed_processes_lose_nothing(talka: Talka, receiver: Receiver, database_url: str) -> None:
    pool = await open_pool(talka, tasks=60)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url, secret_key="12345")
    worker = await talka.worker()
    done: list[str] = []
    process = _jobs_process(database_url)
    try:
        for round_number in range(3):
            receiver.hangs = 1.0
            done += await work(worker, pool, 5)
            arrived = len(receiver.got)
            until = time.monotonic() + 45
            while len(receiver.got) == arrived and time.monotonic() < until:
                done += await work(worker, pool, 1) if len(done) < 50 else []
                await asyncio.sleep(0.2)
            assert len(receiver.got) > arrived, f"nothing came in round {round_number}"
            process.send_signal(signal.SIGKILL)  # while the receiver holds a request
            process.wait()
            async with talka.db.transaction() as tx:
                await tx.execute("update clock set offset_ms = offset_ms + 31000")
            receiver.hangs = 0.0
            process = _jobs_process(database_url)
        until = time.monotonic() + 60
        while (await state(talka, one))["delivery"]["pending_count"]:
            assert time.monotonic() < until
            await asyncio.sleep(0.2)
    finally:
        process.kill()
        process.wait()
    await talka.drain()
    got = [event for request in receiver.got for event in request.events]
    first: dict[str, int] = {}
    for event in got:
        first.setdefault(event["uuid"], len(first))
    order = list(dict.fromkeys(event["assignment_id"] for event in got))
    assert order == done
    assert len(first) == len(done)
    assert all(request.signed_with("12345") for request in receiver.got)


async def test_nothing_is_lost_or_told_twice_while_everything_changes(talka: Talka, receiver: Receiver) -> None:
    pools = [await open_pool(talka, tasks=40) for _ in range(2)]
    kinds = ["ASSIGNMENT_CREATED", "ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED", "POOL_CLOSED"]
    bodies = [
        {"event_type": kind, "pool_id": pool["id"], "webhook_url": receiver.url} for pool in pools for kind in kinds
    ]
    await talka.requester.put(API, json=bodies)
    over = asyncio.Event()
    done: set[str] = set()

    async def live(worker: Worker) -> None:
        for turn in range(12):
            done.update(await work(worker, pools[turn % 2], 1))

    async def background() -> None:
        outbound = Outbound("127.0.0.1")
        while not over.is_set():
            await fold(talka)
            await jobs.notice_issued(talka.db)
            await jobs.deliver(talka.db, outbound)
            await asyncio.sleep(0.01)

    async def meddle() -> None:
        for turn in range(10_000):
            if over.is_set():
                return
            mixed = bodies if turn % 2 else bodies[::-1]
            assert (await talka.requester.put(API, json=mixed)).status_code == 200
            other = await subscribe(talka.requester, pools[turn % 2], kinds[turn % 4], f"{receiver.url}-other")
            assert (await talka.requester.delete(f"{API}/{other['id']}")).status_code == 204
            receiver.status = 500 if turn % 7 == 3 else 200
            await asyncio.sleep(0.02)

    workers = [await talka.worker() for _ in range(6)]
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(background())
        group.create_task(meddle())
        await asyncio.gather(*(live(worker) for worker in workers))
        over.set()
    receiver.status = 200
    for pool in pools:
        await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    await talka.advance(60)
    told: dict[str, list[dict[str, Any]]] = {}
    for request in receiver.got:
        for event in request.events if request.status == 200 and request.path == "/hook" else []:
            told.setdefault(event["type"], []).append(event)
    assert len(done) == 72
    for kind in kinds[:3]:
        assert sorted(event["assignment_id"] for event in told[kind]) == sorted(done), kind
    assert sorted(event["pool_id"] for event in told["POOL_CLOSED"]) == [pool["id"] for pool in pools]
