"""The published client's calls that make one of many answers, and its numbers about pools."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support.bodies import pool_body, project_body
from tests.support.kit import Kit, of
from tests.support.server import RunningServer

_numbers = itertools.count(1)
REQUEST = "aggregation.PoolAggregatedSolutionRequest"


@pytest.fixture
def worker(served: RunningServer) -> Iterator[tuple[httpx.Client, str]]:
    """A newly registered worker's client and id."""
    body = {"login": f"aggregated-{next(_numbers)}", "password": "long enough"}
    with httpx.Client(base_url=f"{served.url}/api/worker/v1", timeout=60) as client:
        account = client.post("/register", json=body).raise_for_status().json()
        client.headers["authorization"] = f"Bearer {account['token']}"
        yield client, account["user_id"]


@pytest.fixture
def answered(kit: Kit, worker: tuple[httpx.Client, str]) -> tuple[dict[str, Any], str]:
    """A closed pool whose five tasks one worker of accuracy 80 answered, and the skill that says so."""
    project = kit("create_project", of("Project", project_body()))
    mixer = {"real_tasks_count": 5, "golden_tasks_count": 0, "training_tasks_count": 0}
    pool = kit("create_pool", of("Pool", pool_body(project["id"], mixer_config=mixer)))
    tasks = [{"pool_id": pool["id"], "input_values": {"item": str(n)}, "overlap": 1} for n in range(5)]
    kit("create_tasks", [of("Task", task) for task in tasks], open_pool=True)
    skill = kit("create_skill", name="accuracy")
    value = {"skill_id": skill["id"], "user_id": worker[1], "value": 80}
    kit("set_user_skill", of("user_skill.SetUserSkillRequest", value))
    page = worker[0].post(f"/pools/{pool['id']}/assignments").raise_for_status().json()
    solutions = [{"output_values": {"label": "b"}}] * 5
    worker[0].post(f"/assignments/{page['id']}/submit", json={"solutions": solutions}).raise_for_status()
    kit("close_pool", pool["id"])
    return pool, skill["id"]


def test_answers_are_aggregated_by_pool_and_by_task(kit: Kit, answered: tuple[dict[str, Any], str]) -> None:
    pool, skill_id = answered
    fields = [{"name": "label"}]
    by_skill = {"type": "WEIGHTED_DYNAMIC_OVERLAP", "answer_weight_skill_id": skill_id}
    by_model = {"type": "DAWID_SKENE", "answer_weight_skill_id": skill_id}
    for request, confidence in ((by_skill, 0.8), (by_model, 1.0)):
        body = {**request, "pool_id": pool["id"], "fields": fields}
        started = kit("aggregate_solutions_by_pool", of(REQUEST, body))
        assert started["type"] == "SOLUTION.AGGREGATE"
        kit("wait_operation", of("operations.AggregatedSolutionOperation", started))
        found = kit("get_aggregated_solutions", started["id"], batch_size=2)
        assert [(each["confidence"], each["output_values"]) for each in found] == [(confidence, {"label": "b"})] * 5
        first = kit("find_aggregated_solutions", started["id"], sort=["-task_id"], limit=1)
        assert (first["items"], first["has_more"]) == (found[-1:], True)
    task = {**by_skill, "pool_id": pool["id"], "task_id": found[0]["task_id"], "fields": fields}
    kind = "aggregation.WeightedDynamicOverlapTaskAggregatedSolutionRequest"
    assert kit("aggregate_solutions_by_task", of(kind, task))["confidence"] == 0.8


def test_numbers_about_a_pool(kit: Kit, answered: tuple[dict[str, Any], str]) -> None:
    names = ("real_tasks_count", "completion_percentage", "spent_budget", "unique_submitters_count")
    asked = [{"subject": "POOL", "name": name, "subject_id": answered[0]["id"]} for name in names]
    started = kit("get_analytics", [of("AnalyticsRequest", each) for each in asked])
    done = kit("wait_operation", of("operations.AnalyticsOperation", started))
    assert [each["request"] for each in done["details"]["value"]] == asked
    done_results = [each["result"] for each in done["details"]["value"]]
    assert [done_results[0], done_results[1]["value"], *done_results[2:]] == [5, 100, 0.05, 1]
