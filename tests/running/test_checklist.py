"""The checklist before opening: each point appears with its cause and goes with it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.api.full_bodies import full_training
from tests.support.app import Talka
from tests.support.bodies import project_body

from talka.infra.settings import Settings

BLOCKING = {
    "POOL_IS_ARCHIVED", "PROJECT_IS_ARCHIVED", "WILL_EXPIRE_IN_THE_PAST", "EMPTY_POOL", "NOT_ENOUGH_BALANCE",
}  # fmt: skip
KNOWN: dict[str, Any] = {
    "known_solutions": [{"output_values": {"label": "a"}}],
    "infinite_overlap": True,
    "overlap": None,
}
BAN = {"type": "RESTRICTION_V2", "parameters": {"scope": "POOL", "duration": 1, "duration_unit": "DAYS"}}


async def checked(talka: Talka, pool: dict[str, Any]) -> list[str]:
    """The types of all points, in order, after a look at their shape."""
    answer = await talka.requester.get(f"/api/new/requester/pools/{pool['id']}/validate")
    assert answer.status_code == 200, answer.text
    points = answer.json()
    assert points == [{"type": p["type"], "active": True, "blocker": p["type"] in BLOCKING} for p in points]
    return [point["type"] for point in points]


def rules(kind: str, conditions: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    """Quality control of one rule that bans when all conditions (key → operator and value) hold."""
    said = [{"key": key, "operator": op, "value": value} for key, (op, value) in conditions.items()]
    collector = {"type": kind, "parameters": parameters}
    return {"configs": [{"collector_config": collector, "rules": [{"conditions": said, "action": BAN}]}]}


async def test_a_pool_that_is_ready_has_no_points(talka: Talka) -> None:
    pool = await talka.pool()
    assert await checked(talka, pool) == ["EMPTY_POOL"]
    await talka.tasks(pool, 4, open_pool=False)
    assert await checked(talka, pool) == []


async def test_what_blocks_opening(talka: Talka) -> None:
    late = await talka.pool(will_expire="2001-01-01T00:00:00", reward_per_assignment=2_000_000)
    blockers = ["WILL_EXPIRE_IN_THE_PAST", "EMPTY_POOL", "NOT_ENOUGH_BALANCE"]
    assert await checked(talka, late) == blockers
    await talka.requester.post(f"/api/v1/pools/{late['id']}/archive")
    assert await checked(talka, late) == ["POOL_IS_ARCHIVED", *blockers]
    await talka.requester.post(f"/api/v1/projects/{late['project_id']}/archive")
    assert await checked(talka, late) == ["POOL_IS_ARCHIVED", "PROJECT_IS_ARCHIVED", *blockers]


@pytest.mark.parametrize(("fee", "price", "points"), [
    (0, 333_333.33, []), (0, 333_333.34, ["BALANCE_DOES_NOT_COVER_POOL"]),
    (1, 333_333.33, ["BALANCE_DOES_NOT_COVER_POOL"]),
    (0, 1_000_000, ["BALANCE_DOES_NOT_COVER_POOL"]), (1, 1_000_000, ["NOT_ENOUGH_BALANCE"]),
])  # fmt: skip
async def test_money_for_one_page_and_for_all(
    database_url: str, tmp_path: Path, fee: int, price: float, points: list[str]
) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True, fee_percent=Decimal(fee))) as talka:
        pool = await talka.pool(reward_per_assignment=price)
        await talka.tasks(pool, 4, open_pool=False)
        assert await checked(talka, pool) == points


async def test_a_major_version_leaves_the_pool_behind(talka: Talka) -> None:
    project = await talka.project()
    pool = await talka.pool(project)
    await talka.tasks(pool, 1, open_pool=False)
    path = f"/api/v1/projects/{project['id']}"
    await talka.requester.put(path, json=project_body(public_name="Minor"))
    assert await checked(talka, pool) == []
    body = project_body()
    body["task_spec"]["output_spec"]["label"]["allowed_values"] = ["a", "b", "c"]
    await talka.requester.put(path, json=body)
    assert await checked(talka, pool) == ["HAS_NON_ACTUAL_SNAPSHOT_MAJOR_VERSION"]
    clone = (await talka.requester.post(f"/api/v1/pools/{pool['id']}/clone")).json()["details"]
    assert await checked(talka, {"id": clone["pool_id"]}) == ["EMPTY_POOL"]


async def test_control_tasks_for_so_many_workers(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"real_tasks_count": 1, "golden_tasks_count": 2})
    await talka.tasks(pool, 1, open_pool=False)
    assert await checked(talka, pool) == ["NOT_ENOUGH_CONTROL_TASKS"]
    await talka.tasks(pool, 2, open_pool=False, **KNOWN)
    assert await checked(talka, pool) == []
    [task] = await talka.tasks(pool, 1, open_pool=False, known_solutions=KNOWN["known_solutions"])
    assert await checked(talka, pool) == ["HAS_GS_OR_TRAININGS_WITHOUT_INFINITE_OVERLAP"]
    await talka.requester.patch(f"/api/v1/tasks/{task['id']}/set-overlap-or-min", json={"overlap": 0})
    assert await checked(talka, pool) == []


async def test_a_training_that_lets_nobody_in(talka: Talka) -> None:
    project = await talka.project()
    training = (await talka.requester.post("/api/v1/trainings", json=full_training(project["id"]))).json()
    assert await checked(talka, training) == ["EMPTY_POOL"]
    requirement = {"training_pool_id": training["id"], "training_passing_skill_value": 80}
    pool = await talka.pool(project, quality_control={"training_requirement": requirement, "configs": []})
    await talka.tasks(pool, 1, open_pool=False)
    assert await checked(talka, pool) == ["TRAINING_IS_NOT_OPEN"]
    await talka.tasks(training, 2, message_on_unknown_solution="Hm.", **KNOWN)
    assert await checked(talka, training) == []
    assert await checked(talka, pool) == []


@pytest.mark.parametrize(
    ("quality", "points"),
    [
        (rules("GOLDEN_SET", {"total_answers_count": ("GTE", 3)}), ["CONTROL_RULE_WITHOUT_CONTROL_TASKS"]),
        (rules("MAJORITY_VOTE", {"total_answers_count": ("GTE", 3)}, answer_threshold=2), []),
        (rules("MAJORITY_VOTE", {"total_answers_count": ("GTE", 3)}, answer_threshold=4),
         ["MAJORITY_THRESHOLD_ABOVE_OVERLAP"]),
        (rules("MAJORITY_VOTE", {"total_answers_count": ("GTE", 3)}, answer_threshold=1),
         ["MAJORITY_THRESHOLD_BELOW_HALF"]),
        (rules("MAJORITY_VOTE", {"correct_answers_rate": ("LT", 50)}, answer_threshold=2),
         ["RULE_WITHOUT_LEAST_COUNT"]),
        (rules("MAJORITY_VOTE", {"total_answers_count": ("GTE", 5)}, answer_threshold=2, history_size=5), []),
        (rules("MAJORITY_VOTE", {"total_answers_count": ("GT", 5)}, answer_threshold=2, history_size=5),
         ["RULE_NEEDS_MORE_THAN_ITS_HISTORY"]),
        (rules("MAJORITY_VOTE", {"total_answers_count": ("LT", 9)}, answer_threshold=2, history_size=5), []),
    ],
)  # fmt: skip
async def test_rules_that_do_not_do_what_they_say(talka: Talka, quality: Any, points: list[str]) -> None:
    pool = await talka.pool(quality_control=quality)
    await talka.tasks(pool, 1, open_pool=False)
    assert await checked(talka, pool) == points


async def test_nobody_else_sees_it(talka: Talka) -> None:
    pool, stranger = await talka.pool(), await talka.stranger()
    for client, pool_id in ((stranger, pool["id"]), (talka.requester, "0"), (talka.requester, "x" * 5000)):
        answer = await client.get(f"/api/new/requester/pools/{pool_id}/validate")
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
