"""Messages of workers: answers, conversations that come of them, writing to a requester, what others cannot see."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.bonuses.test_bonuses import bonus, post
from tests.messages.conversation import TOPIC, act, answered, compose, own, threads, to, to_all, worked
from tests.support.app import Talka, Worker


def said(thread: dict[str, Any]) -> list[Any]:
    """What a thread says, newest first."""
    return [message["text"] for message in thread["messages"]]


async def test_an_answer_comes_into_the_thread_of_one_recipient(talka: Talka) -> None:
    [worker] = await worked(talka, 1, languages=["PT", "EN"])
    thread = await compose(talka, to(worker))
    mine = await answered(worker, thread)
    assert mine["id"] == thread["id"]
    assert mine["unread"] is False
    assert mine["messages"][0] == {
        "text": "Ok!", "from": {"role": "USER", "myself": True}, "created": mine["messages"][0]["created"],
    }  # fmt: skip
    [theirs] = await threads(talka)
    assert theirs["folders"] == ["INBOX", "OUTBOX", "UNREAD"]
    assert theirs["messages"][0] == {
        "text": {"PT": "Ok!"}, "from": {"id": worker.user_id, "role": "USER"},
        "created": mine["messages"][0]["created"],
    }  # fmt: skip
    assert theirs["messages"][1:] == thread["messages"]
    assert {**theirs, "messages": 0, "folders": 0} == {**thread, "messages": 0, "folders": 0}
    # Who writes back has read it.
    back = await act(talka, thread, "reply", {"text": {"EN": "Thanks"}})
    assert back.json()["folders"] == ["INBOX", "OUTBOX"]
    [news] = await own(worker, "unread=true")
    assert said(news) == ["Thanks", "Ok!", "As regras mudaram."]


async def test_an_answer_to_a_message_for_many_begins_a_conversation(talka: Talka) -> None:
    ann, bob = await worked(talka, 2)
    thread = await compose(talka, to_all())
    mine = await answered(ann, thread, {"EN": "Why?"})
    assert mine["id"] != thread["id"]
    assert (mine["parent_id"], said(mine), mine["unread"]) == (thread["id"], ["Why?", "The rules changed."], False)
    conversation = next(found for found in await threads(talka) if found["id"] == mine["id"])
    assert conversation["parent_id"] == thread["id"]
    assert conversation["topic"] == TOPIC
    assert conversation["folders"] == ["INBOX", "OUTBOX", "UNREAD"]
    assert conversation["compose_details"] == {"recipients_select_type": "DIRECT", "recipients_ids": [ann.user_id]}
    assert {one["id"] for one in conversation["interlocutors"]} == {ann.user_id, talka.account["requester_id"]}
    assert said(conversation) == [{"EN": "Why?"}, thread["messages"][0]["text"]]
    assert [found for found in await threads(talka) if found["id"] == thread["id"]] == [thread]
    # The worker goes on in the conversation, whichever of the two they answer, and sees it alone.
    assert [found["id"] for found in await own(ann)] == [mine["id"]]
    assert said(await answered(ann, thread, "Really?"))[:2] == ["Really?", "Why?"]
    assert said(await answered(ann, mine, "Please."))[:3] == ["Please.", "Really?", "Why?"]
    assert len(await threads(talka)) == 2
    # Bob knows nothing of it.
    [his] = await own(bob)
    assert (his["id"], said(his)) == (thread["id"], ["The rules changed."])
    assert (await bob.get(f"/message-threads/{mine['id']}")).status_code == 404
    # News for all are shown to Ann where they stand.
    await act(talka, thread, "reply", {"text": {"EN": "For all."}})
    assert [(found["id"], found["unread"]) for found in await own(ann)] == [(thread["id"], True), (mine["id"], False)]
    await act(talka, conversation, "reply", {"text": {"EN": "For Ann."}})
    assert [found["unread"] for found in await own(ann)] == [True, True]
    assert [said(found)[0] for found in await own(bob)] == ["For all."]


async def test_two_answers_at_once_begin_one_conversation(talka: Talka) -> None:
    ann, _ = await worked(talka, 2)
    thread = await compose(talka, to_all())
    texts = [f"answer {number}" for number in range(6)]
    found = await asyncio.gather(*(answered(ann, thread, text) for text in texts))
    assert len({one["id"] for one in found}) == 1
    [mine] = await own(ann)
    assert sorted(said(mine)) == sorted([*texts, "The rules changed."])
    assert len(await threads(talka)) == 2


async def test_a_second_click_says_nothing_twice(talka: Talka) -> None:
    ann, bob = await worked(talka, 2)
    direct, broad = await compose(talka, to(ann)), await compose(talka, to(ann, bob))
    for thread in (direct, broad):
        first = await answered(ann, thread)
        assert await answered(ann, thread) == first
        assert said(first) == ["Ok!", "The rules changed."]
        assert said(await answered(ann, thread, "Ok?")) == ["Ok?", "Ok!", "The rules changed."]
        assert said(await answered(ann, thread)) == ["Ok!", "Ok?", "Ok!", "The rules changed."]


async def test_no_answers_where_none_are_wanted(talka: Talka) -> None:
    ann, bob = await worked(talka, 2)
    for body in (to(ann, answerable=False), to(ann, bob, answerable=False)):
        thread = await compose(talka, body)
        answer = await ann.post(f"/message-threads/{thread['id']}/reply", {"text": "Ok"})
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT_STATE")
        assert (await act(talka, thread, "reply", {"text": {"EN": "x"}})).status_code == 200
    assert [found["folders"] for found in await threads(talka)] == [["OUTBOX"]] * 2


async def page_of(talka: Talka, worker: Worker) -> tuple[dict[str, Any], dict[str, Any]]:
    """A pool and a page of it that a worker holds."""
    pool = await talka.pool(await talka.project(public_name="Letters of old"))
    await talka.tasks(pool, 4)
    return pool, (await worker.take(pool)).json()


async def test_a_worker_writes_about_a_page(talka: Talka) -> None:
    worker = await talka.worker(profile={"languages": ["PT"]})
    pool, page = await page_of(talka, worker)
    written = await worker.post("/message-threads", {"assignment_id": page["id"], "text": "Is this an A?"})
    assert written.status_code == 201
    mine = written.json()
    meta = {"pool_id": pool["id"], "project_id": pool["project_id"], "assignment_id": page["id"]}
    assert mine == {
        "id": mine["id"], "topic": "Letters of old", "requester": "Requester", "messages_inlined": True,
        "messages": [{"text": "Is this an A?", "from": {"role": "USER", "myself": True}, "created": mine["created"]}],
        "meta": meta, "unread": False, "answerable": True, "created": mine["created"],
    }  # fmt: skip
    assert await own(worker) == [mine]
    [theirs] = await threads(talka)
    me = {"id": talka.account["requester_id"], "role": "REQUESTER", "myself": True}
    user = {"id": worker.user_id, "role": "USER"}
    assert theirs == {
        "id": mine["id"], "topic": {"PT": "Letters of old"}, "interlocutors_inlined": True,
        "interlocutors": sorted([me, user], key=lambda one: str(one["id"])), "messages_inlined": True,
        "messages": [{"text": {"PT": "Is this an A?"}, "from": user, "created": mine["created"]}],
        "meta": meta, "folders": ["INBOX", "UNREAD"], "answerable": True, "created": mine["created"],
    }  # fmt: skip
    replied = (await act(talka, theirs, "reply", {"text": {"EN": "Yes."}})).json()
    assert replied["folders"] == ["INBOX", "OUTBOX"]
    assert "compose_details" not in replied
    assert said((await own(worker, "unread=true"))[0]) == ["Yes.", "Is this an A?"]
    # About the project, with a topic of its own, by language.
    body = {"project_id": pool["project_id"], "topic": {"EN": "Pay"}, "text": {"EN": "When?"}}
    other = await worker.post("/message-threads", body)
    assert other.status_code == 201
    assert (other.json()["topic"], other.json()["meta"]) == ("Pay", {"project_id": pool["project_id"]})


async def test_the_same_letter_twice_is_one(talka: Talka) -> None:
    worker = await talka.worker()
    pool, page = await page_of(talka, worker)
    body = {"assignment_id": page["id"], "project_id": pool["project_id"], "text": "Is this an A?"}
    answers = await asyncio.gather(*(worker.post("/message-threads", body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await threads(talka)) == 1
    for change in ({"text": "Or a B?"}, {"topic": "Else"}, {"assignment_id": None}):
        assert (await worker.post("/message-threads", {**body, **change})).status_code == 201
    # Once the requester has answered, the same words are new.
    await act(talka, answers[0].json(), "reply", {"text": {"EN": "Yes."}})
    assert (await worker.post("/message-threads", body)).status_code == 201


async def test_letters_that_are_refused(talka: Talka) -> None:
    worker, other = await talka.worker(), await talka.worker()
    pool, page = await page_of(talka, worker)
    foreign = (await page_of(talka, other))[1]
    thread = await compose(talka, to(worker))
    good = {"assignment_id": page["id"], "text": "x"}
    body: Any
    for body, expected in (
        ({"text": "x"}, {"assignment_id": "VALUE_REQUIRED"}),
        ({"assignment_id": page["id"]}, {"text": "VALUE_REQUIRED"}),
        ({**good, "text": ""}, {"text.EN": "BLANK_STRING_NOT_ALLOWED"}),
        ({**good, "text": "x" * 10_001}, {"text.EN": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({**good, "text": {"EN": "x" * 6000, "PT": "x" * 6000}}, {"text": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({**good, "text": ["x"]}, {"text": "OBJECT_EXPECTED"}),
        ({**good, "topic": 5}, {"topic": "OBJECT_EXPECTED"}),
        ({**good, "topic": "x" * 256}, {"topic.EN": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({**good, "assignment_id": foreign["id"]}, {"assignment_id": "ENTITY_DOES_NOT_EXIST"}),
        ({**good, "assignment_id": "nonsense"}, {"assignment_id": "ENTITY_DOES_NOT_EXIST"}),
        ({**good, "assignment_id": []}, {"assignment_id": "STRING_EXPECTED"}),
        ({**good, "project_id": foreign["project_id"]}, {"project_id": "VALUE_NOT_ALLOWED"}),
        ({"project_id": foreign["project_id"], "text": "x"}, {"project_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"project_id": "9" * 18, "text": "x"}, {"project_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"project_id": "x", "text": "x"}, {"project_id": "ENTITY_DOES_NOT_EXIST"}),
    ):  # fmt: skip
        answer = await worker.post("/message-threads", body)
        assert answer.status_code == 400, body
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == expected, body
    for body in ([], "x", 5):
        assert (await worker.post("/message-threads", body)).json()["payload"].keys() == {"body"}
    for body, path in (({}, "text"), ({"text": {}}, "text"), ({"text": " "}, "text.EN"), ([], "body")):
        answer = await worker.post(f"/message-threads/{thread['id']}/reply", body)
        assert (answer.status_code, list(answer.json()["payload"])) == (400, [path])
    assert pool["project_id"] != foreign["project_id"]
    assert await threads(talka) == [thread]


async def test_workers_see_their_own_threads_only(talka: Talka) -> None:
    ann, bob = await worked(talka, 2)
    thread = await compose(talka, to(ann))
    for worker, expected in ((ann, 200), (bob, 404)):
        assert (await worker.get(f"/message-threads/{thread['id']}")).status_code == expected
        assert (await worker.post(f"/message-threads/{thread['id']}/read")).status_code == expected
        body = {"text": "Hello"}
        assert (await worker.post(f"/message-threads/{thread['id']}/reply", body)).status_code == expected
    assert await own(bob) == []
    for thread_id in ("7", "f" * 24, "0" * 24, "%00"):
        assert (await ann.get(f"/message-threads/{thread_id}")).json()["code"] == "DOES_NOT_EXIST"
    anonymous = talka.anonymous()
    assert (await anonymous.get("/api/worker/v1/message-threads")).status_code == 401
    # Nothing of a thread tells a worker who else is in it, nor the requester's id.
    text = (await ann.get(f"/message-threads/{(await compose(talka, to(ann, bob)))['id']}")).text
    assert bob.user_id not in text
    assert talka.account["requester_id"] not in text


async def test_a_worker_pages_through_their_threads(talka: Talka) -> None:
    [worker] = await worked(talka, 1)
    made = []
    for _ in range(5):
        made.append((await compose(talka, to(worker)))["id"])
        await talka.advance(1)
    await worker.post(f"/message-threads/{made[0]}/read")
    for query, expected in (
        ("", [0, 1, 2, 3, 4]), ("sort=-id&limit=2", [4, 3]), (f"id_gt={made[2]}", [3, 4]), (f"id_lte={made[0]}", [0]),
        ("unread=true", [1, 2, 3, 4]), ("unread=false", [0]), ("sort=-created", [4, 3, 2, 1, 0]),
    ):  # fmt: skip
        assert [found["id"] for found in await own(worker, query)] == [made[place] for place in expected], query
    for query in ("unread=yes", "sort=topic", "limit=301", "id_gt=x", "created_gt=x"):
        answer = await worker.get(f"/message-threads?{query}")
        assert (answer.status_code, list(answer.json()["payload"])) == (400, [query.split("=")[0]])


async def test_a_long_conversation_shows_its_newest_messages(talka: Talka) -> None:
    [worker] = await worked(talka, 1)
    thread = await compose(talka, to(worker))
    for number in range(100):
        assert (await answered(worker, thread, f"message {number}"))["messages_inlined"] is (number < 99)
    [theirs] = await threads(talka)
    assert theirs["messages_inlined"] is False
    assert [text["EN"] for text in said(theirs)] == [f"message {number}" for number in reversed(range(100))]


async def test_a_bonus_tells_its_worker(talka: Talka) -> None:
    worker = await talka.worker(profile={"languages": ["PT"]})
    pool, page = await page_of(talka, worker)
    paid = await post(talka, [bonus(worker, assignment_id=page["id"]), bonus(worker, 2, without_message=True)])
    assert paid.status_code == 201
    [thread] = await threads(talka)
    me = {"id": talka.account["requester_id"], "role": "REQUESTER", "myself": True}
    given = paid.json()["items"]["0"]
    assert thread["topic"] == given["public_title"]
    assert thread["messages"] == [{"text": given["public_message"], "from": me, "created": given["created"]}]
    meta = {"pool_id": pool["id"], "project_id": pool["project_id"], "assignment_id": page["id"]}
    assert (thread["meta"], thread["folders"], thread["answerable"]) == (meta, ["OUTBOX"], False)
    assert thread["compose_details"] == {"recipients_select_type": "DIRECT", "recipients_ids": [worker.user_id]}
    [mine] = await own(worker)
    assert (mine["topic"], said(mine), mine["unread"]) == ("Bom trabalho", ["30 pages without a mistake"], True)
    queued = await post(talka, [bonus(worker, 3), bonus("0" * 32)], async_mode=True)
    await talka.drain()
    assert len(await threads(talka)) == 1, "a batch that failed tells nobody"
    again = await post(talka, [bonus(worker, 3), bonus("0" * 32)], async_mode=True, skip_invalid_items=True)
    await talka.drain()
    assert (queued.status_code, again.status_code) == (202, 202)
    assert [found["meta"] for found in await threads(talka)] == [meta, {}]
