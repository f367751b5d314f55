"""Delivery: every event exactly as on the wire, in order, to receivers that fail, hang, and come back."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from tests.support.app import Talka
from tests.webhooks.conftest import API, fold, open_pool, page, shown, state, subscribe, work
from tests.webhooks.receiver import Receiver, receiving

from talka.infra.outbound import Outbound
from talka.webhooks import jobs, usecases
from talka.webhooks.model import EventType

HOUR, DAY = 3600, 86_400


async def test_each_state_of_an_assignment_is_told_exactly(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka, auto_accept_solutions=False)
    subscriptions = {
        kind.value: await subscribe(talka.requester, pool, kind.value, receiver.url, secret_key="12345")
        for kind in EventType
    }
    worker = await talka.worker()
    pages: dict[str, dict[str, Any]] = {}
    for name in ("accepted", "rejected", "skipped", "expired", "held"):
        pages[name] = await page(worker, pool)
        if name in ("accepted", "rejected"):
            assert (await worker.submit(pages[name])).status_code == 200
            body = {"status": name.upper(), "public_comment": "ok"}
            answer = await talka.requester.patch(f"/api/v1/assignments/{pages[name]['id']}", json=body)
            assert answer.status_code == 200, answer.text
        elif name == "skipped":
            assert (await worker.post(f"/assignments/{pages[name]['id']}/skip")).status_code == 200
        elif name == "expired":
            await talka.advance(601)
    await talka.drain()
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    await talka.drain()

    expected: dict[str, list[tuple[str, str]]] = {
        "ASSIGNMENT_CREATED": [(name, "created") for name in pages],
        "ASSIGNMENT_SUBMITTED": [("accepted", "submitted"), ("rejected", "submitted")],
        "ASSIGNMENT_APPROVED": [("accepted", "accepted")],
        "ASSIGNMENT_REJECTED": [("rejected", "rejected")],
        "ASSIGNMENT_SKIPPED": [("skipped", "skipped")],
        "ASSIGNMENT_EXPIRED": [("expired", "expired")],
    }
    found: dict[str, list[dict[str, Any]]] = {}
    for event in receiver.events:
        found.setdefault(event["type"], []).append(event)
    closed = found.pop("POOL_CLOSED")
    assert found.keys() == expected.keys()
    for kind, parts in expected.items():
        wanted = []
        for (name, column), event in zip(parts, found[kind], strict=True):
            assignment = await shown(talka, pages[name]["id"])
            wanted.append(
                {
                    "event_time": assignment[column] if column != "created" else assignment["created"],
                    "project_id": pool["project_id"],
                    "pool_id": pool["id"],
                    "uuid": str(uuid.UUID(event["uuid"])),
                    "task_suite_id": assignment["task_suite_id"],
                    "assignment_id": assignment["id"],
                    "webhook_subscription_id": subscriptions[kind]["id"],
                    "type": kind,
                }
            )
        assert found[kind] == wanted
        assert [list(event) for event in found[kind]] == [list(event) for event in wanted]
    stopped = (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()["last_stopped"]
    assert closed == [
        {
            "event_time": stopped,
            "project_id": pool["project_id"],
            "pool_id": pool["id"],
            "uuid": closed[0]["uuid"],
            "close_reason": "MANUAL",
            "webhook_subscription_id": subscriptions["POOL_CLOSED"]["id"],
            "type": "POOL_CLOSED",
        }
    ]
    assert len({event["uuid"] for event in receiver.events}) == len(receiver.events)
    assert all(request.signed_with("12345") for request in receiver.got)
    assert {request.headers["content-type"] for request in receiver.got} == {"application/json"}


async def test_one_accepted_at_once_was_submitted_too(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    for kind in ("ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED"):
        await subscribe(talka.requester, pool, kind, receiver.url)
    (done,) = await work(await talka.worker(), pool, 1)
    await talka.drain()
    assert [event["assignment_id"] for event in receiver.events] == [done, done]
    assert {event["type"] for event in receiver.events} == {"ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED"}
    assert "toloka-signature" not in receiver.got[0].headers


@pytest.mark.parametrize(
    ("how", "reason"), [("expired", "EXPIRED"), ("completed", "COMPLETED"), ("for update", "FOR_UPDATE")]
)
async def test_a_pool_that_closes_for_any_reason_is_told_once(
    talka: Talka, receiver: Receiver, how: str, reason: str
) -> None:
    pool = await open_pool(talka, tasks=1, will_expire="2090-01-01T00:00:00")
    await subscribe(talka.requester, pool, "POOL_CLOSED", receiver.url)
    if how == "expired":
        await talka.advance(100 * 365 * DAY)
    elif how == "completed":
        for _ in range(3):
            await work(await talka.worker(), pool, 1)
    else:
        await talka.requester.post(f"/api/v1/pools/{pool['id']}/close-for-update")
        await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    await talka.drain()
    assert [event["close_reason"] for event in receiver.events] == [reason]


async def test_a_finished_task_of_dynamic_overlap(talka: Talka, receiver: Receiver) -> None:
    pool = await talka.pool()
    one = await subscribe(talka.requester, pool, "DYNAMIC_OVERLAP_COMPLETED", receiver.url)
    details = {"task_id": "t", "confidence": 0.91, "assignment_ids": ["a", "b"], "output_values": {"label": "dog"}}
    async with talka.db.transaction() as tx:
        await usecases.note(tx, int(pool["id"]), EventType.DYNAMIC_OVERLAP_COMPLETED, tx.now, details)
    await talka.drain()
    (event,) = receiver.events
    known = {"project_id": pool["project_id"], "pool_id": pool["id"], "webhook_subscription_id": one["id"]}
    rest = {"event_time": event["event_time"], "uuid": event["uuid"], "type": "DYNAMIC_OVERLAP_COMPLETED"}
    assert event == {**known, **rest, **details}


async def test_only_what_happens_after_subscribing_is_told(talka: Talka, receiver: Receiver) -> None:
    pool, other = await open_pool(talka), await open_pool(talka)
    worker = await talka.worker()
    held = await page(worker, pool)
    await work(worker, other, 1)
    await asyncio.sleep(0.01)
    for kind in ("ASSIGNMENT_CREATED", "ASSIGNMENT_SUBMITTED"):
        await subscribe(talka.requester, pool, kind, receiver.url)
    await talka.drain()
    assert receiver.events == []
    await worker.submit(held)
    await work(worker, other, 1)
    (later,) = await work(worker, pool, 1)
    await talka.drain()
    told = {(event["type"], event["assignment_id"]) for event in receiver.events}
    assert told == {
        ("ASSIGNMENT_CREATED", later),
        ("ASSIGNMENT_SUBMITTED", held["id"]),
        ("ASSIGNMENT_SUBMITTED", later),
    }


async def test_issued_pages_are_told_once_while_held_and_after(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    await subscribe(talka.requester, pool, "ASSIGNMENT_CREATED", receiver.url)
    workers = [await talka.worker() for _ in range(3)]
    held = [await page(worker, pool) for worker in workers]
    for _ in range(2):
        await talka.drain()
        assert [event["assignment_id"] for event in receiver.events] == [one["id"] for one in held]
    for worker, one in zip(workers, held, strict=True):
        await worker.submit(one)
    more = await work(workers[0], pool, 2)
    await talka.drain()
    assert [event["assignment_id"] for event in receiver.events] == [one["id"] for one in held] + more
    async with talka.db.reading() as tx:
        assert await tx.value("select count(*) from webhook_issued") == 0


async def test_what_was_told_of_pages_is_forgotten_with_the_subscription(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_CREATED", receiver.url)
    await page(await talka.worker(), pool)
    await talka.drain()
    async with talka.db.reading() as tx:
        assert await tx.value("select count(*) from webhook_issued") == 1
        await talka.requester.delete(f"{API}/{one['id']}")
        assert await tx.value("select count(*) from webhook_issued") == 0


async def test_many_events_go_in_order_in_batches(talka: Talka, receiver: Receiver) -> None:
    pool = await talka.pool()
    await subscribe(talka.requester, pool, "DYNAMIC_OVERLAP_COMPLETED", receiver.url)
    for number in range(250):
        async with talka.db.transaction() as tx:
            await usecases.note(
                tx, int(pool["id"]), EventType.DYNAMIC_OVERLAP_COMPLETED, tx.now, {"task_id": str(number)}
            )
    await talka.drain()
    assert [event["task_id"] for event in receiver.events] == [str(number) for number in range(250)]
    assert [len(request.events) for request in receiver.got] == [100, 100, 50]


async def test_an_hour_of_errors_loses_and_reorders_nothing(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url, secret_key="12345")
    worker = await talka.worker()
    done = await work(worker, pool, 2)
    await talka.drain()
    with receiver.answering(500):
        for _ in range(6):
            done += await work(worker, pool, 1)
            await talka.advance(HOUR / 6)
        waiting = await state(talka, one)
        assert waiting["delivery"]["status"] == "RETRYING"
        assert waiting["delivery"]["pending_count"] == 6
        assert waiting["delivery"]["failed_attempts"] == 9  # after 10, 30, 70, 150, 310, 630, 1270, 2550 seconds
        error = {"type": "WRONG_STATUS_CODE", "status_code": 500, "message": "The answer has the status 500"}
        assert waiting["delivery"]["last_error"] == error
        statuses = [item["status"] for item in waiting["items"]]
        assert statuses == ["DELIVERED"] * 2 + ["PENDING"] * 6
    assert [event["assignment_id"] for event in receiver.events] == done[:2]
    await talka.advance(HOUR)
    assert [event["assignment_id"] for event in receiver.events] == done
    assert all(request.signed_with("12345") for request in receiver.got)
    after = (await state(talka, one))["delivery"]
    assert (after["status"], after["pending_count"], after["last_error"]) == ("ACTIVE", 0, None)


async def test_one_that_hangs_keeps_nobody_else_waiting(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    with receiving() as slow:
        hanging = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", slow.url)
        await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
        worker = await talka.worker()
        with slow.answering(hangs=3):
            done = await work(worker, pool, 1)
            await fold(talka)
            delivering = asyncio.create_task(jobs.deliver(talka.db, Outbound("127.0.0.1", timeout=2)))
            await asyncio.sleep(0.7)
            assert not delivering.done()
            assert [event["assignment_id"] for event in receiver.events] == done
            done += await work(worker, pool, 1)
            await fold(talka)
            await asyncio.sleep(0.7)
            assert not delivering.done()
            assert [event["assignment_id"] for event in receiver.events] == done
            assert await delivering
        failed = (await state(talka, hanging))["delivery"]
        assert (failed["failed_attempts"], failed["pending_count"]) == (1, 2)
        assert failed["last_error"]["type"] == "REQUEST_TIMEOUT"
        await talka.advance(11)
        assert [event["assignment_id"] for event in slow.events] == done


async def test_a_dead_endpoint_is_paused_and_wakes_when_asked(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    worker = await talka.worker()
    done = await work(worker, pool, 1)
    with receiver.answering(503):
        await talka.advance(3 * DAY + 2 * HOUR)
        paused = (await state(talka, one))["delivery"]
        assert (paused["status"], paused["pending_count"], paused["next_attempt"]) == ("PAUSED", 1, None)
        tried = len(receiver.got)
        done += await work(worker, pool, 1)
        await talka.advance(DAY)
        assert len(receiver.got) == tried
    await talka.drain()
    assert receiver.events == []
    assert (await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url))["id"] == one["id"]
    await talka.drain()
    assert [event["assignment_id"] for event in receiver.events] == done


async def test_replay_sends_again_from_a_moment(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    worker = await talka.worker()
    await work(worker, pool, 2)
    await talka.advance(60)
    await work(worker, pool, 2)
    await talka.drain()
    first = list(receiver.events)
    path = f"{API}/{one['id']}/replay"
    answer = await talka.requester.post(path, json={"event_time_from": first[2]["event_time"]})
    assert (answer.status_code, answer.json()["pending_count"]) == (200, 2)
    await talka.drain()
    assert receiver.events == first + first[2:]
    answer = await talka.requester.post(path, json={"event_time_from": "2999-01-01"})
    assert answer.json()["pending_count"] == 0
    for body, code in (
        ({}, "VALUE_REQUIRED"),
        ({"event_time_from": 7}, "STRING_EXPECTED"),
        ({"event_time_from": "soon"}, "INVALID_DATE_TIME_SYNTAX"),
    ):
        answer = await talka.requester.post(path, json=body)
        assert (answer.status_code, answer.json()["payload"]["event_time_from"]["code"]) == (400, code)


async def test_replay_during_a_delivery_is_not_undone_by_it(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    worker = await talka.worker()
    done = await work(worker, pool, 1)
    await talka.drain()
    moment = receiver.events[0]["event_time"]
    done += await work(worker, pool, 1)
    await fold(talka)
    with receiver.answering(hangs=0.5):
        delivering = asyncio.create_task(jobs.deliver(talka.db, Outbound("127.0.0.1")))
        await asyncio.sleep(0.2)
        answer = await talka.requester.post(f"{API}/{one['id']}/replay", json={"event_time_from": moment})
        assert answer.json()["pending_count"] == 2
        await delivering
    await talka.drain()
    got = [[event["assignment_id"] for event in request.events] for request in receiver.got]
    assert got[:2] == [done[:1], done[1:]]
    assert got[-1] == done
    assert (await state(talka, one))["delivery"]["pending_count"] == 0


async def test_the_list_of_deliveries(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    worker = await talka.worker()
    done = await work(worker, pool, 2)
    await talka.drain()
    with receiver.answering(500):
        done += await work(worker, pool, 1)
        await talka.drain()
        found = await state(talka, one)
        assert [item["event"]["assignment_id"] for item in found["items"]] == done
        assert found["items"][0]["event"] == receiver.events[0]
        assert [item["id"] for item in found["items"]] == ["1", "2", "3"]
        assert (await state(talka, one, status="PENDING"))["items"] == found["items"][2:]
        assert (await state(talka, one, status="DELIVERED"))["items"] == found["items"][:2]
        assert (await state(talka, one, sort="-event_time", limit=1))["items"] == found["items"][2:]
        assert (await state(talka, one, limit=2))["has_more"]
        assert (await state(talka, one, id_gt="1", id_lt="3"))["items"] == found["items"][1:2]
        assert (await state(talka, one, event_time_gt="2999-01-01"))["items"] == []
        wrong: dict[str, Any] = {"status": "FAILED", "id_gt": "x", "event_time_lte": "x", "sort": "uuid", "limit": 0}
        answer = await talka.requester.get(f"{API}/{one['id']}/deliveries", params=wrong)
        assert (answer.status_code, set(answer.json()["payload"])) == (400, set(wrong))


async def test_old_events_are_forgotten(talka: Talka, receiver: Receiver) -> None:
    pool = await open_pool(talka)
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    worker = await talka.worker()
    await work(worker, pool, 1)
    with receiver.answering(500):
        await talka.advance(31 * DAY)
    assert (await state(talka, one))["items"] == []
    await subscribe(talka.requester, pool, "ASSIGNMENT_SUBMITTED", receiver.url)
    later = await work(worker, pool, 1)
    await talka.drain()
    assert [event["assignment_id"] for event in receiver.events] == later
    assert (await state(talka, one))["delivery"]["pending_count"] == 0


async def test_a_trial_is_sent_at_once_and_says_what_came_of_it(
    talka: Talka, receiver: Receiver, impatient: None
) -> None:
    pool = await talka.pool()
    one = await subscribe(talka.requester, pool, "POOL_CLOSED", receiver.url, secret_key="12345")
    path = f"{API}/{one['id']}/test"
    answer = await talka.requester.post(path)
    assert answer.status_code == 200
    found = answer.json()
    known = {"responseReceivedAt": found["responseReceivedAt"], "uuids": found["uuids"]}
    assert found == {"success": True, "errorType": None, "originalStatusCode": 200, **known}
    (event,) = receiver.events
    assert event == {
        "event_time": event["event_time"],
        "project_id": pool["project_id"],
        "pool_id": pool["id"],
        "uuid": found["uuids"][0],
        "type": "TEST_EVENT",
    }
    assert receiver.got[0].signed_with("12345")
    with receiver.answering(302, location=f"{receiver.url}-elsewhere"):
        moved = (await talka.requester.post(path)).json()
    assert (moved["success"], moved["errorType"], moved["originalStatusCode"]) == (False, "WRONG_STATUS_CODE", 302)
    assert {request.path for request in receiver.got} == {"/hook"}
    with receiver.answering(hangs=2):
        late = (await talka.requester.post(path)).json()
    assert (late["errorType"], late["originalStatusCode"], late["responseReceivedAt"]) == (
        "REQUEST_TIMEOUT",
        None,
        None,
    )
    with receiver.answering(hangs=0.3):
        answers = await asyncio.gather(*(talka.requester.post(path) for _ in range(6)))
    problems = sorted(str(one.json()["errorType"]) for one in answers)
    assert problems == ["None"] * 4 + ["TOO_MANY_CONNECTIONS"] * 2
    gone = await subscribe(talka.requester, pool, "POOL_CLOSED", "http://127.0.0.1:9/")
    refused = (await talka.requester.post(f"{API}/{gone['id']}/test")).json()
    assert (refused["success"], refused["errorType"]) == (False, "CONNECTION_ERROR")
