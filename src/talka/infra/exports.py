"""Files of rows that PostgreSQL itself writes: TSV, CSV, JSON Lines and Parquet, a stretch of rows at a time."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import IO, LiteralString

import orjson
from psycopg import sql
from starlette.responses import StreamingResponse

from talka.infra.db import Database, Tx
from talka.infra.http.files import disposition
from talka.infra.parquet import MEDIA_TYPE as PARQUET_TYPE
from talka.infra.parquet import Writer

_PIECE = 1 << 17
_IN_MEMORY = 4 << 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its value as text (`shown`) and as JSON (`value`), and its type as a field would have it.

    Besides the types of fields there are `moment` and `amount`; what is neither number nor boolean is text in Parquet.
    """

    name: str
    shown: sql.Composable
    value: sql.Composable
    kind: str = "string"


def text_column(name: str, shown: sql.Composable, kind: str = "string") -> Column:
    """A column whose JSON is its text."""
    return Column(name, shown, sql.SQL("to_json(({})::text)").format(shown), kind)


class Format(Enum):
    """The formats, by the ending of a file's name."""

    TSV = "tsv"
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"

    @property
    def tabular(self) -> bool:
        """Whether it is text in rows and cells."""
        return self in _DELIMITERS


_DELIMITERS: Mapping[Format, str] = {Format.TSV: "\t", Format.CSV: ","}
_MEDIA_TYPES: Mapping[Format, str] = {
    Format.TSV: "text/tab-separated-values; charset=UTF-8",
    Format.CSV: "text/csv; charset=UTF-8",
    Format.JSONL: "application/jsonl; charset=UTF-8",
    Format.PARQUET: PARQUET_TYPE,
}
# JSON holds no control characters, so with these nothing is ever quoted.
_JSON_OPTIONS: LiteralString = "delimiter E'\\x02', quote E'\\x01'"
_OPTIONS: Mapping[Format, LiteralString] = {Format.TSV: "delimiter E'\\t'", Format.CSV: "delimiter ','"}

Stretch = tuple[sql.Composable, int]
Source = Callable[[Tx, int], Awaitable[Stretch | None]]
"""What follows `select …` for the next stretch beyond a number, and the number at which it ends; None after the last.

Each stretch is a statement with a snapshot of its own, so that no long download keeps old rows alive.
"""


def _row(columns: Sequence[Column], form: Format) -> sql.Composable:
    if form.tabular:
        return sql.SQL(", ").join(column.shown for column in columns)
    parts: list[sql.Composable] = []
    for column in columns:
        key = f"{',' if parts else '{'}{orjson.dumps(column.name).decode()}:"
        parts.append(sql.SQL("{} || coalesce(({})::text, 'null')").format(sql.Literal(key), column.value))
    return sql.SQL(" || ").join([*parts, sql.Literal("}")])


async def _copy(
    tx: Tx, columns: Sequence[Column], form: Format, stretch: Stretch | None, target: IO[bytes]
) -> int | None:
    """Write a stretch to `target`; where it ends, or None when there is none."""
    if stretch is None:
        return None
    rows, end = stretch
    query = sql.SQL("copy (select {} {}) to stdout (format csv, {})").format(
        _row(columns, form), rows, sql.SQL(_OPTIONS.get(form, _JSON_OPTIONS))
    )
    async with tx.conn.cursor() as cursor, cursor.copy(query) as copy:
        async for part in copy:
            target.write(part)
    target.seek(0)
    return end


async def stream(db: Database, columns: Sequence[Column], form: Format, *sources: Source) -> AsyncIterator[bytes]:
    """The file in pieces; neither memory nor the time for which a connection is held depends on who reads it."""
    head = _header([column.name for column in columns], _DELIMITERS[form]) if form.tabular else b""
    writer = Writer([(column.name, column.kind) for column in columns]) if form is Format.PARQUET else None
    for source in sources:
        after: int | None = 0
        while after is not None:
            # On disk when it is large; the connection is free again before the first byte is sent.
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as held:
                async with db.reading() as tx:
                    after = await _copy(tx, columns, form, await source(tx, after), held)
                pieces = writer.write(held) if writer is not None else _pieces(held)
                while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                    yield head + piece
                    head = b""
    if head or writer is not None:
        yield head if writer is None else writer.end()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _header(names: list[str], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(names)
    return text.getvalue().encode()


async def download(
    db: Database, name: str, form: Format, columns: Sequence[Column], *sources: Source
) -> StreamingResponse:
    """The file as an answer; what goes wrong with its first rows is told before the head of the answer is sent."""
    pieces = stream(db, columns, form, *sources)
    first = await anext(pieces, b"")
    headers = {"content-disposition": disposition(f"{name}.{form.value}")}
    return StreamingResponse(_after(first, pieces), media_type=_MEDIA_TYPES[form], headers=headers)


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
