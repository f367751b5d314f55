"""The application within the test's process, with clients for its requester and workers."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.types import ASGIApp

from talka.accounts.usecases import create_operator_key
from talka.app.asgi import create_app
from talka.app.owner import create_owner
from talka.infra.db import Database
from talka.infra.settings import Settings
from tests.support import answers
from tests.support.bodies import pool_body, project_body

PASSWORD = "long enough"


class Talka:
    """A started application. `requester` is the owner's client, `worker()` makes further people."""

    def __init__(self, app: ASGIApp, db: Database, requester: httpx.AsyncClient, account: dict[str, Any]) -> None:
        self.app = app
        self.db = db
        self.requester = requester
        self.account = account
        self._numbers = itertools.count(1)
        self._clients: list[httpx.AsyncClient] = [requester]

    @classmethod
    @asynccontextmanager
    async def start(cls, database_url: str, settings: Settings) -> AsyncIterator[Talka]:
        """Start the application on a migrated database."""
        edge = create_app(settings, database_url)
        inner: Any = edge.app.app  # type: ignore[attr-defined]
        async with inner.router.lifespan_context(inner):
            db: Database = inner.state.db
            account = await create_owner(db, settings)
            requester = _client(edge, f"ApiKey {account['api_key']}")
            talka = cls(edge, db, requester, account)
            try:
                yield talka
            finally:
                for client in talka._clients:
                    await client.aclose()

    async def worker(self, login: str | None = None, profile: dict[str, Any] | None = None) -> Worker:
        """A newly registered worker."""
        name = login or f"worker-{next(self._numbers)}"
        body = {"login": name, "password": PASSWORD, "profile": profile}
        answer = await self.anonymous().post("/api/worker/v1/register", json=body)
        assert answer.status_code == 201, answer.text
        client = _client(self.app, f"Bearer {answer.json()['token']}")
        self._clients.append(client)
        return Worker(client, answer.json()["user_id"])

    def anonymous(self) -> httpx.AsyncClient:
        """A client without credentials."""
        client = _client(self.app, None)
        self._clients.append(client)
        return client

    async def stranger(self) -> httpx.AsyncClient:
        """The client of another requester."""
        account = await create_owner(self.db, Settings(sandbox=True), email=f"other-{next(self._numbers)}@example.org")
        client = _client(self.app, f"ApiKey {account['api_key']}")
        self._clients.append(client)
        return client

    async def operator(self) -> httpx.AsyncClient:
        """The client of an operator."""
        async with self.db.transaction() as tx:
            _, key = await create_operator_key(tx, "tests")
        client = _client(self.app, f"ApiKey {key}")
        self._clients.append(client)
        return client

    async def project(self, **changes: Any) -> dict[str, Any]:
        """A new project."""
        return await self._created("/api/v1/projects", project_body(**changes))

    async def pool(self, project: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """A new, closed pool (of a new project when none is given)."""
        parent = project or await self.project()
        return await self._created("/api/v1/pools", pool_body(parent["id"], **changes))

    async def tasks(self, pool: dict[str, Any], count: int, *, open_pool: bool = True, **changes: Any) -> list[Any]:
        """New tasks `item-<n>` in a pool, which is opened unless told otherwise."""
        start = next(self._numbers) * 1_000_000
        items = [
            {"pool_id": pool["id"], "input_values": {"item": f"item-{start + number}"}, "overlap": 3, **changes}
            for number in range(count)
        ]
        answer = await self.requester.post("/api/v1/tasks", params={"open_pool": str(open_pool).lower()}, json=items)
        assert answer.status_code == 201, answer.text
        return list(answer.json()["items"].values())

    async def drain(self) -> None:
        """Wait until nothing is due now."""
        answer = await self.requester.post("/api/sandbox/v1/drain")
        assert answer.status_code == 200, answer.text

    async def advance(self, seconds: float) -> None:
        """Travel ahead in time."""
        answer = await self.requester.post("/api/sandbox/v1/clock/advance", json={"seconds": seconds})
        assert answer.status_code == 200, answer.text

    async def _created(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.requester.post(path, json=body)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created


class Worker:
    """A worker's client; paths are below /api/worker/v1."""

    def __init__(self, client: httpx.AsyncClient, user_id: str) -> None:
        self.client = client
        self.user_id = user_id

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        """GET."""
        return await self.client.get(f"/api/worker/v1{path}", **kwargs)

    async def post(self, path: str, json: Any = None) -> httpx.Response:
        """POST."""
        return await self.client.post(f"/api/worker/v1{path}", json=json)

    async def take(self, pool: dict[str, Any]) -> httpx.Response:
        """Take a page."""
        return await self.post(f"/pools/{pool['id']}/assignments")

    async def submit(self, page: dict[str, Any], label: Any = "a") -> httpx.Response:
        """Answer every task of a page with the same label."""
        solutions = [{"output_values": {"label": label}} for _ in page["tasks"]]
        return await self.post(f"/assignments/{page['id']}/submit", {"solutions": solutions})


def _client(app: ASGIApp, authorization: str | None) -> httpx.AsyncClient:
    headers = {"authorization": authorization} if authorization else {}
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(
        transport=transport,
        base_url="http://talka.test",
        headers=headers,
        timeout=120,
        event_hooks={"response": [answers.check]},
    )
