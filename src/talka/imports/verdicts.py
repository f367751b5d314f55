"""Files of verdicts: one decision per assignment, each carried out as PATCH does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from talka.assignments.rules import MAX_COMMENT
from talka.assignments.usecases import review
from talka.imports.model import CellError, FileRefused, Line
from talka.imports.text import table
from talka.infra.db import Database, Tx
from talka.kit.documents import text_problem
from talka.kit.errors import TalkaError
from talka.kit.ids import parse_work_id

MAX_VERDICTS = 10_000
_ID, _VERDICT, _COMMENT = "ASSIGNMENT:assignment_id", "ACCEPT:verdict", "ACCEPT:comment"
_KNOWN = {name.lower(): name for name in (_ID, _VERDICT, _COMMENT)}
_STATUS = {"+": "ACCEPTED", "-": "REJECTED"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row decides."""

    row: int
    assignment_id: str
    status: str
    comment: str | None

    def agrees(self, other: Verdict) -> bool:
        """Whether both decide the same."""
        return (self.status, self.comment) == (other.status, other.comment)


@dataclass(slots=True)
class Decisions:
    """What a file decides, by assignment, and what is wrong with it."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)

    def count(self, status: str) -> int:
        """How many assignments get a status."""
        return sum(verdict.status == status for verdict in self.verdicts.values())


def read_verdicts(file: BinaryIO, pool_id: int) -> Decisions:
    """The decisions of a TSV file; rows without a verdict and other columns are ignored.

    Raises:
        FileRefused: a column is missing, or there are too many verdicts.
    """
    lines = table(file, "\t")
    header = next(lines, None)
    if header is None or header.cells is None:
        raise FileRefused("The first row must name the columns", *_problems(header))
    places = _header(header.cells, header.row)
    found = Decisions()
    refused: set[str] = set()
    for line in lines:
        if line.problem is not None:
            found.errors.append(line.problem)
        elif line.cells is not None:
            _add(found, refused, line, places, len(header.cells), pool_id)
        if len(found.verdicts) > MAX_VERDICTS:
            text = f"A file has at most {MAX_VERDICTS} verdicts: split it"
            raise FileRefused(text, CellError(line.row, None, "ENTITY_TOO_LARGE", text))
    for assignment_id in refused:
        found.verdicts.pop(assignment_id, None)
    if not found.verdicts and not found.errors:
        raise FileRefused("The file has no verdicts")
    return found


def _problems(line: Line | None) -> Sequence[CellError]:
    return [line.problem] if line is not None and line.problem is not None else []


def _header(names: Sequence[Any], row: int) -> dict[str, int]:
    places: dict[str, int] = {}
    errors: list[CellError] = []
    for number, raw in enumerate(names):
        # Some tutorials end these names with a colon.
        name = _KNOWN.get(str(raw).strip().lower().removesuffix(":"))
        if name is not None and name in places:
            errors.append(CellError(row, name, "VALUE_NOT_ALLOWED", f"The column {name} stands there twice"))
        elif name is not None:
            places[name] = number
    for name in (_ID, _VERDICT):
        if name not in places:
            errors.append(CellError(row, name, "VALUE_REQUIRED", f"The column {name} is missing"))
    if errors:
        raise FileRefused(f"The columns of verdicts are {_ID}, {_VERDICT} and {_COMMENT}", *errors)
    return places


def _add(found: Decisions, refused: set[str], line: Line, places: dict[str, int], width: int, pool_id: int) -> None:
    cells = line.cells or []
    if len(cells) != width:
        text = f"The row has {len(cells)} cells, the header has {width}"
        found.errors.append(CellError(line.row, None, "INVALID_VALUE", text))
        return
    values = {name: str(cells[place]).strip() for name, place in places.items()}
    if not values[_VERDICT]:
        return
    error = _wrong(values, pool_id)
    if error is not None:
        found.errors.append(CellError(line.row, *error))
        refused.add(values[_ID])
        return
    verdict = Verdict(line.row, values[_ID], _STATUS[values[_VERDICT]], values.get(_COMMENT) or None)
    before = found.verdicts.setdefault(verdict.assignment_id, verdict)
    if not before.agrees(verdict):
        text = f"Row {before.row} decides otherwise on the same assignment"
        found.errors.append(CellError(line.row, _VERDICT, "VALUE_NOT_ALLOWED", text))
        refused.add(verdict.assignment_id)


def _wrong(values: dict[str, str], pool_id: int) -> tuple[str, str, str] | None:
    """Column, code and message of what is wrong with a row."""
    parts, comment = parse_work_id(values[_ID]), values.get(_COMMENT, "")
    if not values[_ID]:
        return _ID, "VALUE_REQUIRED", "Must be the id of an assignment"
    if parts is None or parts.pool_id != pool_id:
        return _ID, "ENTITY_DOES_NOT_EXIST", "The pool has no such assignment"
    if values[_VERDICT] not in _STATUS:
        return _VERDICT, "VALUE_NOT_ALLOWED", "Must be + or -"
    if values[_VERDICT] == "-" and not comment:
        return _COMMENT, "VALUE_REQUIRED", "A rejection must say why"
    if len(comment) > MAX_COMMENT:
        text = f"Must have at most {MAX_COMMENT} characters"
        return _COMMENT, "STRING_LENGTH_GREATER_THAN_MAX", text
    problem = text_problem(comment)
    return (_COMMENT, problem.code, problem.message) if problem is not None else None


async def carry_out(db: Database, account_id: int, found: Decisions) -> Decisions:
    """Carry out the decisions one by one; those that were, and an error for each that the assignment's state forbids.

    Each is a transaction of its own: locks of many pages and of the account are never held together. The same file
    again changes nothing, so after a crash it is simply sent again.
    """
    done = Decisions()
    for verdict in found.verdicts.values():

        async def work(tx: Tx, verdict: Verdict = verdict) -> None:
            await review(tx, account_id, verdict.assignment_id, verdict.status, verdict.comment)

        try:
            await db.retrying(work)
        except TalkaError as error:
            if error.code == "REMOTE_SERVICE_UNAVAILABLE":
                raise
            done.errors.append(CellError(verdict.row, _VERDICT, error.code, error.message))
        else:
            done.verdicts[verdict.assignment_id] = verdict
    return done
