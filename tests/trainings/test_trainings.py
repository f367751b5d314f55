"""Trainings as requesters define and move them: exact bodies, each field broken, moves, links, clones."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.full_bodies import full_training
from tests.support.app import Talka
from tests.support.bodies import pool_body

TASK: dict[str, Any] = {
    "infinite_overlap": True,
    "known_solutions": [{"output_values": {"label": "a"}}],
    "message_on_unknown_solution": "Look again.",
}


async def new(talka: Talka, project: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A new training."""
    parent = project or await talka.project()
    answer = await talka.requester.post("/api/v1/trainings", json=full_training(parent["id"], **changes))
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def fill(talka: Talka, training: dict[str, Any], count: int, *, open_pool: bool = True) -> list[Any]:
    """Training tasks."""
    items = [{"pool_id": training["id"], "input_values": {"item": f"item-{n}"}, **TASK} for n in range(count)]
    answer = await talka.requester.post(f"/api/v1/tasks?open_pool={str(open_pool).lower()}", json=items)
    assert answer.status_code == 201, answer.text
    return list(answer.json()["items"].values())


def asking(training: dict[str, Any], value: int = 80) -> dict[str, Any]:
    """Quality control of a pool that asks for a training."""
    requirement = {"training_pool_id": training["id"], "training_passing_skill_value": value}
    return {"quality_control": {"training_requirement": requirement, "configs": []}}


async def move(talka: Talka, what: str, thing: dict[str, Any], name: str) -> Any:
    return await talka.requester.post(f"/api/v1/{what}/{thing['id']}/{name}")


async def now(talka: Talka, training: dict[str, Any]) -> Any:
    return (await talka.requester.get(f"/api/v1/trainings/{training['id']}")).json()


async def test_a_training_comes_back_as_it_was_sent(talka: Talka) -> None:
    project = await talka.project()
    body = full_training(project["id"])
    created = await new(talka, project)
    assert created == {
        "id": created["id"], **body, "owner": {"id": talka.account["requester_id"], "myself": True},
        "status": "CLOSED", "created": created["created"],
    }  # fmt: skip
    assert await now(talka, created) == created
    listed = (await talka.requester.get("/api/v1/trainings")).json()
    assert listed == {"items": [created], "has_more": False}
    assert (await talka.requester.get("/api/v1/pools")).json() == {"items": [], "has_more": False}


async def test_what_the_plainest_training_is_given(talka: Talka) -> None:
    project = await talka.project()
    body = {"project_id": project["id"], "private_name": "x", "training_tasks_in_task_suite_count": 1}
    created = (await talka.requester.post("/api/v1/trainings", json=body)).json()
    assert {name: created[name] for name in created if name not in {"id", "owner", "created"}} == {
        **body, "inherited_instructions": False, "may_contain_adult_content": False,
        "assignment_max_duration_seconds": 600, "mix_tasks_in_creation_order": True,
        "shuffle_tasks_in_task_suite": True, "status": "CLOSED",
    }  # fmt: skip


async def test_a_training_read_as_a_pool(talka: Talka) -> None:
    training = await new(talka)
    skill = (await talka.requester.get("/api/v1/skills")).json()["items"][0]
    pool = (await talka.requester.get(f"/api/v1/pools/{training['id']}")).json()
    [config] = pool["quality_control"].pop("configs")
    give = {
        "type": "SET_SKILL_FROM_OUTPUT_FIELD",
        "parameters": {"skill_id": skill["id"], "from_field": "correct_answers_rate"},
    }
    enough = [{"key": "submitted_assignments_count", "operator": "EQ", "value": 2}]
    over = [
        {"key": "next_assignment_available", "operator": "EQ", "value": False},
        {"key": "total_answers_count", "operator": "GT", "value": 0},
    ]
    assert config["collector_config"].pop("uuid")
    assert config == {
        "collector_config": {"type": "TRAINING"},
        "rules": [{"conditions": enough, "action": give}, {"conditions": over, "action": give}],
    }
    assert pool == {
        "id": training["id"], "project_id": training["project_id"], "private_name": "letters training",
        "private_comment": "pilot", "public_description": "Learn the letters", "public_instructions": "<p>Learn.</p>",
        "may_contain_adult_content": False, "will_expire": "9999-12-31T23:59:59",
        "auto_close_after_complete_delay_seconds": 0, "reward_per_assignment": 0,
        "assignment_max_duration_seconds": 900, "auto_accept_solutions": True, "priority": 0,
        "quality_control": {}, "metadata": {"batch": ["1"]},
        "mixer_config": {
            "real_tasks_count": 0, "golden_tasks_count": 0, "training_tasks_count": 2, "min_training_tasks_count": 1,
            "force_last_assignment": False, "mix_tasks_in_creation_order": True, "shuffle_tasks_in_task_suite": False,
        },
        "training_config": {"training_skill_ttl_days": 7}, "defaults": {"default_overlap_for_new_task_suites": 30000},
        "owner": training["owner"], "type": "TRAINING", "status": "CLOSED", "created": training["created"],
    }  # fmt: skip


async def test_one_skill_for_all_trainings_of_a_project(talka: Talka) -> None:
    project = await talka.project(public_name="x" * 250)
    answers = await asyncio.gather(
        *(talka.requester.post("/api/v1/trainings", json=full_training(project["id"])) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    [skill] = (await talka.requester.get("/api/v1/skills")).json()["items"]
    assert skill["name"] == "x" * 244 + " - training"
    assert (skill["training"], skill["hidden"]) == (True, False)
    refused = await talka.requester.put(f"/api/v1/skills/{skill['id']}", json={"name": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (409, "SKILL_IS_TRAINING")
    await new(talka)
    names = {found["name"] for found in (await talka.requester.get("/api/v1/skills")).json()["items"]}
    assert names == {skill["name"], "Letters - training"}


WRONG: list[tuple[str, Any, str]] = [
    ("project_id", None, "VALUE_REQUIRED"),
    ("project_id", "1", "ENTITY_DOES_NOT_EXIST"),
    ("project_id", "x", "ENTITY_DOES_NOT_EXIST"),
    ("project_id", {}, "STRING_EXPECTED"),
    ("private_name", None, "VALUE_REQUIRED"),
    ("private_name", " ", "BLANK_STRING_NOT_ALLOWED"),
    ("private_name", "x" * 256, "STRING_LENGTH_GREATER_THAN_MAX"),
    ("private_comment", 5, "STRING_EXPECTED"),
    ("public_description", "x" * 1001, "STRING_LENGTH_GREATER_THAN_MAX"),
    ("public_instructions", "x" * 1_048_577, "STRING_LENGTH_GREATER_THAN_MAX"),
    ("inherited_instructions", "true", "BOOLEAN_EXPECTED"),
    ("may_contain_adult_content", 1, "BOOLEAN_EXPECTED"),
    ("assignment_max_duration_seconds", 4, "VALUE_LESS_THAN_MIN"),
    ("assignment_max_duration_seconds", 2**31, "VALUE_GREATER_THAN_MAX"),
    ("mix_tasks_in_creation_order", [], "BOOLEAN_EXPECTED"),
    ("shuffle_tasks_in_task_suite", "x", "BOOLEAN_EXPECTED"),
    ("training_tasks_in_task_suite_count", None, "VALUE_REQUIRED"),
    ("training_tasks_in_task_suite_count", 0, "VALUE_LESS_THAN_MIN"),
    ("training_tasks_in_task_suite_count", 501, "VALUE_GREATER_THAN_MAX"),
    ("training_tasks_in_task_suite_count", 1.5, "INTEGER_EXPECTED"),
    ("task_suites_required_to_pass", -1, "VALUE_LESS_THAN_MIN"),
    ("task_suites_required_to_pass", 501, "VALUE_GREATER_THAN_MAX"),
    ("retry_training_after_days", 0, "VALUE_LESS_THAN_MIN"),
    ("retry_training_after_days", 36_501, "VALUE_GREATER_THAN_MAX"),
    ("metadata", {"a": "b"}, "ARRAY_EXPECTED"),
    ("private_name", "a\0b", "CHARACTER_NOT_ALLOWED"),
]


async def test_each_field_broken_is_named(talka: Talka) -> None:
    training = await new(talka)
    for field, value, code in WRONG:
        body = full_training(training["project_id"]) | {field: value}
        for method, path in (("POST", "/api/v1/trainings"), ("PUT", f"/api/v1/trainings/{training['id']}")):
            expected = "VALUE_NOT_ALLOWED" if (method, code) == ("PUT", "ENTITY_DOES_NOT_EXIST") else code
            answer = await talka.requester.request(method, path, json=body)
            assert answer.status_code == 400, (field, value, answer.text)
            [(place, error)] = answer.json()["payload"].items()
            assert (place.split(".")[0], error["code"]) == (field, expected), (field, value)
    assert await now(talka, training) == training
    assert len((await talka.requester.get("/api/v1/trainings")).json()["items"]) == 1


async def test_editing(talka: Talka) -> None:
    training = await new(talka)
    before = (await talka.requester.get(f"/api/v1/pools/{training['id']}")).json()
    plain = {"project_id": training["project_id"], "private_name": "second", "training_tasks_in_task_suite_count": 5}
    edited = await talka.requester.put(f"/api/v1/trainings/{training['id']}", json=plain)
    assert edited.status_code == 200
    assert edited.json() == await now(talka, training)
    assert edited.json().keys() >= plain.keys()
    assert edited.json().keys().isdisjoint({"retry_training_after_days", "metadata", "public_instructions"})
    after = (await talka.requester.get(f"/api/v1/pools/{training['id']}")).json()
    assert after["mixer_config"]["training_tasks_count"] == 5
    assert "training_config" not in after
    collectors = [pool["quality_control"]["configs"][0]["collector_config"] for pool in (before, after)]
    assert collectors[0] == collectors[1]
    assert len(after["quality_control"]["configs"][0]["rules"]) == 1
    again = await talka.requester.put(f"/api/v1/trainings/{training['id']}", json=edited.json())
    assert again.json() == edited.json()


@pytest.mark.parametrize(
    ("what", "kind", "named"), [("trainings", "TRAINING", "training_id"), ("pools", "POOL", "pool_id")]
)
async def test_the_life_of_a_training_through_both_resources(talka: Talka, what: str, kind: str, named: str) -> None:
    training = await new(talka)
    empty = await move(talka, what, training, "open")
    assert (empty.status_code, empty.json()["code"]) == (409, "EMPTY_POOL")
    await fill(talka, training, 2, open_pool=False)
    life = [
        ("close", None), ("close-for-update", None), ("open", "OPEN"), ("open", None), ("close-for-update", "CLOSE"),
        ("close-for-update", None), ("close", "CLOSE"), ("open", "OPEN"), ("close", "CLOSE"), ("archive", "ARCHIVE"),
        ("archive", None),
    ]  # fmt: skip
    for name, done in life:
        if name == "archive" and done:
            assert (await move(talka, what, training, "open")).status_code == 202
            open_now = await move(talka, what, training, name)
            assert (open_now.status_code, open_now.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
            edit = await talka.requester.put(f"/api/v1/trainings/{training['id']}", json=training)
            assert (edit.status_code, edit.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
            assert edit.json()["payload"] == {"appropriate_statuses": ["CLOSED"]}
            await move(talka, what, training, "close")
        answer = await move(talka, what, training, name)
        if done is None:
            assert (answer.status_code, answer.content) == (204, b""), name
            continue
        operation = answer.json()
        assert (answer.status_code, operation["type"], operation["status"]) == (202, f"{kind}.{done}", "SUCCESS")
        assert operation["parameters"] == {named: training["id"]}
        assert operation["details"] == {}
    found = await now(talka, training)
    assert (found["status"], found["last_close_reason"]) == ("ARCHIVED", "MANUAL")
    assert found["last_started"] <= found["last_stopped"]
    for name in ("open", "close", "close-for-update"):
        answer = await move(talka, what, training, name)
        assert (answer.status_code, answer.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")


async def test_an_update_reopens_by_itself(talka: Talka) -> None:
    training = await new(talka)
    await fill(talka, training, 2)
    await move(talka, "trainings", training, "close-for-update")
    assert (await now(talka, training))["last_close_reason"] == "FOR_UPDATE"
    await talka.advance(15 * 60)
    assert (await now(talka, training))["status"] == "OPEN"


async def test_pools_refuse_to_change_trainings(talka: Talka) -> None:
    training = await new(talka)
    path = f"/api/v1/pools/{training['id']}"
    for method, body in (("PUT", pool_body(training["project_id"])), ("PATCH", {"priority": 3})):
        answer = await talka.requester.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "POOL_IS_TRAINING")
    assert await now(talka, training) == training


async def test_a_pool_is_no_training(talka: Talka) -> None:
    pool = await talka.pool()
    calls = [("GET", ""), ("PUT", "")]
    calls += [("POST", f"/{name}") for name in ("open", "close", "close-for-update", "archive", "clone")]
    stranger, training = await talka.stranger(), await new(talka)
    tried = [(talka.requester, pool["id"]), (talka.requester, "0"), (talka.requester, "x"), (stranger, training["id"])]
    for (client, identity), (method, tail) in ((who, call) for who in tried for call in calls):
        body = full_training(training["project_id"]) if method == "PUT" else None
        answer = await client.request(method, f"/api/v1/trainings/{identity}{tail}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST"), (method, tail, identity)
    assert (await stranger.get("/api/v1/trainings")).json()["items"] == []
    foreign = await stranger.post("/api/v1/trainings", json=full_training(training["project_id"]))
    assert foreign.json()["payload"]["project_id"]["code"] == "ENTITY_ACCESS_DENIED"


async def test_a_clone_has_the_settings_and_no_tasks(talka: Talka) -> None:
    training = await new(talka)
    await fill(talka, training, 2)
    answer = await move(talka, "trainings", training, "clone")
    operation = answer.json()
    assert (answer.status_code, operation["type"]) == (202, "TRAINING.CLONE")
    assert operation["parameters"] == {"training_id": training["id"]}
    copy = await now(talka, {"id": operation["details"]["training_id"]})
    fresh = {"id": copy["id"], "status": "CLOSED", "created": copy["created"]}
    assert copy == {**{k: v for k, v in training.items() if not k.startswith("last_")}, **fresh}
    assert (await talka.requester.get(f"/api/v1/tasks?pool_id={copy['id']}")).json()["items"] == []
    assert len((await talka.requester.get("/api/v1/skills")).json()["items"]) == 1
    for thing in (training, copy):
        await move(talka, "trainings", thing, "close")
        await move(talka, "trainings", thing, "archive")
    assert (await move(talka, "projects", {"id": training["project_id"]}, "archive")).status_code == 202
    for path, body in ((f"/api/v1/trainings/{training['id']}/clone", None), ("/api/v1/trainings", training)):
        refused = await talka.requester.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "PROJECT_INAPPROPRIATE_STATUS")


async def test_projects_wait_for_their_trainings(talka: Talka) -> None:
    training = await new(talka)
    refused = await move(talka, "projects", {"id": training["project_id"]}, "archive")
    assert (refused.status_code, refused.json()["code"]) == (409, "UNARCHIVED_POOLS_CONFLICT")


async def test_which_trainings_a_pool_can_ask_for(talka: Talka) -> None:
    project = await talka.project()
    training, elsewhere, pool = await new(talka, project), await new(talka), await talka.pool(project)
    stranger = await talka.stranger()
    place = "quality_control.training_requirement.training_pool_id"
    wrong = [("1", "ENTITY_DOES_NOT_EXIST"), ("x", "ENTITY_DOES_NOT_EXIST"), (pool["id"], "ENTITY_DOES_NOT_EXIST")]
    wrong += [(elsewhere["id"], "INVALID_VALUE"), ("9" * 18, "ENTITY_DOES_NOT_EXIST")]
    for identity, code in wrong:
        body = pool_body(project["id"], **asking({"id": identity}))
        for method, path in (("POST", "/api/v1/pools"), ("PUT", f"/api/v1/pools/{pool['id']}")):
            answer = await talka.requester.request(method, path, json=body)
            assert (answer.status_code, answer.json()["payload"].keys()) == (400, {place})
            assert answer.json()["payload"][place]["code"] == code
    theirs = (await stranger.post("/api/v1/projects", json=project)).json()
    foreign = await stranger.post("/api/v1/pools", json=pool_body(theirs["id"], **asking(training)))
    assert foreign.json()["payload"][place]["code"] == "ENTITY_ACCESS_DENIED"
    linked = await talka.pool(project, **asking(training, 0))
    assert linked["quality_control"] == asking(training, 0)["quality_control"]
    put = await talka.requester.put(f"/api/v1/pools/{pool['id']}", json=pool_body(project["id"], **asking(training)))
    assert put.json()["quality_control"] == asking(training)["quality_control"]


async def test_a_training_stays_as_long_as_pools_ask_for_it(talka: Talka) -> None:
    project = await talka.project()
    training = await new(talka, project)
    linked = await talka.pool(project, **asking(training))
    copy = (await move(talka, "pools", linked, "clone")).json()["details"]["pool_id"]
    for what in ("trainings", "pools"):
        refused = await move(talka, what, training, "archive")
        assert (refused.status_code, refused.json()["code"]) == (409, "TRAINING_ARCHIVE_CONFLICT")
    await move(talka, "pools", linked, "archive")
    assert (await move(talka, "trainings", training, "archive")).status_code == 409
    body = pool_body(project["id"])
    assert (await talka.requester.put(f"/api/v1/pools/{copy}", json=body)).status_code == 200
    assert (await move(talka, "trainings", training, "archive")).status_code == 202


async def test_only_training_tasks_go_in(talka: Talka) -> None:
    training = await new(talka)
    item = {"pool_id": training["id"], "input_values": {"item": "x"}}
    for more in ({"overlap": 1}, {"known_solutions": TASK["known_solutions"]}):
        answer = await talka.requester.post("/api/v1/tasks", json={**item, **more})
        assert (answer.status_code, answer.json()["code"]) == (409, "POOL_TASK_TYPE_CONFLICT")
    [task] = await fill(talka, training, 1, open_pool=False)
    assert (task["overlap"], task["infinite_overlap"]) == (None, True)
    path = f"/api/v1/tasks/{task['id']}"
    for change in ({"message_on_unknown_solution": None}, {"message_on_unknown_solution": ""}):
        answer = await talka.requester.patch(path, json=change)
        assert (answer.status_code, answer.json()["code"]) == (409, "POOL_TASK_TYPE_CONFLICT"), answer.text
    answer = await talka.requester.patch(path, json={"overlap": 5})
    assert answer.json()["payload"]["overlap"]["code"] == "VALUE_NOT_ALLOWED"
    changed = await talka.requester.patch(path, json={"message_on_unknown_solution": "Hm."})
    assert changed.json() == {**task, "message_on_unknown_solution": "Hm."}
    suite = {"pool_id": training["id"], "tasks": [{"input_values": {"item": "x"}, **TASK}], "overlap": 1}
    answer = await talka.requester.post("/api/v1/task-suites", json=suite)
    assert (answer.status_code, answer.json()["code"]) == (409, "POOL_TASK_TYPE_CONFLICT")


async def test_archived_trainings_take_no_tasks(talka: Talka) -> None:
    training = await new(talka)
    await move(talka, "trainings", training, "archive")
    item = {"pool_id": training["id"], "input_values": {"item": "x"}, **TASK}
    for params in ("", "?async_mode=true"):
        answer = await talka.requester.post(f"/api/v1/tasks{params}", json=item)
        assert (answer.status_code, answer.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
