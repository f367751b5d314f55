"""One run: people on pools until nothing is left, with invariants sampled all the while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from tests.races import checks
from tests.races.people import CLOSED, EXHAUSTED, Person, World
from tests.support.bodies import pool_body, project_body

PEOPLE = 64
PATIENCE = 120.0
DURATION = 600
Meddler = Callable[["Run"], Coroutine[Any, Any, None]]
FREE_TEXT = {"item": {"type": "string"}}, {"label": {"type": "string"}}


@dataclass(slots=True)
class Run:
    """A world with its people, pools and a requester."""

    world: World
    requester: httpx.AsyncClient
    connection: checks.Connection
    people: list[Person] = field(default_factory=list)
    pools: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def start(cls, world: World, api_key: str, database_url: str, people: int = PEOPLE) -> AsyncIterator[Run]:
        """Sign everybody up."""
        headers = {"authorization": f"ApiKey {api_key}"}
        async with httpx.AsyncClient(base_url=world.url, headers=headers, timeout=120, trust_env=False) as requester:
            run = cls(world, requester, await checks.connect(database_url))
            world.up.set()
            run.people = [Person(world, number) for number in range(people)]
            await asyncio.gather(*(person.register() for person in run.people))
            try:
                yield run
            finally:
                await run.connection.close()
                for person in run.people:
                    await person.client.aclose()

    async def project(self, requester: httpx.AsyncClient | None = None, **changes: Any) -> str:
        """A project whose answers are free text; its id."""
        inputs, outputs = FREE_TEXT
        body = project_body(max_active_assignments_count=self.world.at_once, **changes)
        body["task_spec"] = {**body["task_spec"], "input_spec": inputs, "output_spec": outputs}
        return str((await self._created("/api/v1/projects", body, requester))["id"])

    async def pool(self, project_id: str, requester: httpx.AsyncClient | None = None, **changes: Any) -> str:
        """A closed pool; its id."""
        mixer = {"real_tasks_count": 4, "golden_tasks_count": 0, "training_tasks_count": 0}
        settings = {"assignment_max_duration_seconds": DURATION, "mixer_config": mixer, **changes}
        found = await self._created("/api/v1/pools", pool_body(project_id, **settings), requester)
        self.pools.append(found["id"])
        return str(found["id"])

    async def upload(
        self,
        items: Sequence[dict[str, Any]],
        path: str = "tasks",
        requester: httpx.AsyncClient | None = None,
        *,
        open_pool: bool = True,
    ) -> list[str]:
        """New tasks or suites; their ids."""
        params = {"open_pool": str(open_pool).lower()}
        answer = await (requester or self.requester).post(f"/api/v1/{path}", params=params, json=items)
        assert answer.status_code == 201, answer.text
        made = [item["id"] for item in answer.json()["items"].values()]
        self.tasks.extend(made)
        return made

    async def _created(self, path: str, body: Any, requester: httpx.AsyncClient | None) -> Any:
        answer = await (requester or self.requester).post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def until_done(self, *meddlers: Meddler, meanwhile: asyncio.Event | None = None) -> None:
        """Let people work, and others meddle, until nothing is left; invariants are looked at all the while.

        With `meanwhile` not before that event.
        """
        started = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for person in self.people:
                group.create_task(person.live(self.pools))
            helpers = [group.create_task(meddler(self)) for meddler in meddlers]
            await self._watch(started, meanwhile)
            self.world.stop.set()
            for helper in helpers:
                helper.cancel()
        self.world.counts["ms"] = int((time.monotonic() - started) * 1000)

    async def _watch(self, started: float, meanwhile: asyncio.Event | None) -> None:
        while True:
            await self.world.up.wait()
            try:
                await checks.always(self.connection)
            except psycopg.OperationalError:
                assert self.world.fragile
                await asyncio.sleep(0.1)
                continue
            due = meanwhile is None or meanwhile.is_set()
            if due and await checks.nothing_left(self.connection):
                return
            waited = time.monotonic() - started
            assert waited < PATIENCE, f"not done after {waited:.0f} s: {dict(self.world.counts)}"
            await asyncio.sleep(0.2)

    async def reconnect(self, database_url: str) -> None:
        """The server is back: look at its database anew."""
        await self.connection.close()
        self.connection = await checks.connect(database_url)

    async def settle(self, *, complete: bool = True) -> None:
        """The last word: everybody hears that there is nothing, and everything adds up."""
        await self.advance(DURATION + 1)
        refusals = set()
        for person in self.people:
            for pool_id in self.pools:
                answer = await person.post(f"/pools/{pool_id}/assignments")
                refusals.add(answer.json().get("code", answer.status_code))
        assert refusals <= {EXHAUSTED, CLOSED}, refusals
        await checks.ended(self.connection, self.people, complete=complete)
        deadlocks = await checks.deadlocks(self.connection)
        print({**self.world.counts, "deadlocks": deadlocks})
        assert deadlocks == 0

    async def advance(self, seconds: float) -> None:
        """Travel in time; what is at work expires if it is far enough."""
        answer = await self.requester.post("/api/sandbox/v1/clock/advance", json={"seconds": seconds})
        assert answer.status_code == 200, answer.text


async def time_flies(run: Run) -> None:
    """Let the time of every page run out now and then."""
    run.world.hurried = True
    while True:
        await asyncio.sleep(0.8)
        await run.advance(DURATION + 1)


def general(pool_id: str, count: int, overlap: int = 3, **more: Any) -> list[dict[str, Any]]:
    """Bodies of general tasks."""
    return [
        {"pool_id": pool_id, "input_values": {"item": f"item {number}"}, "overlap": overlap, **more}
        for number in range(count)
    ]


def control(pool_id: str, count: int, overlap: int | None) -> list[dict[str, Any]]:
    """Bodies of control tasks; overlap None is unlimited."""
    amount: dict[str, Any] = {"infinite_overlap": True} if overlap is None else {"overlap": overlap}
    known = [{"output_values": {"label": "a"}}]
    return [
        {"pool_id": pool_id, "input_values": {"item": f"control {number}"}, "known_solutions": known, **amount}
        for number in range(count)
    ]
