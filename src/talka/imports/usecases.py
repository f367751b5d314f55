"""Checking a file of tasks, and queueing what it holds as the batches of POST /tasks and POST /task-suites."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import orjson

from talka.imports.columns import read_rows
from talka.imports.documents import json_array, json_lines
from talka.imports.model import CellError, Entry, FileRefused, Line, Report
from talka.imports.parquet import parquet_table
from talka.imports.rules import Grouping, Unit, units
from talka.imports.text import table
from talka.imports.workbook import workbook
from talka.infra.db import Tx
from talka.kit.errors import Conflict
from talka.operations import store as operations
from talka.operations.model import Operation
from talka.operations.usecases import already_exists, enqueue
from talka.projects.fields import Specs
from talka.tasks.model import BatchOptions
from talka.tasks.rules import Target
from talka.tasks.usecases import SUITES, TASKS, check_pools

MAX_TASKS = 1_000_000
BATCH_TASKS, BATCH_BYTES = 10_000, 8 << 20
"""One batch is one transaction: large enough to be fast, small enough for memory and for those who wait for it."""
_SAMPLE = 20
_TABLES: Mapping[str, Callable[[BinaryIO], Iterator[Line]]] = {
    "tsv": lambda file: table(file, "\t"),
    "csv": lambda file: table(file, ","),
    "xlsx": workbook,
    "parquet": parquet_table,
}
_DOCUMENTS: Mapping[str, Callable[[BinaryIO, Specs, Specs], Iterator[Entry]]] = {
    "json": json_array,
    "jsonl": json_lines,
}
FORMATS = (*_TABLES, *_DOCUMENTS)


@dataclass(slots=True)
class Checked:
    """A file after its check: the report, and where its batches lie in the scratch file."""

    kind: str
    report: Report
    batches: list[tuple[int, int]] = field(default_factory=list)


def check(
    file: BinaryIO, form: str, specs: tuple[Specs, Specs], target: Target, grouping: Grouping, scratch: BinaryIO
) -> Checked:
    """Read a whole file once; what is valid goes to `scratch` as bodies of batches. Memory does not grow with it.

    Raises:
        FileRefused: it cannot be read, has no tasks, or has too many.
    """
    tabular = form in _TABLES
    entries = read_rows(_TABLES[form](file), *specs) if tabular else _DOCUMENTS[form](file, *specs)
    checked = Checked(TASKS if target.mixed else SUITES, Report())
    writer = _Writer(scratch, checked.batches)
    for unit in units(entries, target, grouping, tabular=tabular):
        _note(checked.report, unit)
        if not unit.errors:
            writer.add(unit)
    writer.end()
    if not checked.report.total:
        raise FileRefused("The file has no tasks")
    return checked


def _note(report: Report, unit: Unit) -> None:
    report.total += len(unit.rows)
    if report.total > MAX_TASKS:
        text = f"A file has at most {MAX_TASKS} tasks: split it"
        raise FileRefused(text, CellError(unit.rows[0], None, "ENTITY_TOO_LARGE", text))
    for error in unit.errors:
        report.add_error(error)
    if unit.errors:
        return
    report.valid += len(unit.rows)
    report.unanswered_hints += unit.unanswered_hints
    for kind in unit.kinds:
        report.kinds[kind.name.lower()] += 1
    if len(report.sample) < _SAMPLE:
        report.sample.append(unit.item)


class _Writer:
    """Writes units as JSON arrays of bounded size, one after the other."""

    def __init__(self, scratch: BinaryIO, batches: list[tuple[int, int]]) -> None:
        self._scratch = scratch
        self._batches = batches
        self._items: list[bytes] = []
        self._tasks = self._bytes = 0

    def add(self, unit: Unit) -> None:
        """One unit; in the log it has the number of its first row."""
        text = orjson.dumps({**unit.item, "__item_idx": str(unit.rows[0])})
        if self._tasks + len(unit.rows) > BATCH_TASKS or self._bytes + len(text) > BATCH_BYTES:
            self.end()
        self._items.append(text)
        self._tasks += len(unit.rows)
        self._bytes += len(text)

    def end(self) -> None:
        """End the batch at hand."""
        if self._items:
            body = b"[" + b",".join(self._items) + b"]"
            self._batches.append((self._scratch.tell(), len(body)))
            self._scratch.write(body)
        self._items, self._tasks, self._bytes = [], 0, 0


def batch_ids(operation_id: str, count: int) -> list[str]:
    """The ids of a file's operations: its own for the first, derived ones for the others."""
    base = uuid.UUID(operation_id)
    return [operation_id, *(str(uuid.uuid5(base, str(number))) for number in range(1, count))]


async def queue(
    tx: Tx, account_id: int, pool_id: int, operation_id: str, checked: Checked, scratch: BinaryIO, options: BatchOptions
) -> Sequence[Operation]:
    """Queue every batch of a file, or none of them; they are carried out in the order of the file.

    Raises:
        Conflict: OPERATION_ALREADY_EXISTS (also when the file was uploaded before under this id),
            POOL_INAPPROPRIATE_STATUS, POOL_LOCKED_BY_ANOTHER_OPERATION.
    """
    if await operations.get(tx, account_id, operation_id) is not None:
        raise already_exists(operation_id)
    try:
        await check_pools(tx, account_id, checked.kind, [{"pool_id": str(pool_id)}])
    except Conflict as conflict:
        if conflict.code != "MIXER_CONFIG_REQUIRED":
            raise
        text = f"Pool {pool_id} was edited meanwhile: its pages are made in another way now"
        raise Conflict("POOL_LOCKED_BY_ANOTHER_OPERATION", text) from None
    queued: list[Operation] = []
    ids = batch_ids(operation_id, len(checked.batches))
    for number, (batch_id, (offset, size)) in enumerate(zip(ids, checked.batches, strict=True), 1):
        scratch.seek(offset)
        # The pool is opened when all of the file is in it.
        chosen = replace(options, open_pool=options.open_pool and number == len(ids))
        body = scratch.read(size)
        queued.append(await enqueue(tx, account_id, batch_id, checked.kind, chosen.parameters(), body))
    return queued
