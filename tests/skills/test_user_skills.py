"""What workers have of skills: setting, rounding, lists, history, expiry, two at once, the worker's own view."""

from __future__ import annotations

import asyncio
import csv
import io
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.skills.test_skills import create, platform_skill
from tests.support.app import Talka, Worker

from talka.accounts.store import worker_id_of
from talka.skills import store, usecases
from talka.skills.model import Cause, Origin


async def put(client: httpx.AsyncClient, skill: dict[str, Any], user_id: str, value: Any, **more: Any) -> Any:
    body = {"skill_id": skill["id"], "user_id": user_id, "value": value, **more}
    return await client.put("/api/v1/user-skills", json=body)


async def history(talka: Talka, skill: dict[str, Any], worker: Worker) -> list[tuple[Any, ...]]:
    async with talka.db.reading() as tx:
        worker_id = await worker_id_of(tx, worker.user_id)
        assert worker_id is not None
        rows = await tx.rows(
            "select action, value, cause, message from user_skill_change where worker_id = %s and skill_id = %s"
            " order by id",
            (worker_id, int(skill["id"])),
        )
    return [(row["action"], row["value"], row["cause"], row["message"]) for row in rows]


async def test_a_value_is_set_changed_read_and_removed(talka: Talka) -> None:
    skill, worker = await create(talka.requester), await talka.worker()
    first = await put(talka.requester, skill, worker.user_id, 85.5, id="7", reason=None)
    assert first.status_code == 201
    found = first.json()
    assert found == {
        "id": found["id"], "skill_id": skill["id"], "user_id": worker.user_id, "value": 86, "exact_value": 85.5,
        "created": found["created"], "modified": found["created"],
    }  # fmt: skip
    path = f"/api/v1/user-skills/{found['id']}"
    await talka.advance(3600)
    second = await put(talka.requester, skill, worker.user_id, 12)
    changed = second.json()
    assert second.status_code == 200
    assert changed == {**found, "value": 12, "exact_value": 12, "modified": changed["modified"]}
    assert changed["modified"] > found["modified"]
    assert (await talka.requester.get(path)).json() == changed
    assert [(await talka.requester.delete(path)).status_code for _ in range(2)] == [204, 404]
    assert (await talka.requester.get(path)).status_code == 404
    third = await put(talka.requester, skill, worker.user_id, 0)
    assert third.status_code == 201
    assert int(third.json()["id"]) > int(found["id"])


@pytest.mark.parametrize(
    ("sent", "rounded"),
    [
        (0, 0), (100, 100), (49.4, 49), (49.5, 50), (50.5, 51), (99.5, 100), (66.66666666666667, 67), (1e-300, 0),
        (0.49999999999999994, 0), (100.0, 100), (-0.0, 0), (83.33, 83),
    ],
)  # fmt: skip
async def test_values_are_exact_and_halves_go_up(talka: Talka, sent: float, rounded: int) -> None:
    skill, worker = await create(talka.requester), await talka.worker()
    found = (await put(talka.requester, skill, worker.user_id, sent)).json()
    assert (found["exact_value"], found["value"]) == (sent, rounded)
    assert isinstance(found["value"], int)


async def test_wrong_values_name_every_field(talka: Talka) -> None:
    skill, worker = await create(talka.requester), await talka.worker()
    foreign = await create(await talka.stranger())
    shared = {"id": await platform_skill(talka, name="EN test")}
    whole = {"skill_id": skill["id"], "user_id": worker.user_id, "value": 5}
    cases: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"skill_id": None, "user_id": None, "value": None},
         dict.fromkeys(("skill_id", "user_id", "value"), "VALUE_REQUIRED")),
        ({"value": 100.01}, {"value": "VALUE_OUT_OF_BOUNDS"}),
        ({"value": -1e-9, "reason": 5}, {"value": "VALUE_OUT_OF_BOUNDS", "reason": "STRING_EXPECTED"}),
        ({"value": "50"}, {"value": "FLOAT_EXPECTED"}),
        ({"value": True, "user_id": []}, {"value": "FLOAT_EXPECTED", "user_id": "STRING_EXPECTED"}),
        ({"reason": "a\0"}, {"reason": "CHARACTER_NOT_ALLOWED"}),
        ({"skill_id": "1", "user_id": "0" * 32},
         {"skill_id": "ENTITY_DOES_NOT_EXIST", "user_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"skill_id": "x", "user_id": worker.user_id.upper()},
         {"skill_id": "ENTITY_DOES_NOT_EXIST", "user_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"skill_id": "9" * 18}, {"skill_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"skill_id": foreign["id"], "user_id": ""},
         {"skill_id": "ENTITY_ACCESS_DENIED", "user_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"skill_id": shared["id"]}, {"skill_id": "ENTITY_ACCESS_DENIED"}),
    ]  # fmt: skip
    for change, wrong in cases:
        answer = await talka.requester.put("/api/v1/user-skills", json={**whole, **change})
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), change
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong
    assert (await talka.requester.get("/api/v1/user-skills")).json()["items"] == []
    assert await history(talka, skill, worker) == []
    numeric = await talka.requester.put("/api/v1/user-skills", json={**whole, "skill_id": int(skill["id"])})
    assert numeric.status_code == 201


async def test_lists_filter_range_sort_and_page(talka: Talka) -> None:
    skills = [await create(talka.requester) for _ in range(2)]
    workers = [await talka.worker() for _ in range(2)]
    made = []
    for skill in skills:
        for worker in workers:
            made.append((await put(talka.requester, skill, worker.user_id, 5)).json())
            await talka.advance(60)
    changed = (await put(talka.requester, skills[0], workers[0].user_id, 6)).json()
    ids, moments = [found["id"] for found in made], [found["created"] for found in made]

    async def listed(**params: Any) -> tuple[list[str], bool]:
        found = (await talka.requester.get("/api/v1/user-skills", params=params)).json()
        return [value["id"] for value in found["items"]], found["has_more"]

    whole = (await talka.requester.get("/api/v1/user-skills", params={"limit": 1000})).json()
    assert whole == {"items": [changed, *made[1:]], "has_more": False}
    assert await listed(skill_id=skills[1]["id"]) == (ids[2:], False)
    assert await listed(user_id=workers[1].user_id) == ([ids[1], ids[3]], False)
    assert await listed(user_id=workers[1].user_id, skill_id=skills[0]["id"]) == ([ids[1]], False)
    assert await listed(user_id="0" * 32) == ([], False)
    assert await listed(limit=3) == (ids[:3], True)
    assert await listed(limit=3, id_gt=ids[2]) == (ids[3:], False)
    assert await listed(id_gte=ids[1], id_lt=ids[3], sort="-id") == ([ids[2], ids[1]], False)
    assert await listed(created_gte=moments[1], created_lte=moments[2]) == (ids[1:3], False)
    assert await listed(sort="-created") == (ids[::-1], False)
    assert await listed(sort="modified") == ([*ids[1:], ids[0]], False)
    assert await listed(modified_gt=moments[3]) == ([ids[0]], False)
    assert await listed(modified_lt=moments[2]) == ([ids[1]], False)
    bad = {"limit": "1001", "sort": "value", "user_id": "me", "skill_id": "x", "modified_gt": "now"}
    answer = await talka.requester.get("/api/v1/user-skills", params=bad)
    assert (answer.status_code, answer.json()["payload"].keys()) == (400, bad.keys())


async def test_other_accounts_have_nothing_of_it(talka: Talka) -> None:
    skill, worker = await create(talka.requester), await talka.worker()
    found = (await put(talka.requester, skill, worker.user_id, 5)).json()
    stranger = await talka.stranger()
    for params in ({}, {"user_id": worker.user_id}, {"skill_id": skill["id"]}):
        empty = {"items": [], "has_more": False}
        assert (await stranger.get("/api/v1/user-skills", params=params)).json() == empty
    for method in ("GET", "DELETE"):
        for number in (found["id"], "1", "9" * 18, "9" * 19, "x"):
            answer = await stranger.request(method, f"/api/v1/user-skills/{number}")
            assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    assert (await talka.requester.get(f"/api/v1/user-skills/{found['id']}")).json() == found


async def test_every_change_is_kept_with_its_cause(talka: Talka) -> None:
    skill, worker = await create(talka.requester), await talka.worker()
    for value, reason in ((80, None), (80, None), (80, "seen again"), (50.5, "worse"), (50.5, None)):
        last = await put(talka.requester, skill, worker.user_id, value, reason=reason)
    await talka.requester.delete(f"/api/v1/user-skills/{last.json()['id']}")
    async with talka.db.transaction() as tx:
        worker_id = await worker_id_of(tx, worker.user_id)
        stored = await store.get(tx, int(skill["id"]))
        assert worker_id is not None
        assert stored is not None
        await usecases.set_value(tx, stored, worker_id, Decimal("66.6667"), Origin(Cause.RULE, 1000001))
        assert await store.values(tx, worker_id) == {stored.id: Decimal("66.6667")}
    assert await history(talka, skill, worker) == [
        ("CREATE", 80, "REQUESTER", None),
        ("MODIFY", 80, "REQUESTER", "seen again"),
        ("MODIFY", Decimal("50.5"), "REQUESTER", "worse"),
        ("DELETE", None, "REQUESTER", None),
        ("CREATE", Decimal("66.6667"), "RULE", None),
    ]


async def test_a_value_passes_when_it_is_not_set_again(talka: Talka) -> None:
    passing, lasting = await create(talka.requester, skill_ttl_hours=2), await create(talka.requester)
    kept, lost = await talka.worker(), await talka.worker()
    for skill in (passing, lasting):
        for worker in (kept, lost):
            await put(talka.requester, skill, worker.user_id, 70)
    await talka.advance(3600)
    await put(talka.requester, passing, kept.user_id, 70)

    async def holders(skill: dict[str, Any]) -> set[str]:
        items = (await talka.requester.get("/api/v1/user-skills", params={"skill_id": skill["id"]})).json()["items"]
        return {found["user_id"] for found in items}

    await talka.advance(3590)
    assert await holders(passing) == {kept.user_id, lost.user_id}
    await talka.advance(20)
    assert await holders(passing) == {kept.user_id}
    assert await history(talka, passing, lost) == [
        ("CREATE", 70, "REQUESTER", None),
        ("DELETE", None, "EXPIRY", None),
    ]
    # A longer lifetime counts for what is there, and so does a shorter one.
    await talka.requester.put(f"/api/v1/skills/{passing['id']}", json={"name": "x", "skill_ttl_hours": 4})
    await talka.advance(2.5 * 3600)
    assert await holders(passing) == {kept.user_id}
    await talka.requester.put(f"/api/v1/skills/{passing['id']}", json={"name": "x", "skill_ttl_hours": 1})
    await talka.drain()
    assert await holders(passing) == set()
    assert await holders(lasting) == {kept.user_id, lost.user_id}


async def test_more_values_pass_at_once_than_one_batch_takes(talka: Talka) -> None:
    skill = await create(talka.requester, skill_ttl_hours=1)
    async with talka.db.transaction() as tx:
        await tx.execute(
            "insert into worker (user_id, login, password_hash, created)"
            " select gen_random_uuid(), 'w' || n, '', %s from generate_series(1, 450) n",
            (tx.now,),
        )
        await tx.execute(
            "insert into user_skill (skill_id, worker_id, account_id, value, created, modified)"
            " select s.id, w.id, s.account_id, 5, %s, %s from worker w, skill s",
            (tx.now, tx.now),
        )
    await talka.advance(3601)
    async with talka.db.reading() as tx:
        assert await tx.value("select count(*) from user_skill") == 0
        assert await tx.value("select count(*) from user_skill_change where cause = 'EXPIRY'") == 450
    assert (await talka.requester.get("/api/v1/user-skills", params={"skill_id": skill["id"]})).json()["items"] == []


async def test_of_many_at_once_one_creates_and_all_are_noted(talka: Talka) -> None:
    skill, worker = await create(talka.requester), await talka.worker()
    answers = await asyncio.gather(*(put(talka.requester, skill, worker.user_id, n) for n in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    [found] = (await talka.requester.get("/api/v1/user-skills")).json()["items"]
    noted = await history(talka, skill, worker)
    assert [action for action, *_ in noted] == ["CREATE"] + ["MODIFY"] * 9
    assert sorted(int(value) for _, value, *_ in noted) == list(range(10))
    assert noted[-1][1] == found["exact_value"]


async def test_setting_and_removing_at_once_never_fails(talka: Talka) -> None:
    skill, worker = await create(talka.requester), await talka.worker()
    number = (await put(talka.requester, skill, worker.user_id, 1)).json()["id"]
    for turn in range(10):
        answers = await asyncio.gather(
            talka.requester.delete(f"/api/v1/user-skills/{number}"),
            *(put(talka.requester, skill, worker.user_id, turn * 5 + n) for n in range(3)),
            talka.requester.delete(f"/api/v1/user-skills/{number}"),
        )
        assert {answer.status_code for answer in answers} <= {200, 201, 204, 404}
        items = (await talka.requester.get("/api/v1/user-skills")).json()["items"]
        assert len(items) <= 1
        number = items[0]["id"] if items else number
    actions = [action for action, *_ in await history(talka, skill, worker)]
    given = 0
    for action in actions:
        given += {"CREATE": 1, "MODIFY": 0, "DELETE": -1}[action]
        assert given == (0 if action == "DELETE" else 1)


async def test_workers_see_public_skills_in_their_language(talka: Talka) -> None:
    worker = await talka.worker(profile={"languages": ["PT", "EN"]})
    other = await talka.worker(profile={"languages": ["FR"]})
    texts = {"EN": "Photos", "PT": "Fotos"}
    named = await create(
        talka.requester, hidden=False, public_name=texts, public_requester_description={"EN": "How good"},
        private_comment="secret",
    )  # fmt: skip
    plain = await create(talka.requester, hidden=False, name="letters", public_name={})
    hidden = await create(talka.requester, public_name=texts)
    given = [(await put(talka.requester, skill, worker.user_id, 85.5)).json() for skill in (named, plain, hidden)]
    await put(talka.requester, named, other.user_id, 1)
    own = [
        {
            "id": found["id"], "skill_id": found["skill_id"], "name": name, "value": 86, "created": found["created"],
            "modified": found["modified"], **more,
        }
        for found, name, more in zip(given, ("Fotos", "letters"), ({"description": "How good"}, {}), strict=False)
    ]  # fmt: skip
    assert (await worker.get("/skills")).json() == {"items": own, "has_more": False}
    assert (await worker.get("/skills", params={"limit": 1})).json() == {"items": own[:1], "has_more": True}
    assert (await worker.get("/skills", params={"id_gt": own[0]["id"]})).json()["items"] == own[1:]
    [elsewhere] = (await other.get("/skills")).json()["items"]
    assert (elsewhere["name"], elsewhere["value"]) == ("Photos", 1)
    assert (await (await talka.worker()).get("/skills")).json() == {"items": [], "has_more": False}


async def test_the_history_as_a_table(talka: Talka) -> None:
    pool, worker = await talka.pool(), await talka.worker()
    skill, other = await create(talka.requester, name="a | b"), await create(talka.requester, name="c")
    path = f"/api/new/requester/workers/{worker.user_id}/skills.csv"
    assert (await talka.requester.get(path)).status_code == 404
    await talka.tasks(pool, 4)
    await worker.take(pool)
    await put(talka.requester, skill, worker.user_id, 1)
    await talka.advance(93 * 86_400)
    set_at = (await put(talka.requester, skill, worker.user_id, 85.5, reason='Good "work"\nindeed')).json()["modified"]
    given = (await put(talka.requester, other, worker.user_id, 7)).json()
    await talka.requester.delete(f"/api/v1/user-skills/{given['id']}")
    answer = await talka.requester.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=UTF-8"
    rows = list(csv.DictReader(io.StringIO(answer.text, newline=""), delimiter="|"))
    assert rows[0] == {
        "worker_id": worker.user_id, "pool_id": "", "skill_id": skill["id"], "skill_name": "a | b", "value": "85.5",
        "created_date": set_at, "action": "MODIFY", "message": 'Good "work"\nindeed',
    }  # fmt: skip
    assert [(row["skill_name"], row["action"], row["value"]) for row in rows[1:]] == [
        ("c", "CREATE", "7"),
        ("c", "DELETE", ""),
    ]
    one = await talka.requester.get(path, params={"skill_id": other["id"]})
    assert [line.split("|")[6] for line in one.text.splitlines()[1:]] == ["CREATE", "DELETE"]
    assert len((await talka.requester.get(path, params={"skill_id": "1"})).text.splitlines()) == 1
    assert (await talka.requester.get(path, params={"skill_id": "x"})).json()["payload"].keys() == {"skill_id"}
    assert (await (await talka.stranger()).get(path)).status_code == 404
    assert (await talka.requester.get(path.replace(worker.user_id, "f" * 32))).status_code == 404
