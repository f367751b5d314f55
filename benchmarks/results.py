"""Download of the results file beside COPY of the same columns out of the same tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks import accounting, api
from benchmarks.floor import statements
from benchmarks.own_process import in_own_process
from benchmarks.product import Product, product
from benchmarks.report import Figure, Target
from benchmarks.scale import ROUNDS, Scale

_ANSWERS = Path(__file__).with_name("answers.sql")
_WORKERS = 10
_MOST_MEMORY = 64.0  # megabytes above what the server had before the first download, however many rows
_FLOOR = """
copy (
  select t.input_values ->> 'premise', t.input_values ->> 'hypothesis', s.solution -> 'output_values' ->> 'label',
         a.id, w.user_id, a.status, a.created
  from assignment a
  join worker w on w.id = a.worker_id
  cross join lateral rows from (unnest(a.task_ids), jsonb_array_elements(a.solutions)) as s (task_id, solution)
  join task t on t.pool_id = a.pool_id and t.id = s.task_id
  where a.pool_id = {pool_id} and a.status = 2
) to stdout
"""


@dataclass(frozen=True)
class _Round:
    downloaded: api.Downloaded
    server_cpu: float
    database_cpu: float
    memory: float
    copied: api.Downloaded
    floor_database_cpu: float


def measure(scale: Scale, say: Callable[[str], None]) -> list[Figure]:
    """Rows per second, CPU per row and the memory that the server takes for it, for a tenth of the rows and for all."""
    figures: list[Figure] = []
    with product() as talka:
        project_id = api.create_project(talka.address)
        api.register_workers(talka.address, "bench", _WORKERS)
        for rows in (scale.result_rows // 10, scale.result_rows):
            say(f"results: filling a pool with {rows:,} answers")
            pool_id = _answered_pool(talka, project_id, rows)
            resident = accounting.resident_megabytes(accounting.members("server", talka.groups))
            # The first download after a start is no measure of speed, but of memory it is.
            first = _round(talka, pool_id, rows, resident)
            rounds = []
            for number in range(1, ROUNDS + 1):
                say(f"results: download of {rows:,} rows, {number} of {ROUNDS}")
                rounds.append(_round(talka, pool_id, rows, resident))
            figures += _figures(rows, first, rounds)
    return figures


def _answered_pool(talka: Product, project_id: str, rows: int) -> str:
    """A pool whose every task was answered by every worker, `rows` answers in all."""
    pool_id = api.create_pool(talka.address, project_id)
    order = api.Upload(talka.address, pool_id, rows // _WORKERS, overlap=_WORKERS)
    in_own_process(api.upload, order)
    with psycopg.connect(talka.conninfo) as connection:
        connection.execute(statements(_ANSWERS).format(pool_id=sql.Literal(int(pool_id))))
    with psycopg.connect(talka.conninfo, autocommit=True) as connection:
        connection.execute("vacuum (analyze)")
        connection.execute("checkpoint")
    return pool_id


def _round(talka: Product, pool_id: str, rows: int, resident: float) -> _Round:
    """One download and the floor's; `resident` is what the server had before the first, in megabytes."""
    groups = talka.groups
    accounting.settle(groups, 10.0)
    server = accounting.members("server", groups)
    accounting.forget_peak(server)
    before = accounting.cpu_seconds(groups)
    downloaded = in_own_process(api.download, api.Download(talka.address, pool_id))
    spent = accounting.since(before, groups)
    memory = accounting.peak_megabytes(server) - resident
    before = accounting.cpu_seconds(groups)
    copied = in_own_process(_copy, (talka.conninfo, int(pool_id)))
    floor_spent = accounting.since(before, groups)
    for found in (downloaded.rows, copied.rows):
        if found != rows:
            raise api.ApiError(f"The results of {rows} answers had {found} rows")
    return _Round(downloaded, spent["server"], spent["database"], memory, copied, floor_spent["database"])


def _copy(order: tuple[str, int]) -> api.Downloaded:
    """Read the same columns with COPY, as a stream."""
    conninfo, pool_id = order
    with psycopg.connect(conninfo) as connection, connection.cursor() as cursor:
        cpu, began = time.process_time(), time.perf_counter()
        rows = 0
        with cursor.copy(sql.SQL(_FLOOR).format(pool_id=sql.Literal(pool_id))) as copy:
            for chunk in copy:
                rows += bytes(chunk).count(b"\n")
        return api.Downloaded(rows, time.perf_counter() - began, time.process_time() - cpu)


def _figures(rows: int, first: _Round, rounds: list[_Round]) -> list[Figure]:
    def figure(
        name: str,
        unit: str,
        read: Callable[[_Round], float],
        floor: Callable[[_Round], float] | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Figure:
        beside = tuple(floor(each) for each in rounds) if floor else ()
        return Figure("results", f"{rows:,} rows", name, unit, tuple(map(read, rounds)), beside, targets)

    def per_row(seconds: float) -> float:
        return seconds / rows * 1e6

    return [
        figure(
            "TSV download",
            "rows/s",
            lambda each: rows / each.downloaded.seconds,
            lambda each: rows / each.copied.seconds,
            (Target("least", 50_000),),
        ),
        Figure(
            "results",
            f"{rows:,} rows",
            "memory of the server above before",
            "MB",
            (max(each.memory for each in (first, *rounds)),),
            targets=(Target("most", _MOST_MEMORY),),
        ),
        figure("CPU of the server", "µs/row", lambda each: per_row(each.server_cpu)),
        figure(
            "CPU of the database",
            "µs/row",
            lambda each: per_row(each.database_cpu),
            lambda each: per_row(each.floor_database_cpu),
        ),
        figure(
            "CPU of the receiver",
            "µs/row",
            lambda each: per_row(each.downloaded.cpu_seconds),
            lambda each: per_row(each.copied.cpu_seconds),
        ),
    ]
