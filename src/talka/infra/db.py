"""The database: connection pools, transactions that only this module commits, and the events in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, LiteralString, TypeVar

import orjson
import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from talka.infra import clock
from talka.infra.functions import SEARCH_PATH
from talka.kit.errors import TalkaError

set_json_loads(orjson.loads)
set_json_dumps(orjson.dumps)

Result = TypeVar("Result")
Row = dict[str, Any]
Query = LiteralString | sql.SQL | sql.Composed
Params = Sequence[Any] | Mapping[str, Any] | None

# Take and submit are short and always want the index: with the planner free to choose, statistics of an
# empty table (every new installation) lead to sequential scans until the first analyse.
_HOT = (
    "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
    " -c jit=off -c plan_cache_mode=force_generic_plan"
)
_COMMON = f"-c search_path={SEARCH_PATH} -c timezone=UTC -c datestyle=ISO -c jit=off -c application_name=talka"
_RETRIES = 3
_REPEATABLE = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
)


class Repeat(Exception):  # noqa: N818 - reads as the order it is
    """The transaction must be begun again: it took too weak a lock, and two that strengthen theirs wait in a circle."""


@dataclass(slots=True)
class Tx:
    """One transaction: its connection, the time at which it acts, and the events it recorded."""

    conn: AsyncConnection[Row]
    now: datetime
    events: list[object] = field(default_factory=list)
    # What this process remembers of the database: things that never change once they are there.
    memory: dict[Any, Any] = field(default_factory=dict)

    async def rows(self, query: Query, params: Params = None) -> list[Row]:
        """All rows."""
        return await (await self.conn.execute(query, params)).fetchall()

    async def row(self, query: Query, params: Params = None) -> Row | None:
        """The first row, or None."""
        return await (await self.conn.execute(query, params)).fetchone()

    async def value(self, query: Query, params: Params = None) -> Any:
        """The first column of the first row, or None."""
        row = await self.row(query, params)
        return next(iter(row.values())) if row else None

    async def execute(self, query: Query, params: Params = None) -> int:
        """Run a statement; the number of rows it touched."""
        return (await self.conn.execute(query, params)).rowcount

    def record(self, event: object) -> None:
        """Note that something happened; the reactions to it run in this transaction, before the commit."""
        self.events.append(event)


Reaction = Callable[[Tx, Any], Awaitable[None]]
Reactions = Mapping[type, Sequence[Reaction]]


class Database:
    """Two pools of connections to one PostgreSQL: one for take and submit, one for everything else."""

    def __init__(
        self,
        conninfo: str,
        *,
        sandbox: bool = False,
        hot_connections: int = 8,
        connections: int = 12,
        reactions: Reactions | None = None,
    ) -> None:
        self.conninfo = conninfo
        self.sandbox = sandbox
        self._reactions = reactions or {}
        # What this process remembers; see `Tx.memory`.
        self.memory: dict[Any, Any] = {}
        self._main = _pool(conninfo, _COMMON, connections)
        self._hot = _pool(conninfo, f"{_COMMON} {_HOT}", hot_connections)

    async def open(self) -> None:
        """Connect both pools.

        Raises:
            TalkaError: REMOTE_SERVICE_UNAVAILABLE when the database cannot be reached within 30 s.
        """
        try:
            await self._main.open(wait=True, timeout=30)
            await self._hot.open(wait=True, timeout=30)
        except PoolTimeout as error:
            await self.close()
            raise TalkaError("REMOTE_SERVICE_UNAVAILABLE", "The database cannot be reached") from error

    async def close(self) -> None:
        """Close all connections."""
        await self._main.close()
        await self._hot.close()

    @asynccontextmanager
    async def transaction(self, *, hot: bool = False) -> AsyncIterator[Tx]:
        """One transaction; it commits when the block ends and rolls back when the block raises."""
        async with self._connection(hot) as conn, conn.transaction():
            tx = Tx(conn, await self.now(conn), memory=self.memory)
            yield tx
            await self._react(tx)

    def reading(self, *, hot: bool = False) -> _Reading:
        """Single statements, each its own transaction; for reads and for calls of one SQL function."""
        return _Reading(self, self._hot if hot else self._main)

    async def retrying(self, work: Callable[[Tx], Awaitable[Result]]) -> Result:
        """Run `work` in a transaction, again when it was undone (deadlock, serialisation) or asks for it (`Repeat`)."""
        for _ in range(_RETRIES):
            try:
                async with self.transaction() as tx:
                    return await work(tx)
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, Repeat):
                continue
        try:
            async with self.transaction() as tx:
                return await work(tx)
        except Repeat as error:
            text = "Others are changing the same thing all the time; try again"
            raise TalkaError("REMOTE_SERVICE_UNAVAILABLE", text) from error

    async def _react(self, tx: Tx) -> None:
        while tx.events:
            event = tx.events.pop(0)
            for reaction in self._reactions.get(type(event), ()):
                await reaction(tx, event)

    async def now(self, conn: AsyncConnection[Row]) -> datetime:
        """The time of the domain, as a transaction on this connection sees it."""
        if not self.sandbox:
            return clock.wall()
        row = await (await conn.execute("select offset_ms from clock")).fetchone()
        return clock.domain(row["offset_ms"] if row else 0)

    @asynccontextmanager
    async def _connection(self, hot: bool) -> AsyncIterator[AsyncConnection[Row]]:
        try:
            async with (self._hot if hot else self._main).connection() as conn:
                yield conn
        except (PoolTimeout, psycopg.OperationalError) as error:
            _explain(error)
            raise


class _Reading:
    """What `Database.reading` gives: like a generator of it, at a third of the cost in the hot path."""

    __slots__ = ("_conn", "_db", "_pool")

    def __init__(self, db: Database, pool: AsyncConnectionPool[AsyncConnection[Row]]) -> None:
        self._db = db
        self._pool = pool

    async def __aenter__(self) -> Tx:
        try:
            self._conn = await self._pool.getconn()
            try:
                return Tx(self._conn, await self._db.now(self._conn), memory=self._db.memory)
            except BaseException:
                await self._pool.putconn(self._conn)
                raise
        except (PoolTimeout, psycopg.OperationalError) as error:
            _explain(error)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.putconn(self._conn)
        if isinstance(error, PoolTimeout | psycopg.OperationalError):
            _explain(error)


def _explain(error: Exception) -> None:
    """Say that there is no database, except where a lock was not got, which goes on as it is: it can be repeated."""
    if not isinstance(error, _REPEATABLE):
        raise TalkaError("REMOTE_SERVICE_UNAVAILABLE", "The database cannot be reached now") from error


def _pool(conninfo: str, options: str, size: int) -> AsyncConnectionPool[AsyncConnection[Row]]:
    return AsyncConnectionPool(
        conninfo,
        min_size=min(2, size),
        max_size=size,
        open=False,
        timeout=20,
        max_idle=600,
        kwargs={"autocommit": True, "row_factory": dict_row, "options": options, "prepare_threshold": 2},
    )
