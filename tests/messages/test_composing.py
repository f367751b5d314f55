"""Messages of requesters: recipients of every kind, bodies broken one field at a time, folders, lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.messages.conversation import TEXT, TOPIC, act, compose, own, refused, threads, to, to_all, worked
from tests.support.app import Talka, Worker

from talka.infra.settings import Settings


async def test_a_message_for_one_worker(talka: Talka) -> None:
    [worker] = await worked(talka, 1, languages=["PT"])
    body = to(worker, id="7", folders=["INBOX"], novel=1)
    thread = await compose(talka, body)
    me = {"id": talka.account["requester_id"], "role": "REQUESTER", "myself": True}
    assert thread == {
        "id": thread["id"], "topic": TOPIC, "interlocutors_inlined": True,
        "interlocutors": sorted([me, {"id": worker.user_id, "role": "USER"}], key=lambda one: str(one["id"])),
        "messages_inlined": True, "messages": [{"text": TEXT, "from": me, "created": thread["created"]}],
        "compose_details": {"recipients_select_type": "DIRECT", "recipients_ids": [worker.user_id]},
        "meta": {}, "folders": ["OUTBOX"], "answerable": True, "created": thread["created"],
    }  # fmt: skip
    assert len(thread["id"]) == 24
    assert await threads(talka) == [thread]
    assert await own(worker) == [
        {"id": thread["id"], "topic": "Please retake the training", "requester": "Requester", "messages_inlined": True,
         "messages": [{"text": "As regras mudaram.", "from": {"role": "REQUESTER"}, "created": thread["created"]}],
         "meta": {}, "unread": True, "answerable": True, "created": thread["created"]}
    ]  # fmt: skip


async def test_everybody_who_ever_took_a_page_and_nobody_else(talka: Talka) -> None:
    stranger = await talka.stranger()
    idle = await talka.worker()
    nobody = await refused(talka, to_all())
    assert (nobody.status_code, nobody.json()["code"]) == (409, "INCORRECT_RECIPIENTS")
    workers = await worked(talka, 3)
    # Twice a worker of the account is one recipient.
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    await workers[0].take(pool)
    thread = await compose(talka, to_all(answerable=False))
    assert thread["compose_details"] == {"recipients_select_type": "ALL"}
    assert thread["answerable"] is False
    users = [one["id"] for one in thread["interlocutors"] if one["role"] == "USER"]
    assert sorted(users) == sorted(worker.user_id for worker in workers)
    assert [one["id"] for one in thread["interlocutors"]] == sorted(one["id"] for one in thread["interlocutors"])
    for worker in workers:
        assert [found["id"] for found in await own(worker)] == [thread["id"]]
    assert await own(idle) == []
    theirs = await stranger.post("/api/v1/message-threads/compose", json=to_all())
    assert theirs.json()["code"] == "INCORRECT_RECIPIENTS"
    assert (await stranger.get("/api/v1/message-threads")).json() == {"items": [], "has_more": False}


def country(code: str) -> dict[str, Any]:
    return {"category": "profile", "key": "country", "operator": "EQ", "value": code}


async def test_a_filter_chooses_among_them(talka: Talka) -> None:
    portuguese, french = (await worked(talka, 1, country="PT"))[0], (await worked(talka, 1, country="FR"))[0]
    skilled = (await worked(talka, 1, country="FR"))[0]
    await talka.worker(profile={"country": "PT"})  # has never worked
    skill = (await talka.requester.post("/api/v1/skills", json={"name": "reading"})).json()
    value = {"skill_id": skill["id"], "user_id": skilled.user_id, "value": 49.5}
    assert (await talka.requester.put("/api/v1/user-skills", json=value)).status_code == 201
    holds = {"category": "skill", "key": skill["id"], "operator": "GTE", "value": "49.5"}
    lacks = {**holds, "operator": "EQ", "value": None}

    async def chosen(tree: dict[str, Any]) -> list[str]:
        sent = {"topic": TOPIC, "text": TEXT, "recipients_select_type": "FILTER", "recipients_filter": tree}
        thread = await compose(talka, sent)
        assert thread["compose_details"] == {"recipients_select_type": "FILTER", "recipients_filter": tree}
        return [one["id"] for one in thread["interlocutors"] if one["role"] == "USER"]

    assert await chosen({"and": [country("PT")]}) == [portuguese.user_id]
    assert await chosen({"and": [holds]}) == [skilled.user_id]
    assert await chosen({"and": [country("FR"), lacks]}) == [french.user_id]
    assert await chosen(country("PT")) == [portuguese.user_id]
    assert len(await chosen({"or": [country("PT"), holds]})) == 2
    assert len(await chosen({"and": []})) == 3
    sent = {"topic": TOPIC, "text": TEXT, "recipients_select_type": "FILTER"}
    nobody = await refused(talka, {**sent, "recipients_filter": country("US")})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "INCORRECT_RECIPIENTS")
    foreign = await (await talka.stranger()).post("/api/v1/skills", json={"name": "theirs"})
    for key in (foreign.json()["id"], "7", "x", "9" * 40):
        wrong = await refused(talka, {**sent, "recipients_filter": {"and": [country("PT"), {**holds, "key": key}]}})
        assert wrong.status_code == 400, key
        assert {path: e["code"] for path, e in wrong.json()["payload"].items()} == {
            "recipients_filter.and.1.key": "ENTITY_DOES_NOT_EXIST"
        }
    bad = await refused(talka, {**sent, "recipients_filter": {"and": [{**country("PT"), "operator": "IS"}]}})
    assert bad.json()["payload"].keys() == {"recipients_filter.and.0.operator"}


async def test_ids_of_others_are_named(talka: Talka) -> None:
    [worker] = await worked(talka, 1)
    idle = await talka.worker()
    body = to(worker, idle)
    body["recipients_ids"] += ["0" * 32, "nonsense"]
    answer = await refused(talka, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    error = answer.json()["payload"]["recipients_ids"]
    assert (error["code"], error["params"]) == ("ENTITY_DOES_NOT_EXIST", [idle.user_id, "0" * 32, "nonsense"])
    assert await threads(talka) == []
    # The same one twice is one recipient, and the body is kept as it came.
    thread = await compose(talka, to(worker, worker))
    assert len(thread["interlocutors"]) == 2
    assert thread["compose_details"]["recipients_ids"] == [worker.user_id] * 2


async def test_each_wrong_field_is_named(talka: Talka) -> None:
    [worker] = await worked(talka, 1)
    babel = [f"A{first}{second}" for first in "ABC" for second in "ABCDEFGHIJKLMNOPQ"]
    change: dict[str, Any]
    sent: dict[str, Any]
    for change, expected in (
        ({"topic": None}, {"topic": "VALUE_REQUIRED"}),
        ({"topic": {}}, {"topic": "EMPTY_OBJECT_NOT_ALLOWED"}),
        ({"topic": "text"}, {"topic": "OBJECT_EXPECTED"}),
        ({"topic": {"EN": "x" * 256}}, {"topic.EN": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({"topic": {"english": "x"}}, {"topic.english": "UNKNOWN_ENUM_VALUE"}),
        ({"text": None}, {"text": "VALUE_REQUIRED"}),
        ({"text": {"EN": ""}}, {"text.EN": "BLANK_STRING_NOT_ALLOWED"}),
        ({"text": {"EN": None}}, {"text.EN": "VALUE_REQUIRED"}),
        ({"text": {"EN": "a\0"}}, {"text.EN": "CHARACTER_NOT_ALLOWED"}),
        ({"text": {"EN": "x" * 10_001}}, {"text.EN": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({"text": dict.fromkeys(babel, "x")}, {"text": "VALUE_OUT_OF_BOUNDS"}),
        ({"recipients_select_type": None}, {"recipients_select_type": "VALUE_REQUIRED"}),
        ({"recipients_select_type": "SOME"}, {"recipients_select_type": "UNKNOWN_ENUM_VALUE"}),
        ({"recipients_select_type": ["ALL"]}, {"recipients_select_type": "UNKNOWN_ENUM_VALUE"}),
        ({"recipients_ids": None}, {"recipients_ids": "VALUE_REQUIRED"}),
        ({"recipients_ids": []}, {"recipients_ids": "ARRAY_SIZE_LESS_THAN_MIN"}),
        ({"recipients_ids": ["0" * 32] * 101}, {"recipients_ids": "ARRAY_SIZE_GREATER_THAN_MAX"}),
        ({"recipients_ids": {}}, {"recipients_ids": "ARRAY_EXPECTED"}),
        ({"recipients_ids": [None]}, {"recipients_ids.0": "VALUE_REQUIRED"}),
        ({"recipients_select_type": "FILTER"}, {"recipients_filter": "VALUE_REQUIRED"}),
        ({"recipients_filter": []}, {"recipients_filter": "OBJECT_EXPECTED"}),
        ({"answerable": "yes"}, {"answerable": "BOOLEAN_EXPECTED"}),
        ({"topic": 5, "text": 5, "answerable": 5}, {
            "topic": "OBJECT_EXPECTED", "text": "OBJECT_EXPECTED", "answerable": "BOOLEAN_EXPECTED",
        }),
    ):  # fmt: skip
        answer = await refused(talka, {**to(worker), **change})
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), change
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == expected, change
    assert (await refused(talka, [])).json()["payload"].keys() == {"body"}
    assert await threads(talka) == []
    thread = await compose(talka, to(worker))
    for sent, expected in (
        ({}, {"text": "VALUE_REQUIRED"}), ({"text": "x"}, {"text": "OBJECT_EXPECTED"}),
        ({"text": {}}, {"text": "EMPTY_OBJECT_NOT_ALLOWED"}),
    ):  # fmt: skip
        answer = await act(talka, thread, "reply", sent)
        assert answer.status_code == 400
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == expected
    for verb in ("add-to-folders", "remove-from-folders"):
        for body, expected in (
            ({}, {"folders": "VALUE_REQUIRED"}), ({"folders": []}, {"folders": "ARRAY_SIZE_LESS_THAN_MIN"}),
            ({"folders": "UNREAD"}, {"folders": "ARRAY_EXPECTED"}),
            ({"folders": ["SPAM"]}, {"folders.0": "UNKNOWN_ENUM_VALUE"}),
            ({"folders": ["UNREAD", 5]}, {"folders.1": "UNKNOWN_ENUM_VALUE"}),
            *[({"folders": ["UNREAD", name]}, {"folders": "VALUE_NOT_ALLOWED"})
              for name in ("INBOX", "OUTBOX", "AUTOMATIC_NOTIFICATION")],
        ):  # fmt: skip
            answer = await act(talka, thread, verb, body)
            assert answer.status_code == 400, body
            assert {path: error["code"] for path, error in answer.json()["payload"].items()} == expected, body
    assert await threads(talka) == [thread]


async def test_a_further_message_reaches_everybody_again(talka: Talka) -> None:
    workers = await worked(talka, 2)
    thread = await compose(talka, to_all())
    for worker in workers:
        read = await worker.post(f"/message-threads/{thread['id']}/read")
        assert (read.status_code, read.json()["unread"]) == (200, False)
        assert await own(worker, "unread=true") == []
        assert len(await own(worker, "unread=false")) == 1
    again = await act(talka, thread, "reply", {"text": {"EN": "Once more."}})
    assert again.status_code == 200
    first = thread["messages"][0]
    me = first["from"]
    newest = again.json()["messages"][0]
    assert again.json() == {**thread, "messages": [{"text": {"EN": "Once more."}, "from": me,
                                                    "created": newest["created"]}, first]}  # fmt: skip
    for worker in workers:
        [found] = await own(worker, "unread=true")
        assert [message["text"] for message in found["messages"]] == ["Once more.", "The rules changed."]


async def test_marks_are_set_and_removed(talka: Talka) -> None:
    [worker] = await worked(talka, 1)
    thread = await compose(talka, to(worker))
    both = await act(talka, thread, "add-to-folders", {"folders": ["UNREAD", "IMPORTANT"]})
    assert both.status_code == 200
    assert both.json() == {**thread, "folders": ["OUTBOX", "IMPORTANT", "UNREAD"]}
    again = await act(talka, thread, "add-to-folders", {"folders": ["UNREAD", "UNREAD"]})
    assert again.json() == both.json()
    one = await act(talka, thread, "remove-from-folders", {"folders": ["UNREAD"]})
    assert one.json()["folders"] == ["OUTBOX", "IMPORTANT"]
    none = await act(talka, thread, "remove-from-folders", {"folders": ["UNREAD", "IMPORTANT"]})
    assert none.json() == thread
    assert await threads(talka) == [thread]


async def test_lists_filter_range_sort_and_page(talka: Talka) -> None:
    [worker] = await worked(talka, 1)
    made = []
    for _ in range(5):
        made.append(await compose(talka, to(worker)))
        await talka.advance(1)
    await worker.post(f"/message-threads/{made[1]['id']}/reply", {"text": "Ok"})
    await act(talka, made[2], "add-to-folders", {"folders": ["IMPORTANT"]})
    await act(talka, made[3], "add-to-folders", {"folders": ["UNREAD"]})
    ids = [thread["id"] for thread in made]
    created = [thread["created"] for thread in made]
    for query, expected in (
        ("", [0, 1, 2, 3, 4]), ("folder=OUTBOX", [0, 1, 2, 3, 4]), ("folder=INBOX", [1]), ("folder=IMPORTANT", [2]),
        ("folder=UNREAD", [1, 3]), ("folder=INBOX,IMPORTANT", [1, 2]), ("folder=AUTOMATIC_NOTIFICATION", []),
        ("folder=AUTOMATIC_NOTIFICATION,UNREAD", [1, 3]), ("folder_ne=UNREAD", [0, 2, 4]),
        ("folder_ne=INBOX,IMPORTANT", [0, 3, 4]), ("folder_ne=AUTOMATIC_NOTIFICATION", [0, 1, 2, 3, 4]),
        ("folder=UNREAD&folder_ne=INBOX", [3]), ("folder_ne=OUTBOX", []),
        (f"id_gt={ids[2]}", [3, 4]), (f"id_gte={ids[2]}", [2, 3, 4]), (f"id_lt={ids[2]}", [0, 1]),
        (f"id_lte={ids[2]}", [0, 1, 2]), (f"created_gt={created[2]}", [3, 4]), (f"created_gte={created[2]}", [2, 3, 4]),
        (f"created_lt={created[2]}", [0, 1]), (f"created_lte={created[2]}", [0, 1, 2]),
        ("sort=-id", [4, 3, 2, 1, 0]), ("sort=created", [0, 1, 2, 3, 4]), ("sort=-created", [4, 3, 2, 1, 0]),
        ("limit=300&novel=1", [0, 1, 2, 3, 4]),
    ):  # fmt: skip
        assert [thread["id"] for thread in await threads(talka, query)] == [ids[place] for place in expected], query
    first = (await talka.requester.get("/api/v1/message-threads?limit=2&sort=id")).json()
    assert ([thread["id"] for thread in first["items"]], first["has_more"]) == (ids[:2], True)
    for query, code in (
        ("folder=SPAM", "UNKNOWN_ENUM_VALUE"), ("folder=INBOX,", "UNKNOWN_ENUM_VALUE"), ("folder_ne=inbox",
        "UNKNOWN_ENUM_VALUE"), ("limit=301", "VALUE_GREATER_THAN_MAX"), ("limit=0", "VALUE_LESS_THAN_MIN"),
        ("sort=topic", "UNKNOWN_ENUM_VALUE"), ("id_gt=7", "INVALID_VALUE"), ("id_lt=" + "f" * 24, "INVALID_VALUE"),
        ("created_gt=x", "INVALID_DATE_TIME_SYNTAX"), ("folder=%00", "UNKNOWN_ENUM_VALUE"),
    ):  # fmt: skip
        answer = await talka.requester.get(f"/api/v1/message-threads?{query}")
        name = query.split("=")[0]
        assert answer.status_code == 400, query
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == {name: code}


async def test_daily_quotas_count_what_was_sent(database_url: str, tmp_path: Path) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True, quotas=True)) as limited:
        nobody = await refused(limited, to_all())
        assert nobody.json()["code"] == "INCORRECT_RECIPIENTS"
        workers = await worked(limited, 2)
        await compose(limited, to_all())
        again = await refused(limited, to_all())
        assert (again.status_code, again.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        assert (again.json()["payload"]["limit"], again.json()["payload"]["interval"]) == (1, "DAY")
        async with limited.db.transaction() as tx:
            day = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
            await tx.execute(
                "insert into quota_use select id, 'MESSAGE_WORKERS', 86400, %s, 99997 from account", (day,)
            )
        await compose(limited, to(*workers))
        over = await refused(limited, to(*workers))
        assert (over.status_code, over.json()["payload"]["limit"]) == (429, 100_000)
        await compose(limited, to(workers[0]))
        assert len(await threads(limited)) == 3
        await limited.advance(86_400)
        await compose(limited, to_all())
        await compose(limited, to(*workers))


async def test_other_requesters_can_do_nothing_with_a_thread(talka: Talka) -> None:
    [worker] = await worked(talka, 1)
    thread = await compose(talka, to(worker))
    stranger = await talka.stranger()
    for thread_id in (thread["id"], "0" * 24, "f" * 24, "7", "%00", thread["id"].upper() + "A"):
        for verb, body in (
            ("reply", {"text": TEXT}), ("add-to-folders", {"folders": ["UNREAD"]}),
            ("remove-from-folders", {"folders": ["UNREAD"]}),
        ):  # fmt: skip
            answer = await stranger.post(f"/api/v1/message-threads/{thread_id}/{verb}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST"), thread_id
    foreign = await stranger.post("/api/v1/message-threads/compose", json=to(worker))
    assert foreign.json()["payload"].keys() == {"recipients_ids"}
    assert await threads(talka) == [thread]


async def many_workers(talka: Talka, count: int) -> None:
    """Workers who have taken a page, put straight into the tables."""
    [someone] = await worked(talka, 1)
    async with talka.db.transaction() as tx:
        await tx.execute(
            "insert into worker (user_id, login, password_hash, profile, created)"
            " select gen_random_uuid(), 'w' || n, '', jsonb_build_object('country', case n %% 2 when 0 then 'PT'"
            "   else 'FR' end), %s from generate_series(1, %s) n",
            (tx.now, count),
        )
        await tx.execute(
            "insert into issue_cursor select c.pool_id, w.id, c.kind, c.start, c.forward, c.wrapped, c.returned,"
            " c.reserved, c.endless, c.endless_wrapped from issue_cursor c cross join worker w"
            " where w.login like 'w%%' and w.login not like 'worker%%' on conflict do nothing"
        )
    assert isinstance(someone, Worker)


async def test_many_recipients_are_told_but_not_listed(talka: Talka) -> None:
    await many_workers(talka, 12_000)
    thread = await compose(talka, to_all())
    assert "interlocutors" not in thread
    assert thread["interlocutors_inlined"] is False
    filtered = {"topic": TOPIC, "text": TEXT, "recipients_select_type": "FILTER", "recipients_filter": country("PT")}
    half = await compose(talka, filtered)
    async with talka.db.reading() as tx:
        counts = await tx.rows(
            "select t.recipients, count(*) as found from message_thread t join message_recipient r"
            " on r.thread_id = t.id group by t.id order by t.id"
        )
    assert [(row["recipients"], row["found"]) for row in counts] == [(12_001, 12_001), (6_000, 6_000)]
    assert [found["id"] for found in await threads(talka)] == [thread["id"], half["id"]]
