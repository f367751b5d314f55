"""The queue of batches: many processes at it at once, what is refused as a whole, ids however they are written."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter

import pytest
from tests.operations.test_batches import get, item, post
from tests.support.app import Talka

from talka.infra.db import Tx
from talka.kit.errors import Conflict
from talka.operations import usecases
from talka.operations.jobs import run_next
from talka.operations.model import Operation, Outcome
from talka.tasks.model import PoolOpeningAsked

KIND = "TEST.BATCH_CREATE"
PROCESSES = 6


async def account_of(talka: Talka) -> int:
    """The owner's internal id."""
    async with talka.db.reading() as tx:
        found: int = await tx.value("select id from account where requester_id = %s::uuid", (requester_id(talka),))
    return found


def requester_id(talka: Talka) -> str:
    """The owner's id."""
    return str(talka.account["requester_id"])


async def queued(talka: Talka, account_id: int, count: int, body: bytes = b"[]") -> list[str]:
    """Operations that wait."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    async with talka.db.transaction() as tx:
        for operation_id in ids:
            await usecases.enqueue(tx, account_id, operation_id, KIND, {}, body)
    return ids


async def test_many_processes_carry_each_batch_out_once_and_in_order(talka: Talka) -> None:
    account_id = await account_of(talka)
    async with talka.db.transaction() as tx:
        other = await tx.value(
            "insert into account (requester_id, email, created) values (gen_random_uuid(), 'x', %s) returning id",
            (tx.now,),
        )
    ids = {owner: await queued(talka, owner, 60) for owner in (account_id, other)}
    carried: list[tuple[int, str]] = []

    async def execute(_: Tx, operation: Operation, body: bytes) -> Outcome:
        assert body == b"[]"
        carried.append((operation.account_id, operation.id))
        return Outcome("SUCCESS", {"done": True})

    async def process() -> None:
        idle = 0
        while idle < 20:
            idle = 0 if await run_next(talka.db, {KIND: execute}) else idle + 1
            await asyncio.sleep(0)

    await asyncio.gather(*(process() for _ in range(PROCESSES)))
    assert Counter(operation_id for _, operation_id in carried).most_common(1)[0][1] == 1
    for owner, expected in ids.items():
        assert [operation_id for account, operation_id in carried if account == owner] == expected
    async with talka.db.reading() as tx:
        ends = await tx.rows("select status, details, count(*) as found from operation group by status, details")
    assert ends == [{"status": "SUCCESS", "details": {"done": True}, "found": 120}]


async def test_one_process_does_not_keep_others_from_the_rest(talka: Talka) -> None:
    """While the first batch of an account is carried out, those of others can be taken, also before the second."""
    account_id = await account_of(talka)
    async with talka.db.transaction() as tx:
        others = await tx.rows(
            "insert into account (requester_id, email, created)"
            " select gen_random_uuid(), 'x' || n, %s from generate_series(1, 5) n returning id",
            (tx.now,),
        )
    for owner in (account_id, *(row["id"] for row in others)):
        await queued(talka, owner, 2)
    busy, most, free = 0, 0, asyncio.Event()

    async def execute(_: Tx, operation: Operation, body: bytes) -> Outcome:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        if most == 6:
            free.set()
        await asyncio.wait_for(free.wait(), 20)
        busy -= 1
        return Outcome("SUCCESS", {})

    found = await asyncio.gather(*(run_next(talka.db, {KIND: execute}) for _ in range(6)))
    assert (found, most) == ([True] * 6, 6)


@pytest.mark.parametrize(
    ("error", "code"), [(Conflict("POOL_TASKS_COUNT_EXCEEDED", "Full"), "POOL_TASKS_COUNT_EXCEEDED"),
                        (ZeroDivisionError(), "INTERNAL_ERROR")],
)  # fmt: skip
async def test_what_is_refused_as_a_whole_says_so_at_each_item(talka: Talka, error: Exception, code: str) -> None:
    account_id = await account_of(talka)

    async def execute(tx: Tx, _: Operation, __: bytes) -> Outcome:
        # An event of something that is undone: whoever reacted would find no such pool.
        tx.record(PoolOpeningAsked(account_id, (999_999,)))
        raise error

    body = b'[{"a": 1, "__item_idx": "7"}, {"a": 2, "__item_idx": "3"}]'
    [operation_id] = await queued(talka, account_id, 1, body)
    assert await run_next(talka.db, {KIND: execute})
    operation = await get(talka, f"operations/{operation_id}")
    assert operation["status"] == "FAIL"
    counts = {"total_count": 2, "valid_count": 0, "not_valid_count": 2, "success_count": 0, "failed_count": 2}
    assert {name: operation["details"].get(name) for name in (*counts, "code")} == {**counts, "code": code}
    async with talka.db.reading() as tx:
        rows = await tx.rows("select type, input, output from operation_failure order by position")
    assert [(row["type"], row["input"], row["output"][""]["code"]) for row in rows] == [
        ("TEST_VALIDATE", {"a": 1, "__item_idx": "7"}, code), ("TEST_VALIDATE", {"a": 2, "__item_idx": "3"}, code),
    ]  # fmt: skip
    assert await run_next(talka.db, {KIND: execute}) is False


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_an_id_is_the_same_however_it_is_written(talka: Talka, asynchronous: bool) -> None:
    pool = await talka.pool()
    chosen = uuid.uuid4()
    body = [item(pool, "a")]
    first = await post(talka, body, async_mode=asynchronous, operation_id=str(chosen))
    assert first.status_code == (202 if asynchronous else 201)
    for text in (str(chosen).upper(), chosen.hex, chosen.hex.upper()):
        again = await post(talka, body, async_mode=asynchronous, operation_id=text)
        if asynchronous:
            assert (again.status_code, again.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
        else:
            assert again.json() == first.json()
        assert (await get(talka, f"operations/{text}"))["id"] == str(chosen)
    await talka.drain()
    assert len((await get(talka, f"tasks?pool_id={pool['id']}"))["items"]) == 1


async def test_both_modes_at_once_under_one_id_create_once(talka: Talka) -> None:
    pool = await talka.pool()
    for _ in range(12):
        chosen = str(uuid.uuid4())
        answers = await asyncio.gather(
            *(post(talka, [item(pool, chosen)], async_mode=number % 2 == 1, operation_id=chosen) for number in range(4))
        )
        codes = sorted(answer.status_code for answer in answers)
        assert codes in ([201, 201, 409, 409], [202, 409, 409, 409]), [answer.text for answer in answers]
        await talka.drain()
        assert (await get(talka, f"operations/{chosen}"))["status"] == "SUCCESS"
        found = await get(talka, f"tasks?pool_id={pool['id']}&limit=1000")
        assert [task["input_values"]["item"] for task in found["items"]].count(chosen) == 1


@pytest.mark.parametrize("mode", [False, True], ids=["at once", "queued"])
async def test_an_id_that_somebody_is_just_queueing_is_taken(talka: Talka, mode: bool) -> None:
    pool = await talka.pool()
    account_id, chosen = await account_of(talka), str(uuid.uuid4())
    async with talka.db.transaction() as tx:
        await usecases.enqueue(tx, account_id, chosen, "TASK.BATCH_CREATE", {}, b"[]")
        late = asyncio.create_task(post(talka, [item(pool, "a")], async_mode=mode, operation_id=chosen))
        await asyncio.sleep(0.5)
        assert not late.done()
    answer = await late
    assert (answer.status_code, answer.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    assert (await get(talka, f"tasks?pool_id={pool['id']}"))["items"] == []


async def test_what_a_process_does_not_know_holds_up_nobody_else(talka: Talka) -> None:
    account_id = await account_of(talka)
    async with talka.db.transaction() as tx:
        other = await tx.value(
            "insert into account (requester_id, email, created) values (gen_random_uuid(), 'x', %s) returning id",
            (tx.now,),
        )
        await usecases.enqueue(tx, account_id, str(uuid.uuid4()), "NOVEL.KIND", {}, b"[]")
    await queued(talka, account_id, 1)
    [expected] = await queued(talka, other, 1)
    carried = []

    async def execute(_: Tx, operation: Operation, __: bytes) -> Outcome:
        carried.append(operation.id)
        return Outcome("SUCCESS", {})

    assert await run_next(talka.db, {KIND: execute}) is True
    assert await run_next(talka.db, {KIND: execute}) is False
    # Of one account everything waits: batches are carried out in their order.
    assert carried == [expected]
