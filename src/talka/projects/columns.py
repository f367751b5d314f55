"""Columns of files that hold the values of a project's fields, by the rules of task files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from psycopg import sql

from talka.infra.exports import Column
from talka.projects.fields import Specs

# A comma within an element is written `\,`; one that begins like a quoted element or an array stands in quotes itself.
_ELEMENT: LiteralString = (
    "replace(case when e ~ '^\\s*[\"[]' then '\"' || replace(e, '\"', '\"\"') || '\"' else e end, ',', '\\,')"
)
_JSON_ELEMENT: LiteralString = "replace(e, ',', '\\,')"


def field_columns(label: str, fields: Specs, source: LiteralString, *, binary: bool = False) -> Iterator[Column]:
    """A column `label:<field>` for each field, whose values stand in the object `source` (`json`, or `jsonb`)."""
    for name, spec in fields.items():
        value = sql.SQL("{} -> {}").format(sql.SQL(source), sql.Literal(name))
        shown = _cell(source, name, spec.type, "jsonb" if binary else "json")
        yield Column(f"{label}:{name}", shown, value, spec.type)


def _cell(source: LiteralString, name: str, kind: str, form: LiteralString) -> sql.Composed:
    """One value as text: arrays joined by commas, JSON as JSON, null as nothing."""
    found, field = sql.SQL(source), sql.Literal(name)
    if kind.startswith("array_"):
        element = _JSON_ELEMENT if kind == "array_json" else _ELEMENT
        return sql.SQL(
            "case when {form}_typeof({found} -> {field}) = 'array' then (select string_agg({element}, ',' order by n)"
            " from {form}_array_elements_text({found} -> {field}) with ordinality x(e, n)) end"
        ).format(form=sql.SQL(form), found=found, field=field, element=sql.SQL(element))
    if kind == "json":
        return sql.SQL("nullif(({} -> {})::text, 'null')").format(found, field)
    return sql.SQL("{} ->> {}").format(found, field)
