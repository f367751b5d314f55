"""Reads the crowd's CSV files: labels (`item,worker,label[,seconds]`) and truth (`item,truth`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from talka.crowd.model import CrowdError


@dataclass(frozen=True, slots=True)
class Label:
    """What one person said about one item, and the line of the file where it stands."""

    item: str
    person: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right for one item, and the line of the file where it stands."""

    text: str
    line: int


def read_labels(path: Path) -> list[Label]:
    """The labels in the file's order; of a repeated (item, worker) the first.

    Raises:
        CrowdError: the file cannot be read or is not such a table.
    """
    labels: dict[tuple[str, str], Label] = {}
    for line, (item, person, text) in _rows(path, ("item", "worker", "label")):
        labels.setdefault((item, person), Label(item, person, text, line))
    return list(labels.values())


def read_truth(path: Path) -> dict[str, Truth]:
    """Item → what is right; of a repeated item the first.

    Raises:
        CrowdError: the file cannot be read or is not such a table.
    """
    truths: dict[str, Truth] = {}
    for line, (item, text) in _rows(path, ("item", "truth")):
        truths.setdefault(item, Truth(text, line))
    return truths


def people_of(labels: Sequence[Label]) -> list[str]:
    """The persons of a file, in the order in which they first occur."""
    return list(dict.fromkeys(label.person for label in labels))


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells of `columns`) of every row that is not blank; at least one."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), skipinitialspace=True, strict=True)
    some = False
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        places = _places(path, header, columns)
        for row in reader:
            if any(cell.strip() for cell in row):
                some = True
                yield reader.line_num, _cells(path, reader.line_num, row, header, places)
    except csv.Error as error:
        raise CrowdError(f"{path}, line {reader.line_num}: {error}") from None
    if not some:
        raise CrowdError(f"{path} has a header but no rows")


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CrowdError(f"Cannot read {path}: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CrowdError(f"{path}, line {line}: not UTF-8 text; save the file as UTF-8") from None


def _places(path: Path, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    if not any(header):
        raise CrowdError(f"{path} is empty: it must start with the header {','.join(columns)}")
    missing = [name for name in columns if name not in header]
    if missing:
        raise CrowdError(f"{path} has no column {' and no column '.join(missing)}: its header is {','.join(header)}")
    return [header.index(name) for name in columns]


def _cells(path: Path, line: int, row: Sequence[str], header: Sequence[str], places: Sequence[int]) -> list[str]:
    if len(row) > len(header):
        raise CrowdError(f"{path}, line {line}: {len(row)} cells where the header has {len(header)}")
    cells = [row[place] if place < len(row) else "" for place in places]
    for place, cell in zip(places, cells, strict=True):
        if not cell.strip():
            raise CrowdError(f"{path}, line {line}: nothing in the column {header[place]}")
    return cells
