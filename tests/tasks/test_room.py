"""How much a pool holds."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.app import Talka


@pytest.mark.parametrize("ready", [False, True])
async def test_a_pool_holds_so_many_and_no_more(talka: Talka, monkeypatch: pytest.MonkeyPatch, ready: bool) -> None:
    monkeypatch.setattr("talka.accounts.limits.POOL_UNITS", 5)
    pool = await talka.pool(mixer_config=None) if ready else await talka.pool()
    item: dict[str, Any] = {"input_values": {"item": "x"}}
    unit = {"pool_id": pool["id"], "overlap": 1, **({"tasks": [item]} if ready else item)}
    path, code = ("task-suites", "POOL_TASK_SUITES_COUNT_EXCEEDED") if ready else ("tasks", "POOL_TASKS_COUNT_EXCEEDED")
    answers = [await talka.requester.post(f"/api/v1/{path}", json=[unit] * count) for count in (3, 3, 2, 1)]
    assert [answer.status_code for answer in answers] == [201, 409, 201, 409]
    assert answers[1].json()["code"] == code
    operation = (await talka.requester.post(f"/api/v1/{path}?async_mode=true", json=[unit])).json()
    await talka.drain()
    done = (await talka.requester.get(f"/api/v1/operations/{operation['id']}")).json()
    assert (done["status"], done["details"]["code"]) == ("FAIL", code)
    listed = (await talka.requester.get(f"/api/v1/{path}", params={"pool_id": pool["id"]})).json()
    assert len(listed["items"]) == 5
