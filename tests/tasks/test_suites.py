"""Ready-made task suites, and reading those that were mixed for one worker."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.app import Talka


def suite(pool: dict[str, Any], *texts: str, **more: Any) -> dict[str, Any]:
    """A suite of these items."""
    tasks = [{"input_values": {"item": text}} for text in texts]
    return {"pool_id": pool["id"], "tasks": tasks, "overlap": 2, **more}


async def post(talka: Talka, body: Any, **params: str) -> Any:
    """POST of suites."""
    return await talka.requester.post("/api/v1/task-suites", json=body, params=params)


async def get(talka: Talka, path: str) -> Any:
    """GET of something that is there."""
    answer = await talka.requester.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_suite_is_returned_whole_and_issued_as_it_is(talka: Talka) -> None:
    pool = await talka.pool(mixer_config=None)
    known = [{"output_values": {"label": "b"}, "correctness_weight": 0.5}]
    body = suite(pool, "x", "y", issuing_order_override=10.3, traits_all_of=["t"], id="1", novel=1)
    body["tasks"][1] |= {"known_solutions": known, "pool_id": "9", "overlap": "junk", "reserved_for": 5}
    made = (await post(talka, body, open_pool="true")).json()
    ids = [task["id"] for task in made["tasks"]]
    assert made == {
        "id": made["id"], "pool_id": pool["id"], "mixed": False, "automerged": False,
        "tasks": [
            {"id": ids[0], "input_values": {"item": "x"}},
            {"id": ids[1], "input_values": {"item": "y"}, "known_solutions": known},
        ],
        "overlap": 2, "infinite_overlap": False, "remaining_overlap": 2, "reserved_for": [], "unavailable_for": [],
        "traits_all_of": ["t"], "issuing_order_override": 10.3, "created": made["created"],
    }  # fmt: skip
    assert await get(talka, f"task-suites/{made['id']}") == made
    listed = (await get(talka, f"tasks?pool_id={pool['id']}"))["items"]
    assert [(task["id"], task["overlap"], task["remaining_overlap"]) for task in listed] == [(i, 2, 2) for i in ids]
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    assert [task["id"] for task in page["tasks"]] == ids
    assert (await get(talka, f"task-suites/{made['id']}"))["remaining_overlap"] == 1
    for query in (f"task_id={ids[1]}", f"pool_id={pool['id']}", f"pool_id={pool['id']}&overlap=2"):
        assert [found["id"] for found in (await get(talka, f"task-suites?{query}"))["items"]] == [made["id"]]
    await worker.submit(page)
    for query in (f"task_id={ids[0]}", f"task_suite_id={made['id']}", f"pool_id={pool['id']}"):
        found = (await get(talka, f"assignments?{query}"))["items"]
        assert [assignment["id"] for assignment in found] == [page["id"]]
    assert found[0]["tasks"] == made["tasks"]
    assert (found[0]["task_suite_id"], found[0]["mixed"]) == (made["id"], False)
    alone = await talka.requester.patch(f"/api/v1/tasks/{ids[0]}", json={"overlap": 5})
    assert alone.json()["payload"].keys() == {"overlap"}


async def test_suites_with_errors(talka: Talka) -> None:
    pool = await talka.pool(mixer_config=None)
    cases: list[tuple[Any, set[str]]] = [
        (suite(pool), {"tasks"}),
        ({**suite(pool, "x"), "tasks": None, "overlap": None}, {"tasks", "overlap"}),
        (suite(pool, *["x"] * 501), {"tasks"}),
        (suite(pool, "x", overlap=1.5, mixed="no", issuing_order_override=100000),
         {"overlap", "mixed", "issuing_order_override"}),
        (suite(pool, "x", latitude=91, longitude="east"), {"latitude", "longitude"}),
    ]  # fmt: skip
    for body, wrong in cases:
        answer = await post(talka, body)
        assert (answer.status_code, answer.json()["payload"].keys()) == (400, wrong)
    body = suite(pool, "x", "y", "z")
    body["tasks"][0] = {"input_values": {"item": 5, "more": 1}}
    body["tasks"][1]["baseline_solutions"] = [{"output_values": {"label": "a"}}]
    body["tasks"][2] = "text"
    answer = await post(talka, [suite(pool, "ok"), body], skip_invalid_items="true")
    assert answer.status_code == 201
    assert answer.json()["validation_errors"]["1"].keys() == {
        "tasks.0.input_values.item", "tasks.0.input_values.more", "tasks.1.baseline_solutions", "tasks.2",
    }  # fmt: skip
    assert list(answer.json()["items"]) == ["0"]


async def test_a_suite_operation_and_its_log(talka: Talka) -> None:
    pool = await talka.pool(mixer_config=None)
    body = [suite(pool, "x", "y", __item_idx="0"), {**suite(pool), "__item_idx": "1"}]
    answer = await post(talka, body, async_mode="true", skip_invalid_items="true")
    await talka.drain()
    operation = await get(talka, f"operations/{answer.json()['id']}")
    assert (operation["type"], operation["status"]) == ("TASK_SUITE.BATCH_CREATE", "SUCCESS")
    made = (await get(talka, f"task-suites?pool_id={pool['id']}"))["items"]
    log = await get(talka, f"operations/{operation['id']}/log")
    assert [(entry["type"], entry["success"]) for entry in log] == [
        ("TASK_SUITE_CREATE", True), ("TASK_SUITE_VALIDATE", False),
    ]  # fmt: skip
    assert log[0]["output"] == {"task_suite_id": made[0]["id"]}
    assert log[0]["input"].items() >= body[0].items()
    assert (log[1]["input"], log[1]["output"].keys()) == (body[1], {"tasks"})


async def test_map_projects_need_a_place(talka: Talka) -> None:
    project = await talka.project(
        assignments_issuing_type="MAP_SELECTOR",
        assignments_issuing_view_config={"title_template": "t", "description_template": "d"},
    )
    pool = await talka.pool(project, mixer_config=None)
    assert (await post(talka, suite(pool, "x"))).json()["payload"].keys() == {"latitude", "longitude"}
    placed = (await post(talka, suite(pool, "x", latitude=-55.75, longitude=180))).json()
    assert (placed["latitude"], placed["longitude"]) == (-55.75, 180)


@pytest.mark.parametrize("ordered", [True, False])
async def test_suites_go_out_in_creation_order_when_the_pool_says_so(talka: Talka, ordered: bool) -> None:
    config = {"issue_task_suites_in_creation_order": ordered}
    pool = await talka.pool(mixer_config=None, assignments_issuing_config=config)
    made = await post(talka, [suite(pool, f"x{n}") for n in range(20)], open_pool="true")
    ids = [found["id"] for found in made.json()["items"].values()]
    orders = []
    for _ in range(2):
        worker = await talka.worker()
        taken = []
        while (answer := await worker.take(pool)).status_code == 201:
            await worker.submit(answer.json())
            shown = await get(talka, f"assignments/{answer.json()['id']}")
            taken.append(shown["task_suite_id"])
        assert sorted(taken) == ids
        orders.append(taken)
    assert (orders == [ids, ids]) is ordered


async def test_changing_a_suite(talka: Talka) -> None:
    pool = await talka.pool(mixer_config=None)
    made = (await post(talka, suite(pool, "x"), open_pool="true")).json()
    path = f"/api/v1/task-suites/{made['id']}"
    patched = (await talka.requester.patch(path, json={"issuing_order_override": -99999.99999})).json()
    assert patched == {**made, "issuing_order_override": -99999.99999}
    await (await talka.worker()).take(pool)
    raised = (await talka.requester.patch(path, json={"overlap": 3, "infinite_overlap": False})).json()
    assert (raised["overlap"], raised["remaining_overlap"]) == (3, 2)
    lowered = (await talka.requester.patch(f"{path}/set-overlap-or-min", json={"overlap": 0})).json()
    assert (lowered["overlap"], lowered["remaining_overlap"]) == (1, 0)
    endless = (await talka.requester.patch(path, json={"infinite_overlap": True, "overlap": None})).json()
    assert (endless["overlap"], endless["infinite_overlap"], endless["remaining_overlap"]) == (None, True, None)
    assert endless == await get(talka, f"task-suites/{made['id']}")


async def test_mixed_suites_are_read_like_stored_ones(talka: Talka) -> None:
    pool = await talka.pool()
    tasks = await talka.tasks(pool, 4, overlap=2)
    page = (await (await talka.worker()).take(pool)).json()
    assignment = await get(talka, f"assignments/{page['id']}")
    found = (await get(talka, f"task-suites?pool_id={pool['id']}"))["items"]
    order = [task["id"] for task in page["tasks"]]
    texts = {task["id"]: task["input_values"] for task in tasks}
    assert found == [
        {
            "id": assignment["task_suite_id"], "pool_id": pool["id"], "mixed": True, "automerged": False,
            "tasks": [{"id": task_id, "input_values": texts[task_id]} for task_id in order],
            "overlap": 1, "infinite_overlap": False, "remaining_overlap": 0, "reserved_for": [],
            "unavailable_for": [], "issuing_order_override": 0, "created": assignment["created"],
        }
    ]  # fmt: skip
    assert await get(talka, f"task-suites/{found[0]['id']}") == found[0]
    assert (await get(talka, f"task-suites?task_id={order[2]}"))["items"] == found
    missing = await talka.requester.get("/api/v1/task-suites")
    assert missing.json()["payload"].keys() == {"pool_id"}
    assert (await talka.requester.get("/api/v1/tasks")).json()["payload"].keys() == {"pool_id"}
