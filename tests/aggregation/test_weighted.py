"""Aggregation by skill: exactly the documented numbers, over the wire."""

from __future__ import annotations

from typing import Any

from tests.aggregation.support import WEIGHTED, answer, by_pool, by_task, close, pool, project, request, results, skill
from tests.support.app import Talka


async def test_the_documented_numbers_by_pool_and_by_task(talka: Talka) -> None:
    where = await pool(talka)
    [task] = await talka.tasks(where, 1, overlap=3)
    people = [await talka.worker() for _ in range(3)]
    skill_id = await skill(talka, dict(zip((each.user_id for each in people), (70, 90, 80), strict=True)))
    body = request(where, WEIGHTED, "label", answer_weight_skill_id=skill_id)
    item: dict[str, Any] = {"pool_id": where["id"], "task_id": task["id"]}
    expected = [("OK", "OK", 0.7), ("BAD", "BAD", 0.760563), ("BAD", "BAD", 0.962138)]
    for worker, (said, label, confidence) in zip(people, expected, strict=True):
        await answer(worker, where, {"label": said})
        found = await by_task(talka.requester, {**body, "task_id": task["id"]})
        assert (found.status_code, found.json()) == (
            200,
            {**item, "confidence": confidence, "output_values": {"label": label}},
        )
    await close(talka, where)
    operation = await by_pool(talka, body)
    assert (operation["type"], operation["status"], operation["details"]) == ("SOLUTION.AGGREGATE", "SUCCESS", {})
    assert operation["parameters"] == {
        "pool_id": where["id"],
        "algorithm": WEIGHTED,
        "pool_name": "letters",
        "project_id": where["project_id"],
        "requester_id": talka.account["requester_id"],
        "aggregated_fields": [{"name": "label"}],
        "answer_weight_skill_id": skill_id,
    }
    assert await results(talka, operation) == {
        "items": [{**item, "confidence": 0.962138, "output_values": {"label": "BAD"}}],
        "has_more": False,
    }
    log = await talka.requester.get(f"/api/v1/operations/{operation['id']}/log")
    assert log.json() == []


async def test_several_outputs_are_independent_and_the_least_sure_speaks(talka: Talka) -> None:
    where = await pool(talka)
    tasks = await talka.tasks(where, 3, overlap=2)
    first, second = await talka.worker(), await talka.worker()
    skill_id = await skill(talka, {first.user_id: 90})  # the second has none: a half
    said: dict[str, list[dict[str, Any]]] = {
        tasks[0]["id"]: [{"label": "OK", "sure": True, "grade": 4.0}, {"label": "404", "sure": True, "grade": 4}],
        tasks[1]["id"]: [{"label": "BAD", "sure": None}, {}],
        tasks[2]["id"]: [{"remark": "nothing"}, {"tags": ["x"]}],
    }
    for number, worker in enumerate((first, second)):
        for _ in range(3):
            page = (await worker.take(where)).json()
            values = said[page["tasks"][0]["id"]][number]
            done = await worker.post(f"/assignments/{page['id']}/submit", {"solutions": [{"output_values": values}]})
            assert done.status_code == 200, done.text
    await close(talka, where)
    fields = ("grade", "label", "sure")
    operation = await by_pool(talka, request(where, WEIGHTED, *fields, answer_weight_skill_id=skill_id))
    found = (await results(talka, operation))["items"]
    # label: 0.9 for OK against 0.5 for 404 of three; sure: 0.9 and 0.5 alike; grade: 0.9 and 0.5 alike of four.
    ok, other, none = 0.9 * 0.25, 0.05 * 0.5, 0.05 * 0.25
    assert found == [
        {
            "pool_id": where["id"],
            "task_id": tasks[0]["id"],
            "confidence": round(ok / (ok + other + none), 6),
            "output_values": {"grade": 4, "label": "OK", "sure": True},
        },
        {"pool_id": where["id"], "task_id": tasks[1]["id"], "confidence": 0.9, "output_values": {"label": "BAD"}},
    ]
    assert list(found[0]["output_values"]) == list(fields)
    refused = await by_task(
        talka.requester,
        request(where, WEIGHTED, "label", answer_weight_skill_id=skill_id, task_id=tasks[2]["id"]),
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "ASSIGNMENTS_AGGREGATION_DENIED")


async def test_baseline_solutions_count_beside_answers_and_never_alone(talka: Talka) -> None:
    outputs = {"animal": {"type": "string", "allowed_values": ["dog", "cat"]}}
    where = await pool(talka, await project(talka, outputs))
    baseline = [
        {"output_values": {"animal": "dog"}, "confidence_weight": 0.8},
        {"output_values": {"animal": "cat"}, "confidence_weight": 0.4},
    ]
    await talka.tasks(where, 2, overlap=1, baseline_solutions=baseline)
    worker = await talka.worker()
    skill_id = await skill(talka, {worker.user_id: 90})
    page = await answer(worker, where, {"animal": "dog"})
    answered = page["tasks"][0]["id"]
    await close(talka, where)
    body = request(where, WEIGHTED, "animal", answer_weight_skill_id=skill_id)
    item = {"pool_id": where["id"], "task_id": answered, "confidence": 0.981818, "output_values": {"animal": "dog"}}
    assert (await results(talka, await by_pool(talka, body)))["items"] == [item]
    assert (await by_task(talka.requester, {**body, "task_id": answered})).json() == item


async def test_only_accepted_answers_to_general_tasks_count(talka: Talka) -> None:
    where = await pool(
        talka,
        auto_accept_solutions=False,
        mixer_config={"real_tasks_count": 1, "golden_tasks_count": 1, "training_tasks_count": 0},
    )
    [general] = await talka.tasks(where, 1, overlap=4)
    [control] = await talka.tasks(where, 1, overlap=9, known_solutions=[{"output_values": {"label": "OK"}}])
    people = [await talka.worker() for _ in range(4)]
    skill_id = await skill(talka, {each.user_id: 80 for each in people})
    body = request(where, WEIGHTED, "label", answer_weight_skill_id=skill_id)
    pages = [
        await answer(worker, where, {"label": said})
        for worker, said in zip(people[:3], ["OK", "BAD", "BAD"], strict=True)
    ]
    await people[3].take(where)
    for task in (general, control):
        refused = await by_task(talka.requester, {**body, "task_id": task["id"]})
        assert (refused.status_code, refused.json()["code"]) == (409, "ASSIGNMENTS_AGGREGATION_DENIED")

    async def review(page: dict[str, Any], status: str) -> None:
        done = await talka.requester.patch(
            f"/api/v1/assignments/{page['id']}", json={"status": status, "public_comment": "x"}
        )
        assert done.status_code == 200, done.text

    await review(pages[0], "ACCEPTED")
    await review(pages[1], "REJECTED")
    found = await by_task(talka.requester, {**body, "task_id": general["id"]})
    assert found.json()["output_values"] == {"label": "OK"}
    assert found.json()["confidence"] == 0.8
    # A rejection that is taken back counts from then on.
    await review(pages[1], "ACCEPTED")
    await review(pages[2], "ACCEPTED")
    found = await by_task(talka.requester, {**body, "task_id": general["id"]})
    assert found.json()["output_values"] == {"label": "BAD"}
    refused = await by_task(talka.requester, {**body, "task_id": control["id"]})
    assert refused.json()["code"] == "ASSIGNMENTS_AGGREGATION_DENIED"
    await close(talka, where)
    items = (await results(talka, await by_pool(talka, body)))["items"]
    assert [item["task_id"] for item in items] == [general["id"]]
