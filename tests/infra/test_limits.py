"""Limits of requests: their arithmetic, and what clients get."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.app import Talka

from talka.infra.http.limits import RateLimits
from talka.infra.settings import Settings
from talka.kit.errors import TalkaError


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def spent(limits: RateLimits, account_id: int, tries: int) -> int:
    """How many of so many requests got through."""
    through = 0
    for _ in range(tries):
        try:
            limits.spend(account_id)
        except TalkaError as error:
            assert error.code == "TOO_MANY_REQUESTS"  # noqa: PT017 - others may pass
        else:
            through += 1
    return through


def test_a_second_holds_so_many_and_fills_evenly() -> None:
    clock = Clock()
    limits = RateLimits(10, clock)
    assert spent(limits, 1, 25) == 10
    assert spent(limits, 2, 3) == 3  # another account has its own
    clock.now += 0.3
    assert spent(limits, 1, 25) == 3
    clock.now += 3600
    assert spent(limits, 1, 25) == 10  # what was not used is not saved up
    with pytest.raises(TalkaError) as caught:
        limits.spend(1)
    assert caught.value.payload == {"limit": 10, "per": "SECOND", "retry_in_seconds": 0.1}
    clock.now += caught.value.payload["retry_in_seconds"]
    assert spent(limits, 1, 2) == 1


def test_a_rate_of_nothing_is_no_limit() -> None:
    assert spent(RateLimits(0, Clock()), 1, 5000) == 5000


def test_a_minute_holds_so_many() -> None:
    clock = Clock()
    limits = RateLimits(20, clock, per_minute=True)
    assert spent(limits, 1, 25) == 20
    with pytest.raises(TalkaError) as caught:
        limits.spend(1)
    assert caught.value.payload == {"limit": 20, "per": "MINUTE", "retry_in_seconds": 3}
    clock.now += 3
    assert spent(limits, 1, 2) == 1


def test_idle_accounts_are_forgotten_and_busy_ones_are_not() -> None:
    clock = Clock()
    limits = RateLimits(2, clock)
    for account_id in range(10_000):
        limits.spend(account_id)
    clock.now += 1
    assert spent(limits, 10_000, 5) == 2
    assert spent(limits, 10_001, 5) == 2
    assert spent(limits, 10_000, 5) == 0
    assert len(limits._buckets) == 2


async def test_clients_are_told_how_to_go_on(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, requests_per_second=3)
    async with Talka.start(database_url, settings) as talka:
        stranger = await talka.stranger()
        answers = [await talka.requester.get("/api/v1/requester") for _ in range(12)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert answers[0].status_code == 200
        assert refused
        body = refused[0].json()
        assert body.keys() == {"request_id", "code", "message", "payload"}
        assert body["code"] == "TOO_MANY_REQUESTS"
        assert body["payload"].keys() == {"limit", "per", "retry_in_seconds"}
        assert (body["payload"]["limit"], body["payload"]["per"]) == (3, "SECOND")
        # The published client dies of the header, and of the word MIN as `interval`.
        assert all("retry-after" not in answer.headers for answer in refused)
        assert (await stranger.get("/api/v1/requester")).status_code == 200
        unknown = talka.anonymous()
        unknown.headers["authorization"] = "ApiKey wrong"
        assert {(await unknown.get("/api/v1/requester")).status_code for _ in range(10)} == {401}


async def test_members_use_up_their_own_limit(database_url: str, tmp_path: Path) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, requests_per_second=40)) as talka:
        member = await talka.stranger()
        own = (await member.get("/api/v1/requester")).json()["id"]
        body = {"requester_id": own, "role": "VIEWER"}
        assert (await talka.requester.post("/api/requester/v1/members", json=body)).status_code == 201
        member.headers["x-act-under-account-id"] = talka.account["requester_id"]
        for _ in range(400):
            if (await member.get("/api/v1/requester")).status_code == 429:
                break
        else:
            pytest.fail("the member was never limited")
        assert (await talka.requester.get("/api/v1/requester")).status_code == 200


async def test_a_sandbox_has_no_limit(database_url: str, tmp_path: Path) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True, requests_per_second=1)) as talka:
        assert {(await talka.requester.get("/api/v1/requester")).status_code for _ in range(20)} == {200}
