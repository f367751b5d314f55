"""Writing Parquet: rows come as lines of JSON, the file leaves in pieces, one group of rows in memory at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

import orjson
import pyarrow as pa
from pyarrow import parquet

MEDIA_TYPE = "application/vnd.apache.parquet"
_GROUP_ROWS, _GROUP_BYTES = 20_000, 8 << 20
_INT64 = range(-(2**63), 2**63)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _integer(value: Any) -> int | None:
    number = int(value) if isinstance(value, int | float) else None
    return number if number is not None and number in _INT64 else None


def _float(value: Any) -> float | None:
    number = float(value) if isinstance(value, int | float) else math.nan
    return number if math.isfinite(number) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


# Of a type, and how a JSON value becomes one of it; None where it cannot.
_TYPES: Mapping[str, tuple[pa.DataType, Callable[[Any], Any]]] = {
    "integer": (pa.int64(), _integer),
    "float": (pa.float64(), _float),
    "boolean": (pa.bool_(), _boolean),
    "json": (pa.string(), _json),
    "moment": (pa.timestamp("ms", tz="UTC"), lambda value: datetime.fromisoformat(f"{value}+00:00")),
    "amount": (pa.decimal128(38, 6), Decimal),
}
_TEXT = (pa.string(), _text)


def _reader(kind: str) -> tuple[pa.DataType, Callable[[Any], Any]]:
    """The type of a column, and how a JSON value becomes one of it."""
    if kind == "array_json":
        return _TYPES["json"]
    element, read = _TYPES.get(kind.removeprefix("array_"), _TEXT)
    if not kind.startswith("array_"):
        return element, read
    return pa.list_(element), lambda value: [read(part) for part in value] if isinstance(value, list) else None


class _Sink:
    """Keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> int:
        """Called by Arrow."""
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Called by Arrow."""

    def take(self) -> bytes:
        """What came since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


class Writer:
    """Writes one file of columns (name and type of field)."""

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        readers = [_reader(kind) for _, kind in columns]
        self._names = [name for name, _ in columns]
        self._reads = [read for _, read in readers]
        self._schema = pa.schema([(name, kind) for name, (kind, _) in zip(self._names, readers, strict=True)])
        self._sink = _Sink()
        self._writer = parquet.ParquetWriter(pa.PythonFile(self._sink, mode="w"), self._schema, compression="zstd")

    def write(self, lines: IO[bytes]) -> Iterator[bytes]:
        """Add rows, one JSON object a line; what of the file is ready."""
        while group := self._group(lines):
            cells = zip(*group, strict=True)
            arrays = [pa.array(column, kind) for column, kind in zip(cells, self._schema.types, strict=True)]
            self._writer.write_batch(pa.record_batch(arrays, schema=self._schema), row_group_size=len(group))
            yield self._sink.take()

    def _group(self, lines: IO[bytes]) -> list[list[Any]]:
        group: list[list[Any]] = []
        size = 0
        for line in islice(lines, _GROUP_ROWS):
            values = orjson.loads(line)
            cells = zip(self._names, self._reads, strict=True)
            group.append([None if (value := values[name]) is None else read(value) for name, read in cells])
            size += len(line)
            if size > _GROUP_BYTES:
                break
        return group

    def end(self) -> bytes:
        """The rest of the file."""
        self._writer.close()
        return self._sink.take()
