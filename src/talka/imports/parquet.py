"""Reading Parquet, whose cells have types, without ever holding a whole file."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from talka.imports.model import FileRefused, Line
from talka.imports.text import MAX_COLUMNS

MAX_ROWS = 1_048_576
_ROWS_AT_ONCE = 1_000


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
