"""Pages with training tasks: hints, attempts, what requesters see of the first answers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.app import Talka, Worker

TRAINING: dict[str, Any] = {
    "overlap": None,
    "infinite_overlap": True,
    "known_solutions": [{"output_values": {"label": "a"}}],
    "message_on_unknown_solution": "Look again.",
}
MIXER = {"training_tasks_count": 2, "mix_tasks_in_creation_order": True, "shuffle_tasks_in_task_suite": False}


async def started(talka: Talka) -> tuple[dict[str, Any], Worker, dict[str, Any]]:
    """A pool of training tasks, a worker and their page of two."""
    pool = await talka.pool(mixer_config=MIXER, reward_per_assignment=0)
    await talka.tasks(pool, 2, **TRAINING)
    worker = await talka.worker()
    assert (await worker.get("/task-list")).json()["items"][0]["kind"] == "TRAINING"
    return pool, worker, (await worker.take(pool)).json()


def answers(*labels: str) -> dict[str, Any]:
    """A submission."""
    return {"solutions": [{"output_values": {"label": label}} for label in labels]}


async def test_a_page_goes_in_when_all_of_it_is_right(talka: Talka) -> None:
    pool, worker, page = await started(talka)
    path = f"/assignments/{page['id']}"
    ids = [task["id"] for task in page["tasks"]]
    assert all(task.keys() == {"id", "input_values"} for task in page["tasks"])
    wrong = (await worker.post(f"{path}/submit", answers("b", "a"))).json()
    assert (wrong["status"], wrong["hints"]) == ("ACTIVE", {ids[0]: "Look again."})
    active = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
    assert (active["status"], "solutions" in active) == ("ACTIVE", False)
    assert "first_declined_solution_attempt" not in active
    right = (await worker.post(f"{path}/submit", answers("a", "a"))).json()
    assert (right["status"], "hints" in right) == ("ACCEPTED", False)
    shown = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
    assert shown["solutions"] == answers("a", "a")["solutions"]
    assert shown["first_declined_solution_attempt"] == answers("b", "a")["solutions"]
    assert shown["reward"] == 0
    assert [task["message_on_unknown_solution"] for task in shown["tasks"]] == ["Look again."] * 2
    table = await talka.requester.get(f"/api/new/requester/pools/{pool['id']}/assignments.tsv?addRowDelimiter=false")
    lines = [line.split("\t") for line in table.text.splitlines()]
    column = lines[0].index("OUTPUT:label")
    assert [line[column] for line in lines[1:]] == ["b", "a"]
    assert {line[lines[0].index("GOLDEN:label")] for line in lines[1:]} == {"a"}
    assert {line[lines[0].index("HINT:text")] for line in lines[1:]} == {"Look again."}


async def test_all_right_at_once_declines_nothing(talka: Talka) -> None:
    _, worker, page = await started(talka)
    done = await worker.post(f"/assignments/{page['id']}/submit", answers("a", "a"))
    assert done.json()["status"] == "ACCEPTED"
    shown = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
    assert "first_declined_solution_attempt" not in shown


async def test_attempts_count_by_whichever_door_they_came(talka: Talka) -> None:
    _, worker, page = await started(talka)
    path = f"/assignments/{page['id']}"
    first, second = [f"{path}/tasks/{task['id']}/attempts" for task in page["tasks"]]

    async def attempt(where: str, label: str) -> Any:
        return (await worker.post(where, {"output_values": {"label": label}})).json()

    assert await attempt(first, "a") == {"correct": True}
    assert await attempt(second, "b") == {"correct": False, "hint": "Look again."}
    assert await attempt(second, "a") == {"correct": True}
    assert (await worker.post(f"{path}/submit", answers("b", "b"))).json()["status"] == "ACTIVE"
    assert (await worker.post(f"{path}/submit", answers("a", "a"))).json()["status"] == "ACCEPTED"
    shown = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
    assert shown["first_declined_solution_attempt"] == answers("a", "b")["solutions"]
    late = await worker.post(first, {"output_values": {"label": "a"}})
    assert (late.status_code, late.json()["code"]) == (409, "INAPPROPRIATE_STATUS")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"output_values"}),
        ({"output_values": {"label": "z", "more": 1}}, {"output_values.label", "output_values.more"}),
        ([], {"body"}),
    ],
)
async def test_attempts_that_do_not_fit(talka: Talka, body: Any, wrong: set[str]) -> None:
    _, worker, page = await started(talka)
    path = f"/assignments/{page['id']}/tasks/{page['tasks'][0]['id']}/attempts"
    answer = await worker.post(path, body)
    assert (answer.status_code, answer.json()["payload"].keys()) == (400, wrong)
    other = await worker.post(path.replace(page["tasks"][0]["id"], page["id"]), {"output_values": {"label": "a"}})
    assert (other.status_code, other.json()["code"]) == (404, "DOES_NOT_EXIST")


async def test_general_and_control_tasks_tell_nothing(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"real_tasks_count": 1, "golden_tasks_count": 1})
    control = {name: value for name, value in TRAINING.items() if name != "message_on_unknown_solution"}
    await talka.tasks(pool, 1)
    await talka.tasks(pool, 1, **control)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    refusals = []
    for task in page["tasks"]:
        path = f"/assignments/{page['id']}/tasks/{task['id']}/attempts"
        answer = await worker.post(path, {"output_values": {"label": "b"}})
        body = answer.json()
        body.pop("request_id")
        refusals.append((answer.status_code, body))
    assert refusals[0] == refusals[1], "a control task must not be told from a general one"
    assert refusals[0][0] == 409
    assert (await worker.submit(page, "b")).json()["status"] == "ACCEPTED"
