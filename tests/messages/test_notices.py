"""What the platform tells requesters and workers by itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.messages.conversation import TEXT, act, compose, own, threads, to, worked
from tests.support.app import Talka, Worker

from talka.messages import notices

PLATFORM = {"id": "0" * 32, "role": "SYSTEM"}


async def told(talka: Talka) -> list[dict[str, Any]]:
    """What the requester was told, once everything is done."""
    await talka.drain()
    return await threads(talka, "folder=AUTOMATIC_NOTIFICATION")


async def finished(talka: Talka, **changes: Any) -> tuple[dict[str, Any], Worker]:
    """A pool with one page, answered by a worker."""
    pool = await talka.pool(private_name="<b>", **changes)
    await talka.tasks(pool, 4, overlap=1)
    worker = await talka.worker()
    await worker.submit((await worker.take(pool)).json())
    return pool, worker


async def test_a_pool_that_is_done(talka: Talka) -> None:
    pool, worker = await finished(talka, auto_close_after_complete_delay_seconds=0)
    [thread] = await told(talka)
    me = {"id": talka.account["requester_id"], "role": "REQUESTER", "myself": True}
    assert thread == {
        "id": thread["id"], "topic": {"EN": "Pool completed: <b>"}, "interlocutors_inlined": True,
        "interlocutors": sorted([me, PLATFORM], key=lambda one: str(one["id"])), "messages_inlined": True,
        "messages": [{"text": {"EN": "The pool “&lt;b&gt;” is completed. All its tasks are done."}, "from": PLATFORM,
                      "created": thread["created"]}],
        "meta": {"pool_id": pool["id"], "project_id": pool["project_id"]},
        "folders": ["AUTOMATIC_NOTIFICATION", "UNREAD"], "answerable": False, "created": thread["created"],
    }  # fmt: skip
    assert await threads(talka, "folder_ne=AUTOMATIC_NOTIFICATION") == []
    assert await threads(talka, "folder=INBOX,UNREAD") == [thread]
    # It is read and filed as others are, but nobody would read an answer.
    read = await act(talka, thread, "remove-from-folders", {"folders": ["UNREAD"]})
    assert read.json()["folders"] == ["AUTOMATIC_NOTIFICATION"]
    replied = await act(talka, thread, "reply", {"text": TEXT})
    assert (replied.status_code, replied.json()["code"]) == (409, "CONFLICT_STATE")
    assert await threads(talka) == [read.json()]
    # Neither the worker nor another requester hears of it.
    assert await own(worker) == []
    assert (await worker.get(f"/message-threads/{thread['id']}")).status_code == 404
    stranger = await talka.stranger()
    assert (await stranger.get("/api/v1/message-threads")).json()["items"] == []


async def test_pools_that_others_close_and_those_that_the_requester_does(talka: Talka) -> None:
    by_hand, dated = await talka.pool(), await talka.pool(will_expire="2030-01-01T00:00:00")
    for pool in (by_hand, dated):
        await talka.tasks(pool, 4)
    assert (await talka.requester.post(f"/api/v1/pools/{by_hand['id']}/close")).status_code == 202
    assert await told(talka) == []
    await talka.advance(10 * 365 * 86_400)
    found = await told(talka)
    assert [thread["meta"]["pool_id"] for thread in found] == [dated["id"]]
    assert found[0]["messages"][0]["text"]["EN"].endswith("Its end date has passed.")
    assert found[0]["topic"] == {"EN": "Pool closed: letters"}


@pytest.mark.parametrize("fails", [False, True])
async def test_an_aggregation_that_is_over(talka: Talka, fails: bool) -> None:
    pool, _ = await finished(talka)
    await talka.drain()
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    before = len(await told(talka))
    body = {"type": "DAWID_SKENE", "pool_id": pool["id"], "fields": [{"name": "label"}]}
    started = await talka.requester.post("/api/v1/aggregated-solutions/aggregate-by-pool", json=body)
    assert started.status_code == 202, started.text
    if fails:
        async with talka.db.transaction() as tx:
            await tx.execute("update assignment set status = 3")
    found = (await told(talka))[before:]
    how = "has failed" if fails else "is completed"
    assert [(thread["topic"], thread["meta"]) for thread in found] == [
        ({"EN": f"Aggregation {how}: <b>"}, {"pool_id": pool["id"], "project_id": pool["project_id"]})
    ]


async def test_little_money_is_told_once_until_there_is_more(talka: Talka) -> None:
    async def left(amount: str) -> None:
        async with talka.db.transaction() as tx:
            await tx.execute("update account_balance set free = %s", (Decimal(amount),))

    async def work() -> None:
        assert (await worker.submit((await worker.take(pool)).json())).status_code == 200
        await talka.drain()

    pool = await talka.pool()
    await talka.tasks(pool, 40, overlap=1)
    worker = await talka.worker()
    await left("5.05")
    await work()
    assert await told(talka) == []
    for _ in range(2):
        await work()
        [thread] = await told(talka)
    assert thread["topic"] == {"EN": "Less than 5 US dollars are left"}
    assert thread["messages"][0]["text"]["EN"].startswith("The account has 4.95 US dollars left.")
    assert thread["meta"] == {}
    await left("100")
    await work()
    await left("1")
    await work()
    assert len(await told(talka)) == 2


async def test_every_requester_hears_of_another_fee(talka: Talka) -> None:
    operator, stranger = await talka.operator(), await talka.stranger()
    for percent in (7.5, 7.5, None):
        answer = await operator.patch("/api/operator/v1/settings", json={"fee_percent": percent, "minimum_payout": 2})
        assert answer.status_code == 200, answer.text
    theirs = (await stranger.get("/api/v1/message-threads?folder=AUTOMATIC_NOTIFICATION,UNREAD")).json()["items"]
    for found in (await told(talka), theirs):
        assert [(thread["topic"], thread["messages"][0]["text"]["EN"]) for thread in found] == [
            ({"EN": "The platform fee has changed"}, f"From now on the platform fee is {fee} % of what workers get.")
            for fee in ("7.5", "0")
        ]
        assert [message["from"] for thread in found for message in thread["messages"]] == [PLATFORM] * 2


async def test_a_list_has_every_folder_side_by_side(talka: Talka) -> None:
    await finished(talka, auto_close_after_complete_delay_seconds=0)
    [notice] = await told(talka)
    [worker] = await worked(talka, 1)
    sent = await compose(talka, to(worker))
    for query, expected in (
        ("folder=AUTOMATIC_NOTIFICATION,OUTBOX", [notice, sent]), ("folder=OUTBOX", [sent]),
        ("folder_ne=OUTBOX", [notice]), ("folder_ne=AUTOMATIC_NOTIFICATION,OUTBOX", []),
        ("folder=AUTOMATIC_NOTIFICATION&folder_ne=UNREAD", []),
    ):  # fmt: skip
        assert await threads(talka, query) == expected, query


async def test_workers_hear_of_bans(talka: Talka) -> None:
    operator, worker, other = await talka.operator(), await talka.worker(), await talka.worker()
    path = f"/api/operator/v1/bans/{worker.user_id}"
    for _ in range(2):
        answer = await operator.put(path, json={"private_comment": "secret", "will_expire": "2100-01-01T00:00:00"})
        assert answer.is_success, answer.text
    [told] = await own(worker)
    assert (told["topic"], told["requester"], told["meta"]) == ("You are banned", "Talka", {})
    text = "You cannot take tasks or withdraw money until 2100-01-01 00:00 UTC. The operator can lift the ban."
    assert told["messages"] == [{"text": text, "from": {"role": "SYSTEM"}, "created": told["created"]}]
    assert (await operator.delete(path)).is_success
    assert [thread["topic"] for thread in await own(worker)] == ["You are banned", "Your ban is over"]
    # What a requester does is silent.
    body = {"scope": "ALL_PROJECTS", "user_id": other.user_id, "private_comment": "x"}
    assert (await talka.requester.put("/api/v1/user-restrictions", json=body)).is_success
    assert await own(other) == []
    assert await threads(talka) == []


async def test_workers_hear_of_their_money(talka: Talka) -> None:
    operator, worker = await talka.operator(), await talka.worker()
    gift = {"user_id": worker.user_id, "amount": 10, "without_message": True}
    assert (await talka.requester.post("/api/v1/user-bonuses", json=gift)).status_code == 201
    assert await own(worker) == []
    for verb, comment in (("pay", None), ("reject", "<Unknown> bank"), ("cancel", None)):
        asked = (await worker.post("/withdrawals", {"amount": 1.5, "destination": "IBAN"})).json()
        if verb == "cancel":
            assert (await worker.post(f"/withdrawals/{asked['id']}/cancel")).status_code == 200
            continue
        for _ in range(2):
            body = {} if comment is None else {"comment": comment}
            decided = await operator.post(f"/api/operator/v1/payouts/{asked['id']}/{verb}", json=body)
            assert decided.status_code == 200, decided.text
    assert [(thread["topic"], thread["messages"][0]["text"]) for thread in await own(worker)] == [
        ("Your money was paid out", "1.5 US dollars were paid out."),
        (
            "Your payout was rejected",
            "1.5 US dollars were not paid out and are yours to withdraw again. The operator says: &lt;Unknown&gt; bank",
        ),
    ]


async def test_workers_hear_of_skills_that_they_may_see(talka: Talka) -> None:
    worker = await talka.worker(profile={"languages": ["PT"]})
    for name, more in (
        ("hidden", {"hidden": True}), ("plain", {"hidden": False}),
        ("named", {"hidden": False, "public_name": {"EN": "Reading", "PT": "Ler"}}),
    ):  # fmt: skip
        skill = await talka.requester.post("/api/v1/skills", json={"name": name, **more})
        assert skill.status_code == 201, skill.text
        for value in (50, 60):
            body = {"skill_id": skill.json()["id"], "user_id": worker.user_id, "value": value}
            assert (await talka.requester.put("/api/v1/user-skills", json=body)).is_success
    assert [thread["topic"] for thread in await own(worker)] == ["New skill: plain", "New skill: Ler"]


def test_words_are_short_and_harmless() -> None:
    long = notices.skill_given({"PT": "x" * 400})
    assert len(long.topic["PT"]) == 255
    rejected = notices.payout_ended(Decimal("3.50"), "REJECTED", "<script>")
    assert rejected is not None
    assert rejected.text == {
        "EN": "3.5 US dollars were not paid out and are yours to withdraw again. The operator says: &lt;script&gt;"
    }
    assert notices.payout_ended(Decimal(1), "CANCELLED", None) is None
    assert notices.low_funds(Decimal("4.00")).text["EN"].startswith("The account has 4 US dollars left.")
