"""The fixed floor of take + submit: its own database on the product's server, driven by pgbench."""

from __future__ import annotations

import re
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from talka.infra.embedded import binaries

CLIENTS = 8
OVERLAP = 40
"""How often each task is issued: with it the smallest pool lasts for the longest run of the floor."""
_HERE = Path(__file__).parent
_CYCLE = _HERE / "floor.sql"
_SCHEMA = _HERE / "floor_schema.sql"
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_COUNT = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)


class FloorError(Exception):
    """The floor could not be measured; the message says why."""


@dataclass(frozen=True)
class FloorRun:
    """One run of pgbench; `cpu_seconds` are those of pgbench itself."""

    cycles: int
    cycles_per_second: float
    cpu_seconds: float


@contextmanager
def side_database(conninfo: str, name: str) -> Iterator[str]:
    """A new database beside the one of `conninfo`, dropped at the end; gives its connection string."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        connection.execute(drop)
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        try:
            yield make_conninfo(conninfo, dbname=name)
        finally:
            connection.execute(drop)


def statements(path: Path) -> sql.SQL:
    """The text of an SQL file of this folder."""
    return sql.SQL(path.read_text(encoding="utf-8"))


class Floor:
    """The floor's pool of one size, in a database made for it."""

    def __init__(self, conninfo: str, tasks: int) -> None:
        self._conninfo = conninfo
        self._tasks = tasks
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(sql.SQL("drop schema public cascade; create schema public"))
            connection.execute(statements(_SCHEMA))

    def fill(self) -> None:
        """Make the pool as new, with statistics and nothing left to write."""
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute("call fill(%s, %s)", (self._tasks, OVERLAP))
            connection.execute("vacuum (analyze)")
            connection.execute("checkpoint")

    def run(self, seconds: int) -> FloorRun:
        """Run take + submit for that long in the pool as `fill` left it.

        Raises FloorError when pgbench fails or the answers do not add up.
        """
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(self._pgbench(seconds), capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        rate, count = _RATE.search(done.stdout), _COUNT.search(done.stdout)
        if done.returncode != 0 or rate is None or count is None:
            raise FloorError(f"pgbench failed: {done.stderr.strip() or done.stdout.strip()}")
        self._check(int(count[1]))
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return FloorRun(int(count[1]), float(rate[1]), cpu)

    def _pgbench(self, seconds: int) -> list[str]:
        parts = conninfo_to_dict(self._conninfo)
        names = {"host": "--host", "port": "--port", "user": "--username"}
        where = [f"{option}={parts[name]}" for name, option in names.items() if parts.get(name)]
        variables = {"tasks": self._tasks, "clients": CLIENTS, "worker": -1, "last": 0}
        return [
            str(binaries() / "pgbench"),
            *where,
            "--no-vacuum",
            "--protocol=prepared",
            f"--client={CLIENTS}",
            "--jobs=1",
            f"--time={seconds}",
            f"--file={_CYCLE}",
            *(f"--define={name}={value}" for name, value in variables.items()),
            str(parts["dbname"]),
        ]

    def _check(self, cycles: int) -> None:
        """A floor that did not do its work would be no floor."""
        with psycopg.connect(self._conninfo) as connection:
            row = connection.execute(
                "select (select count(*) from assignment where status = 1),"
                " (select count(*) from ledger), (select sum(amount) from ledger),"
                " (select sum(taken) from queue), (select sum(cardinality(task_ids)) from assignment)"
            ).fetchone()
        assert row is not None
        answered, lines, balance, taken, issued = row
        # A worker at the very end of the pool gets a short page or none.
        if answered < 0.98 * cycles or lines != 2 * answered or balance != 0 or taken != issued:
            raise FloorError(f"The floor did not add up after {cycles} cycles: {row}")
