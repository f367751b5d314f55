"""SQL of the results file: PostgreSQL itself writes the rows, a stretch of assignments at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import orjson
from psycopg import sql

from talka.infra.db import Database
from talka.results.columns import Column

STRETCH = 20_000
"""Assignments per statement: each is a snapshot of its own, so that no long download keeps old rows alive."""
_CHUNK = 1 << 17


@dataclass(frozen=True, slots=True)
class Selection:
    """Which assignments of a pool are wanted."""

    pool_id: int
    statuses: Sequence[int]
    start_from: datetime | None = None
    start_to: datetime | None = None
    delimiter: bool = False
    learning: bool = False


def _assignments(chosen: Selection, after: int) -> sql.Composed:
    """Numbers of the next stretch."""
    conditions = [
        sql.SQL("a.pool_id = {}").format(sql.Literal(chosen.pool_id)),
        sql.SQL("a.id > {}").format(sql.Literal(after)),
        sql.SQL("a.status = any({})").format(sql.Literal(list(chosen.statuses))),
    ]
    if chosen.start_from is not None:
        conditions.append(sql.SQL("a.created >= {}").format(sql.Literal(chosen.start_from)))
    if chosen.start_to is not None:
        conditions.append(sql.SQL("a.created <= {}").format(sql.Literal(chosen.start_to)))
    return sql.SQL("select a.id from assignment a where {} order by a.id limit {}").format(
        sql.SQL(" and ").join(conditions), sql.Literal(STRETCH)
    )


class Format(Enum):
    """How rows are written; the value is COPY's options."""

    TSV = "delimiter E'\\t'"
    CSV = "delimiter ','"
    # JSON holds no control characters, so nothing is ever quoted.
    JSONL = "delimiter E'\\x02', quote E'\\x01'"


def _row(columns: Sequence[Column], form: Format) -> sql.Composable:
    """A row of the file; the empty one between assignments is no object of JSON Lines."""
    if form is not Format.JSONL:
        return sql.SQL(", ").join(
            sql.SQL("case when u.task_id is not null then {} end").format(column.shown) for column in columns
        )
    parts: list[sql.Composable] = []
    for column in columns:
        key = f"{',' if parts else '{'}{orjson.dumps(column.name).decode()}:"
        parts.append(sql.SQL("{} || coalesce(({})::text, 'null')").format(sql.Literal(key), column.value))
    return sql.SQL(" || ").join([*parts, sql.Literal("}")])


def _rows(chosen: Selection, columns: Sequence[Column], after: int, upto: int, form: Format) -> sql.Composed:
    answer: sql.Composable = sql.SQL("a.solutions -> (u.n - 1)::int -> 'output_values'")
    attempt: sql.Composable = sql.SQL("")
    if chosen.learning:
        # Of training tasks the first answer counts.
        answer = sql.SQL("coalesce(f.output_values, {})").format(answer)
        attempt = sql.SQL(
            " left join training_attempt f on a.learning and f.assignment_id = a.id and f.position = u.n - 1"
        )
    apart = chosen.delimiter and form is not Format.JSONL
    ids = sql.SQL("a.task_ids || null::bigint") if apart else sql.SQL("a.task_ids")
    return sql.SQL(
        "copy (select {shown} from assignment a join worker w on w.id = a.worker_id"
        " cross join lateral unnest({ids}) with ordinality u(task_id, n)"
        " left join task t on t.pool_id = a.pool_id and t.id = u.task_id{attempt}"
        " cross join lateral (select {answer} as output_values) o"
        " where a.pool_id = {pool} and a.id > {after} and a.id <= {upto} and a.status = any({statuses}){times}"
        " order by a.id, u.n) to stdout (format csv, {options})"
    ).format(
        options=sql.SQL(form.value),
        shown=_row(columns, form),
        ids=ids,
        attempt=attempt,
        answer=answer,
        pool=sql.Literal(chosen.pool_id),
        after=sql.Literal(after),
        upto=sql.Literal(upto),
        statuses=sql.Literal(list(chosen.statuses)),
        times=_times(chosen),
    )


def _times(chosen: Selection) -> sql.Composed:
    bounds = ((chosen.start_from, ">="), (chosen.start_to, "<="))
    found = [
        sql.SQL(" and a.created {} {}").format(sql.SQL(operator), sql.Literal(moment))
        for moment, operator in bounds
        if moment is not None
    ]
    return sql.SQL("").join(found)


async def stream(db: Database, chosen: Selection, columns: Sequence[Column], form: Format) -> AsyncIterator[bytes]:
    """The rows of the file in chunks; memory does not grow with their number."""
    after, buffer = 0, bytearray()
    while True:
        async with db.reading() as tx:
            numbers = [row["id"] for row in await tx.rows(_assignments(chosen, after))]
            if not numbers:
                break
            async with (
                tx.conn.cursor() as cursor,
                cursor.copy(_rows(chosen, columns, after, numbers[-1], form)) as copy,
            ):
                async for part in copy:
                    buffer += part
                    if len(buffer) >= _CHUNK:
                        yield bytes(buffer)
                        buffer.clear()
        after = numbers[-1]
        if len(numbers) < STRETCH:
            break
    if buffer:
        yield bytes(buffer)
