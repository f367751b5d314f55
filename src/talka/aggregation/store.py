"""SQL of aggregation: answers come out of the database as packed numbers, solutions go in by COPY."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, LiteralString

import numpy as np
from psycopg import sql
from psycopg.types.json import Jsonb

from talka.aggregation.model import Output, Plan, Presumed, Said, Solution
from talka.infra.db import Row, Tx
from talka.infra.exports import Stretch
from talka.infra.http.listing import Listing, ListSpec, work_ids

STRETCH = 10_000
"""Assignments or tasks per statement: what it gives back is one value, which must not be too large."""
Tell = Callable[[int], Awaitable[None]]
"""Hears how far a long piece of work is."""
_ORDER: Sequence[LiteralString] = ("s.pool_id", "s.task_id")
LIST = ListSpec(
    ranges={"task_id": work_ids("s.pool_id", "s.task_id")},
    sorts={"task_id": _ORDER, "id": _ORDER},
    max_limit=100_000,
)
# Deleted an hour after they expired: whoever was reading them then has seen all of them.
EXPIRY_DUE: LiteralString = "select min(expires) + interval '1 hour' from aggregation"


def _option_joins(outputs: Sequence[Output], values: sql.Composable) -> tuple[sql.Composed, sql.Composed, list[Any]]:
    """The number of the option that each output has in `values` (0 for none), packed; the joins that find it.

    The database compares JSON values, for which 1 and 1.0 are the same.
    """
    packed, joins, params = [], [], []
    for number, output in enumerate(outputs):
        name = sql.Identifier(f"o{number}")
        packed.append(sql.SQL(" || int8send(coalesce({}.n, 0))").format(name))
        joins.append(
            sql.SQL(
                " left join unnest(%s::jsonb[]) with ordinality {name}(value, n) on {name}.value = {v} -> {f}"
            ).format(name=name, v=values, f=sql.Literal(output.name))
        )
        params.append([Jsonb(option) for option in output.options])
    return sql.SQL("").join(packed), sql.SQL("").join(joins), params


def _unpacked(parts: Iterable[bytes | None], second: str, columns: int) -> np.ndarray[Any, Any]:
    row = np.dtype([("task", ">i8"), ("second", second), ("options", ">i8", (columns,))])
    return np.frombuffer(b"".join(part for part in parts if part), row)


async def _packed(tx: Tx, query: sql.Composed, params: Sequence[Any]) -> Row:
    cursor = await tx.conn.execute(query, params, binary=True)
    row = await cursor.fetchone()
    return row or {}


def _answers(plan: Plan, assignments: sql.Composable) -> tuple[sql.Composed, list[Any]]:
    """The statement that packs (task, worker, option of each output) of accepted `assignments`.

    Of training tasks the first answer counts, by whichever door it came.
    """
    values: sql.Composable = sql.SQL("(u.solution -> 'output_values')")
    narrowed: sql.Composable
    if plan.general_only:
        narrowed = sql.SQL(" join task t on t.pool_id = {} and t.id = u.task_id and t.kind = 0").format(
            sql.Literal(plan.pool.id)
        )
    else:
        values = sql.SQL("coalesce(f.output_values, {})").format(values)
        narrowed = sql.SQL(
            " left join training_attempt f on a.learning and f.assignment_id = a.id and f.position = u.n - 1"
        )
    packed, joins, params = _option_joins(plan.outputs, values)
    query = sql.SQL(
        "with stretch as materialized ({assignments})"
        " select (select max(id) from stretch) as last, (select count(*) from stretch) as size,"
        " (select string_agg(int8send(u.task_id) || int8send(a.worker_id::bigint){packed}, ''::bytea)"
        "   from stretch a cross join lateral rows from (unnest(a.task_ids), jsonb_array_elements(a.solutions))"
        "     with ordinality u(task_id, solution, n){narrowed}{joins}) as found"
    ).format(assignments=assignments, packed=packed, narrowed=narrowed, joins=joins)
    return query, params


_ACCEPTED: LiteralString = (
    "select id, worker_id, task_ids, solutions, learning from assignment a where a.pool_id = %s and a.status = 2"
)


def _said(plan: Plan, parts: Iterable[bytes | None]) -> Said:
    rows = _unpacked(parts, ">i8", len(plan.outputs))
    tasks, workers = rows["task"].astype(np.int64), rows["second"].astype(np.int64)
    return Said(tasks, workers, rows["options"].astype(np.int64) - 1)


async def answers(tx: Tx, plan: Plan, tell: Tell, most: int | None = None) -> Said | None:
    """All accepted answers of a pool; None when there are more than `most`. `tell` hears how many pages were read."""
    query, params = _answers(plan, sql.SQL(_ACCEPTED + " and a.id > %s order by a.id limit %s"))
    width = 8 * (2 + len(plan.outputs))
    parts: list[bytes | None] = []
    after, total, pages = 0, 0, 0
    while True:
        row = await _packed(tx, query, [plan.pool.id, after, STRETCH, *params])
        parts.append(row["found"])
        total += len(row["found"] or b"") // width
        if most is not None and total > most:
            return None
        pages += row["size"]
        await tell(pages)
        if row["size"] < STRETCH:
            return _said(plan, parts)
        after = row["last"]


async def answers_to(tx: Tx, plan: Plan, task_id: int) -> Said:
    """The accepted answers to one task of a smart-mixed pool."""
    # Whoever was issued the task has a claim on it.
    holders: LiteralString = (
        " and a.id in (select assignment_id from claim where unit_id = %s"
        " union all select assignment_id from claim_expired where unit_id = %s)"
    )
    query, params = _answers(plan, sql.SQL(_ACCEPTED + holders))
    row = await _packed(tx, query, [plan.pool.id, task_id, task_id, *params])
    said = _said(plan, [row["found"]])
    chosen = said.tasks == task_id
    return Said(said.tasks[chosen], said.workers[chosen], said.options[chosen])


async def presumptions(tx: Tx, plan: Plan, task_id: int | None = None) -> Presumed:
    """The baseline solutions of a pool's general tasks, or of one of them."""
    one: sql.Composable = sql.SQL("") if task_id is None else sql.SQL(" and t.id = {}").format(sql.Literal(task_id))
    packed, joins, params = _option_joins(plan.outputs, sql.SQL("(b.solution -> 'output_values')"))
    query = sql.SQL(
        "with stretch as materialized (select t.id, t.kind, t.details from task t"
        "   where t.pool_id = %s and t.id > %s{one} order by t.id limit %s)"
        " select (select max(id) from stretch) as last, (select count(*) from stretch) as size,"
        " (select string_agg(int8send(t.id) || float8send((b.solution ->> 'confidence_weight')::float8){packed},"
        "   ''::bytea) from stretch t cross join lateral jsonb_array_elements("
        "   coalesce(t.details::jsonb -> 'baseline_solutions', '[]')) b(solution){joins}"
        "   where t.kind = 0 and t.details is not null) as found"
    ).format(one=one, packed=packed, joins=joins)
    parts: list[bytes | None] = []
    after, size = 0, STRETCH
    while size == STRETCH:
        row = await _packed(tx, query, [plan.pool.id, after, STRETCH, *params])
        parts.append(row["found"])
        after, size = row["last"], row["size"]
    rows = _unpacked(parts, ">f8", len(plan.outputs))
    return Presumed(
        rows["task"].astype(np.int64), rows["second"].astype(np.float64), rows["options"].astype(np.int64) - 1
    )


async def insert(tx: Tx, operation: int, expires: datetime) -> None:
    """An aggregation whose solutions come with it."""
    await tx.execute("insert into aggregation (operation, expires) values (%s, %s)", (operation, expires))


async def copy_solutions(tx: Tx, parts: Iterator[bytes], tell: Tell) -> None:
    """Append lines, which are made in a thread, some thousands at once; `tell` hears how many times."""
    columns: LiteralString = "operation, pool_id, task_id, confidence, output_values, confidences"
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy(f"copy aggregated_solution ({columns}) from stdin") as copy,
    ):
        for count in itertools.count(1):
            part = await asyncio.to_thread(next, parts, None)
            if part is None:
                break
            await copy.write(part)
            await tell(count)


async def is_kept(tx: Tx, operation: int) -> bool:
    """Whether the solutions of an aggregation can still be had."""
    value: bool = await tx.value(
        "select exists (select 1 from aggregation where operation = %s and expires > %s)", (operation, tx.now)
    )
    return value


async def listed(tx: Tx, operation: int, listing: Listing) -> tuple[list[Solution], bool]:
    """A page of the solutions of an aggregation."""
    rows, more = await listing.fetch(
        tx,
        "select s.pool_id, s.task_id, s.confidence, s.output_values from aggregated_solution s",
        ("s.operation = %s", operation),
    )
    return [Solution(**row) for row in rows], more


async def file_rows(tx: Tx, after: int, operation: int) -> Stretch | None:
    """The next stretch of solutions `s` with their tasks `t` (see `exports.Source`)."""
    upto: int | None = await tx.value(
        "select max(task_id) from (select task_id from aggregated_solution where operation = %s and task_id > %s"
        " order by pool_id, task_id limit %s) s",
        (operation, after, STRETCH),
    )
    if upto is None:
        return None
    rows = sql.SQL(
        "from aggregated_solution s join task t on t.pool_id = s.pool_id and t.id = s.task_id"
        " where s.operation = {} and s.task_id > {} and s.task_id <= {} order by s.pool_id, s.task_id"
    ).format(sql.Literal(operation), sql.Literal(after), sql.Literal(upto))
    return rows, upto


async def drop_expired(tx: Tx, limit: int) -> bool:
    """Delete some solutions of an aggregation that expired a while ago, with the last ones it itself.

    False when there is none.
    """
    operation = await tx.value(
        "select operation from aggregation where expires <= %s - interval '1 hour' order by expires limit 1"
        " for update skip locked",
        (tx.now,),
    )
    if operation is None:
        return False
    count = await tx.execute(
        "delete from aggregated_solution where ctid = any(array("
        "select ctid from aggregated_solution where operation = %s limit %s))",
        (operation, limit),
    )
    if count < limit:
        await tx.execute("delete from aggregation where operation = %s", (operation,))
    return True
