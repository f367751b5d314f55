"""SQL of the files of a pool: which rows they have, a stretch of assignments, suites or tasks at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, LiteralString

from psycopg import sql

from talka.infra.db import Tx
from talka.infra.exports import Column, Stretch
from talka.pools.store import Pool
from talka.restrictions.store import not_kept_out

PAGES, TASKS = 5_000, 20_000
"""Assignments or suites per statement, and tasks in them; the last page is whole."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which assignments of a pool are wanted, and whether an empty row ends each."""

    pool: Pool
    statuses: Sequence[int]
    start_from: datetime | None = None
    start_to: datetime | None = None
    exclude_banned: bool = False
    delimiter: bool = False

    def columns(self, columns: Sequence[Column]) -> Sequence[Column]:
        """The columns, empty in the row that ends an assignment."""
        if not self.delimiter:
            return columns
        pattern = sql.SQL("case when u.task_id is not null then {} end")
        return [replace(column, shown=pattern.format(column.shown)) for column in columns]


def _conditions(chosen: Selection, now: datetime) -> sql.Composed:
    """What holds of the assignments `a` of a selection."""
    conditions: list[sql.Composable] = [
        sql.SQL("a.pool_id = {}").format(sql.Literal(chosen.pool.id)),
        sql.SQL("a.status = any({})").format(sql.Literal(list(chosen.statuses))),
    ]
    for moment, operator in ((chosen.start_from, ">="), (chosen.start_to, "<=")):
        if moment is not None:
            conditions.append(sql.SQL("a.created {} {}").format(sql.SQL(operator), sql.Literal(moment)))
    if chosen.exclude_banned:
        pool = chosen.pool
        conditions.append(not_kept_out(sql.SQL("a.worker_id"), pool.account_id, pool.project_id, pool.id, now))
    return sql.SQL(" and ").join(conditions)


async def answers(tx: Tx, after: int, chosen: Selection) -> Stretch | None:
    """The next stretch of answers, one row per task of each assignment (see `exports.Source`).

    Of training tasks the first answer counts, by whichever door it came.
    """
    conditions = _conditions(chosen, tx.now)
    pages = sql.SQL("select a.id, a.task_ids from assignment a where {} and a.id > %(after)s").format(conditions)
    upto = await _pages_upto(tx, pages, {"after": after})
    if upto is None:
        return None
    rows = sql.SQL(
        "from assignment a join worker w on w.id = a.worker_id"
        " cross join lateral rows from (unnest({ids}), jsonb_array_elements(a.solutions))"
        "   with ordinality u(task_id, solution, n)"
        " left join task t on t.pool_id = a.pool_id and t.id = u.task_id"
        " left join training_attempt f on a.learning and f.assignment_id = a.id and f.position = u.n - 1"
        " cross join lateral (select coalesce(f.output_values, u.solution -> 'output_values') as output_values) o"
        " where {conditions} and a.id > {after} and a.id <= {upto} order by a.id, u.n"
    ).format(
        ids=sql.SQL("a.task_ids || null::bigint" if chosen.delimiter else "a.task_ids"),
        conditions=conditions,
        after=sql.Literal(after),
        upto=sql.Literal(upto),
    )
    return rows, upto


async def _pages_upto(tx: Tx, pages: sql.Composable, values: Mapping[str, Any]) -> int | None:
    """Where a stretch ends of pages (their `id` and `task_ids`): there may be few tasks in one, or many."""
    query = sql.SQL(
        "select max(id) from (select id, sum(n) over (order by id) - n as before"
        " from (select id, cardinality(task_ids) as n from ({}) p order by id limit %(pages)s) c) s"
        " where before < %(tasks)s"
    ).format(pages)
    upto: int | None = await tx.value(query, {**values, "pages": PAGES, "tasks": TASKS})
    return upto


async def _listed_pages(tx: Tx, after: int, pool_id: int, pages: LiteralString, rows: LiteralString) -> Stretch | None:
    """The next stretch of pages: tasks `t`, the suite `u.suite_id` that each is in, the overlap `q.overlap`."""
    return _between(pool_id, after, await _pages_upto(tx, sql.SQL(pages), {"pool": pool_id, "after": after}), rows)


async def _in_none(tx: Tx, after: int, pool_id: int) -> Stretch | None:
    """The next stretch of tasks that are in no page yet."""
    upto: int | None = await tx.value(
        "select max(id) from (select id from task where pool_id = %s and id > %s order by id limit %s) s",
        (pool_id, after, TASKS),
    )
    return _between(pool_id, after, upto, _IN_NONE)


def _between(pool_id: int, after: int, upto: int | None, rows: LiteralString) -> Stretch | None:
    bounds = {"pool": sql.Literal(pool_id), "after": sql.Literal(after), "upto": sql.Literal(upto)}
    return None if upto is None else (sql.SQL(rows).format(**bounds), upto)


_in_suites = partial(
    _listed_pages,
    pages="select id, task_ids from suite where pool_id = %(pool)s and id > %(after)s",
    rows="from (select s.id as suite_id, m.task_id, m.n from suite s"
    "   cross join lateral unnest(s.task_ids) with ordinality m(task_id, n)"
    "   where s.pool_id = {pool} and s.id > {after} and s.id <= {upto}) u"
    " join task t on t.pool_id = {pool} and t.id = u.task_id"
    " left join queue q on q.pool_id = {pool} and q.unit_id = u.suite_id order by u.suite_id, u.n",
)
_in_pages = partial(
    _listed_pages,
    pages="select id, task_ids from assignment where pool_id = %(pool)s and id > %(after)s",
    rows="from (select a.suite_id, m.task_id, m.n from assignment a"
    "   cross join lateral unnest(a.task_ids) with ordinality m(task_id, n)"
    "   where a.pool_id = {pool} and a.id > {after} and a.id <= {upto}) u"
    " join task t on t.pool_id = {pool} and t.id = u.task_id"
    " left join queue q on q.pool_id = {pool} and q.unit_id = t.id order by u.suite_id, u.n",
)
_IN_NONE: LiteralString = (
    "from task t cross join (select null::bigint as suite_id) u"
    " left join queue q on q.pool_id = {pool} and q.unit_id = t.id"
    " where t.pool_id = {pool} and t.id > {after} and t.id <= {upto}"
    " and not exists (select 1 from claim c where c.unit_id = t.id)"
    " and not exists (select 1 from claim_expired e where e.unit_id = t.id) order by t.id"
)


def tasks_by_suite(*, mixed: bool) -> Sequence[Callable[..., Awaitable[Stretch | None]]]:
    """Sources of all tasks of a pool (by its `pool_id`): a mixed suite is made when it is issued, as a page."""
    return (_in_pages, _in_none) if mixed else (_in_suites,)
