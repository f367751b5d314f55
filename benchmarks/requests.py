"""A requester's everyday calls over HTTP, each beside the SQL that it cannot do without, prepared and over a socket."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from benchmarks import accounting, api
from benchmarks.calls import Call, Calls, Made, make
from benchmarks.floor import FloorError, side_database, statements
from benchmarks.own_process import in_own_process
from benchmarks.product import Product, product
from benchmarks.report import Figure
from benchmarks.scale import ROUNDS, Scale
from talka.infra.embedded import binaries

_CONNECTIONS = 8
_WORKERS = 10
_SPREAD = 500
"""How many different tasks and assignments are asked for."""
_PAGE = 100
_PUT_OFF = 10.0
_HERE = Path(__file__).parent
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


@dataclass(frozen=True)
class _Case:
    """A kind of call: requests of it, and the floor's statements with the database that they run in."""

    name: str
    calls: list[Call]
    floor: str
    conninfo: str
    made: list[Made] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)


def measure(scale: Scale, say: Callable[[str], None]) -> list[Figure]:
    """Requests per second and latencies of each kind of call, in the largest pool of the scale."""
    tasks, seconds = scale.pool_sizes[-1], scale.seconds // 4
    with product() as talka, side_database(talka.conninfo, "floor") as side:
        say(f"requests: a pool of {tasks:,} tasks")
        cases = _cases(talka, side, tasks)
        for case in cases:
            in_own_process(make, Calls(talka.address, case.calls, _CONNECTIONS, 1.0))
        for number in range(1, ROUNDS + 1):
            for case in cases:
                say(f"requests: {case.name}, {number} of {ROUNDS}")
                accounting.settle(talka.groups, _PUT_OFF)
                case.made.append(in_own_process(make, Calls(talka.address, case.calls, _CONNECTIONS, seconds)))
                accounting.settle(talka.groups, _PUT_OFF)
                case.rates.append(_run_floor(case, seconds))
    return [figure for case in cases for figure in _figures(f"{tasks:,} tasks: {case.name}", case)]


def _cases(talka: Product, side: str, tasks: int) -> list[_Case]:
    project_id = api.create_project(talka.address)
    pool_id = api.create_pool(talka.address, project_id)
    in_own_process(api.upload, api.Upload(talka.address, pool_id, tasks, overlap=1))
    assignments = _assignments(talka, project_id)
    with api.connected(talka.address) as connection:
        project = api.call(connection, talka.address, "GET", f"/api/v1/projects/{project_id}")
    _prepare_floor(side, project)
    with psycopg.connect(talka.conninfo, autocommit=True) as connection:
        connection.execute("vacuum (analyze)")
        row = connection.execute("select min(id), max(id) from task where pool_id = %s", (pool_id,)).fetchone()
    assert row is not None
    first, last = row
    return [
        _getting(int(pool_id), first, last, talka.conninfo),
        _listing("at the start", int(pool_id), first - 1, talka.conninfo),
        _listing("in the middle", int(pool_id), (first + last) // 2, talka.conninfo),
        _listing("at the end", int(pool_id), last - 4 * _PAGE, talka.conninfo),
        _Case(
            "create a project",
            [Call("POST", "/api/v1/projects", json.dumps(project).encode(), 201)],
            "with made as (insert into project (body) select body from sample returning id, body)"
            " insert into version select id, body from made;",
            side,
        ),
        _Case(
            "comment an assignment",
            [
                Call("PATCH", f"/api/v1/assignments/{each}", f'{{"public_comment": "Good {number}"}}'.encode(), 200)
                for number, each in enumerate(assignments)
            ],
            f"\\set n random(1, {_SPREAD})\n"
            "update assignment set public_comment = 'Good ' || :n where id = :n returning *;",
            side,
        ),
    ]


def _work_id(pool_id: int, number: int) -> str:
    return f"{pool_id:010x}--{number:024x}"


def _getting(pool_id: int, first: int, last: int, conninfo: str) -> _Case:
    step = (last - first) // 4 // _SPREAD * 4  # numbers of tasks are multiples of four
    places = (first + step * number for number in range(_SPREAD))
    return _Case(
        "get a task",
        [Call("GET", f"/api/v1/tasks/{_work_id(pool_id, place)}", b"", 200) for place in places],
        f"\\set n random(0, {_SPREAD - 1})\n"
        "select t.*, q.overlap, q.taken from task t join queue q on q.pool_id = t.pool_id and q.unit_id = t.id"
        f" where t.pool_id = {pool_id} and t.id = {first} + {step} * :n;",
        conninfo,
    )


def _listing(where: str, pool_id: int, place: int, conninfo: str) -> _Case:
    after = _work_id(pool_id, place)
    return _Case(
        f"list {_PAGE} {where}",
        [Call("GET", f"/api/v1/tasks?pool_id={pool_id}&sort=id&limit={_PAGE}&id_gt={after}", b"", 200)],
        # In two steps: as one join it reads the queue from its beginning on.
        f"select t.*, q.overlap, q.taken from (select * from task where pool_id = {pool_id} and id > {place}"
        f" order by id limit {_PAGE + 1}) t join queue q on q.pool_id = t.pool_id and q.unit_id = t.id order by t.id;",
        conninfo,
    )


def _assignments(talka: Product, project_id: str) -> list[str]:
    """Accepted pages of a pool of their own."""
    api.register_workers(talka.address, "bench", _WORKERS)
    pool_id = api.create_pool(talka.address, project_id)
    pages = _SPREAD // _WORKERS
    in_own_process(api.upload, api.Upload(talka.address, pool_id, pages * api.PAGE, overlap=_WORKERS))
    with psycopg.connect(talka.conninfo) as connection:
        connection.execute(statements(_HERE / "answers.sql").format(pool_id=sql.Literal(int(pool_id))))
    with api.connected(talka.address) as connection:
        path = f"/api/v1/assignments?pool_id={pool_id}&limit={_SPREAD}"
        found = api.call(connection, talka.address, "GET", path)["items"]
    if len(found) != _SPREAD:
        raise api.ApiError(f"{len(found)} assignments were listed and {_SPREAD} made")
    return [assignment["id"] for assignment in found]


def _prepare_floor(conninfo: str, project: Any) -> None:
    """What the floor writes to: rows as wide as the product's, with their keys and nothing else."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("create table project (id int generated always as identity primary key, body json not null)")
        connection.execute("create table version (project_id int primary key, body json not null)")
        connection.execute("create table sample (body json not null)")
        connection.execute("insert into sample values (%s)", (json.dumps(project),))
        connection.execute(
            "create table assignment (id bigint primary key, solutions jsonb not null, public_comment text)"
            " with (fillfactor = 85)"
        )
        answers = json.dumps([api.SOLUTION] * api.PAGE)
        connection.execute(
            "insert into assignment (id, solutions) select n, %s from generate_series(1, %s) n", (answers, _SPREAD)
        )
        connection.execute("vacuum (analyze)")


def _run_floor(case: _Case, seconds: int) -> float:
    """Transactions per second of the floor's statements.

    Raises FloorError when pgbench fails.
    """
    parts = conninfo_to_dict(case.conninfo)
    names = {"host": "--host", "port": "--port", "user": "--username"}
    where = [f"{option}={parts[name]}" for name, option in names.items() if parts.get(name)]
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(case.floor + "\n")
        script.flush()
        command = [str(binaries() / "pgbench"), *where, "--no-vacuum", "--protocol=prepared", "--jobs=1"]
        command += [f"--client={_CONNECTIONS}", f"--time={seconds}", f"--file={script.name}", str(parts["dbname"])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = _RATE.search(done.stdout)
    if done.returncode != 0 or rate is None:
        raise FloorError(f"pgbench failed: {done.stderr.strip() or done.stdout.strip()}")
    return float(rate[1])


def _figures(name: str, case: _Case) -> Iterator[Figure]:
    rates = tuple(each.count / each.seconds for each in case.made)
    yield Figure("requests", name, "rate", "requests/s", rates, tuple(case.rates))
    yield Figure("requests", name, "p50", "ms", tuple(each.p50 for each in case.made))
    yield Figure("requests", name, "p99", "ms", tuple(each.p99 for each in case.made))
