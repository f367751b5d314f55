"""The header of a table of tasks, and the task that stands in a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from talka.imports.cells import Unreadable, cell_value
from talka.imports.model import CellError, Entry, FileRefused, Line
from talka.imports.text import MAX_COLUMNS
from talka.kit.documents import text_problem
from talka.kit.errors import FieldError, FieldErrors
from talka.projects.fields import Specs

# Tutorials write `AI:` where the format's page has `Al:`.
_PLAIN = {
    "hint:text": "message_on_unknown_solution",
    "hint:default_language": "default_language",
    "task:overlap": "overlap",
    **{f"{prefix}latitude": "latitude" for prefix in ("al:", "ai:", "")},
    **{f"{prefix}longitude": "longitude" for prefix in ("al:", "ai:", "")},
}
# What files with all tasks of a pool have beside their tasks: such a file can be edited and uploaded to another pool.
_IGNORED = frozenset({"task:id", "task:suite_id"})
_NUMBERS = {"overlap": "integer", "latitude": "float", "longitude": "float"}
NAMES = {
    "message_on_unknown_solution": "HINT:text",
    "overlap": "TASK:overlap",
    "latitude": "Al:latitude",
    "longitude": "Al:longitude",
}
"""What the fields of a task are called in a file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a column go: `group` is input, golden, plain or ignored."""

    name: str
    group: str
    field: str
    kind: str


def read_header(names: Sequence[Any], inputs: Specs, outputs: Specs, row: int = 1) -> list[Place]:
    """The places of all columns.

    Raises:
        FileRefused: naming every unknown, repeated and missing column.
    """
    if len(names) > MAX_COLUMNS:
        text = f"A table has at most {MAX_COLUMNS} columns"
        raise FileRefused(text, CellError(row, None, "ENTITY_TOO_LARGE", text))
    places: list[Place] = []
    errors: list[CellError] = []
    seen: set[tuple[str, str]] = set()
    for number, raw in enumerate(names, 1):
        name = str(raw if raw is not None else "").strip()
        place = _place(name, inputs, outputs)
        shown = name[:100] or f"{number}"
        if place is None:
            text = f"Unknown column {shown}" if name else f"Column {number} has no name"
            errors.append(CellError(row, shown, "VALUE_NOT_ALLOWED", text))
        elif (place.group, place.field) in seen:
            errors.append(CellError(row, shown, "VALUE_NOT_ALLOWED", f"The column {shown} stands there twice"))
        else:
            seen.add((place.group, place.field))
            places.append(place)
    for field, spec in inputs.items():
        if spec.required and ("input", field) not in seen:
            text = f"The column INPUT:{field} is missing"
            errors.append(CellError(row, f"INPUT:{field}", "VALUE_REQUIRED", text))
    if errors:
        expected = ", ".join(f"INPUT:{field}" for field in inputs)
        raise FileRefused(f"The header does not fit; the columns of tasks are {expected}", *errors)
    return places


def _place(name: str, inputs: Specs, outputs: Specs) -> Place | None:
    prefix, _, field = name.partition(":")
    if prefix.upper() == "INPUT" and field in inputs:
        return Place(name, "input", field, inputs[field].type)
    if prefix.upper() == "GOLDEN" and field in outputs and not outputs[field].type.endswith("file"):
        return Place(name, "golden", field, outputs[field].type)
    if name.lower() in _IGNORED:
        return Place(name, "ignored", name.lower(), "string")
    plain = _PLAIN.get(name.lower())
    return Place(name, "plain", plain, _NUMBERS.get(plain, "string")) if plain else None


def read_rows(lines: Iterator[Line], inputs: Specs, outputs: Specs) -> Iterator[Entry]:
    """The tasks of a table.

    Raises:
        FileRefused: its header cannot be used.
    """
    header = next(lines, None)
    if header is None:
        raise FileRefused("The file is empty")
    if header.problem is not None:
        raise FileRefused("The header cannot be read", header.problem)
    if header.cells is None:
        raise FileRefused("The first row must name the columns")
    places = read_header(header.cells, inputs, outputs, header.row)
    for line in lines:
        if line.problem is not None:
            yield Entry(line.row, {}, problem=_named(line.problem, places))
        elif line.cells is None:
            yield Entry(line.row, None)
        elif len(line.cells) != len(places):
            yield Entry(line.row, {}, problem=_wrong_size(line, len(places)))
        else:
            yield entry(line.row, zip(places, line.cells, strict=True))


def _named(problem: CellError, places: Sequence[Place]) -> CellError:
    """The error with the name of its column in place of its number."""
    if problem.column is None or not problem.column.isdigit() or int(problem.column) > len(places):
        return problem
    name = places[int(problem.column) - 1].name
    return CellError(problem.row, name, problem.code, problem.message, problem.legacy)


def _wrong_size(line: Line, expected: int) -> CellError:
    cells = line.cells or []
    found = len(cells)
    message = f"The row has {found} cells, the header has {expected}"
    legacy: dict[str, Any] = {
        "parsing_error_of": "\t".join(map(str, cells[:50]))[:200],
        "exception_msg": "the nameMapping array and the sourceList should be the same size"
        f" (nameMapping length = {expected}, sourceList size = {found})",
    }
    return CellError(line.row, None, "INVALID_VALUE", message, legacy)


def entry(row: int, cells: Iterator[tuple[Place, Any]] | zip[tuple[Place, Any]]) -> Entry:
    """The task of one row."""
    groups: Mapping[str, dict[str, Any]] = {"input": {}, "golden": {}, "plain": {}, "ignored": {}}
    errors: FieldErrors = {}
    for place, cell in cells:
        try:
            value = cell_value(place.kind, cell)
        except Unreadable as unreadable:
            errors[place.name] = unreadable.error
            continue
        if value is not None:
            groups[place.group][place.field] = value
    plain = groups["plain"]
    item: dict[str, Any] = {"input_values": groups["input"]}
    if groups["golden"]:
        item["known_solutions"] = [{"output_values": groups["golden"]}]
    language = plain.pop("default_language", None)
    for name, text in (("HINT:text", plain.get("message_on_unknown_solution")), ("HINT:default_language", language)):
        problem = text_problem(text) if isinstance(text, str) else None
        if problem is not None:
            errors[name] = problem
    if language and plain.get("message_on_unknown_solution"):
        item["localization_config"] = {"default_language": language}
    return Entry(row, item | plain, errors)


def flat_entry(row: int, value: Mapping[str, Any], inputs: Specs, outputs: Specs) -> Entry:
    """The task of an object in the old format, whose keys are the names of columns."""
    pairs: list[tuple[Place, Any]] = []
    errors: FieldErrors = {}
    for name, cell in value.items():
        place = _place(name, inputs, outputs)
        if place is None:
            errors[name[:100]] = FieldError("VALUE_NOT_ALLOWED", "There is no such column")
        else:
            pairs.append((place, cell))
    found = entry(row, iter(pairs))
    return Entry(row, found.item, errors | found.errors)
