"""Workers in a hurry: they take twice, skip, leave, forget, answer again, and remember what they were told."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

EXHAUSTED, CLOSED = "POOL_ASSIGNMENTS_EXHAUSTED", "POOL_INAPPROPRIATE_STATUS"
TOO_MANY, OVER = "TOO_MANY_ACTIVE_ASSIGNMENTS", "INAPPROPRIATE_STATUS"
PASSWORD = "long enough"


@dataclass(frozen=True, slots=True)
class Habits:
    """How often people do what; the rest of the time they just answer."""

    skip: float = 0.06
    leave: float = 0.05
    forget: float = 0.03
    clash: float = 0.05
    twice: float = 0.2
    clicks: float = 0.15


@dataclass(slots=True)
class World:
    """What people share: where the server is, whether it is up, what they count."""

    url: str
    seed: int
    habits: Habits = field(default_factory=Habits)
    at_once: int = 1
    fragile: bool = False
    """The server may vanish: unanswered requests are repeated once it is back."""
    hurried: bool = False
    """Time may fly between two clicks of one worker."""
    up: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    counts: Counter[str] = field(default_factory=Counter)


class Person:
    """One worker with connections of their own."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number
        self.dice = random.Random(f"{world.seed} {number}")
        limits = httpx.Limits(max_connections=4)
        self.client = httpx.AsyncClient(base_url=world.url, limits=limits, timeout=60, verify=False, trust_env=False)
        self.user_id = ""
        self.done: set[str] = set()
        self.skipped: set[str] = set()
        self.forgotten: set[str] = set()
        self.acknowledged: dict[str, list[str]] = {}
        self.sent: dict[str, list[str]] = {}

    async def register(self) -> None:
        """Sign up."""
        body = {"login": f"person-{self.number}", "password": PASSWORD}
        answer = await self.client.post("/api/worker/v1/register", json=body)
        assert answer.status_code == 201, answer.text
        self.user_id = answer.json()["user_id"]
        self.client.headers["authorization"] = f"Bearer {answer.json()['token']}"

    async def live(self, pools: Sequence[str]) -> None:
        """Take and act until the world stops."""
        while not self.world.stop.is_set():
            pages = await self.take(self.dice.choice(pools))
            for page in pages:
                await self.act(page)
            if not pages:
                await asyncio.sleep(self.dice.uniform(0.05, 0.4))

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        """POST below the worker API."""
        return await self._call("POST", path, body)

    async def _call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A request below the worker API; in a fragile world again until there is an answer."""
        while True:
            if self.world.fragile:
                await self.world.up.wait()
            try:
                answer = await self.client.request(method, f"/api/worker/v1{path}", json=body)
            except httpx.TransportError:
                if not self.world.fragile:
                    raise
                self.world.counts["lost"] += 1
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 503 and self.world.fragile:
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code < 500, f"{path}: {answer.status_code} {answer.text}"
            return answer

    async def take(self, pool_id: str) -> list[dict[str, Any]]:
        """Pages that were taken with one click or several at once, or that were still at work."""
        clicks = 3 if self.dice.random() < self.world.habits.clicks else 1
        answers = await asyncio.gather(*(self.post(f"/pools/{pool_id}/assignments") for _ in range(clicks)))
        pages = [answer.json() for answer in answers if answer.status_code == 201]
        self.world.counts["taken"] += len(pages)
        # One of several clicks may come to the server late: by then the page of another one may be over.
        late = self.world.hurried or self.world.fragile
        assert late or len(pages) <= self.world.at_once, "more pages at work than allowed"
        for answer in answers:
            if answer.status_code != 201:
                await self._refused(answer, pages)
        tasks = [task["id"] for page in pages for task in page["tasks"]]
        assert late or len(tasks) == len(set(tasks)), "the same task on two pages"
        assert not self.done & set(tasks), "a task that this worker has answered"
        assert not self.skipped & set(tasks), "a task that this worker has skipped"
        return pages

    async def _refused(self, answer: httpx.Response, pages: list[dict[str, Any]]) -> None:
        code = answer.json()["code"]
        self.world.counts[code] += 1
        assert (answer.status_code, code in {EXHAUSTED, CLOSED, TOO_MANY}) == (409, True), answer.text
        if code != TOO_MANY:
            return
        known = {page["id"] for page in pages} | self.forgotten
        for assignment_id in answer.json()["payload"]["active_assignment_ids"]:
            if assignment_id not in known and self.world.fragile:
                found = await self._call("GET", f"/assignments/{assignment_id}")
                if found.status_code == 200 and found.json()["status"] == "ACTIVE":
                    pages.append(found.json())

    async def act(self, page: Mapping[str, Any]) -> None:
        """Do with a page what the dice say."""
        habits, throw = self.world.habits, self.dice.random()
        choices = ((habits.skip, self.skip), (habits.leave, self.leave), (habits.forget, self.forget))
        for chance, act in (*choices, (habits.clash, self.clash)):
            if throw < chance:
                return await act(page)
            throw -= chance
        return await self.submit(page)

    async def skip(self, page: Mapping[str, Any]) -> None:
        """Skip, sometimes with a double click."""
        clicks = self.dice.choice((1, 1, 2))
        answers = await asyncio.gather(*(self.post(f"/assignments/{page['id']}/skip") for _ in range(clicks)))
        self._note_left(page, answers, self.skipped)

    async def leave(self, page: Mapping[str, Any]) -> None:
        """Exit; the tasks may come again."""
        self._note_left(page, [await self.post(f"/assignments/{page['id']}/exit")], set())

    def _note_left(self, page: Mapping[str, Any], answers: Sequence[httpx.Response], into: set[str]) -> None:
        assert len({answer.status_code for answer in answers}) == 1, "two clicks, two truths"
        if answers[0].status_code == 200:
            into.update(task["id"] for task in page["tasks"])
        else:
            self._over(answers[0])

    async def forget(self, page: Mapping[str, Any]) -> None:
        """Let the time run out."""
        self.forgotten.add(page["id"])

    async def clash(self, page: Mapping[str, Any]) -> None:
        """Submit and go at the same moment: one of them holds."""
        how = self.dice.choice(("skip", "exit"))
        body = self._answers(page)
        answered, left = await asyncio.gather(
            self.post(f"/assignments/{page['id']}/submit", body), self.post(f"/assignments/{page['id']}/{how}")
        )
        assert (answered.status_code, left.status_code) != (200, 200), "both submitted and left"
        if answered.status_code == 200:
            self._note_submitted(page, body)
        else:
            self._over(answered)
        if left.status_code == 200 and how == "skip":
            self.skipped.update(task["id"] for task in page["tasks"])

    async def submit(self, page: Mapping[str, Any]) -> None:
        """Answer, sometimes several times at once or once more with other words."""
        await asyncio.sleep(self.dice.uniform(0, 0.01))
        times = 3 if self.dice.random() < self.world.habits.twice else 1
        body = self._answers(page)
        path = f"/assignments/{page['id']}/submit"
        answers = await asyncio.gather(*(self.post(path, body) for _ in range(times)))
        assert len({answer.status_code for answer in answers}) == 1, "the same answer, two truths"
        if answers[0].status_code != 200:
            return self._over(answers[0])
        self._note_submitted(page, body)
        if self.dice.random() < 0.05:
            other = {"solutions": [{"output_values": {"label": "other"}} for _ in page["tasks"]]}
            self._over(await self.post(path, other))
        return None

    def _answers(self, page: Mapping[str, Any]) -> dict[str, Any]:
        if page["id"] not in self.sent:
            self.sent[page["id"]] = [f"{self.number} {page['id']} {task['id']}" for task in page["tasks"]]
        return {"solutions": [{"output_values": {"label": text}} for text in self.sent[page["id"]]]}

    def _note_submitted(self, page: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        self.world.counts["submitted"] += 1
        self.acknowledged[page["id"]] = [solution["output_values"]["label"] for solution in body["solutions"]]
        self.done.update(task["id"] for task in page["tasks"])

    def _over(self, answer: httpx.Response) -> None:
        self.world.counts["over"] += 1
        assert (answer.status_code, answer.json()["code"]) == (409, OVER), answer.text
