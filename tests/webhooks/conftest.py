"""A Talka that may reach receivers of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.app import Talka
from tests.webhooks.receiver import Receiver, receiving

from talka.infra.outbound import Outbound
from talka.infra.settings import Settings

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
    """Requests may take half a second."""
    app: Any = talka.app
    app.app.app.state.outbound = Outbound("127.0.0.0/8", timeout=0.5)


async def subscribe(
    client: httpx.AsyncClient, pool: dict[str, Any], kind: str, url: str, **more: Any
) -> dict[str, Any]:
    """A subscription."""
    body = {"event_type": kind, "pool_id": pool["id"], "webhook_url": url, **more}
    answer = await client.put(API, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
