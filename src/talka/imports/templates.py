"""Files to fill in: the columns of a project's tasks, and two tasks as examples."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import orjson

from talka.projects.fields import FieldSpec, Specs

FORMATS: Mapping[str, str] = {
    "tsv": "text/tab-separated-values; charset=UTF-8",
    "csv": "text/csv; charset=UTF-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json; charset=UTF-8",
    "jsonl": "application/jsonl; charset=UTF-8",
}
"""The formats, with their media types."""
EXAMPLES = 2
_VALUES: Mapping[str, Any] = {
    "string": "Add your text here",
    "url": "https://example.com/image.jpg",
    "boolean": True,
    "integer": 1,
    "float": 0.5,
    "coordinates": "38.7139,-9.1394",
    "json": {"key": "value"},
}


def template(form: str, inputs: Specs, outputs: Specs) -> bytes:
    """The file: a general task in each row, with room for known answers and a hint."""
    values = {name: _example(spec) for name, spec in inputs.items()}
    if form in {"json", "jsonl"}:
        tasks = [{"input_values": values}] * EXAMPLES
        if form == "json":
            return orjson.dumps(tasks, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return b"".join(orjson.dumps(task, option=orjson.OPT_APPEND_NEWLINE) for task in tasks)
    golden = [name for name, spec in outputs.items() if not spec.type.endswith("file")]
    head = [*(f"INPUT:{name}" for name in inputs), *(f"GOLDEN:{name}" for name in golden), "HINT:text", "TASK:overlap"]
    cells = [_cell(inputs[name].type, value) for name, value in values.items()]
    rows = [head, *[[*cells, *[None] * (len(head) - len(cells))]] * EXAMPLES]
    return _workbook(rows) if form == "xlsx" else _text(rows, "\t" if form == "tsv" else ",")


def _example(spec: FieldSpec) -> Any:
    """A value that the field takes, as far as its type and its bounds tell."""
    kind = spec.type.removeprefix("array_")
    value = _VALUES.get(kind, "")
    allowed, low, high = (getattr(spec, name, None) for name in ("allowed_values", "min_value", "max_value"))
    if allowed:
        value = allowed[0]
    elif low is not None and value < low:
        value = low
    elif high is not None and value > high:
        value = high
    if not spec.type.startswith("array_"):
        return value
    return [value] * max(getattr(spec, "min_size", None) or 1, 1)


def _cell(kind: str, value: Any) -> Any:
    """The value as it stands in a cell."""
    if kind.startswith("array_"):
        if kind == "array_json":
            return ",".join(orjson.dumps(part).decode().replace(",", "\\,") for part in value)
        return ",".join(str(_cell("", part)).replace(",", "\\,") for part in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


def _text(rows: Sequence[Sequence[Any]], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("tasks")
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
