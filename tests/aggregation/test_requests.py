"""Requests to aggregate: every field broken, references, states, other accounts, repetition."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from tests.aggregation.support import (
    DAWID_SKENE,
    WEIGHTED,
    answer,
    by_pool,
    by_task,
    close,
    pool,
    project,
    request,
    results,
    skill,
)
from tests.support.app import Talka

BY_POOL, BY_TASK = "/api/v1/aggregated-solutions/aggregate-by-pool", "/api/v1/aggregated-solutions/aggregate-by-task"
FIELDS = [{"name": "label"}]
ABSENT = "VALUE_REQUIRED"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"type": None}, {"type": ABSENT}),
        ({"type": "MAJORITY"}, {"type": "UNKNOWN_ENUM_VALUE"}),
        ({"type": ["DAWID_SKENE"]}, {"type": "UNKNOWN_ENUM_VALUE"}),
        ({"pool_id": None}, {"pool_id": ABSENT}),
        ({"pool_id": [1], "fields": 5}, {"pool_id": "STRING_EXPECTED", "fields": "ARRAY_EXPECTED"}),
        ({"pool_id": "1\0"}, {"pool_id": "CHARACTER_NOT_ALLOWED"}),
        ({"pool_id": "7"}, {"pool_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"pool_id": "9" * 30}, {"pool_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"pool_id": "2147483648"}, {"pool_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"pool_id": "\u0661"}, {"pool_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"answer_weight_skill_id": None}, {"answer_weight_skill_id": ABSENT}),
        ({"answer_weight_skill_id": "7"}, {"answer_weight_skill_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"answer_weight_skill_id": "x", "pool_id": "x"},
         {"answer_weight_skill_id": "ENTITY_DOES_NOT_EXIST", "pool_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"answer_weight_skill_id": "9" * 18}, {"answer_weight_skill_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"answer_weight_skill_id": True}, {"answer_weight_skill_id": "STRING_EXPECTED"}),
        ({"fields": None}, {"fields": ABSENT}),
        ({"fields": []}, {"fields": "ARRAY_SIZE_LESS_THAN_MIN"}),
        ({"fields": ["label"]}, {"fields.0": "OBJECT_EXPECTED"}),
        ({"fields": [{}]}, {"fields.0.name": ABSENT}),
        ({"fields": [{"name": 5}, {"name": "sure"}]}, {"fields.0.name": "STRING_EXPECTED"}),
        ({"fields": [{"name": "a\0"}]}, {"fields.0.name": "CHARACTER_NOT_ALLOWED"}),
        ({"fields": [{"name": "label"}, {"name": "sure"}, {"name": "label"}]},
         {"fields.2.name": "DUPLICATE_VALUE_IN_ARRAY"}),
        ({"fields": [{"name": "nope"}, {"name": "remark"}, {"name": "tags"}, {"name": "label"}]},
         {"fields.0.name": "ENTITY_DOES_NOT_EXIST", "fields.1.name": "VALUE_NOT_ALLOWED",
          "fields.2.name": "VALUE_NOT_ALLOWED"}),
        ({"fields": [{"name": str(number)} for number in range(1001)]}, {"fields": "ARRAY_SIZE_GREATER_THAN_MAX"}),
        ({"type": DAWID_SKENE, "fields": [{"name": "label"}, {"name": "sure"}]},
         {"fields": "ARRAY_SIZE_GREATER_THAN_MAX"}),
    ],
)  # fmt: skip
async def test_wrong_requests_name_every_field(talka: Talka, change: Any, wrong: dict[str, str]) -> None:
    where = await pool(talka)
    skill_id = await skill(talka, {})
    [task] = await talka.tasks(where, 1)
    body = {**request(where, WEIGHTED, "label", answer_weight_skill_id=skill_id, task_id=task["id"]), **change}
    for path in (BY_POOL, BY_TASK):
        refused = await talka.requester.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR"), refused.text
        assert {path: error["code"] for path, error in refused.json()["payload"].items()} == wrong
    assert (await talka.requester.get("/api/v1/operations?type=SOLUTION.AGGREGATE")).json()["items"] == []


@pytest.mark.parametrize("body", [[], [{}], "x", 5, True])
async def test_bodies_that_are_no_objects_are_refused(talka: Talka, body: Any) -> None:
    for path in (BY_POOL, BY_TASK):
        refused = await talka.requester.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
    for wrong in (b"", b"{", b"[" * 1000 + b"]" * 1000):
        refused = await talka.requester.post(BY_POOL, content=wrong, headers={"content-type": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_wrong_tasks(talka: Talka) -> None:
    where, other = await pool(talka), await pool(talka)
    [elsewhere] = await talka.tasks(other, 1)
    ghost = elsewhere["id"].replace(f"{int(other['id']):010x}", f"{int(where['id']):010x}")
    codes = {None: ABSENT, 5: "ENTITY_DOES_NOT_EXIST", elsewhere["id"]: "ENTITY_DOES_NOT_EXIST"}
    codes |= {ghost: "ENTITY_DOES_NOT_EXIST", "f" * 10 + "--" + "f" * 24: "ENTITY_DOES_NOT_EXIST"}
    for task_id, code in codes.items():
        refused = await by_task(talka.requester, request(where, DAWID_SKENE, "label", task_id=task_id))
        assert (refused.status_code, refused.json()["payload"]["task_id"]["code"]) == (400, code)


async def test_by_skill_needs_mixing_and_general_tasks(talka: Talka) -> None:
    parent = await project(talka)
    suites = await pool(talka, parent, mixer_config=None)
    skill_id = await skill(talka, {})
    refused = await talka.requester.post(
        BY_POOL, json=request(suites, WEIGHTED, "label", answer_weight_skill_id=skill_id)
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "ONLY_FOR_POOL_WITH_MIXER")
    async with talka.db.transaction() as tx:
        await tx.execute("update pool set type = 'TRAINING', mixed = true where id = %s", (int(suites["id"]),))
    refused = await talka.requester.post(
        BY_POOL, json=request(suites, WEIGHTED, "label", answer_weight_skill_id=skill_id)
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "UNSUPPORTED_ALGORITHM")


async def test_a_project_without_anything_to_aggregate(talka: Talka) -> None:
    where = await pool(talka, await project(talka, {"remark": {"type": "string"}}))
    refused = await talka.requester.post(BY_POOL, json=request(where, DAWID_SKENE))
    assert refused.json()["payload"]["fields"]["code"] == "VALUE_NOT_ALLOWED"


async def test_a_pool_is_aggregated_when_it_is_closed_and_has_accepted_answers(talka: Talka) -> None:
    where = await pool(talka)
    await talka.tasks(where, 2, overlap=1)
    body = request(where, DAWID_SKENE, "label")
    refused = await talka.requester.post(BY_POOL, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
    assert refused.json()["payload"] == {"appropriate_statuses": ["CLOSED", "ARCHIVED"]}
    await close(talka, where)
    refused = await talka.requester.post(BY_POOL, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "ASSIGNMENTS_AGGREGATION_DENIED")
    assert (await talka.requester.post(f"/api/v1/pools/{where['id']}/open")).status_code == 202
    page = await answer(await talka.worker(), where, {"label": "OK"})
    await close(talka, where)
    # What was accepted a moment ago counts, whether or not counters were folded since.
    first = await by_pool(talka, body)
    assert first["status"] == "SUCCESS"
    assert (await talka.requester.post(f"/api/v1/pools/{where['id']}/archive")).status_code == 202
    again = await by_pool(talka, body)
    assert (await results(talka, first))["items"] == (await results(talka, again))["items"]
    assert [item["task_id"] for item in (await results(talka, again))["items"]] == [page["tasks"][0]["id"]]


async def test_an_operation_id_is_used_once(talka: Talka) -> None:
    where = await pool(talka)
    await talka.tasks(where, 1, overlap=1)
    await answer(await talka.worker(), where, {"label": "OK"})
    await close(talka, where)
    body, chosen = request(where, DAWID_SKENE, "label"), str(uuid.uuid4())
    started = await talka.requester.post(BY_POOL, params={"operation_id": chosen}, json=body)
    assert (started.status_code, started.json()["id"], started.json()["status"]) == (202, chosen, "PENDING")
    again = await talka.requester.post(BY_POOL, params={"operation_id": chosen}, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    wrong = await talka.requester.post(BY_POOL, params={"operation_id": "x"}, json=body)
    assert wrong.json()["payload"]["operation_id"]["code"] == "UUID_EXPECTED"
    early = await talka.requester.get(f"/api/v1/aggregated-solutions/{chosen}")
    assert (early.status_code, early.json()["code"]) == (409, "CONFLICT_STATE")
    await talka.drain()
    assert len((await results(talka, started.json()))["items"]) == 1


async def test_other_accounts_aggregate_nothing_and_see_nothing(talka: Talka) -> None:
    where = await pool(talka)
    [task] = await talka.tasks(where, 1, overlap=1)
    worker = await talka.worker()
    skill_id = await skill(talka, {worker.user_id: 90})
    await answer(worker, where, {"label": "OK"})
    await close(talka, where)
    stranger = await talka.stranger()
    body = request(where, WEIGHTED, "label", answer_weight_skill_id=skill_id, task_id=task["id"])
    for path in (BY_POOL, BY_TASK):
        refused = await stranger.post(path, json=body)
        assert refused.status_code == 400
        codes = {name: error["code"] for name, error in refused.json()["payload"].items()}
        assert codes == {"pool_id": "ENTITY_ACCESS_DENIED", "answer_weight_skill_id": "ENTITY_ACCESS_DENIED"}
    operation = await by_pool(talka, body)
    hidden = await stranger.get(f"/api/v1/aggregated-solutions/{operation['id']}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "DOES_NOT_EXIST")


async def test_skills_of_the_platform_may_weigh(talka: Talka) -> None:
    where = await pool(talka)
    [task] = await talka.tasks(where, 1, overlap=1)
    worker = await talka.worker()
    skill_id = await skill(talka, {worker.user_id: 60})
    async with talka.db.transaction() as tx:
        await tx.execute("update skill set account_id = null where id = %s", (int(skill_id),))
    await answer(worker, where, {"sure": False})
    found = await by_task(
        talka.requester, request(where, WEIGHTED, "sure", answer_weight_skill_id=skill_id, task_id=task["id"])
    )
    assert (found.json()["output_values"], found.json()["confidence"]) == ({"sure": False}, 0.6)
