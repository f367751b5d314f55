"""Every number about a pool after a history that tells them apart; wrong questions; other accounts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.app import Talka

PATH = "/api/staging/analytics-2"
COUNTS = (
    "real_tasks_count", "submitted_assignments_count", "skipped_assignments_count", "rejected_assignments_count",
    "approved_assignments_count", "avg_submit_assignment_millis", "spent_budget", "unique_workers_count",
    "unique_submitters_count",
)  # fmt: skip
SHAPES = ("completion_percentage", "estimated_assignments_count")


def question(pool: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    return {"subject": "POOL", "name": name, "subject_id": pool["id"], **more}


async def ask(talka: Talka, *questions: dict[str, Any]) -> list[Any]:
    """The results, after a look at everything around them."""
    answer = await talka.requester.post(PATH, json=questions)
    assert answer.status_code == 202, answer.text
    operation = answer.json()
    assert (operation["type"], operation["status"], operation["progress"]) == ("ANALYTICS", "SUCCESS", 100)
    assert operation["parameters"] == {"value": list(questions)}
    values = operation["details"]["value"]
    assert [value["request"] for value in values] == list(questions)
    assert {value["finished"] for value in values} == {operation["finished"]}
    assert all(value.keys() == {"request", "result", "finished"} for value in values)
    assert (await talka.requester.get(f"/api/v1/operations/{operation['id']}")).json() == operation
    return [value["result"] for value in values]


async def counts(talka: Talka, pool: dict[str, Any]) -> dict[str, Any]:
    found = await ask(talka, *(question(pool, name) for name in (*COUNTS, *SHAPES)))
    return dict(zip((*COUNTS, *SHAPES), found, strict=True))


def shape(value: int, *, infinite: bool = False, approximate: bool = False) -> dict[str, Any]:
    return {"type": "NORMAL", "value": value, "infinite": infinite, "approximate": approximate}


async def test_an_empty_pool_is_all_zeros(talka: Talka) -> None:
    pool = await talka.pool()
    zeros = {**dict.fromkeys(COUNTS, 0), "completion_percentage": shape(0)}
    assert await counts(talka, pool) == {**zeros, "estimated_assignments_count": shape(0, approximate=True)}


async def test_every_number_of_a_pool(talka: Talka) -> None:
    pool = await talka.pool(
        auto_accept_solutions=False,
        reward_per_assignment=0.07,
        mixer_config={"real_tasks_count": 2, "golden_tasks_count": 1, "training_tasks_count": 0},
    )
    await talka.tasks(pool, 7, overlap=3)
    known = [{"output_values": {"label": "a"}}]
    await talka.tasks(pool, 1, overlap=None, infinite_overlap=True, known_solutions=known)
    other = await talka.pool()
    await talka.tasks(other, 4)
    people = [await talka.worker() for _ in range(6)]
    pages = [(await worker.take(pool)).json() for worker in people]
    # Three submit after 10, 20 and 60 seconds, one skips, one leaves, one is still at it.
    for number, seconds in enumerate((10, 10, 40)):
        await talka.advance(seconds)
        assert (await people[number].submit(pages[number])).status_code == 200
    await people[3].post(f"/assignments/{pages[3]['id']}/skip")
    await people[4].post(f"/assignments/{pages[4]['id']}/exit")
    await people[0].submit((await people[0].take(other)).json())
    for number, status in ((0, "ACCEPTED"), (1, "REJECTED")):
        path = f"/api/v1/assignments/{pages[number]['id']}"
        await talka.requester.patch(path, json={"status": status, "public_comment": "x"})
    found = await counts(talka, pool)
    millis = found.pop("avg_submit_assignment_millis")
    assert 30_000 <= millis < 33_000
    assert found == {
        "real_tasks_count": 7,
        "submitted_assignments_count": 3,
        "skipped_assignments_count": 1,
        "rejected_assignments_count": 1,
        "approved_assignments_count": 1,
        "spent_budget": 0.07,
        "unique_workers_count": 6,
        "unique_submitters_count": 3,
        # Six of twenty-one answers.
        "completion_percentage": shape(28),
        "estimated_assignments_count": shape(11, approximate=True),
    }
    # The same once the counters are folded.
    await talka.drain()
    assert await counts(talka, pool) == {**found, "avg_submit_assignment_millis": millis}
    assert (await counts(talka, other))["unique_workers_count"] == 1


async def test_ready_made_suites_and_unlimited_overlap(talka: Talka) -> None:
    pool = await talka.pool(mixer_config=None)
    suite = {"pool_id": pool["id"], "tasks": [{"input_values": {"item": str(number)}} for number in range(3)]}
    body: list[dict[str, Any]] = [{**suite, "overlap": 4}, {**suite, "overlap": 1}]
    created = await talka.requester.post("/api/v1/task-suites", params={"open_pool": "true"}, json=body)
    assert created.status_code == 201
    worker = await talka.worker()
    await worker.submit((await worker.take(pool)).json())
    found = await counts(talka, pool)
    assert (found["real_tasks_count"], found["completion_percentage"]) == (6, shape(20))
    assert found["estimated_assignments_count"] == shape(5)
    assert (found["unique_workers_count"], found["unique_submitters_count"]) == (1, 1)
    await talka.requester.post("/api/v1/task-suites", json={**suite, "infinite_overlap": True})
    found = await counts(talka, pool)
    assert found["completion_percentage"] == shape(20, infinite=True)
    assert found["estimated_assignments_count"] == shape(5, infinite=True, approximate=True)


async def test_a_finished_pool_is_complete(talka: Talka) -> None:
    pool = await talka.pool()
    await talka.tasks(pool, 4, overlap=1)
    worker = await talka.worker()
    await worker.submit((await worker.take(pool)).json())
    assert (await counts(talka, pool))["completion_percentage"] == shape(100)


async def test_active_workers_by_filter(talka: Talka) -> None:
    elsewhere = await talka.pool()
    await talka.tasks(elsewhere, 40, overlap=20)
    skill = (await talka.requester.post("/api/v1/skills", json={"name": "reading"})).json()
    profiles: list[dict[str, Any] | None] = [
        {"languages": ["EN"], "country": "PT"},
        {"languages": ["EN", "PT"]},
        {"country": "PT"},
        None,
        {},
    ]
    people = [await talka.worker(profile=profile) for profile in profiles]
    for number in (0, 3):
        value = {"skill_id": skill["id"], "user_id": people[number].user_id, "value": 60 + number}
        await talka.requester.put("/api/v1/user-skills", json=value)
    await people[2].take(elsewhere)
    await talka.advance(3 * 3600)
    for number in (0, 1, 3):
        await people[number].take(elsewhere)
    project = await talka.project()

    async def active(hours: int, tree: dict[str, Any] | None) -> Any:
        pool = await talka.pool(project, filter=tree)
        return (await ask(talka, question(pool, "active_workers_by_filter_count", interval_hours=hours)))[0]

    english = {"category": "profile", "key": "languages", "operator": "IN", "value": "EN"}
    portugal = {"category": "profile", "key": "country", "operator": "EQ", "value": "PT"}
    reading = {"category": "skill", "key": skill["id"], "operator": "GTE", "value": 60}
    better = {**reading, "operator": "GT", "value": 60}
    unskilled = {**reading, "operator": "EQ", "value": None}
    assert await active(1, None) == 3
    assert await active(4, None) == 4
    assert await active(1, {"and": [english]}) == 2
    assert await active(1, {"and": [portugal]}) == 1
    assert await active(4, {"and": [portugal]}) == 2
    assert await active(4, {"and": [{"or": [portugal, reading]}]}) == 3
    assert await active(4, {"and": [reading]}) == 2
    assert await active(4, {"and": [better]}) == 1
    assert await active(4, {"and": [unskilled]}) == 2
    await talka.advance(1 * 3600)
    assert await active(1, None) == 0


async def test_answers_come_in_the_order_of_the_questions_also_of_several_pools(talka: Talka) -> None:
    first, second = await talka.pool(), await talka.pool()
    await talka.tasks(first, 2)
    await talka.tasks(second, 5)
    pools = [second, first, second, second, first]
    assert await ask(talka, *(question(pool, "real_tasks_count") for pool in pools)) == [5, 2, 5, 5, 2]
    twenty = [question(first, "real_tasks_count")] * 20
    assert await ask(talka, *twenty) == [2] * 20


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": "pools_count"}, {"name": "UNKNOWN_ENUM_VALUE"}),
        ({"name": None, "subject": None}, {"name": "VALUE_REQUIRED", "subject": "VALUE_REQUIRED"}),
        ({"name": ["real_tasks_count"], "subject": "PROJECT"},
         {"name": "UNKNOWN_ENUM_VALUE", "subject": "UNKNOWN_ENUM_VALUE"}),
        ({"subject_id": None}, {"subject_id": "VALUE_REQUIRED"}),
        ({"subject_id": {}}, {"subject_id": "STRING_EXPECTED"}),
        ({"subject_id": "1"}, {"subject_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"subject_id": "x" * 5000}, {"subject_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"subject_id": "9" * 18}, {"subject_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"name": "active_workers_by_filter_count"}, {"interval_hours": "VALUE_REQUIRED"}),
        ({"name": "active_workers_by_filter_count", "interval_hours": 0}, {"interval_hours": "VALUE_LESS_THAN_MIN"}),
        ({"name": "active_workers_by_filter_count", "interval_hours": 10**9},
         {"interval_hours": "VALUE_GREATER_THAN_MAX"}),
        ({"name": "active_workers_by_filter_count", "interval_hours": "3"}, {"interval_hours": "INTEGER_EXPECTED"}),
    ],
)  # fmt: skip
async def test_wrong_questions_name_every_field(talka: Talka, change: Any, wrong: dict[str, str]) -> None:
    right = question(await talka.pool(), "real_tasks_count")
    answer = await talka.requester.post(PATH, json=[right, {**right, **change}])
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    codes = {path: error["code"] for path, error in answer.json()["payload"].items()}
    assert codes == {f"1.{name}": code for name, code in wrong.items()}
    assert (await talka.requester.get("/api/v1/operations?type=ANALYTICS")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"body": "ARRAY_EXPECTED"}),
        ("x", {"body": "ARRAY_EXPECTED"}),
        ([], {"body": "ARRAY_SIZE_LESS_THAN_MIN"}),
        ([{}] * 21, {"body": "ARRAY_SIZE_GREATER_THAN_MAX"}),
        ([5, None], {"0": "OBJECT_EXPECTED", "1": "VALUE_REQUIRED"}),
        ([[[]]], {"0": "OBJECT_EXPECTED"}),
    ],
)
async def test_wrong_bodies(talka: Talka, body: Any, wrong: dict[str, str]) -> None:
    answer = await talka.requester.post(PATH, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong


async def test_other_accounts_get_no_numbers(talka: Talka) -> None:
    pool = await talka.pool()
    stranger = await talka.stranger()
    answer = await stranger.post(PATH, json=[question(pool, "real_tasks_count")])
    assert answer.status_code == 400
    assert answer.json()["payload"]["0.subject_id"]["code"] == "ENTITY_ACCESS_DENIED"
