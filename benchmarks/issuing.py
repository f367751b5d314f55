"""Take + submit over HTTP beside the fixed floor, in pools of growing size."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import psycopg

from benchmarks import accounting, api
from benchmarks.floor import OVERLAP, Floor, FloorRun, side_database
from benchmarks.load import Load, Outcome, work
from benchmarks.own_process import in_own_process
from benchmarks.product import Product, product
from benchmarks.report import Figure, Target
from benchmarks.scale import ROUNDS, Scale

_WORKERS = 64
_CONNECTIONS = 8
_WARM_UP = 2.0
_PUT_OFF = 10.0  # seconds at most for work that the product put off during a run
_COUNTED_CYCLES = 400
_ENTRY = "LOG:  "
_STATEMENT_ENTRIES = ("execute ", "statement: ")


@dataclass(frozen=True)
class _Round:
    """One run of the product and the floor's beside it; CPU in seconds by process group."""

    outcome: Outcome
    cpu: Mapping[str, float]
    floor: FloorRun
    floor_database_cpu: float


@dataclass(frozen=True)
class _Stage:
    """One pool of the product and its floor, with the rounds run so far."""

    size: int
    load: Callable[..., Load]
    floor: Floor
    rounds: list[_Round] = field(default_factory=list)


def measure(scale: Scale, say: Callable[[str], None]) -> list[Figure]:
    """Cycles per second, latencies and CPU per cycle for every pool size; then how flat they are."""
    with ExitStack() as stack:
        talka = stack.enter_context(product())
        project_id = api.create_project(talka.address)
        tokens = api.register_workers(talka.address, "bench", _WORKERS)
        stages = []
        for size in scale.pool_sizes:
            say(f"issuing: a pool of {size:,} tasks")
            conninfo = stack.enter_context(side_database(talka.conninfo, f"floor_{size}"))
            stages.append(_Stage(size, _load(talka, _pool(talka, project_id, size), tokens), Floor(conninfo, size)))
        with psycopg.connect(talka.conninfo, autocommit=True) as connection:
            connection.execute("vacuum (analyze)")  # as the floor; else it would start during some run
        for stage in stages:
            in_own_process(work, stage.load(_WARM_UP))
        # The sizes alternate, too: they are compared with each other.
        for number in range(1, ROUNDS + 1):
            for stage in stages:
                say(f"issuing: {stage.size:,} tasks, {number} of {ROUNDS}")
                stage.rounds.append(_round(talka, stage.floor, stage.load(scale.seconds), scale.seconds))
        per_size = {stage.size: _figures(stage, _statements_per_cycle(talka, stage.load)) for stage in stages}
    flatness = _flatness({size: figures[0] for size, figures in per_size.items()})
    return [*chain.from_iterable(per_size.values()), *flatness]


def _pool(talka: Product, project_id: str, size: int) -> str:
    pool_id = api.create_pool(talka.address, project_id)
    in_own_process(api.upload, api.Upload(talka.address, pool_id, size, OVERLAP))
    api.open_pool(talka.address, pool_id)
    return pool_id


def _load(talka: Product, pool_id: str, tokens: list[str]) -> Callable[..., Load]:
    def load(seconds: float, cycles: int = 10**9) -> Load:
        return Load(
            host=talka.address.host,
            port=talka.address.port,
            pool_id=pool_id,
            tokens=tokens,
            solution=api.SOLUTION,
            page=api.PAGE,
            connections=_CONNECTIONS,
            seconds=seconds,
            cycles=cycles,
        )

    return load


def _round(talka: Product, floor: Floor, load: Load, seconds: int) -> _Round:
    groups = talka.groups
    # What is written back now is not written back during the run, for the product as for the floor.
    with psycopg.connect(talka.conninfo, autocommit=True) as connection:
        connection.execute("checkpoint")
    accounting.settle(groups, _PUT_OFF)
    before = accounting.cpu_seconds(groups)
    outcome = in_own_process(work, load)
    accounting.settle(groups, _PUT_OFF)
    spent = accounting.since(before, groups)
    floor.fill()
    before = accounting.cpu_seconds(groups)
    floor_run = floor.run(seconds)
    floor_spent = accounting.since(before, groups)
    cpu = {**spent, "load generator": outcome.cpu_seconds}
    return _Round(outcome, cpu, floor_run, floor_spent["database"])


def _figures(stage: _Stage, statements: float) -> list[Figure]:
    case, rounds = f"pool of {stage.size:,}", stage.rounds

    def figure(
        name: str,
        unit: str,
        read: Callable[[_Round], float],
        floor: Callable[[_Round], float] | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Figure:
        beside = tuple(floor(each) for each in rounds) if floor else ()
        return Figure("issuing", case, name, unit, tuple(read(each) for each in rounds), beside, targets)

    def cpu(group: str) -> Callable[[_Round], float]:
        return lambda each: each.cpu[group] / each.outcome.cycles * 1e6

    return [
        figure(
            "take + submit",
            "cycles/s",
            lambda each: each.outcome.cycles / each.outcome.seconds,
            lambda each: each.floor.cycles_per_second,
            (Target("share", 0.35), Target("least", 300)),
        ),
        figure("take, p50", "ms", lambda each: each.outcome.take_p50),
        figure("take, p99", "ms", lambda each: each.outcome.take_p99),
        figure("submit, p50", "ms", lambda each: each.outcome.submit_p50),
        figure("submit, p99", "ms", lambda each: each.outcome.submit_p99),
        figure("CPU of the server", "µs/cycle", cpu("server")),
        figure(
            "CPU of the database",
            "µs/cycle",
            cpu("database"),
            lambda each: each.floor_database_cpu / each.floor.cycles * 1e6,
        ),
        figure(
            "CPU of the load generator",
            "µs/cycle",
            cpu("load generator"),
            lambda each: each.floor.cpu_seconds / each.floor.cycles * 1e6,
        ),
        Figure("issuing", case, "statements sent", "per cycle", (statements,), (2.0,)),
    ]


def _flatness(speeds: Mapping[int, Figure]) -> Iterator[Figure]:
    """How much longer a cycle takes in the largest pool than in the smallest, compared round by round."""
    smallest, largest = speeds[min(speeds)], speeds[max(speeds)]
    if smallest is not largest:
        yield Figure(
            "issuing",
            f"{max(speeds):,} against {min(speeds):,}",
            "time of a cycle",
            "times",
            tuple(small / large for small, large in zip(smallest.product, largest.product, strict=True)),
            tuple(small / large for small, large in zip(smallest.floor, largest.floor, strict=True)),
            (Target("most", 1.2),),
        )


def _statements_per_cycle(talka: Product, load: Callable[..., Load]) -> float:
    """Statements that reach the database, by its own log over some hundred cycles, outside of the timed runs.

    Background work of that second is in it; what a function does inside of the database is not.
    """
    with _everything_logged(talka.conninfo):
        start = talka.database_log.stat().st_size
        outcome = in_own_process(work, load(60.0, _COUNTED_CYCLES))
    return _count_statements(talka.database_log, start) / outcome.cycles


@contextmanager
def _everything_logged(conninfo: str) -> Iterator[None]:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("alter system set log_statement = 'all'")
        connection.execute("select pg_reload_conf()")
        time.sleep(0.5)  # each connection reads the setting with its next statement after the signal
        try:
            yield
        finally:
            connection.execute("alter system reset log_statement")
            connection.execute("select pg_reload_conf()")


def _count_statements(log: Path, start: int) -> int:
    with log.open(encoding="utf-8", errors="replace") as lines:
        lines.seek(start)
        said = (line.partition(_ENTRY)[2] for line in lines)
        return sum(entry.startswith(_STATEMENT_ENTRIES) for entry in said)
