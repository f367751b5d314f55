"""Complaints of workers about pages: once for each, seen by operators alone, dealt with."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.messages.conversation import own, threads
from tests.support.app import Talka, Worker

QUEUE = "/api/operator/v1/complaints"


async def page_of(talka: Talka, worker: Worker) -> dict[str, Any]:
    """A page that a worker holds."""
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    taken: dict[str, Any] = (await worker.take(pool)).json()
    return taken


async def complain(worker: Worker, page: dict[str, Any], body: Any) -> Any:
    """The answer to a complaint."""
    return await worker.post(f"/assignments/{page['id']}/complaints", body)


async def test_from_the_complaint_to_the_operators_answer(talka: Talka) -> None:
    worker, operator = await talka.worker(), await talka.operator()
    page = await page_of(talka, worker)
    made = await complain(worker, page, {"reason": "CONTACTS", "text": "They want my <phone>.", "id": 7})
    complaint = made.json()
    assert made.status_code == 201
    assert complaint == {
        "id": complaint["id"], "assignment_id": page["id"], "reason": "CONTACTS", "text": "They want my <phone>.",
        "status": "NEW", "created": complaint["created"],
    }  # fmt: skip
    shown = {
        **complaint, "user_id": worker.user_id, "requester_id": talka.account["requester_id"],
        "project_id": page["project_id"], "pool_id": page["pool_id"],
    }  # fmt: skip
    assert (await operator.get(QUEUE)).json() == {"items": [shown], "has_more": False}
    # The requester hears nothing of it, and it changes nothing about the page.
    assert await threads(talka) == []
    assert (await worker.submit(page)).status_code == 200
    closed = (await operator.post(f"{QUEUE}/{complaint['id']}/close", json={"comment": "<Thanks>"})).json()
    assert closed == {**shown, "status": "CLOSED", "comment": "<Thanks>", "closed": closed["closed"]}
    again = await operator.post(f"{QUEUE}/{complaint['id']}/close", json={"comment": "Other"})
    assert (again.status_code, again.json()) == (200, closed)
    [told] = await own(worker)
    text = f"Your complaint about the page {page['id']} was looked at. The operator says: &lt;Thanks&gt;"
    assert told == {
        "id": told["id"], "topic": "Your complaint was looked at", "requester": "Talka", "messages_inlined": True,
        "messages": [{"text": text, "from": {"role": "SYSTEM"}, "created": told["created"]}],
        "meta": {"pool_id": page["pool_id"], "project_id": page["project_id"], "assignment_id": page["id"]},
        "unread": True, "answerable": False, "created": told["created"],
    }  # fmt: skip
    refused = await worker.post(f"/message-threads/{told['id']}/reply", {"text": "Ok"})
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT_STATE")
    assert (await worker.post(f"/message-threads/{told['id']}/read")).json()["unread"] is False
    assert await threads(talka) == []


async def test_a_page_is_complained_about_once(talka: Talka) -> None:
    worker, operator = await talka.worker(), await talka.operator()
    page = await page_of(talka, worker)
    answers = await asyncio.gather(*(complain(worker, page, {"reason": "SPAM"}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert all(answer.json() == answers[0].json() for answer in answers)
    other = await complain(worker, page, {"reason": "BROKEN", "text": "x"})
    assert (other.status_code, other.json()) == (200, answers[0].json())
    [found] = (await operator.get(QUEUE)).json()["items"]
    closed = await asyncio.gather(*(operator.post(f"{QUEUE}/{found['id']}/close") for _ in range(3)))
    assert [answer.status_code for answer in closed] == [200] * 3
    assert len(await own(worker)) == 1


async def test_each_wrong_field_is_named(talka: Talka) -> None:
    worker, operator = await talka.worker(), await talka.operator()
    page = await page_of(talka, worker)
    for body, wrong in (
        ({}, {"reason": "VALUE_REQUIRED"}), ({"reason": None}, {"reason": "VALUE_REQUIRED"}),
        ({"reason": "spam"}, {"reason": "UNKNOWN_ENUM_VALUE"}),
        ({"reason": ["SPAM"]}, {"reason": "UNKNOWN_ENUM_VALUE"}),
        ({"reason": "OTHER"}, {"text": "VALUE_REQUIRED"}),
        ({"reason": "OTHER", "text": ""}, {"text": "VALUE_REQUIRED"}),
        ({"reason": "SPAM", "text": 5}, {"text": "STRING_EXPECTED"}),
        ({"reason": "SPAM", "text": "x\0"}, {"text": "CHARACTER_NOT_ALLOWED"}),
        ({"reason": "SPAM", "text": "x" * 10_001}, {"text": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ([], {"body": "OBJECT_EXPECTED"}),
    ):  # fmt: skip
        answer = await complain(worker, page, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), body
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong, body
    assert (await operator.get(QUEUE)).json() == {"items": [], "has_more": False}
    made = (await complain(worker, page, {"reason": "SPAM"})).json()
    for body, code in (
        ({"comment": " "}, "BLANK_STRING_NOT_ALLOWED"),
        ({"comment": "x" * 501}, "STRING_LENGTH_GREATER_THAN_MAX"),
    ):
        answer = await operator.post(f"{QUEUE}/{made['id']}/close", json=body)
        assert (answer.status_code, answer.json()["payload"]["comment"]["code"]) == (400, code)
    for complaint_id in ("7", "x", "9" * 30, "%00"):
        assert (await operator.post(f"{QUEUE}/{complaint_id}/close")).status_code == 404


async def test_only_ones_own_pages_and_only_operators(talka: Talka) -> None:
    worker, other, operator = await talka.worker(), await talka.worker(), await talka.operator()
    page = await page_of(talka, worker)
    for who, page_id in ((other, page["id"]), (worker, "0000000001--000000000000000000000007"), (worker, "x")):
        answer = await complain(who, {"id": page_id}, {"reason": "SPAM"})
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    assert (await operator.get(QUEUE)).json()["items"] == []
    for client in (talka.requester, worker.client, talka.anonymous()):
        assert (await client.get(QUEUE)).status_code in {401, 403}
        assert (await client.post(f"{QUEUE}/1000000001/close")).status_code in {401, 403}


async def test_the_list_filters_ranges_sorts_and_pages(talka: Talka) -> None:
    operator, workers, made = await talka.operator(), [], []
    for reason in ("SPAM", "BROKEN", "CONTACTS"):
        worker = await talka.worker()
        page = await page_of(talka, worker)
        made.append((await complain(worker, page, {"reason": reason})).json() | {"project_id": page["project_id"]})
        workers.append(worker)
        await talka.advance(1)
    await operator.post(f"{QUEUE}/{made[1]['id']}/close")
    ids = [complaint["id"] for complaint in made]
    moments = [complaint["created"] for complaint in made]
    for query, expected in (
        ("", [0, 1, 2]), ("status=NEW", [0, 2]), ("status=CLOSED", [1]), ("reason=SPAM,BROKEN", [0, 1]),
        (f"user_id={workers[2].user_id}", [2]), (f"project_id={made[1]['project_id']}", [1]),
        (f"requester_id={talka.account['requester_id']}", [0, 1, 2]), (f"requester_id={'0' * 32}", []),
        (f"id_gt={ids[0]}", [1, 2]), (f"id_lte={ids[0]}", [0]), (f"created_gte={moments[1]}", [1, 2]),
        (f"created_lt={moments[1]}", [0]), ("sort=-id", [2, 1, 0]), ("sort=-created", [2, 1, 0]),
    ):  # fmt: skip
        found = (await operator.get(f"{QUEUE}?{query}")).json()
        assert [complaint["id"] for complaint in found["items"]] == [ids[place] for place in expected], query
    assert (await operator.get(f"{QUEUE}?limit=2")).json()["has_more"] is True
    for query, code in (
        ("status=OPEN", "UNKNOWN_ENUM_VALUE"),
        ("user_id=7", "INVALID_VALUE"),
        ("sort=x", "UNKNOWN_ENUM_VALUE"),
    ):
        refused = await operator.get(f"{QUEUE}?{query}")
        assert (refused.status_code, refused.json()["payload"][query.split("=")[0]]["code"]) == (400, code)
