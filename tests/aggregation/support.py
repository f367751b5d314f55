"""Pools with answers, made through the API."""

from __future__ import annotations

from typing import Any

import httpx
from tests.support.app import Talka, Worker
from tests.support.bodies import project_body

WEIGHTED, DAWID_SKENE = "WEIGHTED_DYNAMIC_OVERLAP", "DAWID_SKENE"
OUTPUTS = {
    "label": {"type": "string", "required": False, "allowed_values": ["OK", "BAD", "404"]},
    "sure": {"type": "boolean", "required": False},
    "grade": {"type": "integer", "required": False, "min_value": 1, "max_value": 4},
    "remark": {"type": "string", "required": False},
    "tags": {"type": "array_string", "required": False, "allowed_values": ["x"]},
}


async def project(talka: Talka, outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """A project with outputs of every kind."""
    spec = {**project_body()["task_spec"], "output_spec": outputs or OUTPUTS}
    return await talka.project(task_spec=spec)


async def pool(talka: Talka, parent: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A pool with one task a page, which stays open when all is done."""
    body = {
        "mixer_config": {"real_tasks_count": 1, "golden_tasks_count": 0, "training_tasks_count": 0},
        "auto_close_after_complete_delay_seconds": 3600,
        **changes,
    }
    return await talka.pool(parent or await project(talka), **body)


async def skill(talka: Talka, values: dict[str, float], name: str = "accuracy") -> str:
    """A skill, and what workers have of it by user id."""
    created = await talka.requester.post("/api/v1/skills", json={"name": name})
    skill_id: str = created.json()["id"]
    for user_id, value in values.items():
        body = {"skill_id": skill_id, "user_id": user_id, "value": value}
        assert (await talka.requester.put("/api/v1/user-skills", json=body)).status_code == 201
    return skill_id


async def answer(worker: Worker, where: dict[str, Any], said: dict[str, Any] | list[dict[str, Any]]) -> dict[str, Any]:
    """Take a page and answer it: every task alike, by position, or by task id."""
    page = (await worker.take(where)).json()
    assert "tasks" in page, page
    values = [said] * len(page["tasks"]) if isinstance(said, dict) else said
    body = {"solutions": [{"output_values": each} for each in values]}
    done = await worker.post(f"/assignments/{page['id']}/submit", body)
    assert done.status_code == 200, done.text
    return page  # type: ignore[no-any-return]


async def close(talka: Talka, where: dict[str, Any]) -> None:
    """Close a pool by hand."""
    assert (await talka.requester.post(f"/api/v1/pools/{where['id']}/close")).status_code == 202


def request(where: dict[str, Any], kind: str, *names: str, **changes: Any) -> dict[str, Any]:
    """A request to aggregate."""
    return {"type": kind, "pool_id": where["id"], "fields": [{"name": name} for name in names], **changes}


async def by_pool(talka: Talka, body: dict[str, Any]) -> dict[str, Any]:
    """The operation of an aggregation, once it is over."""
    started = await talka.requester.post("/api/v1/aggregated-solutions/aggregate-by-pool", json=body)
    assert started.status_code == 202, started.text
    await talka.drain()
    operation: dict[str, Any] = (await talka.requester.get(f"/api/v1/operations/{started.json()['id']}")).json()
    return operation


async def by_task(client: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    """One task's."""
    return await client.post("/api/v1/aggregated-solutions/aggregate-by-task", json=body)


async def results(talka: Talka, operation: dict[str, Any], **params: Any) -> dict[str, Any]:
    """The list of an aggregation."""
    answer = await talka.requester.get(f"/api/v1/aggregated-solutions/{operation['id']}", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
