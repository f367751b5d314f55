"""App projects, batches and the workers who do them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx
from tests.support.app import Talka, Worker

BASE = "/api/app/v0"
CLASSES = [
    {"label": "Cat", "value": "cat", "description": "Meows"},
    {"label": "Dog", "value": "dog", "description": "Barks"},
    {"label": "Neither", "value": "none"},
]
COMMON = {"name": "Animals", "default_language": "en", "instruction_intro": "Say what you see"}
PARAMETERS: dict[str, dict[str, Any]] = {
    "image-classification": {**COMMON, "instruction_classes": CLASSES},
    "text-classification": {**COMMON, "instruction_classes": CLASSES},
    "side-by-side": {**COMMON, "option_content_type": "text", "option_equal": True},
    "transcription": COMMON,
}
ITEMS: dict[str, dict[str, Any]] = {
    "image-classification": {"image_url": "https://example.org/1.png"},
    "text-classification": {"text": "It purrs"},
    "side-by-side": {"left": "one", "right": "two"},
    "transcription": {"image_url": "https://example.org/1.png"},
}
Say = Callable[[dict[str, Any]], dict[str, Any]]
"""What a worker answers to the input values of a task."""


async def project(talka: Talka, app: str = "text-classification", **parameters: Any) -> dict[str, Any]:
    """A new project of an app."""
    body = {"app_id": app, "name": f"My {app}", "parameters": {**PARAMETERS[app], **parameters}}
    found: dict[str, Any] = await created(talka.requester, "/app-projects", body)
    return found


async def created(client: httpx.AsyncClient, path: str, body: Any) -> Any:
    """What a POST made."""
    answer = await client.post(f"{BASE}{path}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def batch(talka: Talka, owner: dict[str, Any], items: Sequence[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A new batch."""
    found: dict[str, Any] = await created(talka.requester, path(owner, "batches"), {"items": list(items), **changes})
    return found


def path(owner: dict[str, Any], *parts: str) -> str:
    """A path below an app project."""
    return "/".join(("/app-projects", owner["id"], *parts))


async def act(talka: Talka, owner: dict[str, Any], of: dict[str, Any], verb: str) -> httpx.Response:
    """Do something with a batch."""
    return await talka.requester.post(f"{BASE}{path(owner, 'batches', of['id'], verb)}")


async def done(talka: Talka, owner: dict[str, Any], of: dict[str, Any], verb: str) -> dict[str, Any]:
    """Do something with a batch that must work."""
    answer = await act(talka, owner, of, verb)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def get(talka: Talka, where: str, **params: Any) -> Any:
    """What a GET answers."""
    answer = await talka.requester.get(f"{BASE}{where}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def shown(talka: Talka, owner: dict[str, Any], of: dict[str, Any]) -> dict[str, Any]:
    """A batch as it is now."""
    found: dict[str, Any] = await get(talka, path(owner, "batches", of["id"]))
    return found


async def items_of(talka: Talka, owner: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    """Items of a project."""
    found: list[dict[str, Any]] = (await get(talka, path(owner, "items"), **params))["content"]
    return found


async def pools(talka: Talka) -> list[dict[str, Any]]:
    """All pools of the requester."""
    found: list[dict[str, Any]] = (await talka.requester.get("/api/v1/pools?limit=300")).json()["items"]
    return found


async def work(worker: Worker, pool: dict[str, Any], say: Say, most: int = 1000) -> int:
    """Do pages of a pool until there are none; how many there were."""
    for count in range(most):
        page = await worker.take(pool)
        if page.status_code != 201:
            assert page.json()["code"] in {"POOL_ASSIGNMENTS_EXHAUSTED", "POOL_INAPPROPRIATE_STATUS"}, page.text
            return count
        solutions = [{"output_values": say(task["input_values"])} for task in page.json()["tasks"]]
        answer = await worker.post(f"/assignments/{page.json()['id']}/submit", {"solutions": solutions})
        assert answer.status_code == 200, answer.text
    return most


async def crew(talka: Talka, count: int) -> list[Worker]:
    """New workers."""
    return [await talka.worker() for _ in range(count)]
