"""Withdrawals of workers and the operator's queue of payouts: states, money, lists, races."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.support.app import Talka, Worker

from talka.ledger import store as ledger
from talka.ledger.model import LedgerKind, ledger_account

QUEUE = "/api/operator/v1/payouts"
IBAN = "PT50 0002 0123 1234 5678 9015 4"


async def paid_worker(talka: Talka, login: str | None = None, reward: float = 5) -> Worker:
    """A worker who has earned `reward`."""
    pool = await talka.pool(reward_per_assignment=reward)
    await talka.tasks(pool, 4, overlap=1)
    worker = await talka.worker(login)
    page = (await worker.take(pool)).json()
    assert (await worker.submit(page)).json()["status"] == "ACCEPTED"
    return worker


async def balance(worker: Worker) -> tuple[float, float]:
    """What a worker can withdraw, and what is blocked."""
    found = (await worker.get("/me")).json()["balance"]
    return found["available"], found["blocked"]


async def ask(worker: Worker, amount: Any = 3, destination: Any = IBAN) -> httpx.Response:
    """Ask for a payout."""
    return await worker.post("/withdrawals", {"amount": amount, "destination": destination})


async def books(talka: Talka) -> Callable[..., Decimal]:
    """The balances of ledger accounts, from the movements alone, which sum to zero."""
    async with talka.db.reading() as tx:
        found = {row["account"]: row["balance"] for row in await ledger.balances(tx)}
    assert sum(found.values()) == 0
    return lambda kind, owner=0: found.get(ledger_account(kind, owner), Decimal(0))


async def number_of(talka: Talka, worker: Worker) -> int:
    """The internal id of a worker."""
    async with talka.db.reading() as tx:
        found: int = await tx.value("select id from worker where user_id = %s::uuid", (worker.user_id,))
    return found


async def test_from_the_request_to_the_money(talka: Talka) -> None:
    worker, operator = await paid_worker(talka, "ada"), await talka.operator()
    asked = await ask(worker, 3.5)
    assert asked.status_code == 201
    withdrawal = asked.json()
    moment = withdrawal["created"]
    expected = {
        "id": withdrawal["id"], "amount": 3.5, "destination": IBAN, "status": "NEW", "created": moment,
        "modified": moment,
    }  # fmt: skip
    assert withdrawal == expected
    assert await balance(worker) == (1.5, 3.5)
    assert (await worker.get("/withdrawals")).json() == {"items": [expected], "has_more": False}
    shown = {**expected, "user_id": worker.user_id, "login": "ada"}
    assert (await operator.get(QUEUE)).json() == {"items": [shown], "has_more": False}
    approved = (await operator.post(f"{QUEUE}/{withdrawal['id']}/approve")).json()
    assert approved == {**shown, "status": "APPROVED", "modified": approved["modified"]}
    assert await balance(worker) == (1.5, 3.5)
    number = await number_of(talka, worker)
    before = await books(talka)
    assert (before(LedgerKind.WORKER, number), before(LedgerKind.WITHHELD, number)) == (Decimal("1.5"), Decimal("3.5"))
    paid = (await operator.post(f"{QUEUE}/{withdrawal['id']}/pay", json={"comment": "Wire 17"})).json()
    assert (paid["status"], paid["comment"]) == ("PAID", "Wire 17")
    after = await books(talka)
    assert (after(LedgerKind.WORKER, number), after(LedgerKind.WITHHELD, number)) == (Decimal("1.5"), Decimal(0))
    assert after(LedgerKind.OUTSIDE) - before(LedgerKind.OUTSIDE) == Decimal("3.5")
    assert await balance(worker) == (1.5, 0)
    assert (await worker.get("/withdrawals")).json()["items"][0]["comment"] == "Wire 17"


@pytest.mark.parametrize("approved", [False, True])
async def test_refused_money_is_the_workers_again(talka: Talka, approved: bool) -> None:
    worker, operator = await paid_worker(talka), await talka.operator()
    number = (await ask(worker)).json()["id"]
    if approved:
        await operator.post(f"{QUEUE}/{number}/approve")
    refused = (await operator.post(f"{QUEUE}/{number}/reject", json={"comment": "No such account"})).json()
    assert (refused["status"], refused["comment"]) == ("REJECTED", "No such account")
    assert await balance(worker) == (5, 0)
    assert (await books(talka))(LedgerKind.WITHHELD, await number_of(talka, worker)) == 0
    assert (await ask(worker, 5)).status_code == 201
    assert await balance(worker) == (0, 5)


async def test_one_request_at_a_time(talka: Talka) -> None:
    worker = await paid_worker(talka)
    first = (await ask(worker, 1)).json()
    again = await ask(worker, 1)
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT_STATE")
    assert again.json()["payload"] == {"withdrawal_id": first["id"]}
    assert await balance(worker) == (4, 1)
    cancelled = await worker.post(f"/withdrawals/{first['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "CANCELLED")
    assert await balance(worker) == (5, 0)
    assert (await ask(worker, 1)).status_code == 201


async def test_many_requests_at_once_are_one(talka: Talka) -> None:
    worker = await paid_worker(talka)
    answers = await asyncio.gather(*(ask(worker, 2) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert await balance(worker) == (3, 2)


async def test_a_payout_ends_once_whoever_is_first(talka: Talka) -> None:
    worker, operator = await paid_worker(talka), await talka.operator()
    number = (await ask(worker)).json()["id"]
    moves = [f"{QUEUE}/{number}/pay", f"{QUEUE}/{number}/reject"] * 3
    answers = await asyncio.gather(
        *(operator.post(path) for path in moves), worker.post(f"/withdrawals/{number}/cancel")
    )
    ended = {answer.json()["status"] for answer in answers if answer.status_code == 200}
    assert len(ended) == 1
    assert {answer.status_code for answer in answers} == {200, 409}
    expected = (2, 0) if ended == {"PAID"} else (5, 0)
    assert await balance(worker) == expected
    assert (await books(talka))(LedgerKind.WORKER, await number_of(talka, worker)) == expected[0]


_ENDS = {"pay": "PAID", "reject": "REJECTED"}


@pytest.mark.parametrize("end", _ENDS)
async def test_what_has_ended_stays_so(talka: Talka, end: str) -> None:
    worker, operator = await paid_worker(talka), await talka.operator()
    number = (await ask(worker)).json()["id"]
    done = (await operator.post(f"{QUEUE}/{number}/{end}", json={"comment": "first"})).json()
    again = await operator.post(f"{QUEUE}/{number}/{end}", json={"comment": "second"})
    assert (again.status_code, again.json()) == (200, done)
    money = await balance(worker)
    for other, appropriate in (("approve", ["NEW"]), ("pay", ["NEW", "APPROVED"]), ("reject", ["NEW", "APPROVED"])):
        if other != end:
            refused = await operator.post(f"{QUEUE}/{number}/{other}")
            assert (refused.status_code, refused.json()["code"]) == (409, "INAPPROPRIATE_STATUS")
            assert refused.json()["payload"] == {"appropriate_statuses": appropriate}
    assert (await worker.post(f"/withdrawals/{number}/cancel")).status_code == 409
    assert await balance(worker) == money


async def test_what_was_approved_cannot_be_cancelled(talka: Talka) -> None:
    worker, operator = await paid_worker(talka), await talka.operator()
    number = (await ask(worker)).json()["id"]
    await operator.post(f"{QUEUE}/{number}/approve")
    refused = await worker.post(f"/withdrawals/{number}/cancel")
    assert (refused.status_code, refused.json()["payload"]) == (409, {"appropriate_statuses": ["NEW"]})
    assert await balance(worker) == (2, 3)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"amount": None}, {"amount": "FLOAT_EXPECTED"}),
        ({"amount": "3"}, {"amount": "FLOAT_EXPECTED"}),
        ({"amount": True}, {"amount": "FLOAT_EXPECTED"}),
        ({"amount": 0}, {"amount": "VALUE_LESS_THAN_MIN"}),
        ({"amount": -3}, {"amount": "VALUE_LESS_THAN_MIN"}),
        ({"amount": 0.99}, {"amount": "VALUE_LESS_THAN_MIN"}),
        ({"amount": 1.005}, {"amount": "VALUE_OUT_OF_BOUNDS"}),
        ({"amount": 1e13}, {"amount": "VALUE_OUT_OF_BOUNDS"}),
        ({"destination": None}, {"destination": "VALUE_REQUIRED"}),
        ({"destination": " "}, {"destination": "BLANK_STRING_NOT_ALLOWED"}),
        ({"destination": "x" * 501}, {"destination": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({"destination": "a\0"}, {"destination": "CHARACTER_NOT_ALLOWED"}),
        ({"destination": 5, "amount": []}, {"destination": "STRING_EXPECTED", "amount": "FLOAT_EXPECTED"}),
    ],
)
async def test_wrong_requests(talka: Talka, change: dict[str, Any], wrong: dict[str, str]) -> None:
    worker = await paid_worker(talka)
    answer = await worker.post("/withdrawals", {"amount": 3, "destination": IBAN, **change})
    assert answer.status_code == 400
    found = {path: error["code"] for path, error in answer.json()["payload"].items()}
    assert {path: "FLOAT_EXPECTED" if code == "VALUE_REQUIRED" and path == "amount" else code
            for path, code in found.items()} == wrong  # fmt: skip
    assert await balance(worker) == (5, 0)
    assert (await worker.get("/withdrawals")).json()["items"] == []


@pytest.mark.parametrize(("minimum", "least"), [(0.01, 0.01), (0.001, 0.01), (2.5, 2.5)])
async def test_the_least_that_can_be_asked_for(talka: Talka, minimum: float, least: float) -> None:
    worker, operator = await paid_worker(talka), await talka.operator()
    decided = await operator.patch("/api/operator/v1/settings", json={"minimum_payout": minimum})
    assert (decided.status_code, decided.json()["minimum_payout"]) == (200, minimum)
    for amount in (0, least - 0.005, -least):
        answer = await ask(worker, amount)
        assert (answer.status_code, answer.json()["payload"]["amount"]["code"]) == (400, "VALUE_LESS_THAN_MIN")
        assert answer.json()["payload"]["amount"]["params"] == [least]
    assert (await ask(worker, least)).status_code == 201


async def test_nobody_withdraws_what_they_do_not_have(talka: Talka) -> None:
    worker, poor = await paid_worker(talka), await talka.worker()
    for somebody, amount in ((worker, 5.01), (worker, 999_999_999_999), (poor, 1)):
        answer = await ask(somebody, amount)
        assert (answer.status_code, answer.json()["code"]) == (409, "NOT_ENOUGH_BALANCE")
    assert await balance(worker) == (5, 0)
    assert (await worker.get("/withdrawals")).json()["items"] == []  # nothing is left of the attempt
    assert (await ask(worker, 5)).status_code == 201


async def test_workers_see_and_cancel_only_their_own(talka: Talka) -> None:
    worker, other = await paid_worker(talka), await paid_worker(talka)
    number = (await ask(worker)).json()["id"]
    assert (await other.get("/withdrawals")).json() == {"items": [], "has_more": False}
    refused = await other.post(f"/withdrawals/{number}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (404, "DOES_NOT_EXIST")
    assert await balance(worker) == (2, 3)


async def test_the_queue_is_the_operators(talka: Talka) -> None:
    worker = await paid_worker(talka)
    number = (await ask(worker)).json()["id"]
    for client in (talka.anonymous(), talka.requester, worker.client):
        for method, path in (
            ("GET", QUEUE), ("GET", f"{QUEUE}.csv"), ("POST", f"{QUEUE}/{number}/approve"),
            ("POST", f"{QUEUE}/{number}/pay"), ("POST", f"{QUEUE}/{number}/reject"),
        ):  # fmt: skip
            answer = await client.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (401, "AUTHENTICATION_ERROR")
            assert IBAN not in answer.text
    assert await balance(worker) == (2, 3)
    operator = await talka.operator()
    assert (await operator.get("/api/v1/requester")).status_code == 401
    assert (await operator.post(f"{QUEUE}/9999999/pay")).status_code == 404


async def test_lists_filter_sort_and_page(talka: Talka) -> None:
    operator = await talka.operator()
    workers = [await paid_worker(talka) for _ in range(4)]
    made = [(await ask(worker, 1 + place)).json() for place, worker in enumerate(workers)]
    ids = [one["id"] for one in made]
    await operator.post(f"{QUEUE}/{ids[0]}/pay")
    await operator.post(f"{QUEUE}/{ids[1]}/approve")

    async def listed(**params: Any) -> list[str]:
        answer = await operator.get(QUEUE, params=params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await listed() == ids
    assert await listed(sort="-id") == ids[::-1]
    assert await listed(sort="-created") == ids[::-1]
    assert await listed(status="NEW") == ids[2:]
    assert await listed(status="PAID,APPROVED") == ids[:2]
    assert await listed(user_id=workers[2].user_id) == [ids[2]]
    assert await listed(id_gt=ids[1], id_lte=ids[2]) == [ids[2]]
    assert await listed(created_lt=made[1]["created"]) == [
        one["id"] for one in made if one["created"] < made[1]["created"]
    ]
    assert await listed(created_gte=made[3]["created"]) == [ids[3]]
    first = (await operator.get(QUEUE, params={"limit": 3})).json()
    assert ([item["id"] for item in first["items"]], first["has_more"]) == (ids[:3], True)
    for params, field, code in (
        ({"status": "OPEN"}, "status", "UNKNOWN_ENUM_VALUE"), ({"limit": 301}, "limit", "VALUE_GREATER_THAN_MAX"),
        ({"sort": "amount"}, "sort", "UNKNOWN_ENUM_VALUE"), ({"user_id": "x"}, "user_id", "INVALID_VALUE"),
        ({"created_gt": "x"}, "created_gt", "INVALID_DATE_TIME_SYNTAX"),
    ):  # fmt: skip
        answer = await operator.get(QUEUE, params=params)
        assert (answer.status_code, answer.json()["payload"][field]["code"]) == (400, code)
    own = await workers[0].get("/withdrawals", params={"status": "PAID", "sort": "-id"})
    assert [item["id"] for item in own.json()["items"]] == [ids[0]]
    assert (await workers[0].get("/withdrawals?status=NEW")).json()["items"] == []


async def test_the_table_holds_everything_and_no_formulas(talka: Talka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talka.payouts.store._BATCH", 2)
    operator = await talka.operator()
    places = ["=HYPERLINK(1)", "+351 900", "-1", "@me", 'He said "1, 2"\nand more']
    made = []
    for place, login in zip(places, ("@ada", "bob", "cleo", "dora", "emil"), strict=True):
        worker = await paid_worker(talka, login)
        made.append((await ask(worker, 1.25, place)).json())
    answer = await operator.get(f"{QUEUE}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=UTF-8"
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert list(rows[0]) == [
        "id", "user_id", "login", "amount", "destination", "status", "comment", "created", "modified"
    ]  # fmt: skip
    assert [row["id"] for row in rows] == [one["id"] for one in made]
    assert [row["destination"] for row in rows] == [f"'{place}" for place in places[:4]] + places[4:]
    assert [row["login"] for row in rows] == ["'@ada", "bob", "cleo", "dora", "emil"]
    assert {(row["amount"], row["status"], row["comment"]) for row in rows} == {("1.25", "NEW", "")}
    await operator.post(f"{QUEUE}/{made[1]['id']}/pay")
    left = list(csv.DictReader(io.StringIO((await operator.get(f"{QUEUE}.csv?status=NEW&limit=1")).text, newline="")))
    assert [row["id"] for row in left] == [one["id"] for place, one in enumerate(made) if place != 1]
    assert (await operator.get(f"{QUEUE}.csv?status=SOME")).status_code == 400
