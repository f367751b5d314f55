"""Everything that a requester can own, for tests that go through all routes."""

from __future__ import annotations

from tests.api.full_bodies import full_pool, full_project, full_training
from tests.support.app import Talka
from tests.support.bodies import pool_body

from talka.app.owner import create_owner
from talka.infra.settings import Settings


async def one_of_everything(talka: Talka) -> dict[str, str]:
    """One of everything of the owner: its id by the name that paths give it."""
    project = (await talka.requester.post("/api/v1/projects", json=full_project())).json()
    body = full_pool(project["id"])
    pool = (
        await talka.requester.post("/api/v1/pools", json=pool_body(project["id"], metadata=body["metadata"]))
    ).json()
    tasks = await talka.tasks(pool, 4)
    suites = await talka.pool(project, mixer_config=None)
    suite = await talka.requester.post(
        "/api/v1/task-suites", json={"pool_id": suites["id"], "tasks": [{"input_values": {"item": "x"}}], "overlap": 1}
    )
    page = (await (await talka.worker("holder")).take(pool)).json()
    operation = (await talka.requester.get("/api/v1/operations")).json()["items"][0]
    skill = (await talka.requester.post("/api/v1/skills", json={"name": "letters"})).json()
    holder = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()["user_id"]
    value = await talka.requester.put(
        "/api/v1/user-skills", json={"skill_id": skill["id"], "user_id": holder, "value": 50}
    )
    restriction = await talka.requester.put(
        "/api/v1/user-restrictions", json={"scope": "POOL", "user_id": holder, "pool_id": suites["id"]}
    )
    hook = {"event_type": "POOL_CLOSED", "pool_id": suites["id"], "webhook_url": "https://127.0.0.1/hook"}
    subscription = await talka.requester.put("/api/v1/webhook-subscriptions", json=hook)
    other = await create_owner(talka.db, Settings(sandbox=True), email="member@example.org")
    await talka.requester.post(
        "/api/requester/v1/members", json={"requester_id": other["requester_id"], "role": "EDITOR"}
    )
    body = full_training(project["id"])
    training = (await talka.requester.post("/api/v1/trainings", json=body)).json()
    key = await talka.requester.post("/api/requester/v1/keys", json={"name": "spare"})
    return {
        "withdrawal_id": "1000001",
        "payout_id": "1000001",
        "reference": "invoice-1",
        "key_id": key.json()["id"],
        "requester_id": other["requester_id"],
        "project_id": project["id"],
        "pool_id": pool["id"],
        "training_id": training["id"],
        "task_id": tasks[0]["id"],
        "suite_id": suite.json()["id"],
        "assignment_id": page["id"],
        "operation_id": operation["id"],
        "skill_id": skill["id"],
        "user_id": holder,
        "user_skill_id": value.json()["id"],
        "subscription_id": subscription.json()["id"],
        "restriction_id": restriction.json()["id"],
    }
