"""From items to results: what workers are asked, how answers become results, who pays."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import httpx
from tests.apps import support
from tests.support.app import Talka

from talka.apps import usecases
from talka.apps.jobs import look_at_closing

_SOMEBODY_WAITS = (
    "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
)


async def _balance(talka: Talka) -> Decimal:
    return Decimal(str((await talka.requester.get("/api/v1/requester")).json()["balance"]))


async def test_a_batch_of_texts_from_start_to_results(talka: Talka) -> None:
    project = await support.project(talka)
    texts = [{"id": str(n), "text": f"It {'purrs' if n % 2 else 'barks'} {n}"} for n in range(6)]
    batch = await support.batch(talka, project, texts, name="first", priority_order="TWO")
    assert batch["status"] == "NEW"
    assert (batch["items_count"], batch["item_price"], batch["cost"]) == (6, 0.03, 0.18)
    assert await support.pools(talka) == []
    started = await support.done(talka, project, batch, "start")
    assert started["status"] == "PROCESSING"
    assert started["items_per_state"]["PROCESSING"] == 6
    [pool] = await support.pools(talka)
    assert (pool["status"], pool["reward_per_assignment"], pool["priority"]) == ("OPEN", 0.01, 70)
    for worker in await support.crew(talka, 3):
        pages = await support.work(worker, pool, lambda given: {"result": "cat" if "purrs" in given["text"] else "dog"})
        assert pages == 6
    await talka.drain()
    finished = await support.shown(talka, project, batch)
    assert finished["status"] == "COMPLETED"
    assert finished["cost_of_processed"] == 0.18
    assert finished["items_processed_count"] == 6
    assert {name: n for name, n in finished["items_per_state"].items() if n} == {"COMPLETED": 6}
    found = await support.items_of(talka, project, batch_id=batch["id"])
    assert [item["input_data"] for item in found] == texts
    expected = [["cat" if n % 2 else "dog"] for n in range(6)]
    assert [item["output_data"]["result"] for item in found] == expected
    assert {item["status"] for item in found} == {"COMPLETED"}
    assert all(0.9 < item["output_data"]["confidence"] < 1 for item in found)
    assert finished["confidence_avg"] == found[0]["output_data"]["confidence"]
    [pool] = await support.pools(talka)
    assert (pool["status"], pool["last_close_reason"]) == ("CLOSED", "COMPLETED")
    assert await _balance(talka) == 1_000_000 - Decimal("0.18")


async def _asked(talka: Talka, app: str, said: list[dict[str, Any]], **parameters: Any) -> dict[str, Any]:
    """The result of one item that so many workers answered like this."""
    project = await support.project(talka, app, option_overlap=len(said), **parameters)
    batch = await support.batch(talka, project, [support.ITEMS[app]])
    await support.done(talka, project, batch, "start")
    pool = (await support.pools(talka))[-1]
    for worker, answer in zip(await support.crew(talka, len(said)), said, strict=True):
        assert await support.work(worker, pool, lambda _, answer=answer: answer) == 1  # type: ignore[misc]
    await talka.drain()
    [item] = await support.items_of(talka, project)
    assert item["status"] == "COMPLETED"
    output: dict[str, Any] = item["output_data"]
    return output


async def test_the_majority_decides_in_each_app(talka: Talka) -> None:
    one = [{"result": "dog"}, {"result": "other"}, {"result": "dog"}]
    found = await _asked(talka, "image-classification", one, option_other=True)
    assert found["result"] == ["dog"]
    assert 0.5 < found["confidence"] < 0.95

    def several(*checked: bool) -> dict[str, bool]:
        return {f"class_{n}": yes for n, yes in enumerate(checked, 1)}

    many = [several(True, True, False), several(True, False, False), several(True, True, False)]
    found = await _asked(talka, "text-classification", many, option_multiple_choice=True)
    assert found == {"result": ["cat", "dog"], "confidence": 0.8}
    split = [several(True, False, False), several(False, True, False), several(False, True, True)]
    split += [several(False, False, True), several(False, True, False), several(True, False, False)]
    found = await _asked(talka, "text-classification", split, option_multiple_choice=True)
    assert (found["result"], found["confidence"] <= 0.5) == (["dog"], True)

    sides = [{"result": "left"}, {"result": "right"}, {"result": "left"}, {"result": "equal"}, {"result": "left"}]
    found = await _asked(talka, "side-by-side", sides)
    assert found["result"] == "left"

    texts = [{"result": "Main  Street 5"}, {"result": "main street 5 "}, {"result": "Mane Street 5"}]
    texts.append({"result": "Main Street 5"})
    assert await _asked(talka, "transcription", texts) == {"result": "Main Street 5", "confidence": 0.75}


async def test_who_is_right_about_known_items_counts_for_more(talka: Talka) -> None:
    known = [{"input_data": {"text": f"known {n}"}, "result": ["cat"]} for n in range(8)]
    project = await support.project(talka, control_items=known)
    batch = await support.batch(talka, project, [{"text": f"asked {n}"} for n in range(12)])
    await support.done(talka, project, batch, "start")
    [pool] = await support.pools(talka)
    expert, *others = await support.crew(talka, 3)
    for worker in others:
        # Wrong about what is known, and of one mind about what is asked.
        await support.work(worker, pool, lambda _: {"result": "dog"})
    assert (await support.shown(talka, project, batch))["items_processed_count"] == 0
    await talka.drain()
    await support.work(expert, pool, lambda _: {"result": "cat"})
    await talka.drain()
    found = await support.items_of(talka, project)
    assert [item["output_data"]["result"] for item in found] == [["cat"]] * 12
    # Known items cost nothing more: pages are paid, not tasks.
    assert await _balance(talka) == 1_000_000 - Decimal("0.36")


async def test_equal_items_are_labelled_once_unless_that_is_asked_for(talka: Talka) -> None:
    project = await support.project(talka)
    same = [{"id": "1", "text": "purr"}, {"id": "2", "text": "purr"}, {"text": "bark"}]
    batch = await support.batch(talka, project, same)
    assert batch["cost"] == 0.09
    await support.done(talka, project, batch, "start")
    [pool] = await support.pools(talka)
    crew = await support.crew(talka, 3)
    for worker in crew:
        assert await support.work(worker, pool, lambda _: {"result": "cat"}) == 2
    await talka.drain()
    found = await support.shown(talka, project, batch)
    assert (found["status"], found["items_processed_count"], found["cost_of_processed"]) == ("COMPLETED", 3, 0.06)
    assert [item["output_data"]["result"] for item in await support.items_of(talka, project)] == [["cat"]] * 3
    again = await support.batch(talka, project, [{"id": "7", "text": "purr"}])
    assert (await support.done(talka, project, again, "start"))["status"] == "COMPLETED"
    assert len(await support.pools(talka)) == 1
    forced = await support.batch(talka, project, [{"text": "purr"}, {"text": "purr"}], force_new_original=True)
    assert (await support.done(talka, project, forced, "start"))["status"] == "PROCESSING"
    for worker in crew:
        assert await support.work(worker, (await support.pools(talka))[-1], lambda _: {"result": "dog"}) == 2
    await talka.drain()
    [one, two] = await support.items_of(talka, project, batch_id=forced["id"])
    assert one["output_data"]["result"] == two["output_data"]["result"] == ["dog"]


async def test_items_without_a_batch_go_to_workers_at_once(talka: Talka) -> None:
    project = await support.project(talka)
    ids = await support.created(talka.requester, support.path(project, "items", "bulk"), {"items": [{"text": "a"}]})
    one = {"input_data": {"text": "b", "id": None}}
    item = await support.created(talka.requester, support.path(project, "items"), one)
    assert item["input_data"] == {"text": "b"}
    assert "batch_id" not in item
    await talka.drain()
    [pool] = await support.pools(talka)
    crew = await support.crew(talka, 3)
    for worker in crew:
        assert await support.work(worker, pool, lambda _: {"result": "none"}) == 2
    await talka.drain()
    found = await support.items_of(talka, project, sort="finished")
    assert {each["id"] for each in found} == {*ids, item["id"]}
    assert all(each["status"] == "COMPLETED" and "batch_id" not in each for each in found)
    assert (await support.get(talka, support.path(project, "batches")))["content"] == []
    more = await support.created(talka.requester, support.path(project, "items", "bulk"), {"items": [{"text": "c"}]})
    await talka.drain()
    assert [each["status"] for each in await support.items_of(talka, project, id_gte=more[0])] == ["PROCESSING"]
    for worker in crew:
        assert await support.work(worker, pool, lambda _: {"result": "cat"}) == 1
    await talka.drain()
    last = await support.items_of(talka, project, sort="finished", after_id=found[-1]["id"])
    assert [(each["id"], each["output_data"]["result"]) for each in last] == [(more[0], ["cat"])]


async def test_batches_of_a_lower_priority_wait(talka: Talka) -> None:
    project = await support.project(talka)
    first = await support.batch(talka, project, [{"text": "a"}], priority_order="ONE")
    second = await support.batch(talka, project, [{"text": "b"}], priority_order="THREE")
    third = await support.batch(talka, project, [{"text": "c"}])
    assert third["priority_order"] == "FIVE"
    assert (await support.done(talka, project, first, "start"))["status"] == "PROCESSING"
    for batch in (third, second):
        assert (await support.done(talka, project, batch, "start"))["status"] == "QUEUED"
        assert (await support.done(talka, project, batch, "start"))["status"] == "QUEUED"
    await talka.drain()
    assert (await support.shown(talka, project, third))["status"] == "QUEUED"
    assert (await support.done(talka, project, first, "stop"))["status"] == "STOPPED"
    await talka.drain()
    states = [(await support.shown(talka, project, each))["status"] for each in (first, second, third)]
    assert states == ["STOPPED", "PROCESSING", "QUEUED"]
    patched = await talka.requester.patch(
        f"{support.BASE}{support.path(project, 'batches', third['id'])}", json={"priority_order": "TWO"}
    )
    assert patched.json()["priority_order"] == "TWO"
    await talka.drain()
    assert (await support.shown(talka, project, third))["status"] == "PROCESSING"
    assert sorted(pool["priority"] for pool in await support.pools(talka) if pool["status"] == "OPEN") == [50, 70]


async def test_large_batches_are_loaded_piece_by_piece(talka: Talka) -> None:
    project = await support.project(talka)
    batch = await support.batch(talka, project, [{"text": f"text {n}"} for n in range(10_000)])
    started = await support.done(talka, project, batch, "start")
    assert (started["items_per_state"]["NEW"], started["items_per_state"]["PROCESSING"]) == (5000, 5000)
    [pool] = await support.pools(talka)
    await talka.drain()
    loaded = await support.shown(talka, project, batch)
    assert (loaded["status"], loaded["items_per_state"]["PROCESSING"]) == ("PROCESSING", 10_000)
    tasks = (await talka.requester.get("/api/v1/tasks", params={"pool_id": pool["id"], "limit": 20_000})).json()
    assert sorted(task["input_values"]["text"] for task in tasks["items"]) == sorted(f"text {n}" for n in range(10_000))
    listed = await support.items_of(talka, project, limit=1, sort="-id")
    assert listed[0]["input_data"] == {"text": "text 9999"}


async def test_without_money_nothing_begins_and_what_runs_out_goes_on_later(talka: Talka) -> None:
    poor = await talka.stranger()
    await _hold_all_but(talka, poor, Decimal("0.05"))
    rich, talka.requester = talka.requester, poor
    project = await support.project(talka)
    batch = await support.batch(talka, project, [{"text": str(n)} for n in range(3)])
    await support.done(talka, project, batch, "start")
    [pool] = [pool for pool in await support.pools(talka) if pool["reward_per_assignment"] == 0.01]
    crew = await support.crew(talka, 3)
    for worker in crew:
        await support.work(worker, pool, lambda _: {"result": "cat"})
    await talka.drain()
    found = await support.shown(talka, project, batch)
    assert found["status"] == "NO_MONEY"
    left = found["items_per_state"]["NO_MONEY"]
    assert left == 3 - found["items_processed_count"] > 0
    assert len(await support.items_of(talka, project, status="NO_MONEY")) == left
    refused = await support.act(talka, project, batch, "resume")
    assert (refused.status_code, refused.json()["code"]) == (409, "NOT_ENOUGH_BALANCE")
    assert (await support.shown(talka, project, batch))["status"] == "NO_MONEY"
    # What comes without a batch waits for money by itself.
    await support.created(poor, support.path(project, "items"), {"input_data": {"text": "stream"}})
    await talka.drain()
    assert [item["status"] for item in await support.items_of(talka, project, sort="-id", limit=1)] == ["NO_MONEY"]
    await poor.post("/api/sandbox/v1/balance", json={"amount": 10})
    assert (await support.done(talka, project, batch, "resume"))["status"] == "PROCESSING"
    await talka.advance(61)
    assert len(await support.items_of(talka, project, status="PROCESSING")) == left + 1
    for worker in crew:
        for each in await support.pools(talka):
            await support.work(worker, each, lambda _: {"result": "cat"})
    await talka.drain()
    assert len(await support.items_of(talka, project, status="COMPLETED")) == 4
    assert (await support.shown(talka, project, batch))["status"] == "COMPLETED"
    talka.requester = rich


async def _hold_all_but(talka: Talka, client: httpx.AsyncClient, rest: Decimal) -> None:
    """Leave an account so much money: all else is held for a page that a worker has."""
    owner, talka.requester = talka.requester, client
    price = await _balance(talka) - rest
    pool = await talka.pool(reward_per_assignment=float(price), assignment_max_duration_seconds=1_000_000)
    await talka.tasks(pool, 4)
    assert (await (await talka.worker()).take(pool)).status_code == 201
    assert await _balance(talka) == rest
    talka.requester = owner


async def test_stopping_lets_pages_be_finished(talka: Talka) -> None:
    project = await support.project(talka, option_overlap=1)
    batch = await support.batch(talka, project, [{"text": "a"}, {"text": "b"}])
    await support.done(talka, project, batch, "start")
    [pool] = await support.pools(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    assert (await support.done(talka, project, batch, "stop"))["status"] == "STOPPING"
    assert (await support.act(talka, project, batch, "archive")).json()["code"] == "INAPPROPRIATE_STATUS"
    solution = {"solutions": [{"output_values": {"result": "cat"}}]}
    assert (await worker.post(f"/assignments/{page['id']}/submit", solution)).status_code == 200
    await talka.drain()
    stopped = await support.shown(talka, project, batch)
    assert (stopped["status"], stopped["items_processed_count"]) == ("STOPPED", 1)
    assert sorted(item["status"] for item in await support.items_of(talka, project)) == ["COMPLETED", "STOPPED"]
    assert (await support.done(talka, project, batch, "resume"))["status"] == "PROCESSING"
    assert await support.work(worker, pool, lambda _: {"result": "cat"}) == 1
    await talka.drain()
    assert (await support.shown(talka, project, batch))["status"] == "COMPLETED"


async def test_a_batch_follows_its_pool_when_that_is_moved_by_hand(talka: Talka) -> None:
    project = await support.project(talka, option_overlap=2)
    batch = await support.batch(talka, project, [{"text": "a"}, {"text": "b"}])
    await support.done(talka, project, batch, "start")
    [pool] = await support.pools(talka)
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")
    await talka.drain()
    assert (await support.shown(talka, project, batch))["status"] == "STOPPED"
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/open")
    worker = await talka.worker()
    assert await support.work(worker, pool, lambda _: {"result": "cat"}, most=1) == 1
    # Fewer answers are asked for now: one item has as many, the other will never have any.
    for task in (await talka.requester.get("/api/v1/tasks", params={"pool_id": pool["id"]})).json()["items"]:
        answer = await talka.requester.patch(f"/api/v1/tasks/{task['id']}/set-overlap-or-min", json={"overlap": 0})
        assert answer.status_code == 200, answer.text
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/open")
    await talka.drain()
    await talka.advance(5)
    found = await support.shown(talka, project, batch)
    assert {name: n for name, n in found["items_per_state"].items() if n} == {"COMPLETED": 1, "ERROR": 1}
    assert found["status"] == "COMPLETED"
    [failed] = await support.items_of(talka, project, status="ERROR")
    assert [error["code"] for error in failed["errors"]] == ["NO_ANSWERS"]
    assert failed["output_data"] == {}


async def test_an_archived_pool_ends_its_batch_but_not_a_stream(talka: Talka) -> None:
    project = await support.project(talka, option_overlap=2)
    batch = await support.batch(talka, project, [{"text": "a"}])
    await support.done(talka, project, batch, "start")
    await support.done(talka, project, batch, "stop")
    [pool] = await support.pools(talka)
    assert (await talka.requester.post(f"/api/v1/pools/{pool['id']}/archive")).status_code == 202
    refused = await support.act(talka, project, batch, "resume")
    assert (refused.status_code, refused.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")
    items = {"items": [{"text": "answered"}, {"text": "silent"}]}
    await support.created(talka.requester, support.path(project, "items", "bulk"), items)
    await talka.drain()
    stream = (await support.pools(talka))[-1]
    worker = await talka.worker()
    page = (await worker.take(stream)).json()
    answered = page["tasks"][0]["input_values"]["text"]
    solution = {"solutions": [{"output_values": {"result": "cat"}}]}
    await worker.post(f"/assignments/{page['id']}/submit", solution)
    await talka.requester.post(f"/api/v1/pools/{stream['id']}/close")
    await talka.drain()
    assert {item["status"] for item in await support.items_of(talka, project)} == {"STOPPED"}
    assert (await talka.requester.post(f"/api/v1/pools/{stream['id']}/archive")).status_code == 202
    await support.created(talka.requester, support.path(project, "items"), {"input_data": {"text": "later"}})
    await talka.drain()
    found = {item["input_data"]["text"]: item["status"] for item in await support.items_of(talka, project)}
    silent = {"answered", "silent"} - {answered}
    assert found == {"a": "STOPPED", answered: "COMPLETED", silent.pop(): "ERROR", "later": "PROCESSING"}
    assert len([pool for pool in await support.pools(talka) if pool["status"] == "OPEN"]) == 1


async def test_two_starts_at_once_are_one(talka: Talka) -> None:
    project = await support.project(talka)
    batch = await support.batch(talka, project, [{"text": str(n)} for n in range(20)])
    answers = await asyncio.gather(*(support.act(talka, project, batch, "start") for _ in range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    [pool] = await support.pools(talka)
    tasks = (await talka.requester.get("/api/v1/tasks", params={"pool_id": pool["id"]})).json()["items"]
    assert len(tasks) == 20
    verbs = ["stop", "resume"] * 4
    answers = await asyncio.gather(*(support.act(talka, project, batch, verb) for verb in verbs))
    assert {answer.status_code for answer in answers} <= {200, 409}
    await talka.drain()
    shown = await support.shown(talka, project, batch)
    [pool] = await support.pools(talka)
    assert (shown["status"], pool["status"]) in {("STOPPED", "CLOSED"), ("PROCESSING", "OPEN")}


async def test_many_workers_at_once_complete_every_item_once(talka: Talka) -> None:
    project = await support.project(talka)
    batch = await support.batch(talka, project, [{"text": str(n)} for n in range(30)])
    await support.done(talka, project, batch, "start")
    [pool] = await support.pools(talka)
    crew = await support.crew(talka, 5)
    await asyncio.gather(*(support.work(worker, pool, lambda _: {"result": "cat"}) for worker in crew))
    await talka.drain()
    found = await support.shown(talka, project, batch)
    assert (found["status"], found["items_processed_count"]) == ("COMPLETED", 30)
    assert {item["status"] for item in await support.items_of(talka, project)} == {"COMPLETED"}
    assert await _balance(talka) == 1_000_000 - Decimal("0.9")


async def test_what_a_pool_closed_for_does_not_stop_a_batch_that_is_resumed_meanwhile(talka: Talka) -> None:
    project = await support.project(talka)
    batch = await support.batch(talka, project, [{"id": "1", "text": "It purrs"}])
    await support.done(talka, project, batch, "start")
    await support.done(talka, project, batch, "stop")
    async with talka.db.transaction() as tx:
        [owner] = await tx.rows("select account_id from app_project")
        await usecases.resume(tx, owner["account_id"], project["id"], batch["id"])
        looking = asyncio.create_task(look_at_closing(talka.db))
        while not await tx.value(_SOMEBODY_WAITS):
            assert not looking.done(), "the batch is locked"
            await asyncio.sleep(0.01)
    assert await looking
    assert (await support.shown(talka, project, batch))["status"] == "PROCESSING"
    [pool] = await support.pools(talka)
    assert pool["status"] == "OPEN"
