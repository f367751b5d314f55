"""Background work: loops that carry out what is due, one small transaction after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
import structlog
from psycopg import sql

from talka.infra.db import Database
from talka.kit.errors import TalkaError

log = structlog.get_logger("talka.jobs")
IDLE_SECONDS = 0.25
"""How long a loop rests when nothing was due; notices wake it earlier."""
_PATIENCE_SECONDS = 60.0
_HOLD_OFF = 4
"""Advisory lock: shared by loops at work, exclusive to time travel."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again and again.

    `run` does one batch and says whether there was one. `due` is an SQL expression for the moment at which there
    is something to do (a past one for at once, null when nothing is planned), so that one statement can ask for all.
    """

    name: str
    run: Callable[[Database], Awaitable[bool]]
    due: LiteralString


async def due_moments(db: Database, jobs: Sequence[Job]) -> tuple[datetime, dict[str, datetime]]:
    """The time, and when which job has something to do next."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} as {}").format(sql.SQL(f"({job.due})"), sql.Identifier(job.name)) for job in jobs
    )
    async with db.reading() as tx:
        row = await tx.row(sql.SQL("select {}").format(columns)) or {}
        return tx.now, {name: moment for name, moment in row.items() if moment is not None}


async def run_due(db: Database, jobs: Sequence[Job]) -> bool:
    """Carry out one batch of every job that is due; whether there was any."""
    now, moments = await due_moments(db, jobs)
    worked = [await job.run(db) for job in jobs if job.name in moments and moments[job.name] <= now]
    return any(worked)


async def loop(db: Database, jobs: Sequence[Job], wake: asyncio.Event) -> None:
    """Carry out `jobs` whenever they are due, until cancelled; errors are logged and tried again."""
    while True:
        try:
            worked = await _one_pass(db, jobs)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("background work failed", jobs=[job.name for job in jobs])
            worked = False
            await asyncio.sleep(1)
        if not worked:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), IDLE_SECONDS)
            wake.clear()


async def _one_pass(db: Database, jobs: Sequence[Job]) -> bool:
    if not db.sandbox:
        return await run_due(db, jobs)
    async with db.transaction() as guard:
        if not await guard.value("select pg_try_advisory_xact_lock_shared(%s, 0)", (_HOLD_OFF,)):
            return False
        return await run_due(db, jobs)


async def listen(conninfo: str, channel: str, wakes: Sequence[asyncio.Event]) -> None:
    """Set `wakes` on every notice of the channel, until cancelled; reconnects by itself."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as conn:
                await conn.execute(f"listen {channel}".encode())
                async for _ in conn.notifies():
                    for wake in wakes:
                        wake.set()
        except psycopg.OperationalError as error:
            log.warning("lost the connection that listens for work", error=str(error))
            await asyncio.sleep(1)


async def drain(db: Database, jobs: Sequence[Job]) -> None:
    """Wait until nothing is due now.

    Raises:
        TalkaError: REMOTE_SERVICE_UNAVAILABLE after a minute, saying what is left.
    """
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while True:
        while await run_due(db, jobs):
            pass
        now, moments = await due_moments(db, jobs)
        left = [name for name, moment in moments.items() if moment <= now]
        if not left:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise TalkaError("REMOTE_SERVICE_UNAVAILABLE", f"Still at work: {', '.join(left)}", {"left": left})
        await asyncio.sleep(0.02)


async def travel(db: Database, jobs: Sequence[Job], seconds: float) -> None:
    """Move the sandbox clock ahead, from due moment to due moment, carrying out what each one causes."""
    async with db.transaction() as guard:
        await guard.rows("select pg_advisory_xact_lock(%s, 0)", (_HOLD_OFF,))
        async with db.reading() as tx:
            target = tx.now + timedelta(seconds=seconds)
        while True:
            await drain(db, jobs)
            _, moments = await due_moments(db, jobs)
            upcoming = [moment for moment in moments.values() if moment <= target]
            if not upcoming:
                break
            await _set_clock(db, min(upcoming))
        await _set_clock(db, target)
        await drain(db, jobs)


async def _set_clock(db: Database, moment: datetime) -> None:
    async with db.reading() as tx:
        ahead = int((moment - tx.now) / timedelta(milliseconds=1))
        await tx.execute("update clock set offset_ms = offset_ms + greatest(%s, 0)", (ahead,))
