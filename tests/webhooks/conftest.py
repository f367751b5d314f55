"""A Talka that may reach receivers of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.app import Talka, Worker
from tests.webhooks.receiver import Receiver, receiving

from talka.infra.outbound import Outbound
from talka.infra.settings import Settings
from talka.running.jobs import fold_outbox

API = "/api/v1/webhook-subscriptions"


@pytest.fixture
async def talka(database_url: str, tmp_path: Path) -> AsyncIterator[Talka]:
    """The application, allowed to talk to this machine."""
    settings = Settings(data=tmp_path, sandbox=True, outbound_allowed="127.0.0.0/8")
    async with Talka.start(database_url, settings) as started:
        yield started


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def impatient(talka: Talka) -> None:
    """Requests may take a second and a half."""
    app: Any = talka.app
    app.app.app.state.outbound = Outbound("127.0.0.0/8", timeout=1.5)


async def subscribe(
    client: httpx.AsyncClient, pool: dict[str, Any], kind: str, url: str, **more: Any
) -> dict[str, Any]:
    """A subscription."""
    body = {"event_type": kind, "pool_id": pool["id"], "webhook_url": url, **more}
    answer = await client.put(API, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def page(worker: Worker, pool: dict[str, Any]) -> dict[str, Any]:
    answer = await worker.take(pool)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def open_pool(talka: Talka, tasks: int = 40, **changes: Any) -> dict[str, Any]:
    mixer = {"real_tasks_count": 1, "golden_tasks_count": 0, "training_tasks_count": 0}
    pool = await talka.pool(**{"mixer_config": mixer, **changes})
    await talka.tasks(pool, tasks)
    return pool


async def shown(talka: Talka, page_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await talka.requester.get(f"/api/v1/assignments/{page_id}")).json()
    return found


async def state(talka: Talka, subscription: dict[str, Any], **params: Any) -> dict[str, Any]:
    answer = await talka.requester.get(f"{API}/{subscription['id']}/deliveries", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def work(worker: Worker, pool: dict[str, Any], count: int) -> list[str]:
    """Submit some pages; their ids."""
    done = []
    for _ in range(count):
        taken = await page(worker, pool)
        assert (await worker.submit(taken)).status_code == 200
        done.append(taken["id"])
    return done


async def fold(talka: Talka) -> None:
    """Fold what happened, without delivering it."""
    while await fold_outbox(talka.db, most=0):
        pass
