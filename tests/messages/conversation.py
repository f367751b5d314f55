"""What tests of messages share."""

from __future__ import annotations

from typing import Any

import httpx
from tests.support.app import Talka, Worker

TOPIC, TEXT = {"EN": "Please retake the training"}, {"EN": "The rules changed.", "PT": "As regras mudaram."}


async def worked(talka: Talka, count: int, **profile: Any) -> list[Worker]:
    """New workers who have taken a page of the owner."""
    pool = await talka.pool(await talka.project(max_active_assignments_count=3))
    await talka.tasks(pool, 4, overlap=100)
    found = [await talka.worker(profile=profile or None) for _ in range(count)]
    for worker in found:
        assert (await worker.take(pool)).status_code == 201
    return found


def to(*workers: Worker, **more: Any) -> dict[str, Any]:
    """The body of a message for some workers."""
    ids = [worker.user_id for worker in workers]
    return {"topic": TOPIC, "text": TEXT, "recipients_select_type": "DIRECT", "recipients_ids": ids, **more}


def to_all(**more: Any) -> dict[str, Any]:
    """The body of a message for everybody."""
    return {"topic": TOPIC, "text": TEXT, "recipients_select_type": "ALL", **more}


async def compose(talka: Talka, body: dict[str, Any]) -> dict[str, Any]:
    """A thread that was begun."""
    answer = await talka.requester.post("/api/v1/message-threads/compose", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refused(talka: Talka, body: Any) -> httpx.Response:
    """The answer to what cannot be sent."""
    return await talka.requester.post("/api/v1/message-threads/compose", json=body)


async def act(talka: Talka, thread: dict[str, Any], verb: str, body: Any) -> httpx.Response:
    """reply, add-to-folders or remove-from-folders."""
    return await talka.requester.post(f"/api/v1/message-threads/{thread['id']}/{verb}", json=body)


async def threads(talka: Talka, query: str = "") -> list[dict[str, Any]]:
    """The requester's threads."""
    answer = await talka.requester.get(f"/api/v1/message-threads?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["has_more"] is False
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def own(worker: Worker, query: str = "") -> list[dict[str, Any]]:
    """A worker's threads."""
    answer = await worker.get(f"/message-threads?{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def answered(worker: Worker, thread: dict[str, Any], text: Any = "Ok!") -> dict[str, Any]:
    """A thread after a worker's answer."""
    answer = await worker.post(f"/message-threads/{thread['id']}/reply", {"text": text})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
