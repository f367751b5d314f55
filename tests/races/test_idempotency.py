"""Requests with an `operation_id` are sent again when the answer is lost or the server killed half-way: done once."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
from tests.races.crash import data_folder, database_url, kill
from tests.support.app import PASSWORD, Talka
from tests.support.bodies import pool_body, project_body
from tests.support.server import RunningServer, launch

SEED = int(os.environ.get("TALKA_SOAK", "1"))
MOMENTS, ITEMS = 4, 20
AMOUNT = 0.01
_PATIENCE = 60.0
TASKS, SUITES, BONUSES = "/tasks", "/task-suites", "/user-bonuses"
FILE, AGGREGATE = "/pools/{pool_id}/tasks/upload", "/aggregated-solutions/aggregate-by-pool"
ROUTES = {TASKS, SUITES, BONUSES, FILE, AGGREGATE}


@dataclass(frozen=True)
class Ready:
    """What requests need: a pool for tasks, one for suites, a closed one with an answer, a worker."""

    mixed: str
    suites: str
    answered: str
    worker: str


@dataclass(frozen=True)
class Sent:
    """One request, which can be repeated."""

    route: str
    path: str
    operation_id: str
    params: dict[str, str]
    content: bytes
    asynchronous: bool
    answer: httpx.Response | None = None


async def test_every_route_that_takes_an_id_is_among_these(talka: Talka) -> None:
    document = (await talka.requester.get("/openapi.json")).json()
    taking = {
        path.removeprefix("/api/v1")
        for path, calls in document["paths"].items()
        for call in calls.values()
        if any(one["name"] == "operation_id" and one["in"] == "query" for one in call.get("parameters", []))
    }
    assert taking == ROUTES


async def test_what_is_repeated_after_a_crash_is_done_once() -> None:
    dice = random.Random(SEED + 400)
    with data_folder() as data:
        server = await asyncio.to_thread(launch, data, None)
        try:
            async with _client(server) as client:
                ready = await _prepare(client, server)
                undisturbed = requests(ready, dice)
                await _check(client, data, await asyncio.gather(*(_send(client, sent) for sent in undisturbed)))
            for moment in range(MOMENTS):
                async with _client(server) as client:
                    sending = [asyncio.create_task(_send(client, sent)) for sent in requests(ready, dice)]
                    # However slow the machine: some moments are early, some in the midst, some when most is answered.
                    await _until_answered(sending, len(sending) * moment // MOMENTS)
                    await asyncio.sleep(dice.uniform(0, 0.01))
                    await asyncio.to_thread(kill, server)
                    first = await asyncio.gather(*sending)
                print(f"moment {moment}: {sum(sent.answer is not None for sent in first)} of {len(first)} answered")
                server = await asyncio.to_thread(launch, data, None)
                async with _client(server) as client:
                    await _check(client, data, first)
        finally:
            await asyncio.to_thread(server.stop)


async def _until_answered(sending: Sequence[asyncio.Task[Sent]], count: int) -> None:
    pending = set(sending)
    while len(sending) - len(pending) < count:
        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)


def _client(server: RunningServer) -> httpx.AsyncClient:
    headers = {"authorization": f"ApiKey {server.api_key}", "content-type": "application/json"}
    return httpx.AsyncClient(base_url=f"{server.url}/api/v1", headers=headers, timeout=60, trust_env=False)


async def _prepare(client: httpx.AsyncClient, server: RunningServer) -> Ready:
    """Pools, and a worker who has answered."""
    project = (await _ok(client.post("/projects", json=project_body())))["id"]
    mixed, suites, answered = [
        (await _ok(client.post("/pools", json=pool_body(project, **changes))))["id"]
        for changes in ({}, {"mixer_config": None}, {})
    ]
    tasks = [{"pool_id": answered, "input_values": {"item": "x"}, "overlap": 1} for _ in range(4)]
    await _ok(client.post("/tasks", params={"open_pool": "true"}, json=tasks))
    async with httpx.AsyncClient(base_url=f"{server.url}/api/worker/v1", timeout=60, trust_env=False) as worker:
        person = await _ok(worker.post("/register", json={"login": "ada", "password": PASSWORD}))
        worker.headers["authorization"] = f"Bearer {person['token']}"
        page = await _ok(worker.post(f"/pools/{answered}/assignments"))
        solutions = [{"output_values": {"label": "a"}} for _ in page["tasks"]]
        await _ok(worker.post(f"/assignments/{page['id']}/submit", json={"solutions": solutions}))
    await client.post(f"/pools/{answered}/close")
    await _until_ended(client, answered)
    return Ready(mixed, suites, answered, person["user_id"])


async def _ok(sending: Any) -> Any:
    answer = await sending
    assert answer.is_success, answer.text
    return answer.json()


async def _until_ended(client: httpx.AsyncClient, pool_id: str) -> None:
    """The pool is closed, and its answers are counted."""
    until = time.monotonic() + _PATIENCE
    while (await _ok(client.get(f"/pools/{pool_id}")))["status"] != "CLOSED":
        assert time.monotonic() < until
        await asyncio.sleep(0.1)


def requests(ready: Ready, dice: random.Random) -> list[Sent]:
    """One request of every kind, in both modes where there are two."""
    found = []
    for route in (TASKS, SUITES, BONUSES):
        for asynchronous in (False, True):
            operation_id = _uuid(dice)
            items = [_item(route, ready, f"{operation_id} {number}") for number in range(ITEMS)]
            params = {"operation_id": operation_id, "async_mode": str(asynchronous).lower()}
            found.append(Sent(route, route, operation_id, params, json.dumps(items).encode(), asynchronous))
    operation_id = _uuid(dice)
    lines = [json.dumps({"input_values": {"item": f"{operation_id} {number}"}}) for number in range(ITEMS)]
    params = {"operation_id": operation_id, "format": "jsonl"}
    path = FILE.format(pool_id=ready.mixed)
    found.append(Sent(FILE, path, operation_id, params, "\n".join(lines).encode(), True))
    body = {"type": "DAWID_SKENE", "pool_id": ready.answered, "fields": [{"name": "label"}]}
    operation_id = _uuid(dice)
    content = json.dumps(body).encode()
    found.append(Sent(AGGREGATE, AGGREGATE, operation_id, {"operation_id": operation_id}, content, True))
    dice.shuffle(found)
    return found


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _item(route: str, ready: Ready, text: str) -> dict[str, Any]:
    if route == TASKS:
        return {"pool_id": ready.mixed, "input_values": {"item": text}, "overlap": 1}
    if route == SUITES:
        return {"pool_id": ready.suites, "tasks": [{"input_values": {"item": text}}], "overlap": 1}
    return {"user_id": ready.worker, "amount": AMOUNT, "private_comment": text, "without_message": True}


async def _send(client: httpx.AsyncClient, sent: Sent) -> Sent:
    """Send; without an answer when the server is gone."""
    try:
        answer = await client.post(sent.path, params=sent.params, content=sent.content)
    except httpx.TransportError:
        return sent
    # A server that is being killed may have lost its database first.
    assert answer.is_success or answer.status_code == 503, f"{sent.path}: {answer.text}"
    return replace(sent, answer=answer if answer.is_success else None)


async def _check(client: httpx.AsyncClient, data: Path, first: Sequence[Sent]) -> None:
    """Repeat everything, twice: each is done once, and whoever asks hears the same."""
    for sent in first:
        again = await client.post(sent.path, params=sent.params, content=sent.content)
        if sent.asynchronous:
            assert again.status_code in ({409} if sent.answer is not None else {202, 409}), again.text
            assert again.status_code == 202 or again.json()["code"] == "OPERATION_ALREADY_EXISTS"
        else:
            assert again.status_code == 201, again.text
            if sent.answer is not None:
                assert again.json() == sent.answer.json()
    ended = {sent.operation_id: await _ended(client, sent) for sent in first}
    with psycopg.connect(database_url(data)) as connection:
        for sent in first:
            assert _created(connection, sent) == (1 if sent.route == AGGREGATE else ITEMS), sent.path
            _money_moved_once(connection)
    for sent in first:
        again = await client.post(sent.path, params=sent.params, content=sent.content)
        assert again.status_code == (409 if sent.asynchronous else 201)
        assert await _ended(client, sent) == ended[sent.operation_id]


async def _ended(client: httpx.AsyncClient, sent: Sent) -> tuple[Any, Any]:
    """The operation, once it is over, and its log."""
    until = time.monotonic() + _PATIENCE
    while True:
        operation = await _ok(client.get(f"/operations/{sent.operation_id}"))
        if operation["status"] not in {"PENDING", "RUNNING"}:
            break
        assert time.monotonic() < until, operation
        await asyncio.sleep(0.05)
    assert (operation["status"], operation["progress"]) == ("SUCCESS", 100), operation
    log = await _ok(client.get(f"/operations/{sent.operation_id}/log"))
    if sent.route != AGGREGATE:
        assert operation["details"]["success_count"] == ITEMS
        ids = {tuple(entry["output"].values()) for entry in log if entry["success"]}
        assert (len(log), len(ids)) == (ITEMS, ITEMS)
    return operation, log


def _created(connection: psycopg.Connection[Any], sent: Sent) -> int:
    """How much of what was asked for is there."""
    if sent.route == AGGREGATE:
        query = "select count(*) from aggregation a join operation o on o.number = a.operation where o.id like %s"
    elif sent.route == BONUSES:
        query = "select count(*) from bonus where private_comment like %s"
    else:
        query = "select count(*) from task where input_values->>'item' like %s"
    row = connection.execute(query, (f"{sent.operation_id}%",)).fetchone()
    assert row is not None
    return int(row[0])


def _money_moved_once(connection: psycopg.Connection[Any]) -> None:
    """Bonuses, movements and what the worker has say the same."""
    row = connection.execute(
        "select (select coalesce(sum(amount), 0) from bonus), (select coalesce(sum(amount), 0) from transfer where"
        " kind = 7), (select sum(available) from worker_balance) - (select sum(amount) from transfer where kind = 4)"
    ).fetchone()
    assert row is not None
    assert row[0] == row[1] == row[2]
