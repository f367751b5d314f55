"""From the tasks of a file to the units that are created: tasks, or suites of so many rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from talka.imports.columns import NAMES
from talka.imports.model import CellError, Entry
from talka.kit.errors import FieldError, FieldErrors
from talka.tasks.model import Kind, NewSuite, NewTask
from talka.tasks.rules import MAX_TASKS_IN_SUITE, ItemInvalid, Target, read_suite, read_task

_OF_SUITE = ("overlap", "infinite_overlap", "latitude", "longitude", "reserved_for", "unavailable_for")


@dataclass(frozen=True, slots=True)
class Grouping:
    """How rows become suites where the pool does not mix them itself: so many each, or up to an empty row."""

    tasks_per_suite: int = 1
    by_empty_row: bool = False


@dataclass(slots=True)
class Unit:
    """What one item of a batch is made of, what it contains, and what is wrong with it."""

    rows: list[int]
    item: dict[str, Any]
    kinds: list[Kind] = field(default_factory=list)
    unanswered_hints: int = 0
    errors: list[CellError] = field(default_factory=list)


def units(entries: Iterator[Entry], target: Target, grouping: Grouping, *, tabular: bool) -> Iterator[Unit]:
    """The units of a file, checked as the API checks them."""
    if target.mixed:
        for entry in entries:
            if entry.item is not None:
                yield _task(entry, target, tabular=tabular)
        return
    for group in _groups(entries, grouping):
        yield _suite(group, target, tabular=tabular)


def _groups(entries: Iterator[Entry], grouping: Grouping) -> Iterator[list[Entry]]:
    group: list[Entry] = []
    size = MAX_TASKS_IN_SUITE + 1 if grouping.by_empty_row else grouping.tasks_per_suite
    for entry in entries:
        if entry.item is not None:
            group.append(entry)
        if group and (len(group) >= size or (entry.item is None and grouping.by_empty_row)):
            yield group
            group = []
    if group:
        yield group


def _own_errors(entry: Entry) -> list[CellError]:
    """What reading the row has found; checking it then says more only about its other columns."""
    if entry.problem is not None:
        return [entry.problem]
    return [CellError(entry.row, name, error.code, error.message) for name, error in entry.errors.items()]


def _place(item: dict[str, Any], entry: Entry, target: Target) -> None:
    """Put the pool into an item; one that names another pool is refused."""
    given = item.get("pool_id")
    if given is not None and str(given) != str(target.pool_id):
        entry.errors["pool_id"] = FieldError("VALUE_NOT_ALLOWED", f"The tasks go to pool {target.pool_id}")
    item["pool_id"] = str(target.pool_id)


def _task(entry: Entry, target: Target, *, tabular: bool) -> Unit:
    item = dict(entry.item or {})
    unit = Unit([entry.row], item)
    if entry.problem is not None:
        unit.errors = _own_errors(entry)
        return unit
    _place(item, entry, target)
    for name in ("latitude", "longitude"):
        if item.get(name) is not None:
            entry.errors.setdefault(
                NAMES[name] if tabular else name,
                FieldError("VALUE_NOT_ALLOWED", "Only ready-made suites have a place: this pool mixes its suites"),
            )
    learning = bool(item.get("known_solutions") or item.get("message_on_unknown_solution"))
    if learning and item.get("overlap") is None and item.get("infinite_overlap") is None:
        item["infinite_overlap"] = True
    unit.errors = _own_errors(entry)
    try:
        found: NewTask = read_task(item, entry.row, {str(target.pool_id): target}, allow_defaults=True)
    except ItemInvalid as invalid:
        unit.errors += _located(invalid.errors, [entry], tabular=tabular)
        return unit
    _count(unit, [(found, item)])
    return unit


def _suite(group: Sequence[Entry], target: Target, *, tabular: bool) -> Unit:
    tasks: list[dict[str, Any]] = []
    body: dict[str, Any] = {"pool_id": str(target.pool_id), "tasks": tasks}
    unit = Unit([entry.row for entry in group], body)
    for entry in group:
        item = dict(entry.item or {})
        if entry.problem is None:
            _place(item, entry, target)
            _lift(item, body, entry, tabular=tabular)
            item.pop("pool_id")
        unit.errors += _own_errors(entry)
        tasks.append(item)
    whole = [entry for entry in group if entry.problem is None]
    body["tasks"] = [item for entry, item in zip(group, tasks, strict=True) if entry.problem is None]
    if not whole:
        return unit
    try:
        found: NewSuite = read_suite(body, group[0].row, {str(target.pool_id): target}, allow_defaults=True)
    except ItemInvalid as invalid:
        unit.errors += _located(invalid.errors, whole, tabular=tabular)
        return unit
    _count(unit, list(zip(found.tasks, body["tasks"], strict=True)))
    return unit


def _lift(item: dict[str, Any], body: dict[str, Any], entry: Entry, *, tabular: bool) -> None:
    """Move from a task to its suite what only a suite has; the rows of one suite must agree on it."""
    for name in _OF_SUITE:
        value = item.pop(name, None)
        if value is None or value == []:
            continue
        if name in body and body[name] != value:
            shown = NAMES.get(name, name) if tabular else name
            text = "Another row of the same suite has another value, and a suite has one"
            entry.errors.setdefault(shown, FieldError("VALUE_NOT_ALLOWED", text))
        else:
            body[name] = value


def _count(unit: Unit, tasks: Sequence[tuple[NewTask, Mapping[str, Any]]]) -> None:
    unit.kinds = [task.kind for task, _ in tasks]
    unit.unanswered_hints = sum(task.kind is Kind.TRAINING and not item.get("known_solutions") for task, item in tasks)


def _located(errors: FieldErrors, entries: Sequence[Entry], *, tabular: bool) -> list[CellError]:
    """Errors of an item by row and column, without those of cells that could not even be read."""
    found: list[CellError] = []
    for path, error in errors.items():
        entry, below = entries[0], path
        head, _, rest = path.partition(".")
        if head == "tasks" and rest:
            index, _, below = rest.partition(".")
            entry = entries[int(index)]
        column = (column_of(below) if tabular else below) or None
        if column is None or not any(_covers(name, column) for name in entry.errors):
            found.append(CellError(entry.row, column, error.code, error.message))
    return found


def _covers(name: str, column: str) -> bool:
    return column == name or column.startswith(f"{name}.")


def column_of(path: str) -> str:
    """`input_values.image` → `INPUT:image`; an element keeps its index (`INPUT:list.2`)."""
    for prefix, group in (("input_values.", "INPUT"), ("known_solutions.0.output_values.", "GOLDEN")):
        if path.startswith(prefix):
            return f"{group}:{path.removeprefix(prefix)}"
    return NAMES.get(path, path)
