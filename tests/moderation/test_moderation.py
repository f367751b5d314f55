"""Moderation: off, before the first run, for every major version; the queue, decisions, asking again."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from tests.support.app import Talka
from tests.support.bodies import project_body

API = "/api/operator/v1"
STANDING = "/api/new/requester/poolModeration"


async def moderated(talka: Talka, mode: str = "FIRST_RUN") -> httpx.AsyncClient:
    """The operator's client, once moderation is on."""
    operator = await talka.operator()
    answer = await operator.patch(f"{API}/settings", json={"moderation": mode})
    assert (answer.status_code, answer.json()["moderation"]) == (200, mode)
    return operator


async def opened(talka: Talka, pool: dict[str, Any]) -> httpx.Response:
    return await talka.requester.post(f"/api/v1/pools/{pool['id']}/open")


async def decide(operator: httpx.AsyncClient, project: dict[str, Any], status: str, **more: Any) -> httpx.Response:
    return await operator.put(f"{API}/moderation/{project['id']}", json={"status": status, "major": 1, **more})


async def waiting(operator: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await operator.get(f"{API}/moderation", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def refused(answer: httpx.Response, payload: dict[str, str]) -> bool:
    body = answer.json()
    return (answer.status_code, body["code"], body["payload"]) == (409, "CONFLICT_STATE", payload)


async def next_major(talka: Talka, project: dict[str, Any]) -> None:
    """Edit a project so that it has a new major version."""
    body = project_body()
    body["task_spec"]["input_spec"]["hint"] = {"type": "string", "required": True}
    answer = await talka.requester.put(f"/api/v1/projects/{project['id']}", json=body)
    assert answer.status_code == 200, answer.text


async def test_nothing_waits_while_it_is_off(talka: Talka) -> None:
    operator, pool = await talka.operator(), await talka.pool()
    await talka.tasks(pool, 4, open_pool=False)
    assert await waiting(operator) == []
    assert (await opened(talka, pool)).status_code == 202
    standing = (await talka.requester.get(f"{STANDING}/{pool['id']}")).json()
    assert standing == {"poolId": pool["id"], "projectId": pool["project_id"], "status": "APPROVED"}


async def test_a_project_waits_for_approval_before_its_first_run(talka: Talka) -> None:
    operator, project = await moderated(talka), await talka.project()
    pool, later = await talka.pool(project), await talka.pool(project)
    assert await waiting(operator) == []  # there is nothing to open yet
    await talka.tasks(pool, 4, open_pool=False)
    await talka.tasks(later, 4, open_pool=False)
    [case] = await waiting(operator)
    assert case == {
        "project_id": project["id"], "major": 1, "requester_id": talka.account["requester_id"],
        "public_name": project["public_name"], "created": pool["created"],
    }  # fmt: skip
    assert refused(await opened(talka, pool), {"moderation": "PENDING"})
    findings = (await talka.requester.get(f"/api/new/requester/pools/{pool['id']}/validate")).json()
    assert {"type": "MODERATION_PENDING", "active": True, "blocker": True} in findings
    made = await decide(operator, project, "APPROVED")
    assert (made.status_code, made.json()) == (
        200, {"project_id": project["id"], "major": 1, "status": "APPROVED", "modified": made.json()["modified"]}
    )  # fmt: skip
    assert await waiting(operator) == []
    assert (await opened(talka, pool)).status_code == 202
    assert (await opened(talka, later)).status_code == 202
    await next_major(talka, project)  # which is of no account here
    third = await talka.pool(project)
    await talka.tasks(third, 1, input_values={"item": "x", "hint": "y"})


async def test_what_ran_before_needs_no_approval(talka: Talka) -> None:
    project = await talka.project()
    ran, new = await talka.pool(project), await talka.pool(project)
    await talka.tasks(ran, 4)
    await talka.tasks(new, 4, open_pool=False)
    operator = await moderated(talka)
    assert await waiting(operator) == []
    assert (await opened(talka, new)).status_code == 202


async def test_every_major_version_waits(talka: Talka) -> None:
    operator, project = await moderated(talka, "EVERY_MAJOR_VERSION"), await talka.project()
    old = await talka.pool(project)
    await talka.tasks(old, 4, open_pool=False)
    await decide(operator, project, "APPROVED")
    assert (await opened(talka, old)).status_code == 202
    await next_major(talka, project)
    new = await talka.pool(project)
    await talka.tasks(new, 1, open_pool=False, input_values={"item": "x", "hint": "y"})
    assert [(case["project_id"], case["major"]) for case in await waiting(operator)] == [(project["id"], 2)]
    assert refused(await opened(talka, new), {"moderation": "PENDING"})
    await talka.requester.post(f"/api/v1/pools/{old['id']}/close")
    assert (await opened(talka, old)).status_code == 202
    assert (await decide(operator, project, "APPROVED", major=2)).status_code == 200
    assert (await opened(talka, new)).status_code == 202


async def test_rejected_until_it_is_looked_at_again(talka: Talka) -> None:
    operator, project = await moderated(talka), await talka.project()
    pool = await talka.pool(project)
    await talka.tasks(pool, 4, open_pool=False)
    assert (await decide(operator, project, "REJECTED", comment="Asks for phone numbers")).status_code == 200
    assert await waiting(operator) == []
    assert refused(await opened(talka, pool), {"moderation": "REJECTED", "comment": "Asks for phone numbers"})
    path = f"{STANDING}/{pool['id']}"
    ids = {"poolId": pool["id"], "projectId": project["id"], "comment": "Asks for phone numbers"}
    assert (await talka.requester.get(path)).json() == {**ids, "status": "REJECTED"}
    answers = await asyncio.gather(*(talka.requester.put(path, json={"status": "READY"}) for _ in range(4)))
    assert [answer.json() for answer in answers] == [{**ids, "status": "PENDING"}] * 4
    assert [case["project_id"] for case in await waiting(operator)] == [project["id"]]
    assert refused(await opened(talka, pool), {"moderation": "PENDING"})
    shown = (await operator.get(f"{API}/moderation/{project['id']}")).json()
    assert (shown["project_id"], shown["major"]) == (project["id"], 1)
    assert shown["project"]["public_instructions"] == project["public_instructions"]
    assert [(one["status"], one["comment"]) for one in shown["decisions"]] == [("PENDING", "Asks for phone numbers")]
    await decide(operator, project, "APPROVED")
    assert (await talka.requester.put(path, json={"status": "READY"})).json()["status"] == "APPROVED"
    assert (await opened(talka, pool)).status_code == 202


async def test_a_rejection_stops_what_ran_before_from_opening_again(talka: Talka) -> None:
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    operator = await moderated(talka)
    await decide(operator, {"id": pool["project_id"]}, "REJECTED")
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    assert refused(await opened(talka, pool), {"moderation": "REJECTED"})
    await operator.patch(f"{API}/settings", json={"moderation": None})
    assert (await opened(talka, pool)).status_code == 202


async def test_uploads_that_open_are_told(talka: Talka) -> None:
    await moderated(talka)
    pool = await talka.pool()
    item = {"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 1}
    answer = await talka.requester.post("/api/v1/tasks", params={"open_pool": "true"}, json=[item])
    assert refused(answer, {"moderation": "PENDING"})
    params = {"open_pool": "true", "async_mode": "true", "operation_id": str(uuid.uuid4())}
    assert (await talka.requester.post("/api/v1/tasks", params=params, json=[item])).status_code == 202
    await talka.drain()
    log = (await talka.requester.get(f"/api/v1/operations/{params['operation_id']}/log")).json()
    assert [(entry["type"], entry["success"]) for entry in log] == [("TASK_CREATE", True), ("POOL_OPEN", False)]
    assert log[1]["output"]["code"] == "CONFLICT_STATE"
    assert (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()["status"] == "CLOSED"


async def test_trainings_wait_too(talka: Talka) -> None:
    operator, project = await moderated(talka), await talka.project()
    body = {"project_id": project["id"], "private_name": "t", "training_tasks_in_task_suite_count": 1,
            "inherited_instructions": True}  # fmt: skip
    training = (await talka.requester.post("/api/v1/trainings", json=body)).json()
    known = [{"output_values": {"label": "a"}}]
    await talka.tasks(training, 1, open_pool=False, overlap=None, infinite_overlap=True, known_solutions=known,
                      message_on_unknown_solution="Look again")  # fmt: skip
    path = f"/api/v1/trainings/{training['id']}/open"
    assert refused(await talka.requester.post(path), {"moderation": "PENDING"})
    await decide(operator, project, "APPROVED")
    assert (await talka.requester.post(path)).status_code == 202


async def test_the_queue_pages(talka: Talka) -> None:
    operator = await moderated(talka)
    pools = [await talka.pool() for _ in range(3)]
    for pool in pools:
        await talka.tasks(pool, 1, open_pool=False)
        await talka.advance(60)
    ids = [pool["project_id"] for pool in pools]
    first = (await operator.get(f"{API}/moderation", params={"limit": 2})).json()
    assert ([case["project_id"] for case in first["items"]], first["has_more"]) == (ids[:2], True)
    assert [case["project_id"] for case in await waiting(operator, id_gt=ids[1])] == ids[2:]
    assert [case["project_id"] for case in await waiting(operator, sort="-created")] == ids[::-1]
    assert [case["project_id"] for case in await waiting(operator, created_lte=pools[0]["created"])] == ids[:1]
    archived = await talka.requester.post(f"/api/v1/pools/{pools[0]['id']}/archive")
    assert archived.status_code == 202
    assert [case["project_id"] for case in await waiting(operator)] == ids[1:]
    bad = await operator.get(f"{API}/moderation", params={"limit": "0", "sort": "name", "id_gt": "x"})
    assert (bad.status_code, bad.json()["payload"].keys()) == (400, {"limit", "sort", "id_gt"})


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"status": "VALUE_REQUIRED", "major": "VALUE_REQUIRED"}),
        ({"status": "PENDING", "major": 0}, {"status": "UNKNOWN_ENUM_VALUE", "major": "VALUE_LESS_THAN_MIN"}),
        ({"status": "APPROVED", "major": 2**31}, {"major": "VALUE_GREATER_THAN_MAX"}),
        ({"status": "APPROVED", "major": "1"}, {"major": "INTEGER_EXPECTED"}),
        ({"status": "REJECTED", "major": 1, "comment": " "}, {"comment": "BLANK_STRING_NOT_ALLOWED"}),
        ({"status": "REJECTED", "major": 1, "comment": "x" * 501}, {"comment": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({"status": "REJECTED", "major": 1, "comment": "a\0"}, {"comment": "CHARACTER_NOT_ALLOWED"}),
        ([], {"body": "OBJECT_EXPECTED"}),
    ],
)
async def test_wrong_decisions(talka: Talka, body: Any, wrong: dict[str, str]) -> None:
    operator, project = await moderated(talka), await talka.project()
    answer = await operator.put(f"{API}/moderation/{project['id']}", json=body)
    assert answer.status_code == 400
    assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong


async def test_what_is_not_there_and_not_ones_own(talka: Talka) -> None:
    operator, pool, stranger = await moderated(talka), await talka.pool(), await talka.stranger()
    await talka.tasks(pool, 1, open_pool=False)
    project = {"id": pool["project_id"]}
    assert (await decide(operator, project, "APPROVED", major=2)).status_code == 404
    for number in ("1", "9" * 18, "2147483648", "x"):
        assert (await decide(operator, {"id": number}, "APPROVED")).status_code == 404
        assert (await operator.get(f"{API}/moderation/{number}")).status_code == 404
    for major in ("0", "2", "x", "9" * 18):
        answer = await operator.get(f"{API}/moderation/{project['id']}", params={"major": major})
        assert (answer.status_code, answer.json()["payload"].keys()) == (400, {"major"})
    path = f"{STANDING}/{pool['id']}"
    await decide(operator, project, "REJECTED", comment="secret")
    for answer in (await stranger.get(path), await stranger.put(path, json={"status": "READY"})):
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    assert (await talka.requester.put(path, json={"status": "STEADY"})).status_code == 400
    assert (await talka.requester.get(path)).json()["status"] == "REJECTED"
    for client in (talka.requester, talka.anonymous()):
        assert (await client.get(f"{API}/moderation")).status_code == 401
        assert (await decide(client, project, "APPROVED")).status_code == 401


async def test_requesters_are_told_once(talka: Talka) -> None:
    operator, project = await moderated(talka), await talka.project(public_name="<Letters>")
    first = (await decide(operator, project, "REJECTED", comment="Asks & asks")).json()
    await talka.advance(60)
    answers = await asyncio.gather(*(decide(operator, project, "REJECTED", comment="Asks & asks") for _ in range(3)))
    assert [answer.json() for answer in answers] == [first] * 3
    await decide(operator, project, "APPROVED")
    threads = (await talka.requester.get("/api/v1/message-threads", params={"sort": "id"})).json()["items"]
    assert [(thread["topic"]["EN"], thread["messages"][0]["text"]["EN"]) for thread in threads] == [
        ("Project rejected: <Letters>",
         "The project “&lt;Letters&gt;” was rejected: its pools cannot be opened. The operator says: Asks &amp; asks"),
        ("Project approved: <Letters>", "The project “&lt;Letters&gt;” was approved: its pools can be opened."),
    ]  # fmt: skip
    assert {thread["meta"]["project_id"] for thread in threads} == {project["id"]}
    assert (await (await talka.stranger()).get("/api/v1/message-threads")).json()["items"] == []


async def test_of_several_decisions_that_about_the_newest_version_counts(talka: Talka) -> None:
    operator, project = await moderated(talka), await talka.project()
    old = await talka.pool(project)
    await talka.tasks(old, 4, open_pool=False)
    await decide(operator, project, "REJECTED")
    await next_major(talka, project)
    new = await talka.pool(project)
    await talka.tasks(new, 1, open_pool=False, input_values={"item": "x", "hint": "y"})
    assert refused(await opened(talka, new), {"moderation": "REJECTED"})
    assert (await talka.requester.put(f"{STANDING}/{new['id']}", json={"status": "READY"})).json()[
        "status"
    ] == "PENDING"
    assert [(case["project_id"], case["major"]) for case in await waiting(operator)] == [(project["id"], 2)]
    await decide(operator, project, "APPROVED", major=2)
    await decide(operator, project, "REJECTED")
    for pool in (old, new):
        assert (await opened(talka, pool)).status_code == 202
    assert await waiting(operator) == []
