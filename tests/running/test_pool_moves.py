"""Moves of pools by hand: each from each state, their operations, their refusals, versions of the project."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.app import Talka
from tests.support.bodies import pool_body, project_body

from talka.infra.settings import Settings

MOVES = ("open", "close", "close-for-update", "archive")
STATES = ("CLOSED", "OPEN", "FOR_UPDATE", "ARCHIVED")
TYPES = {"open": "POOL.OPEN", "close": "POOL.CLOSE", "close-for-update": "POOL.CLOSE", "archive": "POOL.ARCHIVE"}
# state → move → what becomes of it: a status, None for 204, or the code of the refusal.
EXPECTED: dict[str, dict[str, str | None]] = {
    "CLOSED": {"open": "OPEN", "close": None, "close-for-update": None, "archive": "ARCHIVED"},
    "OPEN": {"open": None, "close": "CLOSED", "close-for-update": "CLOSED", "archive": "POOL_INAPPROPRIATE_STATUS"},
    "FOR_UPDATE": {"open": "OPEN", "close": "CLOSED", "close-for-update": None, "archive": "ARCHIVED"},
    "ARCHIVED": {
        "open": "POOL_INAPPROPRIATE_STATUS", "close": "POOL_INAPPROPRIATE_STATUS",
        "close-for-update": "POOL_INAPPROPRIATE_STATUS", "archive": None,
    },
}  # fmt: skip


async def move(talka: Talka, pool: dict[str, Any], name: str) -> Any:
    """One move."""
    return await talka.requester.post(f"/api/v1/pools/{pool['id']}/{name}")


async def now(talka: Talka, pool: dict[str, Any]) -> Any:
    """The pool as it is."""
    return (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()


async def operations(talka: Talka) -> list[Any]:
    """All operations of pools."""
    found = (await talka.requester.get("/api/v1/operations?sort=submitted&limit=500")).json()["items"]
    return [operation for operation in found if operation["type"].startswith("POOL.")]


async def _in(talka: Talka, state: str) -> dict[str, Any]:
    pool = await talka.pool()
    await talka.tasks(pool, 4, open_pool=False)
    for name in {"CLOSED": [], "OPEN": ["open"], "FOR_UPDATE": ["open", "close-for-update"], "ARCHIVED": ["archive"]}[
        state
    ]:
        assert (await move(talka, pool, name)).status_code == 202
    found: dict[str, Any] = await now(talka, pool)
    return found


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", MOVES)
async def test_each_move_from_each_state(talka: Talka, state: str, name: str) -> None:
    pool = await _in(talka, state)
    before = await operations(talka)
    await talka.advance(1)
    answer = await move(talka, pool, name)
    after, expected = await now(talka, pool), EXPECTED[state][name]
    if expected is None:
        assert (answer.status_code, answer.content) == (204, b"")
        assert "content-type" not in answer.headers
    elif expected == "POOL_INAPPROPRIATE_STATUS":
        assert (answer.status_code, answer.json()["code"]) == (409, expected)
        fitting = ["CLOSED"] if name in {"open", "archive"} else ["OPEN"]
        assert answer.json()["payload"] == {"appropriate_statuses": fitting}
    else:
        assert answer.status_code == 202
        operation = answer.json()
        moment = operation["submitted"]
        assert operation == {
            "id": operation["id"], "type": TYPES[name], "status": "SUCCESS", "submitted": moment, "started": moment,
            "finished": moment, "progress": 100, "parameters": {"pool_id": pool["id"]}, "details": {},
        }  # fmt: skip
        assert await operations(talka) == [*before, operation]
        changes: dict[str, Any] = {"status": expected}
        if expected == "OPEN":
            changes["last_started"] = moment
        elif expected == "CLOSED":
            changes["last_close_reason"] = "FOR_UPDATE" if name == "close-for-update" else "MANUAL"
            if state == "OPEN":
                changes["last_stopped"] = moment
        assert after == {**pool, **changes}
        return
    assert after == pool
    assert await operations(talka) == before


async def test_what_keeps_a_pool_from_opening(database_url: str, tmp_path: Any) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True)) as talka:
        empty = await talka.pool()
        late = await talka.pool(will_expire="2001-01-01T00:00:00")
        dear = await talka.pool(reward_per_assignment=1_000_000.01)
        for pool in (late, dear):
            await talka.tasks(pool, 1, open_pool=False)
        for pool, code in ((empty, "EMPTY_POOL"), (late, "CONFLICT_STATE"), (dear, "NOT_ENOUGH_BALANCE")):
            answer = await move(talka, pool, "open")
            assert (answer.status_code, answer.json()["code"]) == (409, code)
            assert await now(talka, pool) == pool
        assert [operation["type"] for operation in await operations(talka)] == []


@pytest.mark.parametrize(("fee", "opens"), [(0, True), (25, True), (26, False)])
async def test_a_page_with_its_fee_must_be_affordable(database_url: str, tmp_path: Any, fee: int, opens: bool) -> None:
    settings = Settings(data=tmp_path, sandbox=True, fee_percent=fee)  # type: ignore[arg-type]
    async with Talka.start(database_url, settings) as talka:
        pool = await talka.pool(reward_per_assignment=800_000)
        await talka.tasks(pool, 1, open_pool=False)
        assert (await move(talka, pool, "open")).status_code == (202 if opens else 409)


async def test_editing_needs_a_closed_pool_and_replaces_everything(talka: Talka) -> None:
    pool = await _in(talka, "OPEN")
    body = pool_body(pool["project_id"], private_name="renamed", priority=7)
    del body["defaults"]
    refused = await talka.requester.put(f"/api/v1/pools/{pool['id']}", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
    assert refused.json()["payload"] == {"appropriate_statuses": ["CLOSED"]}
    assert await now(talka, pool) == pool
    await move(talka, pool, "close-for-update")
    closed = await now(talka, pool)
    edited = await talka.requester.put(f"/api/v1/pools/{pool['id']}", json={**body, "status": "OPEN", "id": "1"})
    expected = {name: value for name, value in closed.items() if name != "defaults"}
    assert edited.json() == {**expected, "private_name": "renamed", "priority": 7}
    elsewhere = await talka.project()
    moved = await talka.requester.put(f"/api/v1/pools/{pool['id']}", json={**body, "project_id": elsewhere["id"]})
    assert moved.json()["payload"]["project_id"]["code"] == "VALUE_NOT_ALLOWED"
    patched = await talka.requester.patch(f"/api/v1/pools/{pool['id']}", json={"priority": 100})
    assert patched.json() == {**edited.json(), "priority": 100}
    await move(talka, pool, "archive")
    for method, sent in (("PUT", body), ("PATCH", {"priority": 1})):
        answer = await talka.requester.request(method, f"/api/v1/pools/{pool['id']}", json=sent)
        assert (answer.status_code, answer.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")


async def test_the_way_of_making_pages_stays_once_anything_was_uploaded(talka: Talka) -> None:
    mixed, ready = await talka.pool(), await talka.pool(mixer_config=None)
    bodies = {pool["id"]: pool_body(pool["project_id"]) for pool in (mixed, ready)}
    ready_body = {name: value for name, value in bodies[ready["id"]].items() if name != "mixer_config"}
    mixed_body = {name: value for name, value in bodies[mixed["id"]].items() if name != "mixer_config"}
    swapped = ((mixed, mixed_body), (ready, bodies[ready["id"]]))
    back = ((mixed, bodies[mixed["id"]]), (ready, ready_body))
    for pool, body in (*swapped, *back):
        assert (await talka.requester.put(f"/api/v1/pools/{pool['id']}", json=body)).status_code == 200
    await talka.tasks(mixed, 4)
    suite = {"pool_id": ready["id"], "tasks": [{"input_values": {"item": "x"}}], "overlap": 1}
    await talka.requester.post("/api/v1/task-suites?open_pool=true", json=suite)
    for pool, code in ((mixed, "VALUE_REQUIRED"), (ready, "VALUE_NOT_ALLOWED")):
        await move(talka, pool, "close")
        answer = await talka.requester.put(f"/api/v1/pools/{pool['id']}", json=dict(swapped[pool is ready][1]))
        assert answer.status_code == 400
        assert {name: found["code"] for name, found in answer.json()["payload"].items()} == {"mixer_config": code}
        await move(talka, pool, "open")
        assert (await (await talka.worker()).take(pool)).status_code == 201


async def test_an_upload_during_an_edit_of_the_way_of_making_pages(talka: Talka) -> None:
    pool = await talka.pool()
    task = {"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 1}
    async with talka.db.transaction() as tx:
        await tx.rows("select 1 from pool where id = %s for update", (int(pool["id"]),))
        upload = asyncio.create_task(talka.requester.post("/api/v1/tasks", json=[task]))
        await asyncio.sleep(0.3)
        assert not upload.done(), "it waits for the edit"
        await tx.execute("update pool set mixed = false where id = %s", (int(pool["id"]),))
    answer = await upload
    assert (answer.status_code, answer.json()["code"]) == (409, "POOL_LOCKED_BY_ANOTHER_OPERATION")
    assert (await talka.requester.get(f"/api/v1/tasks?pool_id={pool['id']}")).json()["items"] == []


async def test_a_clone_has_the_settings_the_newest_project_and_no_tasks(talka: Talka) -> None:
    project = await talka.project()
    pool = await talka.pool(project, priority=5, metadata={"k": ["v"]})
    await talka.tasks(pool, 4)
    await move(talka, pool, "close")
    await move(talka, pool, "archive")
    answer = await move(talka, pool, "clone")
    operation = answer.json()
    assert (answer.status_code, operation["type"], operation["status"]) == (202, "POOL.CLONE", "SUCCESS")
    assert operation["parameters"] == {"pool_id": pool["id"]}
    copy = await now(talka, {"id": operation["details"]["pool_id"]})
    assert copy == {**pool, "id": copy["id"], "created": copy["created"]}
    assert copy["id"] > pool["id"]
    assert (await talka.requester.get(f"/api/v1/tasks?pool_id={copy['id']}")).json()["items"] == []
    listed = (await talka.requester.get(f"/api/v1/pools?project_id={project['id']}")).json()["items"]
    assert [found["id"] for found in listed] == [pool["id"], copy["id"]]


async def test_a_clone_fits_the_newest_project_or_is_refused(talka: Talka) -> None:
    project = await talka.project()
    skill = (await talka.requester.post("/api/v1/skills", json={"name": "letters"})).json()
    dynamic = {
        "type": "BASIC", "max_overlap": 5, "min_confidence": 0.9, "answer_weight_skill_id": skill["id"],
        "fields": [{"name": "label"}],
    }  # fmt: skip
    pool = await talka.pool(project, dynamic_overlap_config=dynamic)
    body = project_body()
    body["task_spec"]["output_spec"] = {"letter": {"type": "string", "allowed_values": ["a", "b"]}}
    assert (await talka.requester.put(f"/api/v1/projects/{project['id']}", json=body)).status_code == 200
    refused = await move(talka, pool, "clone")
    assert (refused.status_code, refused.json()["code"]) == (409, "SYNC_POOL_CLONE_ERROR")
    back = await talka.requester.post(f"/api/v1/projects/{project['id']}/versions/1.0/restore")
    assert back.status_code == 200
    assert (await move(talka, pool, "clone")).status_code == 202


async def test_changing_the_priority_changes_nothing_else(talka: Talka) -> None:
    pool = await talka.pool(metadata={"b": ["2"], "a": ["1"]}, priority=1)
    path = f"/api/v1/pools/{pool['id']}"
    changed = await talka.requester.patch(path, json={"priority": 3})
    assert list(changed.json()) == list(pool)
    assert changed.json() == {**pool, "priority": 3}
    assert list(changed.json()["metadata"]) == ["b", "a"]


async def test_a_project_is_archived_after_its_pools(talka: Talka) -> None:
    project = await talka.project()
    pool = await talka.pool(project)
    path = f"/api/v1/projects/{project['id']}"
    refused = await talka.requester.post(f"{path}/archive")
    assert (refused.status_code, refused.json()["code"]) == (409, "UNARCHIVED_POOLS_CONFLICT")
    await move(talka, pool, "archive")
    done = await talka.requester.post(f"{path}/archive")
    assert (done.status_code, done.json()["type"], done.json()["status"]) == (202, "PROJECT.ARCHIVE", "SUCCESS")
    assert done.json()["parameters"] == {"project_id": project["id"]}
    again = await talka.requester.post(f"{path}/archive")
    assert (again.status_code, again.json()["status"]) == (202, "SUCCESS")
    assert (await talka.requester.get(path)).json() == {**project, "status": "ARCHIVED"}
    for answer in (
        await talka.requester.put(path, json=project_body()),
        await talka.requester.post("/api/v1/pools", json=pool_body(project["id"])),
        await move(talka, pool, "clone"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "PROJECT_INAPPROPRIATE_STATUS")


async def test_a_pool_in_a_project_of_nobody_or_somebody_else(talka: Talka) -> None:
    project = await talka.project()
    stranger = await talka.stranger()
    for client, project_id, code in (
        (stranger, project["id"], "ENTITY_ACCESS_DENIED"),
        (talka.requester, "9999999", "ENTITY_DOES_NOT_EXIST"),
        (talka.requester, "x", "ENTITY_DOES_NOT_EXIST"),
    ):
        answer = await client.post("/api/v1/pools", json=pool_body(project_id))
        assert answer.status_code == 400
        assert {name: found["code"] for name, found in answer.json()["payload"].items()} == {"project_id": code}
    tier = await talka.requester.post("/api/v1/pools?storage_key=gold", json=pool_body(project["id"]))
    assert tier.json()["payload"].keys() == {"storage_key"}


async def test_pools_stay_on_their_major_version(talka: Talka) -> None:
    project = await talka.project()
    old = await talka.pool(project)
    path = f"/api/v1/projects/{project['id']}"
    minor = project_body(public_instructions="<p>Anew.</p>")
    minor["task_spec"]["input_spec"]["more"] = {"type": "string", "required": False}
    major = project_body()
    major["task_spec"]["input_spec"]["lang"] = {"type": "string"}
    check = f"/api/staging/projects/{project['id']}/check"
    levels = [(await talka.requester.post(check, json=body)).json() for body in (project_body(), minor, major)]
    assert [level["differenceLevel"] for level in levels] == ["EQUAL", "NON_BREAKING_CHANGE", "BREAKING_CHANGE"]
    assert (await talka.requester.get(path)).json() == project
    task = {"pool_id": old["id"], "input_values": {"item": "x", "more": "y"}, "overlap": 1}
    early = await talka.requester.post("/api/v1/tasks", json=task)
    assert early.json()["payload"].keys() == {"input_values.more"}
    await talka.requester.put(path, json=minor)
    assert (await talka.requester.post("/api/v1/tasks", json=task)).status_code == 201
    await talka.requester.put(path, json=major)
    new = await talka.pool(project)
    assert (await talka.requester.post("/api/v1/tasks", json=task)).status_code == 201
    lang = {"pool_id": new["id"], "input_values": {"item": "x", "lang": "en"}, "overlap": 1}
    assert (await talka.requester.post("/api/v1/tasks", json=lang)).status_code == 201
    fresh = await talka.requester.post("/api/v1/tasks", json={**task, "pool_id": new["id"]})
    assert fresh.json()["payload"].keys() == {"input_values.lang", "input_values.more"}
    wrong = await talka.requester.post("/api/v1/tasks", json={**lang, "pool_id": old["id"]})
    assert wrong.json()["payload"].keys() == {"input_values.lang"}
    await move(talka, old, "open")
    page = (await (await talka.worker()).take(old)).json()
    assert page["input_spec"].keys() == {"item", "more"}
    copy = (await move(talka, old, "clone")).json()["details"]["pool_id"]
    assert (await talka.requester.post("/api/v1/tasks", json={**lang, "pool_id": copy})).status_code == 201
