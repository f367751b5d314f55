"""Files of workers in one ZIP: a folder for each assignment, streamed as it is made, with a table of what is what."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, TextIO, cast

from talka.attachments import usecases as attachments
from talka.attachments.model import Attachment
from talka.infra.blobs import Blobs
from talka.infra.db import Database, Row
from talka.infra.http.listing import Column, Listing, ListSpec, choices
from talka.kit.ids import parse_work_id, work_id
from talka.kit.times import parse_time

STRETCH = 100
"""Assignments whose files are looked up at a time."""
_IN_MEMORY = 4 << 20
"""How large the table may be before it waits in a file."""
_COLUMNS = ("assignment_id", "task_id", "field", "attachment_id", "name", "media_type", "size", "path")
_LAST_YEAR = 2107  # of dates in a ZIP
_STATUSES: Mapping[str, int] = {"SUBMITTED": 1, "APPROVED": 2, "REJECTED": 3}


def _moment(text: str) -> tuple[datetime] | None:
    moment = parse_time(text)
    return None if moment is None else (moment,)


def _number(text: str) -> tuple[int] | None:
    parts = parse_work_id(text)
    return None if parts is None else (parts.number,)


SELECTION = ListSpec(
    filters={
        "status": choices("a.status", _STATUSES, many=True),
        "assignment_id": Column("a.id", _number, many=True),
        "startTimeFrom": Column("", _moment, "INVALID_DATE_TIME_SYNTAX", condition="a.created >= %s"),
        "startTimeTo": Column("", _moment, "INVALID_DATE_TIME_SYNTAX", condition="a.created <= %s"),
    },
    sorts={"id": ("a.id",)},
    default_limit=STRETCH,
)
"""Which assignments of a pool are wanted, by the names that the results file has for it."""
_ASSIGNMENTS: LiteralString = "select a.id, a.task_ids, a.solutions from assignment a"
_WITH_FILES: LiteralString = (
    "exists (select 1 from attachment f where f.pool_id = a.pool_id and f.assignment_id = a.id"
    " and f.discard_at is null) = %s"
)


class _Sink:
    """Where the archive is written to: what has come since the last look."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


async def stream(db: Database, blobs: Blobs, pool_id: int, chosen: Listing, made: datetime) -> AsyncIterator[bytes]:
    """The archive in pieces; neither memory nor the database is held by a slow reader.

    Raises:
        TalkaError: REMOTE_SERVICE_UNAVAILABLE.
    """
    sink = _Sink()
    archive = zipfile.ZipFile(cast(io.BytesIO, sink), "w")
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", newline="", encoding="utf-8") as text:
        table = csv.writer(cast(TextIO, text), delimiter="\t", lineterminator="\n")
        table.writerow(_COLUMNS)
        async for assignment, file in _files(db, pool_id, chosen):
            path = f"{file.page}/{file.id}"
            with archive.open(_entry(path, file.created), "w", force_zip64=True) as target:
                async for piece in blobs.read(file.file.key, 0, file.size):
                    target.write(piece)
                    yield sink.taken()
            known = (file.id, file.name, file.media_type, file.size, path)
            table.writerows((file.page, *place, *known) for place in named(pool_id, assignment, str(file.id)))
        text.seek(0)
        with archive.open(_entry("manifest.tsv", made), "w", force_zip64=True) as target:
            while lines := text.read(1 << 16):
                target.write(lines.encode())
                yield sink.taken()
    archive.close()
    yield sink.taken()


async def _files(db: Database, pool_id: int, chosen: Listing) -> AsyncIterator[tuple[Row, Attachment]]:
    """The files of the chosen assignments, each with its assignment, in the order of these."""
    after, more = 0, True
    while more:
        async with db.reading() as tx:
            where = (("a.pool_id = %s", pool_id), ("a.id > %s", after), (_WITH_FILES, True))
            rows, more = await chosen.fetch(tx, _ASSIGNMENTS, *where)
            assignments = {row["id"]: row for row in rows}
            found = await attachments.submitted(tx, pool_id, list(assignments))
        for file in found:
            yield assignments[file.page.number], file
        after = max(assignments, default=0)


def named(pool_id: int, assignment: Row, attachment_id: str) -> Iterator[tuple[str, str]]:
    """Task and output field of every answer of an assignment that names the file."""
    solutions: Sequence[Mapping[str, Any]] = assignment["solutions"] or ()
    for number, solution in zip(assignment["task_ids"], solutions, strict=False):
        for field, value in solution["output_values"].items():
            if value == attachment_id or (isinstance(value, list) and attachment_id in value):
                yield work_id(pool_id, number), field


def _entry(path: str, moment: datetime) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(path, (min(moment.year, _LAST_YEAR), *moment.timetuple()[1:6]))
