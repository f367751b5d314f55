"""The columns of the results file, as SQL expressions over assignment `a`, task `t` and answer `o`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from talka.projects.fields import Specs

ASSIGNMENT_FIELDS = (
    "link",
    "assignment_id",
    "task_id",
    "task_suite_id",
    "worker_id",
    "status",
    "started",
    "submitted",
    "accepted",
    "rejected",
    "skipped",
    "expired",
    "reward",
)
DEFAULT_FIELDS = ("link", "assignment_id", "worker_id", "status", "started")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its value as text (`shown`) and as JSON (`value`)."""

    name: str
    shown: sql.Composable
    value: sql.Composable


def _work_id(number: LiteralString) -> sql.SQL:
    return sql.SQL(f"lpad(to_hex(a.pool_id), 10, '0') || '--' || lpad(to_hex({number}), 24, '0')")


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


def _cell(source: sql.SQL, name: str, kind: str, arrays: LiteralString, typeof: LiteralString) -> sql.Composed:
    """One value as text: arrays joined by commas (`\\,` within elements), JSON as JSON, null as nothing."""
    field = sql.Literal(name)
    if kind.startswith("array_"):
        return sql.SQL(
            "case when {typeof}({source} -> {field}) = 'array' then (select string_agg(replace(e, ',', '\\,'), ','"
            " order by n) from {arrays}({source} -> {field}) with ordinality x(e, n)) end"
        ).format(typeof=sql.SQL(typeof), source=source, field=field, arrays=sql.SQL(arrays))
    if kind == "json":
        return sql.SQL("nullif(({source} -> {field})::text, 'null')").format(source=source, field=field)
    return sql.SQL("{source} ->> {field}").format(source=source, field=field)


def _input(source: LiteralString, label: str, name: str, kind: str) -> Column:
    found = sql.SQL(source)
    shown = _cell(found, name, kind, "json_array_elements_text", "json_typeof")
    return Column(f"{label}:{name}", shown, sql.SQL("{} -> {}").format(found, sql.Literal(name)))


def _output(name: str, kind: str) -> Column:
    found = sql.SQL("o.output_values")
    shown = _cell(found, name, kind, "jsonb_array_elements_text", "jsonb_typeof")
    return Column(f"OUTPUT:{name}", shown, sql.SQL("{} -> {}").format(found, sql.Literal(name)))


def _text(name: str, shown: sql.Composable) -> Column:
    return Column(name, shown, sql.SQL("to_json(({})::text)").format(shown))


def columns(inputs: Specs, outputs: Specs, fields: Sequence[str], base_url: str, *, reviewed: bool) -> list[Column]:
    """All columns in their order; `fields` are the ASSIGNMENT columns asked for."""
    link = sql.SQL("{} || a.pool_id || '/' || ").format(sql.Literal(f"{base_url}/task/")) + _work_id("a.id")
    assignment = {"link": link, **_ASSIGNMENT}
    found = [_input("t.input_values", "INPUT", name, spec.type) for name, spec in inputs.items()]
    found += [_output(name, spec.type) for name, spec in outputs.items()]
    golden: LiteralString = "(t.details -> 'known_solutions' -> 0 -> 'output_values')"
    checked = {name: spec.type for name, spec in outputs.items() if not spec.type.endswith("file")}
    found += [_input(golden, "GOLDEN", name, kind) for name, kind in checked.items()]
    found.append(_text("HINT:text", sql.SQL("t.details ->> 'message_on_unknown_solution'")))
    language = "t.details -> 'localization_config' ->> 'default_language'"
    found.append(_text("HINT:default_language", sql.SQL(language)))
    found += [_text(f"ASSIGNMENT:{name}", assignment[name]) for name in ASSIGNMENT_FIELDS if name in fields]
    if reviewed:
        found.append(_text("ACCEPT:verdict", sql.SQL("case a.status when 2 then '+' when 3 then '-' end")))
        found.append(_text("ACCEPT:comment", sql.SQL("a.public_comment")))
    return found
