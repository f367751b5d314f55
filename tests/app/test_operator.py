"""The operator's API and `GET /api/env`: settings, deposits, bans."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.support.app import PASSWORD, Talka

from talka import __version__
from talka.infra.settings import Settings

API = "/api/operator/v1"
DEFAULT = {"fee_percent": 0, "open_registration": True, "minimum_payout": 1, "moderation": "OFF"}


async def test_settings_change_at_once_and_can_be_left_again(talka: Talka) -> None:
    operator = await talka.operator()
    assert (await operator.get(f"{API}/settings")).json() == DEFAULT
    await talka.worker()  # what is in force is known now
    closed = await operator.patch(f"{API}/settings", json={"open_registration": False})
    assert (closed.status_code, closed.json()) == (200, {**DEFAULT, "open_registration": False})
    body = {"login": "late", "password": PASSWORD}
    refused = await talka.anonymous().post("/api/worker/v1/register", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "ACCESS_DENIED")
    changed = await operator.patch(f"{API}/settings", json={"minimum_payout": 2.5})
    assert changed.json() == {**DEFAULT, "open_registration": False, "minimum_payout": 2.5}
    assert (await operator.patch(f"{API}/settings", json={})).json() == changed.json()
    await operator.patch(f"{API}/settings", json={"open_registration": None, "minimum_payout": None})
    assert (await operator.get(f"{API}/settings")).json() == DEFAULT
    assert (await talka.anonymous().post("/api/worker/v1/register", json=body)).status_code == 201


async def test_the_fee_is_that_of_the_moment_of_issue(talka: Talka) -> None:
    operator = await talka.operator()
    pool = await talka.pool(reward_per_assignment=1)
    await talka.tasks(pool, 8, overlap=1)
    before, after = await talka.worker(), await talka.worker()
    first = (await before.take(pool)).json()
    assert (await operator.patch(f"{API}/settings", json={"fee_percent": 12.5})).json()["fee_percent"] == 12.5
    second = (await after.take(pool)).json()
    await before.submit(first)
    await after.submit(second)
    assert (await talka.requester.get("/api/v1/requester")).json()["balance"] == 1_000_000 - 1 - 1.125
    assert (await talka.requester.get("/api/env")).json()["fee_percent"] == 12.5


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"fee_percent": -1}, {"fee_percent": "VALUE_OUT_OF_BOUNDS"}),
        ({"fee_percent": 100.5}, {"fee_percent": "VALUE_OUT_OF_BOUNDS"}),
        ({"fee_percent": "5"}, {"fee_percent": "FLOAT_EXPECTED"}),
        ({"open_registration": "no"}, {"open_registration": "BOOLEAN_EXPECTED"}),
        ({"minimum_payout": 0}, {"minimum_payout": "VALUE_LESS_THAN_MIN"}),
        ({"minimum_payout": 1_000_001}, {"minimum_payout": "VALUE_GREATER_THAN_MAX"}),
        ({"minimum_payout": 1e13, "fee_percent": []},
         {"minimum_payout": "VALUE_OUT_OF_BOUNDS", "fee_percent": "FLOAT_EXPECTED"}),
        ({"moderation": "off"}, {"moderation": "UNKNOWN_ENUM_VALUE"}),
        ([], {"body": "OBJECT_EXPECTED"}),
    ],
)  # fmt: skip
async def test_wrong_settings_change_nothing(talka: Talka, body: Any, wrong: dict[str, str]) -> None:
    operator = await talka.operator()
    answer = await operator.patch(f"{API}/settings", json=body)
    assert answer.status_code == 400
    assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong
    assert (await operator.get(f"{API}/settings")).json() == DEFAULT


async def test_what_is_not_decided_follows_the_settings(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sandbox=True, fee_percent=7, open_registration=False)  # type: ignore[arg-type]
    async with Talka.start(database_url, settings) as talka:
        operator = await talka.operator()
        assert (await operator.get(f"{API}/settings")).json() == {
            **DEFAULT, "fee_percent": 7, "open_registration": False
        }  # fmt: skip
        await operator.patch(f"{API}/settings", json={"fee_percent": 0})
        assert (await operator.get(f"{API}/settings")).json()["fee_percent"] == 0


async def test_a_deposit_is_made_once_per_reference(talka: Talka) -> None:
    operator, stranger = await talka.operator(), await talka.stranger()
    account = talka.account["requester_id"]
    path = f"{API}/accounts/{account}/deposits/INV-2026.1"
    answers = await asyncio.gather(*(operator.put(path, json={"amount": 25.5}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [201]
    expected = {"requester_id": account, "reference": "INV-2026.1", "amount": 25.5, "balance": 1_000_025.5}
    assert all(answer.json() == expected for answer in answers)
    other = await operator.put(path, json={"amount": 26})
    assert (other.status_code, other.json()["code"]) == (409, "CONFLICT_STATE")
    assert (await talka.requester.get("/api/v1/requester")).json()["balance"] == 1_000_025.5
    theirs = (await stranger.get("/api/v1/requester")).json()["id"]
    same_name = await operator.put(f"{API}/accounts/{theirs}/deposits/INV-2026.1", json={"amount": 1})
    assert (same_name.status_code, same_name.json()["balance"]) == (201, 1_000_001)


@pytest.mark.parametrize(
    ("path", "body", "status", "wrong"),
    [
        ("{id}/deposits/a", {}, 400, {"amount"}),
        ("{id}/deposits/a", {"amount": 0}, 400, {"amount"}),
        ("{id}/deposits/a", {"amount": -1}, 400, {"amount"}),
        ("{id}/deposits/a", {"amount": 0.0000001}, 400, {"amount"}),
        ("{id}/deposits/a", {"amount": "1"}, 400, {"amount"}),
        ("{id}/deposits/a%20b", {"amount": 1}, 400, {"reference"}),
        ("{id}/deposits/a%00", {"amount": 1}, 400, {"reference"}),
        (f"{{id}}/deposits/{'a' * 65}", {"amount": 1}, 400, {"reference"}),
        (f"{'f' * 32}/deposits/a", {"amount": 1}, 404, None),
        ("nobody/deposits/a", {"amount": 1}, 404, None),
    ],
)
async def test_wrong_deposits(talka: Talka, path: str, body: Any, status: int, wrong: set[str] | None) -> None:
    operator = await talka.operator()
    full = f"{API}/accounts/{path.format(id=talka.account['requester_id'])}"
    answer = await operator.put(full, json=body)
    assert answer.status_code == status
    assert (answer.json()["payload"] and set(answer.json()["payload"])) == wrong
    assert (await talka.requester.get("/api/v1/requester")).json()["balance"] == 1_000_000


async def test_bans_are_the_platforms(talka: Talka) -> None:
    operator = await talka.operator()
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    await worker.take(pool)
    path = f"{API}/bans/{worker.user_id}"
    made = await operator.put(path, json={"private_comment": "bots", "will_expire": "2100-01-01T00:00:00"})
    assert made.status_code == 201
    ban = made.json()
    expected = {
        "id": ban["id"], "scope": "SYSTEM", "user_id": worker.user_id, "private_comment": "bots",
        "will_expire": "2100-01-01T00:00:00", "created": ban["created"],
    }  # fmt: skip
    assert ban == expected
    assert (await operator.get(f"{API}/bans")).json() == {"items": [expected], "has_more": False}
    assert (await talka.requester.get("/api/v1/user-restrictions")).json()["items"] == [expected]
    refused = await talka.requester.delete(f"/api/v1/user-restrictions/{ban['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "SYSTEM_SCOPE_MODIFICATION")
    again = await operator.put(path)
    assert (again.status_code, again.json()) == (
        200, {name: expected[name] for name in ("id", "scope", "user_id", "created")}
    )  # fmt: skip
    assert (await operator.delete(path)).status_code == 204
    assert (await operator.delete(path)).status_code == 404
    assert (await operator.get(f"{API}/bans")).json()["items"] == []


async def test_bans_end_and_unknown_workers_have_none(talka: Talka) -> None:
    operator, worker = await talka.operator(), await talka.worker()
    now = (await talka.requester.get("/api/sandbox/v1/clock")).json()["now"]
    past = await operator.put(f"{API}/bans/{worker.user_id}", json={"will_expire": now})
    assert (past.status_code, past.json()["payload"]["will_expire"]["code"]) == (400, "DATE_OUT_OF_RANGE")
    for unknown in ("f" * 32, "nobody", talka.account["requester_id"]):
        assert (await operator.put(f"{API}/bans/{unknown}", json={})).status_code == 404
        assert (await operator.delete(f"{API}/bans/{unknown}")).status_code == 404
    soon = "2090-01-01T00:00:00"
    assert (await operator.put(f"{API}/bans/{worker.user_id}", json={"will_expire": soon})).status_code == 201
    await talka.advance(70 * 366 * 86_400)
    assert (await operator.get(f"{API}/bans")).json()["items"] == []
    assert (await operator.delete(f"{API}/bans/{worker.user_id}")).status_code == 404


async def test_a_deleted_operator_key_is_refused(talka: Talka) -> None:
    operator = await talka.operator()
    assert (await operator.get(f"{API}/bans")).status_code == 200
    async with talka.db.reading() as tx:
        await tx.execute("delete from operator_key")
    assert (await operator.get(f"{API}/bans")).status_code == 401


async def test_what_a_requester_learns_of_the_server(talka: Talka) -> None:
    assert (await talka.requester.get("/api/env")).json() == {
        "version": __version__, "sandbox": True, "currency": "USD", "fee_percent": 0, "open_registration": True
    }  # fmt: skip
    assert (await talka.anonymous().get("/api/env")).status_code == 401
