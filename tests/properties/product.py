"""Talka as property tests drive it: the requester over HTTP, workers through the use cases, time by travelling."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy
from tests.support.app import Talka
from tests.support.bodies import pool_body, project_body

from talka.accounts import store as account_store
from talka.accounts import usecases as accounts
from talka.accounts.model import Worker
from talka.app.asgi import open_blobs
from talka.app.background import everything
from talka.assignments import usecases as assignments
from talka.infra import jobs
from talka.infra.db import Row, Tx
from talka.infra.outbound import Outbound
from talka.infra.settings import Settings
from talka.issuing import usecases as issuing
from talka.kit.errors import TalkaError
from talka.kit.ids import work_id

Result = TypeVar("Result")
Example = TypeVar("Example")
_SOAK = os.environ.get("TALKA_SOAK")
_SOAK_EXAMPLES = 3_000


def explore(check: Callable[[Example], None], examples: SearchStrategy[Example], count: int) -> None:
    """Check `count` examples, always the same; with TALKA_SOAK=<seed> thousands of others."""
    wanted = settings(
        max_examples=_SOAK_EXAMPLES if _SOAK else count,
        derandomize=_SOAK is None,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    tested = given(examples)(check)
    wanted(seed(int(_SOAK))(tested) if _SOAK else tested)()


class Product:
    """A started application, its owner, and workers by number."""

    def __init__(self, runner: asyncio.Runner, talka: Talka, settings: Settings, workers: Sequence[Worker]) -> None:
        self._runner = runner
        self._talka = talka
        self._fee_percent = settings.fee_percent
        self._jobs = everything(settings, open_blobs(settings), Outbound())
        self._requester = talka.requester
        self.db = talka.db
        self.workers = workers

    @classmethod
    @contextmanager
    def start(cls, database_url: str, data: Path, workers: int, fee_percent: Decimal = Decimal(0)) -> Iterator[Product]:
        """Start on a migrated database, with this many workers."""
        wanted = Settings(data=data, sandbox=True, fee_percent=fee_percent, log_level="error")
        with asyncio.Runner() as runner:
            started = Talka.start(database_url, wanted)
            talka = runner.run(started.__aenter__())
            try:
                people = runner.run(_people(talka, workers))
                yield cls(runner, talka, wanted, people)
            finally:
                runner.run(started.__aexit__(None, None, None))

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run in the loop of the application."""
        return self._runner.run(work)

    def change_people(self) -> int:
        """From now on another requester, without money, and as many other workers; the number of the account."""
        account_id, key = self.within(lambda tx: accounts.create_account(tx, f"{uuid.uuid4()}@example.org"))
        self._requester = self._talka.anonymous()
        self._requester.headers["authorization"] = f"ApiKey {key.api_key}"
        self.workers = self.run(_people(self._talka, len(self.workers)))
        return account_id

    def call(self, method: str, path: str, json: Any = None, **params: str) -> httpx.Response:
        """A call of the requester; paths are below /api/v1."""
        return self.run(self._requester.request(method, f"/api/v1{path}", json=json, params=params))

    def done(self, method: str, path: str, json: Any = None, **params: str) -> Any:
        """The same, of one that succeeds: its body."""
        answer = self.call(method, path, json, **params)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def pool(self, max_active: int, **changes: Any) -> str:
        """A new, closed pool of a project of its own, which does not close by itself for three days."""
        project = self.done("POST", "/projects", project_body(max_active_assignments_count=max_active))
        body = {"auto_close_after_complete_delay_seconds": 259_200, **changes}
        created: str = self.done("POST", "/pools", pool_body(project["id"], **body))["id"]
        return created

    def take(self, pool_id: str, worker: int) -> Row:
        """A page, as `issue_page` gives it, with `page_id`.

        Raises:
            TalkaError: there is none.
        """
        page = self.run(issuing.take(self.db, self.workers[worker], pool_id, self._fee_percent))
        return {**page.row, "page_id": work_id(page.pool_id, page.row["assignment_id"])}

    def submit(self, page_id: str, worker: int, count: int, label: str = "a") -> None:
        """Answer all `count` tasks of a page."""
        body = {"solutions": [{"output_values": {"label": label}}] * count}
        worker_id = self.workers[worker].id

        async def work() -> None:
            async with self.db.reading(hot=True) as tx:
                await assignments.submit(tx, worker_id, page_id, body)

        self.run(work())

    def skip(self, page_id: str, worker: int) -> None:
        """Give a page up."""
        self.within(lambda tx: assignments.skip(tx, self.workers[worker].id, page_id))

    def leave(self, page_id: str, worker: int) -> None:
        """Leave a page."""
        self.within(lambda tx: assignments.leave(tx, self.workers[worker].id, page_id))

    def within(self, work: Callable[[Tx], Coroutine[Any, Any, Result]]) -> Result:
        """Run in a transaction."""
        return self.run(self.db.retrying(work))

    def rows(self, query: Any, *params: Any) -> list[Row]:
        """Rows of a query."""
        return self.reading(lambda tx: tx.rows(query, params))

    def reading(self, work: Callable[[Tx], Coroutine[Any, Any, Result]]) -> Result:
        """Run single statements."""

        async def look() -> Result:
            async with self.db.reading() as tx:
                return await work(tx)

        return self.run(look())

    def advance(self, seconds: float) -> None:
        """Travel ahead in time."""
        self.run(jobs.travel(self.db, self._jobs, seconds))

    def user_id(self, worker: int) -> str:
        """The id under which requesters know a worker."""
        return self.workers[worker].user_id


def refusal(work: Callable[[], object]) -> TalkaError | None:
    """The error with which something was refused; None when it was done."""
    try:
        work()
    except TalkaError as error:
        return error
    return None


async def _people(talka: Talka, count: int) -> list[Worker]:
    """Workers who never sign in."""
    found = []
    async with talka.db.transaction() as tx:
        for _ in range(count):
            user_id = uuid.uuid4()
            worker_id = await account_store.insert_worker(tx, user_id, user_id.hex, "none", {}, {})
            assert worker_id is not None
            found.append(Worker(worker_id, user_id.hex))
    return found
