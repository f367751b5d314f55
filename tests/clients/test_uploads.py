"""The published client's calls on tasks, suites and operations, in each of its ways to create them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from tests.support.bodies import pool_body, project_body
from tests.support.kit import Kit, of

BOTH = pytest.mark.parametrize("async_mode", [True, False], ids=["asynchronous", "synchronous"])
COUNTS = ("total_count", "valid_count", "not_valid_count", "success_count", "failed_count")


@pytest.fixture(scope="module")
def project(kit: Kit) -> dict[str, Any]:
    created: dict[str, Any] = kit("create_project", of("Project", project_body()))
    return created


@pytest.fixture
def pool(kit: Kit, project: dict[str, Any]) -> dict[str, Any]:
    """A closed pool with smart mixing and overlap 3."""
    created: dict[str, Any] = kit("create_pool", of("Pool", pool_body(project["id"])))
    return created


@pytest.fixture
def plain_pool(kit: Kit, project: dict[str, Any]) -> dict[str, Any]:
    """A closed pool for ready-made suites."""
    config = {"issue_task_suites_in_creation_order": True}
    body = pool_body(project["id"], mixer_config=None, assignments_issuing_config=config)
    created: dict[str, Any] = kit("create_pool", of("Pool", body))
    return created


def task(pool: dict[str, Any], item: str, **more: Any) -> dict[str, Any]:
    return of("Task", {"pool_id": pool["id"], "input_values": {"item": item}, **more})


def suite(pool: dict[str, Any], *items: str, **more: Any) -> dict[str, Any]:
    tasks = [{"input_values": {"item": item}} for item in items]
    return of("TaskSuite", {"pool_id": pool["id"], "tasks": tasks, **more})


def codes(payload: dict[str, Any]) -> dict[str, str]:
    return {path: error["code"] for path, error in payload.items()}


@BOTH
def test_one_task(kit: Kit, pool: dict[str, Any], async_mode: bool) -> None:
    known = [{"output_values": {"label": "a"}, "correctness_weight": 1}]
    options = {"infinite_overlap": True, "known_solutions": known, "message_on_unknown_solution": "Look again"}
    created = kit("create_task", task(pool, "x", **options), async_mode=async_mode)
    assert {key: created[key] for key in options} == options
    assert (created["pool_id"], created["input_values"], created["overlap"]) == (pool["id"], {"item": "x"}, None)
    assert created["id"].startswith(f"{int(pool['id']):010x}--")
    assert kit("get_task", created["id"]) == created
    assert kit("get_tasks", pool_id=pool["id"]) == [created]


@BOTH
def test_many_tasks_come_back_by_their_index(kit: Kit, pool: dict[str, Any], async_mode: bool) -> None:
    people = [uuid.uuid4().hex, uuid.uuid4().hex]
    sent = [task(pool, f"item {n}", reserved_for=people, unavailable_for=people[:1]) for n in range(120)]
    result = kit("create_tasks", sent, allow_defaults=True, async_mode=async_mode)
    assert result["validation_errors"] == {}
    assert len(result["items"]) == 120
    for number in range(120):
        created = result["items"][str(number)]
        assert created["input_values"] == {"item": f"item {number}"}
        assert (created["overlap"], created["infinite_overlap"], created["remaining_overlap"]) == (3, False, 3)
        assert (created["reserved_for"], created["unavailable_for"]) == (people, people[:1])
    listed = kit("get_tasks", pool_id=pool["id"], batch_size=50)
    assert [created["id"] for created in listed] == sorted(created["id"] for created in listed)
    assert {created["id"]: created for created in listed} == {
        created["id"]: created for created in result["items"].values()
    }


@BOTH
def test_one_wrong_task_stops_all(kit: Kit, pool: dict[str, Any], async_mode: bool) -> None:
    wrong = of("Task", {"pool_id": pool["id"], "input_values": {"itme": "x"}, "overlap": 0})
    error = kit.refused("create_tasks", [task(pool, "x", overlap=1), wrong], async_mode=async_mode)
    assert (error.kind, error.code) == ("ValidationApiError", "VALIDATION_ERROR")
    assert {index: codes(fields) for index, fields in error.payload.items()} == {
        "1": {
            "input_values.item": "VALUE_REQUIRED",
            "input_values.itme": "VALUE_NOT_ALLOWED",
            "overlap": "VALUE_LESS_THAN_MIN",
        }
    }
    assert kit("get_tasks", pool_id=pool["id"]) == []


@BOTH
def test_wrong_tasks_are_left_out(kit: Kit, pool: dict[str, Any], async_mode: bool) -> None:
    wrong = of("Task", {"pool_id": pool["id"], "input_values": {"item": 5}})
    sent = [wrong, task(pool, "first"), task(pool, "lost", overlap=30_001), task(pool, "second")]
    result = kit("create_tasks", sent, allow_defaults=True, skip_invalid_items=True, async_mode=async_mode)
    assert {index: created["input_values"]["item"] for index, created in result["items"].items()} == {
        "1": "first",
        "3": "second",
    }
    assert {index: codes(fields) for index, fields in result["validation_errors"].items()} == {
        "0": {"input_values.item": "STRING_EXPECTED"},
        "2": {"overlap": "VALUE_GREATER_THAN_MAX"},
    }
    assert result["validation_errors"]["2"]["overlap"]["params"] == [30_000]


@BOTH
def test_a_wrong_task_alone(kit: Kit, pool: dict[str, Any], async_mode: bool) -> None:
    error = kit.refused("create_task", task(pool, "x"), async_mode=async_mode)
    assert error.kind == "ValidationApiError"
    fields = error.payload["0"] if async_mode else error.payload
    assert codes(fields) == {"overlap": "VALUE_REQUIRED"}


def test_tasks_of_several_pools_are_created_together(kit: Kit, project: dict[str, Any], pool: dict[str, Any]) -> None:
    other = kit("create_pool", of("Pool", pool_body(project["id"], private_name="other")))
    sent = [task(pool, "here"), task(other, "there"), task(pool, "here too")]
    result = kit("create_tasks", sent, allow_defaults=True, open_pool=True)
    assert [result["items"][str(n)]["pool_id"] for n in range(3)] == [pool["id"], other["id"], pool["id"]]
    assert [kit("get_pool", opened["id"])["status"] for opened in (pool, other)] == ["OPEN", "OPEN"]


def test_tasks_are_found(kit: Kit, pool: dict[str, Any]) -> None:
    tasks = [kit("create_task", task(pool, str(n), overlap=1 + n % 2), async_mode=False) for n in range(5)]
    page = kit("find_tasks", pool_id=pool["id"], sort=["-id"], limit=2)
    assert (page["items"], page["has_more"]) == ([tasks[4], tasks[3]], True)
    assert kit("get_tasks", pool_id=pool["id"], overlap=2) == [tasks[1], tasks[3]]
    assert kit("get_tasks", pool_id=pool["id"], overlap_gte=2, id_lt=tasks[3]["id"]) == [tasks[1]]
    since = kit("find_tasks", pool_id=pool["id"], created_gte=tasks[3]["created"], sort=["created"])
    assert since["items"] == tasks[3:]


def test_a_task_is_changed(kit: Kit, pool: dict[str, Any]) -> None:
    created = kit("create_task", task(pool, "x", overlap=2))
    changed = kit("patch_task", created["id"], overlap=5)
    assert changed == {**created, "overlap": 5, "remaining_overlap": 5}
    known = [{"output_values": {"label": "b"}, "correctness_weight": 0.5}]
    control = kit("patch_task", created["id"], infinite_overlap=True, known_solutions=known)
    assert (control["overlap"], control["infinite_overlap"], control["known_solutions"]) == (None, True, known)
    assert kit("get_task", created["id"]) == control
    ended = kit("patch_task_overlap_or_min", created["id"], overlap=0)
    assert (ended["overlap"], ended["infinite_overlap"], ended["remaining_overlap"]) == (0, False, 0)
    error = kit.refused("patch_task", created["id"], overlap=0)
    assert codes(error.payload) == {"overlap": "VALUE_LESS_THAN_MIN"}


@BOTH
def test_suites(kit: Kit, plain_pool: dict[str, Any], async_mode: bool) -> None:
    one = kit("create_task_suite", suite(plain_pool, "a", "b", overlap=2), async_mode=async_mode)
    assert [inner["input_values"]["item"] for inner in one["tasks"]] == ["a", "b"]
    assert (one["overlap"], one["infinite_overlap"], one["remaining_overlap"], one["mixed"]) == (2, False, 2, False)
    assert kit("get_task_suite", one["id"]) == one
    result = kit(
        "create_task_suites",
        [suite(plain_pool, "c", issuing_order_override=2.5), suite(plain_pool, "d"), suite(plain_pool)],
        allow_defaults=True,
        skip_invalid_items=True,
        async_mode=async_mode,
    )
    assert [result["items"][index]["tasks"][0]["input_values"]["item"] for index in ("0", "1")] == ["c", "d"]
    assert result["items"]["0"]["issuing_order_override"] == 2.5
    assert list(result["validation_errors"]) == ["2"]
    assert list(result["validation_errors"]["2"]) == ["tasks"]
    everything = kit("get_task_suites", pool_id=plain_pool["id"], batch_size=2)
    assert everything == [one, result["items"]["0"], result["items"]["1"]]
    assert kit("find_task_suites", task_id=one["tasks"][1]["id"])["items"] == [one]
    error = kit.refused(
        "create_task_suites",
        [of("TaskSuite", {"pool_id": plain_pool["id"], "tasks": [{"input_values": {}}]})],
        allow_defaults=True,
        async_mode=async_mode,
    )
    assert {index: codes(fields) for index, fields in error.payload.items()} == {
        "0": {"tasks.0.input_values.item": "VALUE_REQUIRED"}
    }


def test_a_suite_is_changed(kit: Kit, plain_pool: dict[str, Any]) -> None:
    created = kit("create_task_suite", suite(plain_pool, "a", "b"), allow_defaults=True)
    moved = kit("patch_task_suite", created["id"], issuing_order_override=100)
    assert moved == {**created, "issuing_order_override": 100}
    raised = kit("patch_task_suite", created["id"], overlap=7, open_pool=True)
    assert raised == {**moved, "overlap": 7, "remaining_overlap": 7}
    assert kit("get_pool", plain_pool["id"])["status"] == "OPEN"
    ended = kit("patch_task_suite_overlap_or_min", created["id"], overlap=0)
    assert (ended["overlap"], ended["remaining_overlap"]) == (0, 0)


def test_pools_want_their_own_kind_of_upload(kit: Kit, pool: dict[str, Any], plain_pool: dict[str, Any]) -> None:
    error = kit.refused("create_tasks", [task(plain_pool, "x", overlap=1)])
    assert (error.kind, error.status, error.code) == ("IncorrectActionsApiError", 409, "MIXER_CONFIG_REQUIRED")
    kit("archive_pool", pool["id"])
    error = kit.refused("create_tasks", [task(pool, "x", overlap=1)])
    assert (error.kind, error.status, error.code) == ("IncorrectActionsApiError", 409, "POOL_INAPPROPRIATE_STATUS")


def test_operations_and_their_log(kit: Kit, pool: dict[str, Any]) -> None:
    mine = str(uuid.uuid4())
    sent = [task(pool, "right", overlap=1), task(pool, "wrong", overlap=0)]
    started = kit("create_tasks_async", sent, operation_id=mine, skip_invalid_items=True)
    assert (started["id"], started["type"]) == (mine, "TASK.BATCH_CREATE")
    assert started["parameters"] == {"skip_invalid_items": True, "allow_defaults": False, "open_pool": False}
    done = kit("wait_operation", of("operations.Operation", started))
    assert (done["status"], done["progress"]) == ("SUCCESS", 100)
    assert done["submitted"] <= done["started"] <= done["finished"]
    assert {count: done["details"][count] for count in COUNTS} == dict(zip(COUNTS, (2, 1, 1, 1, 0), strict=True))
    assert kit("get_operation", mine) == done
    [created] = kit("get_tasks", pool_id=pool["id"])
    log = {item["type"]: item for item in kit("get_operation_log", mine)}
    assert set(log) == {"TASK_CREATE", "TASK_VALIDATE"}
    assert (log["TASK_CREATE"]["success"], log["TASK_CREATE"]["output"]) == (True, {"task_id": created["id"]})
    assert log["TASK_CREATE"]["input"]["pool_id"] == pool["id"]
    assert log["TASK_CREATE"]["input"]["input_values"] == {"item": "right"}
    assert (log["TASK_VALIDATE"]["success"], codes(log["TASK_VALIDATE"]["output"])) == (
        False,
        {"overlap": "VALUE_LESS_THAN_MIN"},
    )
    newest = kit("find_operations", sort=["-submitted"], limit=1, type="TASK.BATCH_CREATE")
    assert newest["items"] == [done]
    assert done in kit("get_operations", status="SUCCESS", batch_size=3)
    assert kit("get_operations", submitted_gt=done["submitted"]) == []


def test_a_failed_operation_is_raised_when_it_is_met_again(kit: Kit, pool: dict[str, Any]) -> None:
    mine = str(uuid.uuid4())
    wrong = [task(pool, "wrong", overlap=0)]
    first = kit.refused("create_tasks", wrong, operation_id=mine)
    assert {index: codes(fields) for index, fields in first.payload.items()} == {
        "0": {"overlap": "VALUE_LESS_THAN_MIN"}
    }
    again = kit.refused("create_tasks", wrong, operation_id=mine)
    assert again.kind == "FailedOperation"
    assert (again.operation["id"], again.operation["status"]) == (mine, "FAIL")
