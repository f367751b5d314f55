"""Reading TSV and CSV: quotes as documented for task files, a row at a time."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from talka.imports.model import CellError, FileRefused, Line, Quoted

MAX_ROW_BYTES = 4 << 20
MAX_COLUMNS = 2_000
"""Of any table."""
_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class _Bad(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


def lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines of a text file with their numbers, without the byte order mark and the line feed that ends each.

    Raises:
        FileRefused: it is not UTF-8 at all, or a line is longer than any task can be.
    """
    number = 0
    while raw := file.readline(MAX_ROW_BYTES + 1):
        number += 1
        if number == 1:
            if raw.startswith(_OTHER_ENCODINGS):
                raise FileRefused("The file is not UTF-8: save it as UTF-8")
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if len(raw) > MAX_ROW_BYTES:
            text = f"The line is longer than {MAX_ROW_BYTES} bytes"
            raise FileRefused(text, CellError(number, None, "ENTITY_TOO_LARGE", text))
        yield number, raw.removesuffix(b"\n")


def table(file: BinaryIO, delimiter: str) -> Iterator[Line]:
    """The rows of a table; the header comes first."""
    source = lines(file)
    for number, raw in source:
        try:
            text, last = _whole(number, raw, source)
            cells = _split(text, delimiter)
        except UnicodeDecodeError as error:
            message = f"Byte {error.start + 1} of the row is not UTF-8"
            yield Line(number, None, CellError(number, None, "CHARACTER_NOT_ALLOWED", message))
            continue
        except _Bad as bad:
            name = None if bad.column < 0 else f"{bad.column + 1}"
            yield Line(number, None, CellError(number, name, "INVALID_VALUE", bad.message))
            continue
        if cells is None:
            message = (
                f"unexpected end of file while reading quoted column beginning on line {number}"
                f" and ending on line {last}"
            )
            legacy = {"parsing_error_of": text[:200], "exception_msg": message}
            yield Line(number, None, CellError(number, None, "INVALID_VALUE", "A quote is never closed", legacy))
            continue
        yield Line(number, cells if any(cells) else None)


def _whole(number: int, raw: bytes, source: Iterator[tuple[int, bytes]]) -> tuple[str, int]:
    """The text of the row that begins with `raw`, and the number of its last line.

    The ends of lines within it stay what they are. An odd number of quotes leaves one open, so lines are only counted
    here and split once.
    """
    if not raw.count(b'"') % 2:
        return raw.removesuffix(b"\r").decode(), number
    parts, size, last = [raw], len(raw), number
    for last, more in source:  # noqa: B007 - its last value is wanted
        parts.append(more)
        size += len(more) + 1
        if size > MAX_ROW_BYTES:
            text = f"A quote opened on line {number} is not closed within {MAX_ROW_BYTES} bytes"
            raise FileRefused(text, CellError(number, None, "INVALID_VALUE", text))
        if more.count(b'"') % 2:
            break
    return b"\n".join(parts).removesuffix(b"\r").decode(), last


def _split(text: str, delimiter: str) -> list[str] | None:
    """The cells of a row; None when a quote stays open."""
    if '"' not in text:
        return text.split(delimiter)
    cells: list[str] = []
    start = 0
    while True:
        if text.startswith('"', start):
            end = _closing(text, start + 1)
            if end < 0:
                return None
            cells.append(Quoted(text[start + 1 : end].replace('""', '"')))
            start = end + 1
            if start < len(text) and not text.startswith(delimiter, start):
                raise _Bad(len(cells) - 1, "There is text after the closing quote: double the quotes within the cell")
        else:
            end = text.find(delimiter, start)
            cell = text[start:] if end < 0 else text[start:end]
            if cell.count('"') % 2:
                raise _Bad(len(cells), "A single quote in a cell that is not enclosed in quotes")
            cells.append(cell.replace('"', ""))
            start = len(text) if end < 0 else end
        if start >= len(text):
            return cells
        start += len(delimiter)


def _closing(text: str, start: int) -> int:
    while True:
        found = text.find('"', start)
        if found < 0 or not text.startswith('"', found + 1):
            return found
        start = found + 2
