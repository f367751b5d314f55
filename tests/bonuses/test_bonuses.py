"""Bonuses: paying them in both modes, what is refused, money to the last cent, lists, logs."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.support.app import Talka, Worker

from talka.infra.settings import Settings
from talka.ledger import store as ledger

TITLE, TEXT = {"EN": "Great work", "PT": "Bom trabalho"}, {"EN": "30 pages without a mistake"}
REQUIRED = {"code": "VALUE_REQUIRED", "message": "Must be present and not null unless without_message is true"}
NOBODY = {"code": "ENTITY_DOES_NOT_EXIST", "message": "There is no such worker"}
REPEATED = {"code": "ENTITY_CONFLICT", "message": "The same bonus stands in the request before"}
POOR = {"code": "NOT_ENOUGH_BALANCE", "message": "There is not enough money for it and those before it"}


@pytest.fixture
async def charging(database_url: str, tmp_path: Path) -> AsyncIterator[Talka]:
    """A server with a platform fee of 7.5 percent."""
    settings = Settings(data=tmp_path, sandbox=True, fee_percent=Decimal("7.5"))
    async with Talka.start(database_url, settings) as started:
        yield started


def bonus(worker: Worker | str, amount: Any = 1.25, **more: Any) -> dict[str, Any]:
    """A valid bonus."""
    user_id = worker if isinstance(worker, str) else worker.user_id
    return {"user_id": user_id, "amount": amount, "public_title": TITLE, "public_message": TEXT, **more}


async def post(talka: Talka, body: Any, **params: Any) -> Any:
    """POST of bonuses; booleans become the words of the API."""
    words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
    return await talka.requester.post("/api/v1/user-bonuses", json=body, params=words)


async def get(talka: Talka, path: str) -> Any:
    """GET of something that is there."""
    answer = await talka.requester.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ids(talka: Talka, query: str = "") -> list[str]:
    """Ids of a list."""
    return [found["id"] for found in (await get(talka, f"user-bonuses?{query}"))["items"]]


async def money(talka: Talka, worker: Worker) -> tuple[Any, Any]:
    """What the requester and the worker have."""
    me = (await worker.get("/me")).json()["balance"]
    return Decimal(str((await get(talka, "requester"))["balance"])), Decimal(str(me["available"]))


async def in_balance(talka: Talka) -> bool:
    """The movements sum to zero and say what the balances say."""
    async with talka.db.reading() as tx:
        moved = {row["account"]: row["balance"] for row in await ledger.balances(tx)}
        workers = await tx.rows("select worker_id, available from worker_balance")
    assert sum(moved.values()) == 0
    return all(moved[(5 << 32) | row["worker_id"]] == row["available"] for row in workers)


async def page_of(talka: Talka, worker: Worker) -> dict[str, Any]:
    """A page that a worker has taken."""
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    taken: dict[str, Any] = (await worker.take(pool)).json()
    return taken


async def test_a_single_bonus_is_paid_at_once(talka: Talka) -> None:
    worker = await talka.worker()
    page = await page_of(talka, worker)
    before, _ = await money(talka, worker)
    sent = bonus(worker, assignment_id=page["id"], private_comment="March", id="7", created=5, novel=[1])
    answer = await post(talka, sent)
    paid = answer.json()
    assert answer.status_code == 201
    assert paid == {
        "id": paid["id"], "user_id": worker.user_id, "amount": 1.25, "assignment_id": page["id"],
        "private_comment": "March", "public_title": TITLE, "public_message": TEXT, "without_message": False,
        "created": paid["created"],
    }  # fmt: skip
    assert paid["id"].isdigit()
    assert len(paid["id"]) == 10
    assert await get(talka, f"user-bonuses/{paid['id']}") == paid
    assert await money(talka, worker) == (before - Decimal("1.25"), Decimal("1.25"))
    assert await in_balance(talka)
    assert (await get(talka, f"assignments/{page['id']}"))["bonus_ids"] == [paid["id"]]
    shown = (await worker.get("/bonuses")).json()
    assert shown == {
        "items": [
            {"id": paid["id"], "amount": 1.25, "assignment_id": page["id"], "title": "Great work",
             "message": "30 pages without a mistake", "created": paid["created"]}
        ],
        "has_more": False,
    }  # fmt: skip


async def test_without_message_texts_are_dropped(talka: Talka) -> None:
    worker = await talka.worker()
    for more in ({}, {"public_title": None, "public_message": None}, {"public_title": TITLE, "public_message": TEXT}):
        body = {"user_id": worker.user_id, "amount": 0.005, "without_message": True, **more}
        paid = (await post(talka, body)).json()
        assert paid == {
            "id": paid["id"], "user_id": worker.user_id, "amount": 0.005, "without_message": True,
            "created": paid["created"],
        }  # fmt: skip
    own = (await worker.get("/bonuses")).json()["items"]
    assert [found.keys() for found in own] == [{"id", "amount", "created"}] * 3


WRONG: list[tuple[dict[str, Any], dict[str, tuple[str, list[Any] | None]]]] = [
    ({"amount": 0.004999}, {"amount": ("VALUE_LESS_THAN_MIN", [0.005])}),
    ({"amount": -1}, {"amount": ("VALUE_LESS_THAN_MIN", [0.005])}),
    ({"amount": 100.000001}, {"amount": ("VALUE_GREATER_THAN_MAX", [100])}),
    ({"amount": 0.0050001}, {"amount": ("INVALID_VALUE", [1e-06])}),
    ({"amount": "1"}, {"amount": ("FLOAT_EXPECTED", None)}),
    ({"amount": True}, {"amount": ("FLOAT_EXPECTED", None)}),
    ({"amount": 1e300}, {"amount": ("VALUE_OUT_OF_BOUNDS", None)}),
    ({"amount": None}, {"amount": ("VALUE_REQUIRED", None)}),
    ({"user_id": None}, {"user_id": ("VALUE_REQUIRED", None)}),
    ({"user_id": "0" * 32}, {"user_id": ("ENTITY_DOES_NOT_EXIST", None)}),
    ({"user_id": "x" * 5000}, {"user_id": ("ENTITY_DOES_NOT_EXIST", None)}),
    ({"user_id": ["x"]}, {"user_id": ("STRING_EXPECTED", None)}),
    ({"assignment_id": "nonsense"}, {"assignment_id": ("ENTITY_DOES_NOT_EXIST", None)}),
    (
        {"assignment_id": "0000000001--000000000000000000000007", "user_id": "7"},
        {"assignment_id": ("ENTITY_DOES_NOT_EXIST", None), "user_id": ("ENTITY_DOES_NOT_EXIST", None)},
    ),
    ({"assignment_id": {}}, {"assignment_id": ("STRING_EXPECTED", None)}),
    ({"private_comment": "x" * 4001}, {"private_comment": ("STRING_LENGTH_GREATER_THAN_MAX", [4000])}),
    ({"private_comment": 5}, {"private_comment": ("STRING_EXPECTED", None)}),
    ({"private_comment": "a\0b"}, {"private_comment": ("CHARACTER_NOT_ALLOWED", None)}),
    ({"public_title": None}, {"public_title": ("VALUE_REQUIRED", None)}),
    ({"public_title": None, "public_message": None}, {
        "public_title": ("VALUE_REQUIRED", None), "public_message": ("VALUE_REQUIRED", None),
    }),
    ({"public_title": {}}, {"public_title": ("EMPTY_OBJECT_NOT_ALLOWED", None)}),
    ({"public_title": {"EN": " "}}, {"public_title.EN": ("BLANK_STRING_NOT_ALLOWED", None)}),
    ({"public_title": {"EN": "x" * 256}}, {"public_title.EN": ("STRING_LENGTH_GREATER_THAN_MAX", [255])}),
    ({"public_title": {"english": "x"}}, {"public_title.english": ("UNKNOWN_ENUM_VALUE", None)}),
    ({"public_title": "text"}, {"public_title": ("OBJECT_EXPECTED", None)}),
    ({"public_message": {"EN": 5}}, {"public_message.EN": ("STRING_EXPECTED", None)}),
    ({"public_message": {"EN": "x" * 10_001}}, {
        "public_message.EN": ("STRING_LENGTH_GREATER_THAN_MAX", [10_000]),
    }),
    ({"without_message": "yes"}, {"without_message": ("BOOLEAN_EXPECTED", None)}),
    ({"without_message": None, "public_title": None}, {"public_title": ("VALUE_REQUIRED", None)}),
    ({"amount": 0, "user_id": 5.5, "public_title": []}, {
        "amount": ("VALUE_LESS_THAN_MIN", [0.005]), "user_id": ("STRING_EXPECTED", None),
        "public_title": ("OBJECT_EXPECTED", None),
    }),
]  # fmt: skip


async def test_each_wrong_field_is_named_and_nothing_is_paid(talka: Talka) -> None:
    worker = await talka.worker()
    before = await money(talka, worker)
    for change, expected in WRONG:
        for many in (False, True):
            body = {**bonus(worker), **change}
            answer = await post(talka, [body] if many else body)
            assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), change
            payload = answer.json()["payload"]["0"] if many else answer.json()["payload"]
            assert {path: (e["code"], e.get("params")) for path, e in payload.items()} == expected, change
    for nobody in ("text", 5):
        assert (await post(talka, nobody)).json()["payload"].keys() == {"body"}
    assert (await post(talka, [])).status_code == 400
    assert await money(talka, worker) == before
    assert await ids(talka) == []


async def test_an_assignment_must_be_of_the_worker_and_the_requester(talka: Talka) -> None:
    worker, other = await talka.worker(), await talka.worker()
    page = await page_of(talka, worker)
    wrong = {
        "assignment_id": {"code": "ENTITY_DOES_NOT_EXIST", "message": "The worker has no such assignment of yours"}
    }
    answer = await post(talka, bonus(other, assignment_id=page["id"]))
    assert (answer.status_code, answer.json()["payload"]) == (400, wrong)
    stranger = await talka.stranger()
    foreign = await stranger.post("/api/v1/user-bonuses", json=bonus(worker, assignment_id=page["id"]))
    assert (foreign.status_code, foreign.json()["payload"]) == (400, wrong)
    # Of any status: this one is active, that one was skipped.
    await worker.post(f"/assignments/{page['id']}/skip")
    assert (await post(talka, bonus(worker, assignment_id=page["id"]))).status_code == 201


async def test_arrays_strict_and_with_invalid_items_skipped(talka: Talka) -> None:
    worker, other = await talka.worker(), await talka.worker()
    body = [bonus(worker), bonus("0" * 32), [], bonus(other, 2, without_message=True)]
    wrong = {"1": {"user_id": NOBODY}, "2": {"": {"code": "OBJECT_EXPECTED", "message": "Must be an object"}}}
    refused = await post(talka, body)
    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
    assert refused.json()["payload"].keys() == wrong.keys()
    assert refused.json()["payload"]["1"] == wrong["1"]
    assert refused.json()["payload"]["2"][""]["code"] == "OBJECT_EXPECTED"
    assert await ids(talka) == []
    done = await post(talka, body, skip_invalid_items=True)
    assert done.status_code == 201
    assert list(done.json()["items"]) == ["0", "3"]
    assert done.json()["validation_errors"].keys() == {"1", "2"}
    assert done.json()["items"]["0"]["amount"] == 1.25
    assert done.json()["items"]["3"]["user_id"] == other.user_id
    assert await ids(talka) == [done.json()["items"][key]["id"] for key in ("0", "3")]
    nothing = await post(talka, body[1:3], skip_invalid_items=True)
    assert (nothing.status_code, nothing.json()["payload"].keys()) == (400, {"0", "1"})
    for name in ("skip_invalid_items", "async_mode"):
        answer = await post(talka, body, **{name: "yes"})
        assert (answer.status_code, answer.json()["payload"][name]["code"]) == (400, "BOOLEAN_EXPECTED")
    many = await post(talka, [bonus(worker, (5 + n) / 1000, without_message=True) for n in range(101)])
    assert (many.status_code, many.json()["code"]) == (413, "ENTITY_TOO_LARGE")
    hundred = await post(talka, [bonus(worker, (5 + n) / 1000, without_message=True) for n in range(100)])
    assert (hundred.status_code, len(hundred.json()["items"])) == (201, 100)


async def test_the_same_bonus_twice_in_one_request_is_a_conflict(talka: Talka) -> None:
    worker, other = await talka.worker(), await talka.worker()
    page = await page_of(talka, worker)
    same = [bonus(worker), bonus(worker)]
    refused = await post(talka, same)
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT_STATE")
    assert refused.json()["payload"] == {"user_id": REPEATED}
    mixed = await post(talka, [*same, bonus(worker, 0)])
    assert (mixed.status_code, mixed.json()["payload"].keys()) == (400, {"1", "2"})
    assert mixed.json()["payload"]["1"] == {"user_id": REPEATED}
    skipped = (await post(talka, same, skip_invalid_items=True)).json()
    assert (list(skipped["items"]), skipped["validation_errors"]) == (["0"], {"1": {"user_id": REPEATED}})
    different = [
        bonus(worker), bonus(other), bonus(worker, 1.26), bonus(worker, private_comment="x"),
        bonus(worker, public_title={"EN": "x"}), bonus(worker, public_message={"EN": "x"}),
        bonus(worker, without_message=True), bonus(worker, assignment_id=page["id"]),
    ]  # fmt: skip
    assert (await post(talka, different)).status_code == 201
    # In a request of its own it is meant.
    assert (await post(talka, same[0])).status_code == 201


async def test_the_platform_fee_comes_on_top(charging: Talka) -> None:
    talka = charging
    worker = await talka.worker()
    before, _ = await money(talka, worker)
    for asynchronous in (False, True):
        answer = await post(talka, bonus(worker, 0.013333, without_message=True), async_mode=asynchronous)
        assert answer.status_code == (202 if asynchronous else 201)
    await talka.drain()
    # 7.5 percent of 0.013333 is 0.000999975, rounded up to a micro-dollar.
    assert await money(talka, worker) == (before - 2 * Decimal("0.014333"), Decimal("0.026666"))
    async with talka.db.reading() as tx:
        fees = await tx.rows("select amount, credit from transfer where kind = 8")
    assert fees == [{"amount": Decimal("0.001000"), "credit": 2 << 32}] * 2
    assert await in_balance(talka)


async def poor(talka: Talka, left: str) -> None:
    """Leave the requester so much."""
    async with talka.db.transaction() as tx:
        await tx.execute("update account_balance set free = %s", (Decimal(left),))
        await tx.execute(
            "update transfer set amount = %s where kind = 1",
            (Decimal(left),),
        )


async def test_money_that_is_lacking(talka: Talka) -> None:
    worker = await talka.worker()
    await poor(talka, "10")
    refused = await post(talka, bonus(worker, 10.000001))
    assert (refused.status_code, refused.json()["code"], refused.json()["payload"]) == (409, "NOT_ENOUGH_BALANCE", None)
    four = [bonus(worker, amount) for amount in (4, 7, 5, 2)]
    strict = await post(talka, four)
    assert (strict.status_code, strict.json()["code"]) == (409, "NOT_ENOUGH_BALANCE")
    mixed = await post(talka, [*four, bonus("0" * 32)], skip_invalid_items=True)
    assert mixed.status_code == 201
    # Each is paid in its turn for which there is still enough.
    assert list(mixed.json()["items"]) == ["0", "2"]
    assert mixed.json()["validation_errors"] == {"1": {"amount": POOR}, "3": {"amount": POOR}, "4": {"user_id": NOBODY}}
    assert await money(talka, worker) == (1, 9)
    assert (await post(talka, bonus(worker, 1))).status_code == 201
    assert await money(talka, worker) == (0, 10)
    nothing = await post(talka, [bonus(worker, 1)], skip_invalid_items=True)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "NOT_ENOUGH_BALANCE")
    assert await in_balance(talka)


async def test_money_that_lies_with_open_pools_counts(talka: Talka) -> None:
    worker = await talka.worker()
    await poor(talka, "10")
    page = await page_of(talka, worker)
    async with talka.db.reading() as tx:
        free = await tx.value("select free from account_balance")
    assert free < Decimal("9.95")
    paid = await post(talka, bonus(worker, 9.95, assignment_id=page["id"]))
    assert paid.status_code == 201
    assert await money(talka, worker) == (0, Decimal("9.95"))
    assert (await post(talka, bonus(worker, 0.005))).json()["code"] == "NOT_ENOUGH_BALANCE"
    # What is held for the page is still there for it.
    assert (await worker.submit(page)).json()["status"] == "ACCEPTED"
    assert await money(talka, worker) == (0, 10)
    assert await in_balance(talka)


async def test_an_operation_from_its_start_to_its_log(talka: Talka) -> None:
    worker, other = await talka.worker(), await talka.worker()
    body = [
        bonus(worker, private_comment="a", __item_idx="0"),
        bonus("0" * 32, __item_idx="1"),
        bonus(other, 0.5, without_message=True, public_title=None, public_message=None, __item_idx="2"),
    ]
    operation_id = str(uuid.uuid4())
    started = await post(talka, body, async_mode=True, operation_id=operation_id, skip_invalid_items=True)
    pending = {
        "id": operation_id, "type": "USER_BONUS.BATCH_CREATE", "status": "PENDING",
        "submitted": started.json()["submitted"], "progress": 0, "parameters": {"skip_invalid_items": True},
        "details": {},
    }  # fmt: skip
    assert (started.status_code, started.json()) == (202, pending)
    assert await get(talka, f"operations/{operation_id}/log") == []
    await talka.drain()
    done = await get(talka, f"operations/{operation_id}")
    counts = {"total_count": 3, "valid_count": 2, "not_valid_count": 1, "success_count": 2, "failed_count": 0}
    dates = {"started": done["started"], "finished": done["finished"]}
    assert done == {**pending, **dates, "status": "SUCCESS", "progress": 100, "details": counts}
    found = await ids(talka)
    bare = {key: value for key, value in body[2].items() if value is not None}
    assert await get(talka, f"operations/{operation_id}/log") == [
        {"type": "USER_BONUS_PERSIST", "success": True, "input": {**body[0], "without_message": False},
         "output": {"user_bonus_id": found[0]}},
        {"type": "USER_BONUS_VALIDATE", "success": False, "input": body[1], "output": {"user_id": NOBODY}},
        {"type": "USER_BONUS_PERSIST", "success": True, "input": bare, "output": {"user_bonus_id": found[1]}},
    ]  # fmt: skip
    assert await ids(talka, f"id_gte={min(found)}&id_lte={max(found)}&sort=id") == found


@pytest.mark.parametrize("skip", [False, True])
async def test_an_operation_that_fails_pays_nothing_and_says_why(talka: Talka, skip: bool) -> None:
    worker = await talka.worker()
    await poor(talka, "1")
    body = [bonus(worker, 2, __item_idx="0"), bonus(worker, 3, __item_idx="1")]
    if not skip:
        body.append(bonus(worker, 0.5, __item_idx="2"))
    started = await post(talka, body, async_mode=True, skip_invalid_items=skip)
    await talka.drain()
    done = await get(talka, f"operations/{started.json()['id']}")
    total = len(body)
    assert (done["status"], done["details"]) == ("FAIL", {
        "total_count": total, "valid_count": total - 2, "not_valid_count": 2, "success_count": 0,
        "failed_count": total,
    })  # fmt: skip
    log = await get(talka, f"operations/{done['id']}/log")
    assert [(entry["success"], entry["input"]["__item_idx"], entry["output"]) for entry in log] == [
        (False, "0", {"amount": POOR}), (False, "1", {"amount": POOR}),
    ]  # fmt: skip
    assert await ids(talka) == []
    assert await money(talka, worker) == (1, 0)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_repeated_operation_id_pays_nothing_twice(talka: Talka, asynchronous: bool) -> None:
    worker = await talka.worker()
    operation_id = str(uuid.uuid4())
    body = [bonus(worker), bonus("0" * 32)]
    params: dict[str, Any] = {"async_mode": asynchronous, "operation_id": operation_id, "skip_invalid_items": True}
    first, again = await asyncio.gather(post(talka, body, **params), post(talka, body, **params))
    await talka.drain()
    later = await post(talka, body, **params)
    if asynchronous:
        assert sorted([first.status_code, again.status_code]) == [202, 409]
        assert (later.status_code, later.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    else:
        assert first.status_code == 201
        assert first.json() == again.json() == later.json()
    assert len(await ids(talka)) == 1
    assert (await money(talka, worker))[1] == Decimal("1.25")
    other_mode = await post(talka, body, operation_id=operation_id, async_mode=not asynchronous)
    assert (other_mode.status_code, other_mode.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    task = {"pool_id": (await talka.pool())["id"], "input_values": {"item": "x"}, "overlap": 1}
    params = {"operation_id": operation_id}
    other_kind = await talka.requester.post("/api/v1/tasks", json=task, params=params)
    assert (other_kind.status_code, other_kind.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    wrong = await post(talka, body, operation_id="seven")
    assert wrong.json()["payload"]["operation_id"]["code"] == "UUID_EXPECTED"


async def test_the_last_money_is_paid_once(talka: Talka) -> None:
    workers = [await talka.worker() for _ in range(4)]
    await poor(talka, "10")
    answers = await asyncio.gather(*(post(talka, bonus(worker, 4)) for worker in workers))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert (await get(talka, "requester"))["balance"] == 2
    assert await in_balance(talka)


async def test_bonuses_for_many_at_once_in_opposite_orders(talka: Talka) -> None:
    workers = [await talka.worker() for _ in range(5)]
    stranger = await talka.stranger()
    forward = [bonus(worker, 1, without_message=True) for worker in workers]

    async def theirs(round_: int) -> int:
        body = [{**item, "private_comment": str(round_)} for item in reversed(forward)]
        return (await stranger.post("/api/v1/user-bonuses", json=body)).status_code

    async def ours(round_: int) -> int:
        body = [{**item, "private_comment": str(round_)} for item in forward]
        return int((await post(talka, body)).status_code)

    statuses = await asyncio.gather(*(pay(number) for number in range(6) for pay in (ours, theirs)))
    assert set(statuses) == {201}
    for worker in workers:
        assert (await money(talka, worker))[1] == 12
    assert await in_balance(talka)


async def test_lists_filter_range_sort_and_page(talka: Talka) -> None:
    worker, other = await talka.worker(), await talka.worker()
    page = await page_of(talka, worker)
    long = "x" * 3000
    made = []
    for who, more in (
        (worker, {"private_comment": "a"}), (other, {"private_comment": "b"}), (worker, {"assignment_id": page["id"]}),
        (worker, {"private_comment": long}), (other, {"private_comment": long + "y"}),
    ):  # fmt: skip
        made.append((await post(talka, bonus(who, **more))).json())
        await talka.advance(1)
    all_ids = [found["id"] for found in made]
    created = [found["created"] for found in made]
    for query, expected in (
        ("", [0, 1, 2, 3, 4]),
        (f"user_id={worker.user_id}", [0, 2, 3]),
        (f"user_id={other.user_id}&private_comment=b", [1]),
        ("user_id=" + "0" * 32, []),
        (f"assignment_id={page['id']}", [2]),
        ("assignment_id=0000000001--000000000000000000000007", []),
        ("private_comment=a", [0]),
        (f"private_comment={long}", [3]),
        (f"private_comment={long}y", [4]),
        ("private_comment=", []),
        (f"id_gt={all_ids[2]}", [3, 4]), (f"id_gte={all_ids[2]}", [2, 3, 4]),
        (f"id_lt={all_ids[2]}", [0, 1]), (f"id_lte={all_ids[2]}", [0, 1, 2]),
        (f"created_gt={created[2]}", [3, 4]), (f"created_gte={created[2]}", [2, 3, 4]),
        (f"created_lt={created[2]}", [0, 1]), (f"created_lte={created[2]}", [0, 1, 2]),
        ("sort=-id", [4, 3, 2, 1, 0]), ("sort=created", [0, 1, 2, 3, 4]), ("sort=-created,id", [4, 3, 2, 1, 0]),
        ("novel=1&limit=300", [0, 1, 2, 3, 4]),
    ):  # fmt: skip
        assert await ids(talka, query) == [all_ids[place] for place in expected], query
    first = await get(talka, "user-bonuses?limit=2&sort=id")
    assert ([found["id"] for found in first["items"]], first["has_more"]) == (all_ids[:2], True)
    last = await get(talka, f"user-bonuses?limit=3&sort=id&id_gt={all_ids[1]}")
    assert ([found["id"] for found in last["items"]], last["has_more"]) == (all_ids[2:], False)
    for query, code in (
        ("limit=0", "VALUE_LESS_THAN_MIN"), ("limit=301", "VALUE_GREATER_THAN_MAX"), ("limit=x", "INTEGER_EXPECTED"),
        ("sort=amount", "UNKNOWN_ENUM_VALUE"), ("user_id=x", "INVALID_VALUE"), ("assignment_id=7", "INVALID_VALUE"),
        ("id_gt=x", "INVALID_VALUE"), ("created_lt=x", "INVALID_DATE_TIME_SYNTAX"),
        ("private_comment=%00", "CHARACTER_NOT_ALLOWED"),
    ):  # fmt: skip
        answer = await talka.requester.get(f"/api/v1/user-bonuses?{query}")
        assert answer.status_code == 400, query
        assert answer.json()["payload"] == {query.split("=")[0]: answer.json()["payload"][query.split("=")[0]]}
        assert answer.json()["payload"][query.split("=")[0]]["code"] == code, query


async def test_accounts_and_workers_see_their_own_only(talka: Talka) -> None:
    worker, other = await talka.worker(), await talka.worker()
    paid = (await post(talka, bonus(worker))).json()
    stranger = await talka.stranger()
    assert (await stranger.get("/api/v1/user-bonuses")).json() == {"items": [], "has_more": False}
    for path in (paid["id"], "0", "x", "9" * 30, "%00"):
        answer = await stranger.get(f"/api/v1/user-bonuses/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST"), path
    assert (await other.get("/bonuses")).json() == {"items": [], "has_more": False}
    assert (await talka.anonymous().get("/api/v1/user-bonuses")).status_code == 401
    assert (await talka.anonymous().get("/api/worker/v1/bonuses")).status_code == 401


async def test_the_worker_reads_in_a_language_of_theirs(talka: Talka) -> None:
    worker = await talka.worker(profile={"languages": ["PT", "DE"]})
    await post(talka, bonus(worker))
    [found] = (await worker.get("/bonuses")).json()["items"]
    assert (found["title"], found["message"]) == ("Bom trabalho", "30 pages without a mistake")
    visitor = await talka.worker()
    await post(talka, bonus(visitor))
    for header, title in (("pt-BR,en;q=0.5", "Bom trabalho"), ("*", "Great work"), (b"\xff;,;", "Great work")):
        [found] = (await visitor.get("/bonuses", headers={"accept-language": header})).json()["items"]
        assert found["title"] == title, header


async def earnings(worker: Worker, query: str = "") -> Any:
    """A page of what a worker was paid."""
    answer = await worker.get(f"/earnings?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_earnings_are_pages_and_bonuses_in_their_order(talka: Talka) -> None:
    worker, other = await talka.worker(profile={"languages": ["PT"]}), await talka.worker()
    pool = await talka.pool(await talka.project(public_name="Letters of old"))
    await talka.tasks(pool, 12)
    pages, paid = [], []
    for number in range(3):
        await talka.advance(1)
        pages.append((await worker.take(pool)).json())
        await worker.submit(pages[-1])
        await talka.advance(1)
        about = {"assignment_id": pages[-1]["id"], "without_message": True} if number == 1 else {}
        paid.append((await post(talka, bonus(worker, 1 + number, **about))).json())
    await post(talka, bonus(other))
    found = await earnings(worker)
    accepted = [(await get(talka, f"assignments/{page['id']}"))["accepted"] for page in pages]
    work = [
        {"kind": "ASSIGNMENT", "assignment_id": page["id"], "project_id": pool["project_id"],
         "title": "Letters of old", "amount": 0.05, "created": moment}
        for page, moment in zip(pages, accepted, strict=True)
    ]  # fmt: skip
    message = {"title": "Bom trabalho", "message": "30 pages without a mistake"}
    given: list[dict[str, Any]] = [
        {"kind": "BONUS", "bonus_id": paid[0]["id"], "amount": 1, "created": paid[0]["created"], **message},
        {"kind": "BONUS", "bonus_id": paid[1]["id"], "assignment_id": pages[1]["id"], "project_id": pool["project_id"],
         "title": "Letters of old", "amount": 2, "created": paid[1]["created"]},
        {"kind": "BONUS", "bonus_id": paid[2]["id"], "amount": 3, "created": paid[2]["created"], **message},
    ]  # fmt: skip
    expected = [given[2], work[2], given[1], work[1], given[0], work[0]]
    assert found == {"items": expected, "has_more": False}
    for limit in (1, 2, 4, 5):
        seen: list[Any] = []
        query = f"limit={limit}"
        while True:
            part = await earnings(worker, query)
            seen += part["items"]
            if not part["has_more"]:
                break
            for kind, parameter, key in (
                ("ASSIGNMENT", "before", "assignment_id"),
                ("BONUS", "before_bonus", "bonus_id"),
            ):
                last = [one[key] for one in part["items"] if one["kind"] == kind]
                query = "&".join(text for text in query.split("&") if not last or not text.startswith(f"{parameter}="))
                query += f"&{parameter}={last[-1]}" if last else ""
        assert seen == expected, limit
    for query, wrong in (
        ("before=7", {"before"}), ("before_bonus=x", {"before_bonus"}), ("limit=0", {"limit"}),
        ("limit=301", {"limit"}),
        ("before=&before_bonus=", {"before", "before_bonus"}),
    ):  # fmt: skip
        refused = await worker.get(f"/earnings?{query}")
        assert (refused.status_code, refused.json()["payload"].keys()) == (400, wrong), query
