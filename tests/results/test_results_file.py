"""The results file of a pool: columns, quoting, filters, empty results."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from tests.support.app import Talka
from tests.support.bodies import pool_body, project_body

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}")
DEFAULT = ["link", "assignment_id", "worker_id", "status", "started"]
EVERYTHING = [
    "link", "assignment_id", "task_id", "task_suite_id", "worker_id", "status", "started", "submitted", "accepted",
    "rejected", "skipped", "expired", "reward",
]  # fmt: skip


async def table(talka: Talka, pool: dict[str, Any], **params: str) -> list[list[str]]:
    """The file, read as any TSV reader does."""
    path = f"/api/new/requester/pools/{pool['id']}/assignments.tsv"
    answer = await talka.requester.get(path, params={"addRowDelimiter": "false", **params})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/tab-separated-values; charset=UTF-8"
    return list(csv.reader(io.StringIO(answer.text, newline=""), delimiter="\t"))


async def odd_pool(talka: Talka) -> dict[str, Any]:
    """A pool whose values try to break the file."""
    body = project_body()
    body["task_spec"]["input_spec"] = {
        "text": {"type": "string"},
        "list": {"type": "array_string", "required": False},
        "flags": {"type": "array_boolean", "required": False},
        "data": {"type": "json", "required": False},
        "yes": {"type": "boolean", "required": False},
        "number": {"type": "float", "required": False},
        "secret": {"type": "string", "required": False, "hidden": True},
    }
    body["task_spec"]["output_spec"] = {
        "label": {"type": "string", "allowed_values": ["a", "b"]},
        "tags": {"type": "array_string", "required": False},
        "note": {"type": "string", "required": False},
        "photo": {"type": "file", "required": False},
    }
    project = await talka.project(**body)
    mixer = {"real_tasks_count": 1, "golden_tasks_count": 1, "shuffle_tasks_in_task_suite": False}
    return await talka.pool(project, mixer_config=mixer, auto_accept_solutions=False, reward_per_assignment=0.07)


async def test_every_kind_of_value_survives(talka: Talka) -> None:
    pool = await odd_pool(talka)
    general = {
        "text": 'tab\t"quoted"\nnew line, \\ and \u20ac', "list": ["one", "two, three", ""], "flags": [True, False],
        "data": {"k": ["\t", None]}, "yes": True, "number": 0.1, "secret": "s",
    }  # fmt: skip
    known = [{"output_values": {"label": "b", "tags": ["x", "y,z"]}}, {"output_values": {"label": "a"}}]
    items = [
        {"pool_id": pool["id"], "input_values": general, "overlap": 1},
        {"pool_id": pool["id"], "input_values": {"text": ""}, "infinite_overlap": True, "known_solutions": known},
    ]
    made = await talka.requester.post("/api/v1/tasks?open_pool=true", json=items)
    assert made.status_code == 201, made.text
    ids = [task["id"] for task in made.json()["items"].values()]
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    solutions = [
        {"output_values": {"label": "a", "tags": ["p", "q,r"], "note": None}},
        {"output_values": {"label": "b"}},
    ]
    done = await worker.post(f"/assignments/{page['id']}/submit", {"solutions": solutions})
    assert done.json()["status"] == "SUBMITTED"
    path = f"/api/v1/assignments/{page['id']}"
    await talka.requester.patch(path, json={"status": "REJECTED", "public_comment": "no\tgood"})
    fields = ",".join(f"ASSIGNMENT:{name}" for name in reversed(EVERYTHING))
    head, *rows = await table(talka, pool, status="REJECTED", field=fields)
    shown = (await talka.requester.get(path)).json()
    assert head == [
        *(f"INPUT:{name}" for name in ("text", "list", "flags", "data", "yes", "number", "secret")),
        *(f"OUTPUT:{name}" for name in ("label", "tags", "note", "photo")),
        *(f"GOLDEN:{name}" for name in ("label", "tags", "note")),
        "HINT:text", "HINT:default_language", *(f"ASSIGNMENT:{name}" for name in EVERYTHING),
        "ACCEPT:verdict", "ACCEPT:comment",
    ]  # fmt: skip
    first, second = (dict(zip(head, row, strict=True)) for row in rows)
    assert first["INPUT:text"] == general["text"]
    assert first["INPUT:list"] == "one,two\\, three,"
    assert (first["INPUT:flags"], first["INPUT:yes"], first["INPUT:number"]) == ("true,false", "true", "0.1")
    assert json.loads(first["INPUT:data"]) == general["data"]
    assert first["INPUT:secret"] == "s"
    assert (first["OUTPUT:label"], first["OUTPUT:tags"], first["OUTPUT:note"]) == ("a", "p,q\\,r", "")
    assert (first["GOLDEN:label"], second["GOLDEN:label"], second["GOLDEN:tags"]) == ("", "b", "x,y\\,z")
    assert (second["INPUT:text"], second["INPUT:data"], second["INPUT:secret"]) == ("", "", "")
    for row, task_id in ((first, ids[0]), (second, ids[1])):
        assert row["ASSIGNMENT:task_id"] == task_id
        assert row["ASSIGNMENT:link"].endswith(f"/task/{pool['id']}/{page['id']}")
        assert row["ASSIGNMENT:assignment_id"] == page["id"]
        assert row["ASSIGNMENT:task_suite_id"] == shown["task_suite_id"]
        assert row["ASSIGNMENT:worker_id"] == worker.user_id
        assert (row["ASSIGNMENT:status"], row["ASSIGNMENT:reward"]) == ("REJECTED", "0.07")
        assert row["ASSIGNMENT:started"].startswith(shown["created"][:19])
        assert DATE.fullmatch(row["ASSIGNMENT:rejected"])
        assert DATE.fullmatch(row["ASSIGNMENT:submitted"])
        assert row["ASSIGNMENT:accepted"] == row["ASSIGNMENT:expired"] == row["ASSIGNMENT:skipped"] == ""
        assert (row["ACCEPT:verdict"], row["ACCEPT:comment"]) == ("-", "no\tgood")


async def test_an_empty_result_has_its_header(talka: Talka) -> None:
    pool = await talka.pool()
    expected = [
        "INPUT:item", "OUTPUT:label", "GOLDEN:label", "HINT:text", "HINT:default_language",
        *(f"ASSIGNMENT:{name}" for name in DEFAULT),
    ]  # fmt: skip
    assert await table(talka, pool) == [expected]
    await talka.tasks(pool, 4)
    assert await table(talka, pool, status="ACTIVE,SUBMITTED,APPROVED,REJECTED,SKIPPED,EXPIRED") == [expected]


async def test_statuses_and_times_select(talka: Talka) -> None:
    project = await talka.project(max_active_assignments_count=9)
    pool = await talka.pool(project, auto_accept_solutions=False, mixer_config={"real_tasks_count": 1})
    await talka.tasks(pool, 6, overlap=1)
    worker = await talka.worker()
    pages: dict[str, dict[str, Any]] = {}
    for status in ("ACTIVE", "SUBMITTED", "APPROVED", "REJECTED", "SKIPPED", "EXPIRED"):
        pages[status] = (await worker.take(pool)).json()
        await talka.advance(2)
    for status in ("SUBMITTED", "APPROVED", "REJECTED"):
        await worker.submit(pages[status])
    for status, word in (("APPROVED", "ACCEPTED"), ("REJECTED", "REJECTED")):
        await talka.requester.patch(f"/api/v1/assignments/{pages[status]['id']}", json={"status": word})
    await worker.post(f"/assignments/{pages['SKIPPED']['id']}/skip")
    await worker.post(f"/assignments/{pages['EXPIRED']['id']}/exit")

    async def chosen(**params: str) -> list[tuple[str, str]]:
        head, *rows = await table(talka, pool, **params)
        columns = [head.index(f"ASSIGNMENT:{name}") for name in ("status", "assignment_id")]
        return [(row[columns[0]], row[columns[1]]) for row in rows]

    for status, page in pages.items():
        assert await chosen(status=status) == [(status, page["id"])]
    assert await chosen() == [("APPROVED", pages["APPROVED"]["id"])]
    everything = [(status, page["id"]) for status, page in pages.items()]
    assert await chosen(status=",".join(pages)) == everything
    third = pages["APPROVED"]["created"]
    assert await chosen(status=",".join(pages), startTimeFrom=third) == everything[2:]
    assert await chosen(status=",".join(pages), startTimeTo=third) == everything[:3]
    assert await chosen(status=",".join(pages), startTimeFrom=third, startTimeTo=third) == [everything[2]]


async def test_suites_can_be_set_apart_by_an_empty_row(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"real_tasks_count": 2})
    await talka.tasks(pool, 4, overlap=1)
    worker = await talka.worker()
    for _ in range(2):
        await worker.submit((await worker.take(pool)).json())
    for value in ("true", ""):
        rows = (await table(talka, pool, **({"addRowDelimiter": value} if value else {"addRowDelimiter": "true"})))[1:]
        assert [any(row) for row in rows] == [True, True, False, True, True, False]
    assert len(await table(talka, pool)) == 5


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"status": "ACCEPTED"}, {"status": "UNKNOWN_ENUM_VALUE"}),
        ({"field": "ASSIGNMENT:link,color", "startTimeFrom": "soon"},
         {"field": "UNKNOWN_ENUM_VALUE", "startTimeFrom": "INVALID_DATE_TIME_SYNTAX"}),
        ({"excludeBanned": "yes", "addRowDelimiter": "0", "startTimeTo": "\0"},
         {"excludeBanned": "BOOLEAN_EXPECTED", "addRowDelimiter": "BOOLEAN_EXPECTED",
          "startTimeTo": "INVALID_DATE_TIME_SYNTAX"}),
    ],
)  # fmt: skip
async def test_wrong_parameters_are_named(talka: Talka, params: dict[str, str], wrong: dict[str, str]) -> None:
    pool = await talka.pool()
    path = f"/api/new/requester/pools/{pool['id']}/assignments.tsv"
    answer = await talka.requester.get(path, params=params)
    assert answer.status_code == 400
    assert {name: found["code"] for name, found in answer.json()["payload"].items()} == wrong
    stranger = await talka.stranger()
    assert (await stranger.get(path)).status_code == 404


async def test_a_project_changed_in_between_keeps_the_columns_of_the_pool(talka: Talka) -> None:
    project = await talka.project()
    body = pool_body(project["id"])
    pool = (await talka.requester.post("/api/v1/pools", json=body)).json()
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    await worker.submit((await worker.take(pool)).json())
    changed = project_body()
    changed["task_spec"]["output_spec"] = {"other": {"type": "string"}}
    await talka.requester.put(f"/api/v1/projects/{project['id']}", json=changed)
    head, *rows = await table(talka, pool)
    assert head[:3] == ["INPUT:item", "OUTPUT:label", "GOLDEN:label"]
    assert [row[1] for row in rows] == ["a"] * 4


async def test_answers_of_who_is_banned_now_can_be_left_out(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"real_tasks_count": 1})
    await talka.tasks(pool, 9, overlap=9)
    scopes: dict[str, dict[str, Any]] = {
        "ALL_PROJECTS": {}, "PROJECT": {"project_id": pool["project_id"]}, "POOL": {"pool_id": pool["id"]},
    }  # fmt: skip
    other = await talka.pool()
    people = {name: await talka.worker() for name in (*scopes, "free", "elsewhere", "expired", "SYSTEM")}
    for worker in people.values():
        await worker.submit((await worker.take(pool)).json())

    async def restrict(name: str, scope: str, **more: Any) -> None:
        body = {"scope": scope, "user_id": people[name].user_id, "private_comment": "x", **more}
        made = await talka.requester.put("/api/v1/user-restrictions", json=body)
        assert made.status_code in {200, 201}, made.text

    async def shown(**params: str) -> set[str]:
        head, *rows = await table(talka, pool, **params)
        column = head.index("ASSIGNMENT:worker_id")
        ids = {worker.user_id: name for name, worker in people.items()}
        return {ids[row[column]] for row in rows}

    for scope, where in scopes.items():
        await restrict(scope, scope, **where)
    await restrict("elsewhere", "POOL", pool_id=other["id"])
    await restrict("expired", "POOL", pool_id=pool["id"], will_expire="2999-01-01T00:00:00")
    async with talka.db.transaction() as tx:
        await tx.execute(
            "insert into user_restriction (worker_id, scope, created) select id, 'SYSTEM', %s from worker"
            " where user_id = %s",
            (tx.now, people["SYSTEM"].user_id),
        )
        await tx.execute("update user_restriction set will_expire = %s where will_expire is not null", (tx.now,))
    assert await shown() == await shown(excludeBanned="false") == set(people)
    assert await shown(excludeBanned="true") == {"free", "elsewhere", "expired"}
