"""Batches of tasks and suites: both modes, repeated requests, invalid items, logs, opening of pools."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from tests.support.app import Talka

REQUIRED = {"code": "VALUE_REQUIRED", "message": "Must be present and not null"}
UNKNOWN = {"code": "VALUE_NOT_ALLOWED", "message": "The specification has no such field"}


def item(pool: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
    """A valid task."""
    return {"pool_id": pool["id"], "input_values": {"item": text}, "overlap": 2, **more}


async def post(talka: Talka, body: Any, path: str = "tasks", **params: Any) -> Any:
    """POST a batch; booleans become the words of the API."""
    words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
    return await talka.requester.post(f"/api/v1/{path}", json=body, params=words)


async def get(talka: Talka, path: str) -> Any:
    """GET of something that is there."""
    answer = await talka.requester.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def count(talka: Talka, pool: dict[str, Any]) -> int:
    """How many tasks a pool has."""
    return len((await get(talka, f"tasks?pool_id={pool['id']}&limit=1000"))["items"])


def stored(pool: dict[str, Any], found: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
    """A task as it must be returned."""
    return {
        "id": found["id"], "pool_id": pool["id"], "input_values": {"item": text}, "overlap": 2,
        "infinite_overlap": False, "remaining_overlap": 2, "reserved_for": [], "unavailable_for": [],
        "created": found["created"], **more,
    }  # fmt: skip


async def test_a_single_task_at_once(talka: Talka) -> None:
    pool = await talka.pool()
    answer = await post(talka, {**item(pool, "x"), "id": "7", "created": 5, "remaining_overlap": 9, "novel": [1]})
    assert answer.status_code == 201
    assert answer.json() == stored(pool, answer.json(), "x")
    assert await get(talka, f"tasks/{answer.json()['id']}") == answer.json()
    refused = await post(talka, {"pool_id": pool["id"], "input_values": {"imagis": 1}})
    assert refused.status_code == 400
    errors = {"input_values.item": REQUIRED, "input_values.imagis": UNKNOWN, "overlap": REQUIRED}
    assert refused.json()["payload"] == errors
    assert (await post(talka, "text")).json()["payload"].keys() == {"body"}


async def test_an_array_at_once_keyed_by_position(talka: Talka) -> None:
    pool, other = await talka.pool(), await talka.pool()
    body = [item(pool, "a", __item_idx="7"), item(other, "b", __item_idx="7"), item(pool, "c")]
    answer = (await post(talka, body)).json()
    assert answer["validation_errors"] == {}
    assert list(answer["items"]) == ["0", "1", "2"]
    texts = [answer["items"][key]["input_values"]["item"] for key in ("0", "1", "2")]
    assert texts == ["a", "b", "c"]
    assert [found["pool_id"] for found in answer["items"].values()] == [pool["id"], other["id"], pool["id"]]
    assert "__item_idx" not in answer["items"]["0"]


async def test_invalid_items_refuse_the_array_or_are_skipped(talka: Talka) -> None:
    pool = await talka.pool()
    body = [item(pool, "a"), {"pool_id": pool["id"], "overlap": 2}, [], item(pool, "d", overlap=0)]
    wrong = {
        "1": {"input_values": REQUIRED},
        "2": {"": {"code": "OBJECT_EXPECTED", "message": "Must be an object"}},
        "3": {"overlap": {"code": "VALUE_LESS_THAN_MIN", "message": "Must be at least 1", "params": [1]}},
    }
    refused = await post(talka, body)
    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
    assert refused.json()["payload"] == wrong
    assert await count(talka, pool) == 0
    done = await post(talka, body, skip_invalid_items=True)
    assert done.status_code == 201
    assert done.json() == {
        "items": {"0": stored(pool, done.json()["items"]["0"], "a")},
        "validation_errors": wrong,
    }
    assert await count(talka, pool) == 1
    nothing = await post(talka, body[1:], skip_invalid_items=True)
    assert nothing.status_code == 400
    assert list(nothing.json()["payload"]) == ["0", "1", "2"]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_repeated_operation_id_creates_nothing_twice(talka: Talka, asynchronous: bool) -> None:
    pool = await talka.pool()
    operation_id = str(uuid.uuid4())
    body = [item(pool, "a"), {"pool_id": pool["id"]}, item(pool, "c")]
    params: dict[str, Any] = {"async_mode": asynchronous, "operation_id": operation_id, "skip_invalid_items": True}
    first = await post(talka, body, **params)
    again = await post(talka, body, **params)
    await talka.drain()
    later = await post(talka, body, **params)
    if asynchronous:
        assert first.status_code == 202
        assert {answer.status_code for answer in (again, later)} == {409}
        assert again.json()["code"] == later.json()["code"] == "OPERATION_ALREADY_EXISTS"
    else:
        assert first.status_code == again.status_code == later.status_code == 201
        assert first.json() == again.json() == later.json()
    assert await count(talka, pool) == 2
    operation = await get(talka, f"operations/{operation_id}")
    assert operation["status"] == "SUCCESS"
    assert operation["details"] == {
        "total_count": 3, "valid_count": 2, "not_valid_count": 1, "success_count": 2, "failed_count": 0,
    }  # fmt: skip
    other_mode = await post(talka, body, operation_id=operation_id, async_mode=not asynchronous)
    assert (other_mode.status_code, other_mode.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    suite = {"pool_id": pool["id"], "tasks": [{"input_values": {"item": "x"}}]}
    other_kind = await post(talka, [suite], "task-suites", operation_id=operation_id)
    assert (other_kind.status_code, other_kind.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    assert await count(talka, pool) == 2


async def test_accounts_do_not_share_operation_ids(talka: Talka) -> None:
    pool = await talka.pool()
    operation_id = str(uuid.uuid4())
    await post(talka, [item(pool, "a")], operation_id=operation_id)
    stranger = await talka.stranger()
    answer = await stranger.get(f"/api/v1/operations/{operation_id}")
    assert answer.status_code == 404
    params = {"operation_id": operation_id}
    foreign = await stranger.post("/api/v1/tasks", json=[item(pool, "b")], params=params)
    wrong = foreign.json()["payload"]
    assert wrong["0"]["pool_id"]["code"] == "ENTITY_ACCESS_DENIED"
    nowhere = await post(talka, item({"id": "9999999"}, "x"))
    assert nowhere.json()["payload"]["pool_id"]["code"] == "ENTITY_DOES_NOT_EXIST"


async def test_an_operation_from_its_start_to_its_log(talka: Talka) -> None:
    pool = await talka.pool()
    body = [item(pool, f"t{n}", __item_idx=str(n)) for n in range(3)]
    body[1]["input_values"] = {"item": 5}
    operation_id = str(uuid.uuid4())
    started = await post(talka, body, async_mode=True, operation_id=operation_id, skip_invalid_items=True)
    parameters = {"skip_invalid_items": True, "allow_defaults": False, "open_pool": False}
    pending = {
        "id": operation_id, "type": "TASK.BATCH_CREATE", "status": "PENDING", "submitted": started.json()["submitted"],
        "progress": 0, "parameters": parameters, "details": {},
    }  # fmt: skip
    assert (started.status_code, started.json()) == (202, pending)
    assert await get(talka, f"operations/{operation_id}/log") == []
    await talka.drain()
    done = await get(talka, f"operations/{operation_id}")
    counts = {"total_count": 3, "valid_count": 2, "not_valid_count": 1, "success_count": 2, "failed_count": 0}
    dates = {"started": done["started"], "finished": done["finished"]}
    assert done == {**pending, **dates, "status": "SUCCESS", "progress": 100, "details": counts}
    ids = [task["id"] for task in (await get(talka, f"tasks?pool_id={pool['id']}"))["items"]]
    text = {"code": "STRING_EXPECTED", "message": "Must be a string"}
    assert await get(talka, f"operations/{operation_id}/log") == [
        {"type": "TASK_CREATE", "success": True, "input": {**body[0], "infinite_overlap": False},
         "output": {"task_id": ids[0]}},
        {"type": "TASK_VALIDATE", "success": False, "input": body[1], "output": {"input_values.item": text}},
        {"type": "TASK_CREATE", "success": True, "input": {**body[2], "infinite_overlap": False},
         "output": {"task_id": ids[1]}},
    ]  # fmt: skip
    low, high = min(ids), max(ids)
    found = await get(talka, f"tasks?pool_id={pool['id']}&id_gte={low}&id_lte={high}&sort=id")
    assert [task["id"] for task in found["items"]] == ids


@pytest.mark.parametrize("skip", [False, True])
async def test_a_batch_that_fails_creates_nothing_and_says_why(talka: Talka, skip: bool) -> None:
    pool = await talka.pool()
    good = [] if skip else [item(pool, "good", __item_idx="0")]
    body = [*good, {"pool_id": pool["id"], "overlap": 1, "__item_idx": "1"}, "no object"]
    started = await post(talka, body, async_mode=True, skip_invalid_items=skip)
    await talka.drain()
    operation = await get(talka, f"operations/{started.json()['id']}")
    assert operation["status"] == "FAIL"
    total, valid = len(body), len(good)
    assert operation["details"] == {
        "total_count": total, "valid_count": valid, "not_valid_count": 2, "success_count": 0, "failed_count": total,
    }  # fmt: skip
    log = await get(talka, f"operations/{operation['id']}/log")
    assert [(entry["type"], entry["success"]) for entry in log] == [("TASK_VALIDATE", False)] * 2
    assert all(entry["input"]["__item_idx"].isdigit() for entry in log)
    assert log[0]["output"] == {"input_values": REQUIRED}
    assert await count(talka, pool) == 0


async def test_indexes_given_twice_lose_no_item_of_the_log(talka: Talka) -> None:
    pool = await talka.pool()
    body = [item(pool, "a", __item_idx="0"), {"__item_idx": "0"}, {"__item_idx": "0"}]
    started = await post(talka, body, async_mode=True, skip_invalid_items=True)
    await talka.drain()
    details = (await get(talka, f"operations/{started.json()['id']}"))["details"]
    assert (details["total_count"], details["not_valid_count"]) == (3, 2)
    log = await get(talka, f"operations/{started.json()['id']}/log")
    assert [(entry["success"], entry["input"]["__item_idx"]) for entry in log] == [
        (True, "0"), (False, "1"), (False, "2"),
    ]  # fmt: skip


async def test_a_deep_invalid_item_does_not_hold_up_other_batches(talka: Talka) -> None:
    pool = await talka.pool()
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    refused = await post(talka, [{"pool_id": pool["id"], "novel": deep}], async_mode=True)
    assert (refused.status_code, refused.json()["payload"]["0"].keys()) == (400, {"novel"})
    started = await post(talka, [item(pool, "a")], async_mode=True)
    await talka.drain()
    assert (await get(talka, f"operations/{started.json()['id']}"))["status"] == "SUCCESS"


async def test_opening_pools_after_a_batch(talka: Talka) -> None:
    poor = await talka.pool(reward_per_assignment=2_000_000)
    rich, spoilt = await talka.pool(), await talka.pool(will_expire="2020-01-01T00:00:00")
    body = [item(poor, "a"), item(rich, "b"), item(spoilt, "c")]
    started = await post(talka, body, async_mode=True, open_pool=True)
    await talka.drain()
    operation = await get(talka, f"operations/{started.json()['id']}")
    assert operation["status"] == "SUCCESS"
    assert operation["parameters"]["open_pool"] is True
    log = await get(talka, f"operations/{operation['id']}/log")
    assert [entry["type"] for entry in log] == ["TASK_CREATE"] * 3 + ["POOL_OPEN"] * 2
    for entry, pool, code in zip(log[3:], (poor, spoilt), ("NOT_ENOUGH_BALANCE", "CONFLICT_STATE"), strict=True):
        assert entry["success"] is False
        assert entry["input"] == {"pool_id": pool["id"]}
        assert entry["output"]["code"] == code
        assert entry["output"]["request_id"] == f"ao_{operation['id']}"
    statuses = [(await get(talka, f"pools/{pool['id']}"))["status"] for pool in (poor, rich, spoilt)]
    assert statuses == ["CLOSED", "OPEN", "CLOSED"]
    refused = await post(talka, [item(poor, "d")], open_pool=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "NOT_ENOUGH_BALANCE")
    assert await count(talka, poor) == 1


async def test_defaults_of_the_pool_fill_in_overlaps(talka: Talka) -> None:
    pool = await talka.pool(defaults={"default_overlap_for_new_tasks": 5})
    bare = {"pool_id": pool["id"], "input_values": {"item": "x"}}
    missing = (await post(talka, bare)).json()["payload"]
    assert missing == {"overlap": REQUIRED}
    task = (await post(talka, bare, allow_defaults=True)).json()
    assert (task["overlap"], task["infinite_overlap"]) == (5, False)
    own = (await post(talka, {**bare, "overlap": 2.0}, allow_defaults=True)).json()
    assert own["overlap"] == 2
    endless = (await post(talka, {**bare, "infinite_overlap": True})).json()
    assert (endless["overlap"], endless["infinite_overlap"], endless["remaining_overlap"]) == (None, True, None)
    nothing_set = await talka.pool(defaults=None)
    plain = (await post(talka, {**bare, "pool_id": nothing_set["id"]}, allow_defaults=True)).json()
    assert plain["overlap"] == 1


async def test_states_of_pools_that_take_no_tasks(talka: Talka) -> None:
    archived, ready, free = (
        await talka.pool(),
        await talka.pool(mixer_config=None),
        await talka.pool(reward_per_assignment=0),
    )
    await talka.requester.post(f"/api/v1/pools/{archived['id']}/archive")
    suite = {"tasks": [{"input_values": {"item": "x"}}], "overlap": 1}
    for asynchronous in (False, True):
        for pool, code in ((archived, "POOL_INAPPROPRIATE_STATUS"), (ready, "MIXER_CONFIG_REQUIRED")):
            answer = await post(talka, [item(pool, "a")], async_mode=asynchronous)
            assert (answer.status_code, answer.json()["code"]) == (409, code)
    for body, path in ((item(free, "x"), "tasks"), ({**suite, "pool_id": free["id"]}, "task-suites"),
                       ({**suite, "pool_id": free["id"], "mixed": True}, "task-suites")):  # fmt: skip
        answer = await post(talka, body, path)
        assert (answer.status_code, answer.json()["code"]) == (409, "POOL_TASK_TYPE_CONFLICT")
    control = item(free, "x", known_solutions=[{"output_values": {"label": "a"}}])
    assert (await post(talka, control)).json()["known_solutions"] == [
        {"output_values": {"label": "a"}, "correctness_weight": 1}
    ]


async def test_limits_of_one_synchronous_request(talka: Talka) -> None:
    pool, ready = await talka.pool(), await talka.pool(mixer_config=None)
    many = [item(pool, "x")] * 5001
    big = [item(pool, "x" * 600_000)] * 2
    suites = [{"pool_id": ready["id"], "overlap": 1, "tasks": [{"input_values": {"item": "x"}}] * 300}] * 17
    for body, path in ((many, "tasks"), (big, "tasks"), (suites, "task-suites")):
        answer = await post(talka, body, path)
        assert (answer.status_code, answer.json()["code"]) == (413, "ENTITY_TOO_LARGE")
    assert await count(talka, pool) == 0
    assert (await post(talka, many, async_mode=True)).status_code == 202
    await talka.drain()
    found = await get(talka, f"tasks?pool_id={pool['id']}&limit=100000")
    assert (len(found["items"]), found["has_more"]) == (5001, False)


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"operation_id": "x"}, {"operation_id": "UUID_EXPECTED"}),
        ({"async_mode": "yes", "open_pool": "1"}, {"async_mode": "BOOLEAN_EXPECTED", "open_pool": "BOOLEAN_EXPECTED"}),
    ],
)
async def test_wrong_parameters_are_named(talka: Talka, params: Any, wrong: Any) -> None:
    pool = await talka.pool()
    answer = await post(talka, item(pool, "x"), **params)
    assert answer.status_code == 400
    assert {name: found["code"] for name, found in answer.json()["payload"].items()} == wrong
    task = (await post(talka, item(pool, "x"))).json()
    patched = await talka.requester.patch(f"/api/v1/tasks/{task['id']}?open_pool=maybe", json={})
    assert patched.json()["payload"].keys() == {"open_pool"}
    assert (await post(talka, [])).status_code == 400


async def test_the_same_request_many_times_at_once_is_carried_out_once(talka: Talka) -> None:
    pool = await talka.pool()
    body = [item(pool, "a"), item(pool, "b")]
    at_once = str(uuid.uuid4())
    answers = await asyncio.gather(*(post(talka, body, operation_id=at_once) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    queued = str(uuid.uuid4())
    answers = await asyncio.gather(
        *(post(talka, body, operation_id=queued, async_mode=True) for _ in range(6)), talka.drain()
    )
    assert sorted(answer.status_code for answer in answers[:-1]) == [202, 409, 409, 409, 409, 409]
    await talka.drain()
    assert await count(talka, pool) == 4
