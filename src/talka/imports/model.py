"""What is read from a file, and what is wrong with it by row and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from talka.kit.errors import FieldErrors, TalkaError

SHOWN_ERRORS = 1_000
"""How many errors the table of a report holds; all are counted."""


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong in one cell, or in a whole row when `column` is None; rows are counted from 1."""

    row: int
    column: str | None
    code: str
    message: str
    # What scripts for the original platform look for in the log of an upload.
    legacy: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """As it stands in a report."""
        body: dict[str, Any] = {"row": self.row, "column": self.column, "code": self.code, "message": self.message}
        return body | self.legacy if self.legacy else body


class Quoted(str):
    """A cell that stood in quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `cells` is None when the row is empty, `problem` says why it cannot be read."""

    row: int
    cells: list[Any] | None
    problem: CellError | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A task as the API takes it, read from a row, with what is wrong with it by column; None: an empty row."""

    row: int
    item: dict[str, Any] | None
    errors: FieldErrors = field(default_factory=dict)
    problem: CellError | None = None


class FileRefused(TalkaError):  # noqa: N818 - reads as the sentence it is
    """The whole file cannot be used."""

    def __init__(self, message: str, *errors: CellError) -> None:
        payload = {"error_count": len(errors), "errors": [error.as_json() for error in errors[:SHOWN_ERRORS]]}
        super().__init__("VALIDATION_ERROR", message, payload)


@dataclass(slots=True)
class Report:
    """The counts of a file and the table of its errors."""

    total: int = 0
    valid: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: {"general": 0, "control": 0, "training": 0})
    unanswered_hints: int = 0
    error_count: int = 0
    errors: list[CellError] = field(default_factory=list)
    sample: list[dict[str, Any]] = field(default_factory=list)

    def add_error(self, error: CellError) -> None:
        """Count an error and show it while there is room."""
        self.error_count += 1
        if len(self.errors) < SHOWN_ERRORS:
            self.errors.append(error)
