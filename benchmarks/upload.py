"""Asynchronous upload of tasks beside COPY of the very rows that it made into tables of the same shape."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from benchmarks import accounting, api
from benchmarks.floor import side_database
from benchmarks.own_process import in_own_process
from benchmarks.product import Product, product
from benchmarks.report import Figure, Target
from benchmarks.scale import ROUNDS, Scale
from talka.infra.embedded import binaries

_TABLES = ("task", "queue")
_PUT_OFF = 10.0


@dataclass(frozen=True)
class _Copy:
    """Copy the pool's rows from one database to another."""

    source: str
    target: str
    pool_id: int


@dataclass(frozen=True)
class _Copied:
    rows: int
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class _Round:
    uploaded: api.Uploaded
    cpu: Mapping[str, float]
    copied: _Copied
    floor_database_cpu: float


def measure(scale: Scale, say: Callable[[str], None]) -> list[Figure]:
    """Tasks per second from the first byte to the last operation's success, and CPU per task."""
    tasks = scale.upload_batches * api.BATCH
    with product() as talka, side_database(talka.conninfo, "floor") as floor_conninfo:
        _same_shape(talka.conninfo, floor_conninfo)
        project_id = api.create_project(talka.address)
        _upload(talka, project_id, api.BATCH)  # the first batch after a start is no measure
        rounds = []
        for number in range(1, ROUNDS + 1):
            say(f"upload: {scale.upload_batches} batches of {api.BATCH:,} tasks, {number} of {ROUNDS}")
            rounds.append(_round(talka, floor_conninfo, project_id, tasks))
    return _figures(f"{scale.upload_batches} × {api.BATCH:,} tasks", tasks, rounds)


def _same_shape(source: str, target: str) -> None:
    """Create the tables that an upload fills, with their indexes and settings, as the product has them."""
    wanted = [f"--table=public.{table}" for table in _TABLES]
    dump = [str(binaries() / "pg_dump"), "--schema-only", "--no-owner", *wanted, f"--dbname={source}"]
    schema = subprocess.run(dump, capture_output=True, check=True).stdout
    load = [str(binaries() / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={target}"]
    subprocess.run(load, input=schema, capture_output=True, check=True)


def _upload(talka: Product, project_id: str, tasks: int) -> tuple[api.Uploaded, int]:
    pool_id = api.create_pool(talka.address, project_id)
    return in_own_process(api.upload, api.Upload(talka.address, pool_id, tasks, overlap=3)), int(pool_id)


def _round(talka: Product, floor_conninfo: str, project_id: str, tasks: int) -> _Round:
    groups = talka.groups
    with psycopg.connect(talka.conninfo, autocommit=True) as connection:
        connection.execute("checkpoint")
    accounting.settle(groups, _PUT_OFF)
    before = accounting.cpu_seconds(groups)
    uploaded, pool_id = _upload(talka, project_id, tasks)
    accounting.settle(groups, _PUT_OFF)
    spent = accounting.since(before, groups)
    before = accounting.cpu_seconds(groups)
    copied = in_own_process(_copy, _Copy(talka.conninfo, floor_conninfo, pool_id))
    floor_spent = accounting.since(before, groups)
    if copied.rows != tasks * len(_TABLES):
        raise api.ApiError(f"{tasks} tasks were uploaded and {copied.rows} rows of {', '.join(_TABLES)} found")
    cpu = {**spent, "sender": uploaded.cpu_seconds}
    return _Round(uploaded, cpu, copied, floor_spent["database"])


def _copy(order: _Copy) -> _Copied:
    """Read the pool's rows into memory, then copy them batch by batch, each batch one transaction."""
    with psycopg.connect(order.source) as source, psycopg.connect(order.target, autocommit=True) as target:
        target.execute("checkpoint")
        loads = [_load_of(source, table, order.pool_id) for table in _TABLES]
        rows = sum(len(lines) for _, lines in loads)
        cpu, began = time.process_time(), time.perf_counter()
        for start in range(0, max(len(lines) for _, lines in loads), api.BATCH):
            with target.transaction(), target.cursor() as cursor:
                for statement, lines in loads:
                    with cursor.copy(statement) as copy:
                        copy.write(b"".join(lines[start : start + api.BATCH]))
        return _Copied(rows, time.perf_counter() - began, time.process_time() - cpu)


def _load_of(source: psycopg.Connection, table: str, pool_id: int) -> tuple[sql.Composed, list[bytes]]:
    """The COPY statement of a table and the pool's rows for it, a line each, in the order they were made."""
    found = source.execute(
        "select attname from pg_attribute where attrelid = %s::regclass"
        " and attnum > 0 and not attisdropped and attgenerated = '' order by attnum",
        (table,),
    ).fetchall()
    columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)
    name = sql.Identifier(table)
    reading = sql.SQL("copy (select {} from {} where pool_id = {} order by ctid) to stdout").format(
        columns, name, sql.Literal(pool_id)
    )
    with source.cursor() as cursor, cursor.copy(reading) as copy:
        lines = [bytes(line) for line in copy]
    return sql.SQL("copy {} ({}) from stdin").format(name, columns), lines


def _figures(case: str, tasks: int, rounds: list[_Round]) -> list[Figure]:
    def per_task(seconds: float) -> float:
        return seconds / tasks * 1e6

    return [
        Figure(
            "upload",
            case,
            "from first byte to last success",
            "tasks/s",
            tuple(tasks / each.uploaded.seconds for each in rounds),
            tuple(tasks / each.copied.seconds for each in rounds),
            (Target("least", 20_000),),
        ),
        Figure("upload", case, "CPU of the server", "µs/task", tuple(per_task(each.cpu["server"]) for each in rounds)),
        Figure(
            "upload",
            case,
            "CPU of the database",
            "µs/task",
            tuple(per_task(each.cpu["database"]) for each in rounds),
            tuple(per_task(each.floor_database_cpu) for each in rounds),
        ),
        Figure(
            "upload",
            case,
            "CPU of the sender",
            "µs/task",
            tuple(per_task(each.cpu["sender"]) for each in rounds),
            tuple(per_task(each.copied.cpu_seconds) for each in rounds),
        ),
    ]
