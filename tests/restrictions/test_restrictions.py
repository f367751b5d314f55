"""Restrictions: one for a worker and a target, its end, lists, other accounts, the platform's bans, two at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.support.app import Talka, Worker

from talka.accounts.store import worker_id_of
from talka.infra.db import Tx
from talka.kit.times import format_time
from talka.restrictions import usecases
from talka.restrictions.model import Scope, Target

API = "/api/v1/user-restrictions"


async def put(client: httpx.AsyncClient, worker: Worker, scope: str = "ALL_PROJECTS", **more: Any) -> httpx.Response:
    return await client.put(API, json={"scope": scope, "user_id": worker.user_id, **more})


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(API, params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def in_hours(talka: Talka, hours: float) -> str:
    async with talka.db.reading() as tx:
        return format_time(tx.now + timedelta(hours=hours))


async def internal(tx: Tx, worker: Worker) -> int:
    worker_id = await worker_id_of(tx, worker.user_id)
    assert worker_id is not None
    return worker_id


async def ban(talka: Talka, worker: Worker) -> str:
    """A ban by the platform."""
    async with talka.db.transaction() as tx:
        found, _ = await usecases.restrict(tx, await internal(tx, worker), Target(None, Scope.SYSTEM), None, None)
    return str(found.id)


async def test_each_scope_comes_back_as_it_was_sent(talka: Talka) -> None:
    worker, pool = await talka.worker(), await talka.pool()
    until = await in_hours(talka, 24)
    made = []
    targets: tuple[tuple[str, dict[str, str]], ...] = (
        ("ALL_PROJECTS", {}),
        ("PROJECT", {"project_id": pool["project_id"]}),
        ("POOL", {"pool_id": pool["id"]}),
    )
    for scope, target in targets:
        sent = {**target, "private_comment": "copies answers", "will_expire": until}
        nulls = {key: None for key in ("project_id", "pool_id") if key not in target}
        answer = await put(talka.requester, worker, scope, id="7", created="x", **sent, **nulls)
        assert answer.status_code == 201, answer.text
        found = answer.json()
        known = {"id": found["id"], "created": found["created"]}
        assert found == {"scope": scope, "user_id": worker.user_id, **sent, **known}
        assert (await talka.requester.get(f"{API}/{found['id']}")).json() == found
        made.append(found)
    assert await listed(talka.requester) == made


async def test_a_restriction_in_force_is_replaced_in_place(talka: Talka) -> None:
    worker, other = await talka.worker(), await talka.worker()
    first = (await put(talka.requester, worker, private_comment="a", will_expire=await in_hours(talka, 1))).json()
    await talka.advance(60)
    again = await put(talka.requester, worker, private_comment="b" * 499)
    known = {"id": first["id"], "created": first["created"], "scope": "ALL_PROJECTS", "user_id": worker.user_id}
    assert (again.status_code, again.json()) == (200, {**known, "private_comment": "b" * 499})
    bare = await put(talka.requester, worker)
    assert (bare.status_code, bare.json()) == (200, known)
    assert (await put(talka.requester, other)).status_code == 201
    path = f"{API}/{first['id']}"
    assert [(await talka.requester.delete(path)).status_code for _ in range(2)] == [204, 404]
    assert (await talka.requester.get(path)).status_code == 404
    new = await put(talka.requester, worker)
    assert new.status_code == 201
    assert new.json()["id"] > first["id"]


async def test_it_ends_by_itself(talka: Talka) -> None:
    worker, lasting = await talka.worker(), await talka.worker()
    first = (await put(talka.requester, worker, will_expire=await in_hours(talka, 2))).json()
    second = (await put(talka.requester, lasting)).json()
    await talka.advance(7190)
    assert await listed(talka.requester) == [first, second]
    await talka.advance(20)
    assert await listed(talka.requester) == [second]
    for method in ("GET", "DELETE"):
        assert (await talka.requester.request(method, f"{API}/{first['id']}")).status_code == 404
    async with talka.db.reading() as tx:
        ended = await tx.value("select ended from user_restriction where id = %s", (int(first["id"]),))
    assert format_time(ended) == first["will_expire"]


async def test_one_that_is_over_is_not_seen_before_it_is_tidied_up(talka: Talka) -> None:
    worker = await talka.worker()
    first = (await put(talka.requester, worker, will_expire=await in_hours(talka, 2))).json()
    async with talka.db.transaction() as tx:  # the clock alone moves: nobody looks after what is due
        await tx.execute("update clock set offset_ms = offset_ms + 7300000")
    assert await listed(talka.requester) == []
    assert (await talka.requester.get(f"{API}/{first['id']}")).status_code == 404
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    assert (await worker.take(pool)).status_code == 201
    second = await put(talka.requester, worker)
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]
    await talka.drain()
    assert await listed(talka.requester) == [second.json()]


async def test_wrong_restrictions_name_every_field(talka: Talka) -> None:
    worker, pool, stranger = await talka.worker(), await talka.pool(), await talka.stranger()
    whole = {"scope": "PROJECT", "user_id": worker.user_id, "project_id": pool["project_id"]}
    cases: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"scope": None, "user_id": None}, {"scope": "VALUE_REQUIRED", "user_id": "VALUE_REQUIRED"}),
        ({"scope": "REGION"}, {"scope": "UNKNOWN_ENUM_VALUE"}),
        ({"scope": ["POOL"]}, {"scope": "UNKNOWN_ENUM_VALUE"}),
        ({"project_id": None, "pool_id": pool["id"]},
         {"project_id": "VALUE_REQUIRED", "pool_id": "VALUE_NOT_ALLOWED"}),
        ({"scope": "POOL"}, {"pool_id": "VALUE_REQUIRED", "project_id": "VALUE_NOT_ALLOWED"}),
        ({"scope": "ALL_PROJECTS"}, {"project_id": "VALUE_NOT_ALLOWED"}),
        ({"private_comment": "x" * 500, "will_expire": "tomorrow"},
         {"private_comment": "STRING_LENGTH_GREATER_THAN_MAX", "will_expire": "INVALID_DATE_TIME_SYNTAX"}),
        ({"private_comment": "\0"}, {"private_comment": "CHARACTER_NOT_ALLOWED"}),
        ({"will_expire": "2001-01-01T00:00:00", "user_id": "0" * 32, "project_id": "1"},
         {"will_expire": "DATE_OUT_OF_RANGE", "user_id": "ENTITY_DOES_NOT_EXIST",
          "project_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"user_id": "me", "project_id": "9" * 18},
         {"user_id": "ENTITY_DOES_NOT_EXIST", "project_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"scope": "POOL", "project_id": None, "pool_id": pool["project_id"] + "0"},
         {"pool_id": "ENTITY_DOES_NOT_EXIST"}),
    ]  # fmt: skip
    for change, wrong in cases:
        answer = await talka.requester.put(API, json={**whole, **change})
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), change
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong
    for target in ({"scope": "PROJECT", "project_id": pool["project_id"]}, {"scope": "POOL", "pool_id": pool["id"]}):
        answer = await stranger.put(API, json={"user_id": worker.user_id, **target})
        [(path, error)] = answer.json()["payload"].items()
        assert (path in target, error["code"]) == (True, "ENTITY_ACCESS_DENIED")
    assert await listed(talka.requester) == await listed(stranger) == []


async def test_lists_filter_range_sort_and_page(talka: Talka) -> None:
    workers, pools = [await talka.worker() for _ in range(2)], [await talka.pool() for _ in range(2)]
    made: list[dict[str, Any]] = []
    for worker in workers:
        for pool in pools:
            made.append((await put(talka.requester, worker, "POOL", pool_id=pool["id"])).json())
            await talka.advance(60)
        made.append((await put(talka.requester, worker, "PROJECT", project_id=pools[0]["project_id"])).json())
        await talka.advance(60)
    moments = [found["created"] for found in made]
    client = talka.requester
    assert await listed(client) == made
    assert await listed(client, scope="PROJECT") == [made[2], made[5]]
    assert await listed(client, scope="SYSTEM") == []
    assert await listed(client, user_id=workers[1].user_id) == made[3:]
    assert await listed(client, user_id=workers[1].user_id, scope="POOL", pool_id=pools[1]["id"]) == [made[4]]
    assert await listed(client, pool_id=pools[0]["id"]) == [made[0], made[3]]
    assert await listed(client, project_id=pools[0]["project_id"]) == [made[2], made[5]]
    assert await listed(client, id_gt=made[0]["id"], id_lte=made[2]["id"]) == made[1:3]
    assert await listed(client, id_gte=made[4]["id"], id_lt=made[5]["id"]) == [made[4]]
    assert await listed(client, created_gt=moments[0], created_lte=moments[2], sort="-created") == made[2:0:-1]
    assert await listed(client, sort="-id", limit=500) == made[::-1]
    page = (await client.get(API, params={"limit": 4})).json()
    assert page == {"items": made[:4], "has_more": True}
    bad = {"limit": "501", "sort": "scope", "scope": "system", "user_id": "x", "pool_id": "y", "created_lt": "z"}
    answer = await client.get(API, params=bad)
    assert (answer.status_code, answer.json()["payload"].keys()) == (400, bad.keys())


async def test_other_accounts_have_nothing_of_it(talka: Talka) -> None:
    worker, stranger = await talka.worker(), await talka.stranger()
    found = (await put(talka.requester, worker)).json()
    assert await listed(stranger) == await listed(stranger, user_id=worker.user_id) == []
    for method in ("GET", "DELETE"):
        for number in (found["id"], "1", "9" * 18, "9" * 19, "x"):
            answer = await stranger.request(method, f"{API}/{number}")
            assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    own = await put(stranger, worker, private_comment="mine")
    assert own.status_code == 201
    assert await listed(stranger) == [own.json()]
    assert await listed(talka.requester) == [found]


async def test_bans_of_the_platform_are_read_by_those_for_whom_the_worker_worked(talka: Talka) -> None:
    worker, stranger, pool = await talka.worker(), await talka.stranger(), await talka.pool()
    unknown = await ban(talka, await talka.worker())
    assert await listed(talka.requester) == []
    assert (await talka.requester.get(f"{API}/{unknown}")).status_code == 404
    await talka.tasks(pool, 4)
    assert (await worker.take(pool)).status_code == 201
    number = await ban(talka, worker)
    [found] = await listed(talka.requester)
    assert found == {"id": number, "scope": "SYSTEM", "user_id": worker.user_id, "created": found["created"]}
    assert await listed(talka.requester, scope="SYSTEM", user_id=worker.user_id) == [found]
    own = (await put(talka.requester, worker)).json()
    assert await listed(talka.requester) == [found, own]
    assert await listed(talka.requester, sort="-id") == [own, found]
    first = (await talka.requester.get(API, params={"limit": 1, "sort": "created"})).json()
    assert first == {"items": [found], "has_more": True}
    assert await listed(talka.requester, limit=1, id_gt=found["id"]) == [own]
    refused = [
        await talka.requester.delete(f"{API}/{number}"),
        await put(talka.requester, worker, "SYSTEM", private_comment="me too"),
    ]
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (409, "SYSTEM_SCOPE_MODIFICATION")
    assert await listed(stranger) == []
    assert (await stranger.delete(f"{API}/{number}")).status_code == 404
    assert await listed(talka.requester) == [found, own]


@pytest.mark.parametrize("scope", ["SYSTEM", "ALL_PROJECTS", "PROJECT", "POOL", "other pool", "other account"])
async def test_what_keeps_a_worker_out_of_a_pool(talka: Talka, scope: str) -> None:
    project = await talka.project()
    pool, other = await talka.pool(project), await talka.pool()
    await talka.tasks(pool, 8)
    worker, stranger = await talka.worker(), await talka.stranger()
    until = await in_hours(talka, 5)
    out = not scope.startswith("other")
    if scope == "SYSTEM":
        await ban(talka, worker)
    elif scope == "other account":
        await put(stranger, worker)
    elif scope == "other pool":
        await put(talka.requester, worker, "POOL", pool_id=other["id"])
        await put(talka.requester, worker, "PROJECT", project_id=other["project_id"])
    else:
        targets = {"ALL_PROJECTS": {}, "PROJECT": {"project_id": project["id"]}, "POOL": {"pool_id": pool["id"]}}
        await put(talka.requester, worker, scope, **targets[scope], will_expire=until, private_comment="copies")
    shown = (await worker.get("/task-list")).json()["items"]
    answer = await worker.take(pool)
    if not out:
        assert ([card["pool_id"] for card in shown], answer.status_code) == ([pool["id"]], 201)
        return
    payload = {"reason": "RESTRICTION"} | ({} if scope == "SYSTEM" else {"until": until})
    assert (shown, answer.status_code, answer.json()["code"]) == ([], 403, "ACCESS_DENIED")
    assert answer.json()["payload"] == payload
    assert "copies" not in answer.text
    assert (await (await talka.worker()).take(pool)).status_code == 201
    if scope == "POOL":
        await put(talka.requester, worker, "PROJECT", project_id=project["id"])  # of several what lasts longest
        assert (await worker.take(pool)).json()["payload"] == {"reason": "RESTRICTION"}


async def test_a_restriction_ends_at_its_moment(talka: Talka) -> None:
    pool, worker = await talka.pool(), await talka.worker()
    await talka.tasks(pool, 4)
    assert (await put(talka.requester, worker, will_expire=await in_hours(talka, 1))).status_code == 201
    await talka.advance(3590)
    assert (await worker.take(pool)).status_code == 403
    await talka.advance(10)
    assert (await worker.take(pool)).status_code == 201


async def test_a_requesters_restriction_leaves_the_page_at_work(talka: Talka) -> None:
    pool, worker = await talka.pool(), await talka.worker()
    await talka.tasks(pool, 8)
    page = (await worker.take(pool)).json()
    await put(talka.requester, worker)
    [card] = (await worker.get("/task-list")).json()["items"]
    assert card["active_assignment_id"] == page["id"]
    assert (await worker.submit(page)).json()["status"] == "ACCEPTED"
    assert (await worker.take(pool)).status_code == 403


async def test_a_banned_worker_neither_answers_nor_withdraws(talka: Talka) -> None:
    pool, worker = await talka.pool(reward_per_assignment=5), await talka.worker()
    await talka.tasks(pool, 12)
    paid = (await worker.take(pool)).json()
    assert (await worker.submit(paid)).status_code == 200
    page = (await worker.take(pool)).json()
    until, operator = await in_hours(talka, 1 / 12), await talka.operator()
    path = f"/api/operator/v1/bans/{worker.user_id}"
    assert (await operator.put(path, json={"will_expire": until, "private_comment": "bot"})).status_code == 201
    form: Any = {"data": {"assignment_id": page["id"]}, "files": {"file": ("a.png", b"pixels", "image/png")}}
    upload = await worker.client.post("/api/worker/v1/attachments", **form)
    asked = await worker.post("/withdrawals", {"amount": 5, "destination": "somewhere"})
    for answer in (await worker.submit(page), await worker.take(pool), upload, asked):
        assert (answer.status_code, answer.json()["code"]) == (403, "ACCESS_DENIED")
        assert answer.json()["payload"] == {"reason": "RESTRICTION", "until": until}
    assert (await worker.get("/task-list")).json()["items"] == []
    me = (await worker.get("/me")).json()
    assert (me["ban"], me["balance"]) == ({"until": until}, {"available": 5, "on_review": 0, "blocked": 0})
    assert (await worker.submit(paid)).status_code == 200  # sent again after a lost answer: nothing changes
    assert (await worker.submit(page, "c")).status_code == 400
    assert (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()["status"] == "ACTIVE"
    assert (await operator.delete(path)).status_code == 204
    assert "ban" not in (await worker.get("/me")).json()
    assert (await worker.submit(page)).json()["status"] == "ACCEPTED"
    assert (await worker.post("/withdrawals", {"amount": 10, "destination": "somewhere"})).status_code == 201


async def test_a_banned_worker_learns_nothing_of_training_tasks(talka: Talka) -> None:
    mixer = {"real_tasks_count": 0, "golden_tasks_count": 0, "training_tasks_count": 1}
    pool, worker = await talka.pool(reward_per_assignment=0, mixer_config=mixer), await talka.worker()
    known = [{"output_values": {"label": "a"}}]
    await talka.tasks(pool, 1, infinite_overlap=True, overlap=None, known_solutions=known,
                      message_on_unknown_solution="Look again")  # fmt: skip
    page = (await worker.take(pool)).json()
    await ban(talka, worker)
    attempt = f"/assignments/{page['id']}/tasks/{page['tasks'][0]['id']}/attempts"
    for answer in (await worker.post(attempt, {"output_values": {"label": "b"}}), await worker.submit(page, "b")):
        assert (answer.status_code, answer.json()["payload"]) == (403, {"reason": "RESTRICTION"})


async def test_nothing_is_issued_once_a_restriction_is_answered(talka: Talka) -> None:
    pool, workers = await talka.pool(), [await talka.worker() for _ in range(6)]
    await talka.tasks(pool, 40)

    async def restricted(worker: Worker) -> None:
        assert (await put(talka.requester, worker, "POOL", pool_id=pool["id"])).status_code == 201
        assert (await worker.take(pool)).status_code == 403

    async def at_work(worker: Worker) -> None:
        while (answer := await worker.take(pool)).status_code == 201:
            await worker.submit(answer.json())

    await asyncio.gather(*(work(worker) for worker in workers for work in (at_work, restricted)))


async def test_of_many_at_once_one_creates(talka: Talka) -> None:
    worker = await talka.worker()
    answers = await asyncio.gather(*(put(talka.requester, worker, private_comment=str(n)) for n in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    [found] = await listed(talka.requester)
    assert {answer.json()["id"] for answer in answers} == {found["id"]}
    for turn in range(10):
        mixed = await asyncio.gather(
            talka.requester.delete(f"{API}/{found['id']}"),
            put(talka.requester, worker, private_comment=f"{turn}a"),
            talka.requester.delete(f"{API}/{found['id']}"),
            put(talka.requester, worker, private_comment=f"{turn}b"),
        )
        assert {answer.status_code for answer in mixed} <= {200, 201, 204, 404}
        left = await listed(talka.requester)
        assert len(left) <= 1
        found = left[0] if left else found
