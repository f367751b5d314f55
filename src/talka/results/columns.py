"""The columns of the files of a pool, as SQL expressions over assignment `a`, task `t`, worker `w` and answer `o`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg import sql

from talka.infra.exports import Column, text_column
from talka.projects.columns import field_columns
from talka.projects.fields import Specs

DEFAULT_FIELDS = ("link", "assignment_id", "worker_id", "status", "started")
_MOMENTS = ("started", "submitted", "accepted", "rejected", "skipped", "expired")
ASSIGNMENT_FIELDS = ("link", "assignment_id", "task_id", "task_suite_id", "worker_id", "status", *_MOMENTS, "reward")
"""All of them, in their order in the file."""
GOLDEN: LiteralString = "(t.details -> 'known_solutions' -> 0 -> 'output_values')"
"""The first known solution of task `t`."""


def _work_id(number: LiteralString, pool: LiteralString = "a.pool_id") -> sql.SQL:
    return sql.SQL(f"lpad(to_hex({pool}), 10, '0') || '--' || lpad(to_hex({number}), 24, '0')")


def _moment(column: LiteralString) -> sql.SQL:
    return sql.SQL(f"to_char(a.{column} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS')")


_ASSIGNMENT: Mapping[str, sql.Composable] = {
    "assignment_id": _work_id("a.id"),
    "task_id": _work_id("t.id"),
    "task_suite_id": _work_id("a.suite_id"),
    "worker_id": sql.SQL("replace(w.user_id::text, '-', '')"),
    "status": sql.SQL("(array['ACTIVE', 'SUBMITTED', 'APPROVED', 'REJECTED', 'SKIPPED', 'EXPIRED'])[a.status + 1]"),
    "started": _moment("created"),
    "submitted": _moment("submitted"),
    "accepted": _moment("accepted"),
    "rejected": _moment("rejected"),
    "skipped": _moment("skipped"),
    "expired": _moment("expired"),
    "reward": sql.SQL("trim_scale(a.reward)::text"),
}
_KINDS = {**dict.fromkeys(_MOMENTS, "moment"), "reward": "amount"}


def task_columns(inputs: Specs, outputs: Specs) -> tuple[list[Column], list[Column]]:
    """What of a task comes before its answers, and what after them."""
    checked = {name: spec for name, spec in outputs.items() if not spec.type.endswith("file")}
    language = "t.details -> 'localization_config' ->> 'default_language'"
    hints = [
        text_column("HINT:text", sql.SQL("t.details ->> 'message_on_unknown_solution'")),
        text_column("HINT:default_language", sql.SQL(language)),
    ]
    return [*field_columns("INPUT", inputs, "t.input_values")], [*field_columns("GOLDEN", checked, GOLDEN), *hints]


def columns(inputs: Specs, outputs: Specs, fields: Sequence[str], base_url: str, *, reviewed: bool) -> list[Column]:
    """All columns in their order; `fields` are the ASSIGNMENT columns asked for."""
    link = sql.SQL("{} || a.pool_id || '/' || ").format(sql.Literal(f"{base_url}/task/")) + _work_id("a.id")
    assignment = {"link": link, **_ASSIGNMENT}
    before, after = task_columns(inputs, outputs)
    found = [*before, *field_columns("OUTPUT", outputs, "o.output_values", binary=True), *after]
    found += [
        text_column(f"ASSIGNMENT:{name}", assignment[name], _KINDS.get(name, "string"))
        for name in ASSIGNMENT_FIELDS
        if name in fields
    ]
    if reviewed:
        found.append(text_column("ACCEPT:verdict", sql.SQL("case a.status when 2 then '+' when 3 then '-' end")))
        found.append(text_column("ACCEPT:comment", sql.SQL("a.public_comment")))
    return found


def listing_columns(inputs: Specs, outputs: Specs) -> list[Column]:
    """The columns of all tasks: those of a file of tasks, then which task it is and the suite `u` that it is in."""
    before, after = task_columns(inputs, outputs)
    return [
        *before,
        *after,
        Column("TASK:overlap", sql.SQL("q.overlap"), sql.SQL("to_json(q.overlap)"), "integer"),
        text_column("TASK:id", _work_id("t.id", "t.pool_id")),
        text_column("TASK:suite_id", _work_id("u.suite_id", "t.pool_id")),
    ]
