"""The sandbox API: its clock, waiting for background work, play money."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.support.app import Talka

CLOCK = "/api/sandbox/v1/clock"


async def test_the_clock_only_goes_ahead(talka: Talka) -> None:
    start = (await talka.requester.get(CLOCK)).json()
    assert start.keys() == {"now", "offset_seconds"}
    assert start["offset_seconds"] == 0
    began = time.monotonic()
    moved = (await talka.requester.post(f"{CLOCK}/advance", json={"seconds": 86_400.5})).json()
    took = time.monotonic() - began
    gone = datetime.fromisoformat(moved["now"]) - datetime.fromisoformat(start["now"])
    assert timedelta(seconds=86_400.5) <= gone < timedelta(seconds=86_430)
    # Less what the advance itself took: when all due work is done, the clock stands at the moment that was asked for.
    assert 86_400.499 - took <= moved["offset_seconds"] <= 86_400.5
    for seconds, code in ((-1, "VALUE_LESS_THAN_MIN"), ("9", "FLOAT_EXPECTED"), (1e12, "VALUE_GREATER_THAN_MAX")):
        answer = await talka.requester.post(f"{CLOCK}/advance", json={"seconds": seconds})
        assert answer.status_code == 400
        assert answer.json()["payload"]["seconds"]["code"] == code
    later = (await talka.requester.get(CLOCK)).json()
    assert later["offset_seconds"] == moved["offset_seconds"]
    assert later["now"] >= moved["now"]


async def test_the_clock_has_an_end(talka: Talka) -> None:
    century = {"seconds": 100 * 366 * 86_400}
    answers = [await talka.requester.post(f"{CLOCK}/advance", json=century) for _ in range(72)]
    assert {answer.status_code for answer in answers} == {200, 400}
    assert answers[-1].json()["payload"]["seconds"]["code"] == "VALUE_GREATER_THAN_MAX"
    assert (await talka.requester.get(CLOCK)).json()["now"] < "9000"
    assert (await talka.project())["created"] < "9000"


async def test_keys_and_sessions_do_not_expire_by_travel(talka: Talka) -> None:
    worker = await talka.worker()
    await talka.advance(50 * 366 * 86_400)
    assert (await worker.get("/me")).status_code == 200
    assert (await talka.requester.get("/api/v1/requester")).status_code == 200


async def test_travel_stops_at_what_is_due_on_the_way(talka: Talka) -> None:
    pool = await talka.pool(
        auto_accept_solutions=False, auto_accept_period_day=2, auto_close_after_complete_delay_seconds=3600
    )
    await talka.tasks(pool, 4, overlap=2)
    keen, lazy = await talka.worker(), await talka.worker()
    done = (await keen.take(pool)).json()
    await keen.submit(done)
    left = (await lazy.take(pool)).json()
    await talka.advance(10 * 86_400)
    shown: dict[str, Any] = {}
    for page in (done, left):
        shown[page["id"]] = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
    accepted, expired = shown[done["id"]], shown[left["id"]]
    wait = datetime.fromisoformat(accepted["accepted"]) - datetime.fromisoformat(accepted["submitted"])
    assert timedelta(days=2) <= wait < timedelta(days=2, seconds=10)
    assert expired["expired"] == left["expires"]
    assert (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()["status"] == "OPEN"


@pytest.mark.parametrize(
    ("amount", "code"),
    [(0, "VALUE_OUT_OF_BOUNDS"), (-5, "VALUE_OUT_OF_BOUNDS"), (0.0000001, "VALUE_OUT_OF_BOUNDS"),
     ("5", "FLOAT_EXPECTED"), (True, "FLOAT_EXPECTED"), (1e13, "VALUE_OUT_OF_BOUNDS"), (None, "FLOAT_EXPECTED")],
)  # fmt: skip
async def test_play_money_must_be_money(talka: Talka, amount: Any, code: str) -> None:
    answer = await talka.requester.post("/api/sandbox/v1/balance", json={"amount": amount})
    assert answer.status_code == 400
    assert answer.json()["payload"]["amount"]["code"] in {code, "VALUE_REQUIRED"}
    assert (await talka.requester.get("/api/v1/requester")).json()["balance"] == 1_000_000


async def test_draining_finishes_what_was_queued(talka: Talka) -> None:
    pool = await talka.pool()
    items = [{"pool_id": pool["id"], "input_values": {"item": str(n)}, "overlap": 1} for n in range(50)]
    ids = [(await talka.requester.post("/api/v1/tasks?async_mode=true", json=items)).json()["id"] for _ in range(3)]
    assert (await talka.requester.post("/api/sandbox/v1/drain")).json() == {}
    finished = [(await talka.requester.get(f"/api/v1/operations/{number}")).json() for number in ids]
    assert [operation["status"] for operation in finished] == ["SUCCESS"] * 3
    assert [operation["finished"] for operation in finished] == sorted(op["finished"] for op in finished)
