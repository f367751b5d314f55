"""Reading XLSX and Parquet, whose cells have types, without ever holding a whole file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import openpyxl
import pyarrow as pa
from pyarrow import parquet

from talka.imports.model import CellError, FileRefused, Line
from talka.imports.text import MAX_ROW_BYTES

MAX_UNPACKED, MAX_SHARED = 512 << 20, 64 << 20
"""Bytes that a workbook may have unpacked, and of them its texts, which are kept in memory."""
MAX_ROWS, MAX_COLUMNS = 1_048_576, 2_000
_ROWS_AT_ONCE = 1_000


def workbook(file: BinaryIO) -> Iterator[Line]:
    """The rows of the first sheet.

    Raises:
        FileRefused: it is no workbook, or it unpacks to more than any file of tasks needs.
    """
    _check_archive(file)
    width = 0
    try:
        for number, cells in enumerate(_sheet_rows(file), 1):
            if number > MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise FileRefused(f"A sheet has at most {MAX_ROWS} rows of {MAX_COLUMNS} cells")
            line = _sheet_line(number, cells, width)
            # Cells beyond the last one that is filled do not count.
            width = width or len(line.cells or [])
            yield line
    except (FileRefused, GeneratorExit):
        raise
    except Exception as error:
        # A hostile workbook can break its reader in any way.
        raise FileRefused(f"The file is not a readable XLSX workbook ({type(error).__name__})") from None


def _check_archive(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            # No member unpacks to more than it says: reading stops there.
            sizes = {member.filename: member.file_size for member in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise FileRefused("The file is not an XLSX workbook") from None
    shared = sum(size for name, size in sizes.items() if name.lower().endswith("sharedstrings.xml"))
    if sum(sizes.values()) > MAX_UNPACKED or shared > MAX_SHARED:
        raise FileRefused("The workbook unpacks to too much: save it as CSV, or split it")
    file.seek(0)


def _sheet_rows(file: BinaryIO) -> Iterator[Any]:
    book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of them need not be true
        yield from sheet.iter_rows()
    finally:
        book.close()


def _sheet_line(number: int, cells: Any, width: int) -> Line:
    values: list[Any] = []
    problem: CellError | None = None
    for column, cell in enumerate(cells, 1):
        value = cell.value
        if value is not None and cell.data_type == "f":
            problem = CellError(number, str(column), "VALUE_NOT_ALLOWED", "Must not be a formula: paste its value")
        elif value is not None and cell.data_type == "e":
            problem = CellError(number, str(column), "INVALID_VALUE", f"The cell holds the error {value}")
        elif isinstance(value, str) and len(value) > MAX_ROW_BYTES:
            problem = CellError(number, str(column), "ENTITY_TOO_LARGE", f"Must have at most {MAX_ROW_BYTES} bytes")
        if problem is not None:
            return Line(number, None, problem)
        values.append(value)
    while values and values[-1] is None and len(values) != width:
        values.pop()
    values += [None] * (width - len(values))
    return Line(number, values if any(value not in (None, "") for value in values) else None)


def parquet_table(file: BinaryIO) -> Iterator[Line]:
    """The rows of a Parquet file; its column names come first.

    Raises:
        FileRefused: it is no Parquet file, or it holds more rows than a file may.
    """
    try:
        opened = parquet.ParquetFile(file)
        schema = opened.schema_arrow
        if opened.metadata.num_rows > MAX_ROWS or len(schema.names) > MAX_COLUMNS:
            raise FileRefused(f"A file has at most {MAX_ROWS} rows of {MAX_COLUMNS} cells")
        yield Line(0, list(schema.names))
        # Texts stay in their dictionaries: one that is repeated a thousand times is in memory once.
        texts = [column.name for column in schema if pa.types.is_string(column.type)]
        reader = parquet.ParquetFile(file, read_dictionary=texts)
        number = 0
        for batch in reader.iter_batches(_ROWS_AT_ONCE):
            for index in range(batch.num_rows):
                number += 1
                values = [_plain(column[index].as_py()) for column in batch.columns]
                yield Line(number, values if any(value not in (None, "") for value in values) else None)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise FileRefused(f"The file is not readable Parquet ({type(error).__name__})") from None


def _plain(value: Any) -> Any:
    """Values as JSON has them; what it does not have is refused where the field is checked."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 2**63 else float(value)
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return value
