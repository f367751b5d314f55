"""Everything that a requester can own, for tests that go through all routes."""

from __future__ import annotations

from typing import Any

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
    at_work = await talka.worker("holder")
    page = (await at_work.take(pool)).json()
    complaint = (await at_work.post(f"/assignments/{page['id']}/complaints", {"reason": "BROKEN"})).json()
    upload = (await at_work.post("/uploads", {"assignment_id": page["id"], "size": 9})).json()
    operation = await _aggregation(talka)
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
    texts = {"EN": "Thank you"}
    bonus = await talka.requester.post(
        "/api/v1/user-bonuses",
        json={"user_id": holder, "amount": 0.5, "public_title": texts, "public_message": texts},
    )
    message = {"topic": texts, "text": texts, "recipients_select_type": "DIRECT", "recipients_ids": [holder]}
    thread = await talka.requester.post("/api/v1/message-threads/compose", json=message)
    key = await talka.requester.post("/api/requester/v1/keys", json={"name": "spare"})
    params = {"type": "HTTP", "baseUrl": "127.0.0.1", "accessRights": "PRIVATE"}
    proxy = await talka.requester.post("/api/new/requester/proxy/proxy", json={"name": "own", "params": params})
    app_project, batch, item = await _app(talka)
    return {
        "app_id": "text-classification",
        "app_project_id": app_project,
        "batch_id": batch,
        "item_id": item,
        "withdrawal_id": "1000001",
        "payout_id": "1000001",
        "reference": "invoice-1",
        "attachment_id": await _attachment(talka),
        "upload_id": upload["id"],
        "complaint_id": complaint["id"],
        "proxy_id": proxy.json()["id"],
        # Of a proxy that nobody has: what goes through one is not ours.
        "name": "none",
        "path": "a",
        "key_id": key.json()["id"],
        "requester_id": other["requester_id"],
        "project_id": project["id"],
        "version": "1.0",
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
        "bonus_id": bonus.json()["id"],
        "thread_id": thread.json()["id"],
    }


async def _aggregation(talka: Talka) -> dict[str, str]:
    """An operation that has everything an operation can have: the aggregation of a pool that cost nothing."""
    mixer = {"real_tasks_count": 0, "golden_tasks_count": 1, "training_tasks_count": 0}
    pool = await talka.pool(reward_per_assignment=0, mixer_config=mixer)
    known = [{"output_values": {"label": "a"}}]
    await talka.tasks(pool, 1, overlap=None, infinite_overlap=True, known_solutions=known)
    worker = await talka.worker("answerer")
    await worker.submit((await worker.take(pool)).json())
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    body = {"type": "DAWID_SKENE", "pool_id": pool["id"], "fields": [{"name": "label"}]}
    started = await talka.requester.post("/api/v1/aggregated-solutions/aggregate-by-pool", json=body)
    assert started.status_code == 202, started.text
    await talka.drain()
    operation: dict[str, str] = started.json()
    return operation


async def _app(talka: Talka) -> tuple[str, str, str]:
    """A project of an app, a batch of it and its item."""
    classes = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]
    parameters = {"name": "x", "default_language": "en", "instruction_intro": "x", "instruction_classes": classes}
    body = {"app_id": "text-classification", "name": "x", "parameters": parameters}
    project = (await talka.requester.post("/api/app/v0/app-projects", json=body)).json()["id"]
    path = f"/api/app/v0/app-projects/{project}"
    batch = (await talka.requester.post(f"{path}/batches", json={})).json()["id"]
    item = await talka.requester.post(f"{path}/items", json={"batch_id": batch, "input_data": {"text": "x"}})
    return project, batch, item.json()["id"]


async def _attachment(talka: Talka) -> str:
    """A file that a worker has submitted."""
    body = full_project()
    body["task_spec"]["output_spec"] = {"photo": {"type": "file"}}
    pool = await talka.pool(await talka.project(**body), auto_accept_solutions=False)
    await talka.tasks(pool, 4)
    worker = await talka.worker("photographer")
    page = (await worker.take(pool)).json()
    form: Any = {"data": {"assignment_id": page["id"]}, "files": {"file": ("a.png", b"pixels", "image/png")}}
    number: str = (await worker.client.post("/api/worker/v1/attachments", **form)).json()["id"]
    solutions = [{"output_values": {"photo": number}} for _ in page["tasks"]]
    answer = await worker.post(f"/assignments/{page['id']}/submit", {"solutions": solutions})
    assert answer.status_code == 200, answer.text
    return number
