"""SQL of attachments."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, LiteralString

from talka.attachments.model import Attachment, Coming, Contents, PageOfWorker
from talka.attachments.rules import UPLOAD_TIME
from talka.infra.db import Row, Tx
from talka.infra.http.listing import (
    COMPANIES,
    Column,
    Listing,
    ListSpec,
    choices,
    moments,
    numbers,
    texts,
    users,
    work_ids,
)
from talka.kit.ids import WorkId, parse_uuid

_SELECT: LiteralString = (
    "select f.id, f.pool_id, f.assignment_id, f.worker_id, f.account_id, w.user_id, c.requester_id, f.name,"
    " f.media_type, f.size, f.created, f.discard_at is null as kept"
    " from attachment f join worker w on w.id = f.worker_id join account c on c.id = f.account_id"
)


def _uuid(text: str) -> tuple[Any, ...] | None:
    value = parse_uuid(text)
    return None if value is None else (value,)


LIST = ListSpec(
    filters={
        "name": texts("f.name"),
        "type": choices("'ASSIGNMENT_ATTACHMENT'::text", {"ASSIGNMENT_ATTACHMENT": "ASSIGNMENT_ATTACHMENT"}),
        "user_id": users("w.user_id"),
        "assignment_id": work_ids("f.pool_id", "f.assignment_id"),
        "pool_id": numbers("f.pool_id"),
        "owner_id": users("c.requester_id"),
        "owner_company_id": COMPANIES,
    },
    ranges={"id": Column("f.id", _uuid, "UUID_EXPECTED"), "created": moments("f.created")},
    sorts={"id": ("f.id",), "created": ("f.created",)},
    max_limit=100,
)
DISCARD_DUE: LiteralString = (
    "select least((select min(discard_at) from attachment where discard_at is not null),"
    " (select min(discard_at) from attachment_piece))"
)


def _attachment(row: Row) -> Attachment:
    page = WorkId(row.pop("pool_id"), row.pop("assignment_id"))
    return Attachment(
        **{**row, "user_id": row["user_id"].hex, "requester_id": row["requester_id"].hex},
        page=page,
    )


async def get(tx: Tx, attachment_id: uuid.UUID) -> Attachment | None:
    """An attachment of anybody whose content is complete."""
    row = await tx.row(_SELECT + " where f.id = %s and f.size is not null", (attachment_id,))
    return _attachment(row) if row else None


async def listed(tx: Tx, account_id: int, listing: Listing) -> tuple[list[Attachment], bool]:
    """A page of what workers have submitted to an account."""
    rows, more = await listing.fetch(tx, _SELECT, ("f.account_id = %s and f.discard_at is null", account_id))
    return [_attachment(row) for row in rows], more


async def of_page(tx: Tx, page: WorkId) -> list[Attachment]:
    """The complete files of a page, in the order in which they came."""
    query: LiteralString = _SELECT + " where f.pool_id = %s and f.assignment_id = %s and f.size is not null"
    return [_attachment(row) for row in await tx.rows(query + " order by f.created, f.id", page)]


async def submitted(tx: Tx, pool_id: int, assignment_ids: Sequence[int]) -> list[Attachment]:
    """The files with which assignments of a pool were submitted, in the order of these."""
    rows = await tx.rows(
        _SELECT + " where f.pool_id = %s and f.assignment_id = any(%s) and f.discard_at is null"
        " order by f.assignment_id, f.created, f.id",
        (pool_id, list(assignment_ids)),
    )
    return [_attachment(row) for row in rows]


async def contents(tx: Tx, page: WorkId) -> Contents:
    """What is in a page."""
    row = await tx.row(
        "select count(*) as files, count(*) filter (where size is null and discard_at > %s) as coming,"
        " coalesce(sum(coalesce(size, total)) filter (where size is not null or discard_at > %s), 0)::bigint as bytes"
        " from attachment where pool_id = %s and assignment_id = %s",
        (tx.now, tx.now, *page),
    )
    return Contents(**row) if row else Contents(0, 0, 0)


async def insert(
    tx: Tx,
    attachment_id: uuid.UUID,
    page: PageOfWorker,
    name: str,
    media_type: str,
    discard_at: datetime,
    total: int | None,
) -> None:
    """A file whose content is still to come; in pieces if `total` is given."""
    await tx.execute(
        "insert into attachment (id, pool_id, assignment_id, worker_id, account_id, name, media_type, created,"
        " discard_at, total) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (attachment_id, *page.id, page.worker_id, page.account_id, name, media_type, tx.now, discard_at, total),
    )


async def complete(tx: Tx, attachment_id: uuid.UUID, size: int, discard_at: datetime) -> bool:
    """The content has come; False when the row was swept meanwhile."""
    count = await tx.execute(
        "update attachment set size = %s, created = %s, discard_at = %s where id = %s and size is null",
        (size, tx.now, discard_at, attachment_id),
    )
    return count == 1


async def give_up(tx: Tx, attachment_id: uuid.UUID) -> None:
    """Sweep a file whose content did not come."""
    await tx.execute("update attachment set discard_at = %s where id = %s and size is null", (tx.now, attachment_id))


async def present(tx: Tx, page: WorkId, attachment_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these are complete files of the page."""
    rows = await tx.rows(
        "select id from attachment where id = any(%s) and pool_id = %s and assignment_id = %s and size is not null",
        (list(attachment_ids), *page),
    )
    return {row["id"] for row in rows}


async def discarded(tx: Tx, limit: int) -> list[uuid.UUID]:
    """Files and pieces to be swept now, locked until commit."""
    found: list[uuid.UUID] = []
    for query in _DISCARDED:
        rows = await tx.rows(query, (tx.now, limit - len(found)))
        found += [row["id"] for row in rows]
    return found


_DISCARDED: tuple[LiteralString, ...] = (
    "select id from attachment where discard_at <= %s order by discard_at limit %s for update skip locked",
    "select id from attachment_piece where discard_at <= %s order by discard_at limit %s for update skip locked",
)


async def delete(tx: Tx, number: uuid.UUID) -> None:
    """Forget a swept file or piece."""
    await tx.execute("delete from attachment where id = %s", (number,))
    await tx.execute("delete from attachment_piece where id = %s", (number,))


async def postpone(tx: Tx, number: uuid.UUID, until: datetime) -> None:
    """Sweep a file or piece later."""
    await tx.execute("update attachment set discard_at = %s where id = %s", (until, number))
    await tx.execute("update attachment_piece set discard_at = %s where id = %s", (until, number))


# ---------------------------------------------------------------- files that come in pieces


async def coming(tx: Tx, attachment_id: uuid.UUID, worker_id: int, *, lock: bool = False) -> Coming | None:
    """A file of a worker that comes, or came, in pieces; `lock` keeps how much of it there is until commit.

    Not one that might be swept before the next piece has come.
    """
    row = await tx.row(
        "select id, pool_id, assignment_id, total, received, size is not null as complete from attachment"
        " where id = %s and worker_id = %s and total is not null and (size is not null or discard_at > %s)"
        + (" for update" if lock else ""),
        (attachment_id, worker_id, tx.now + UPLOAD_TIME),
    )
    return Coming(page=WorkId(row.pop("pool_id"), row.pop("assignment_id")), **row) if row else None


async def insert_piece(tx: Tx, piece_id: uuid.UUID, attachment_id: uuid.UUID, discard_at: datetime) -> None:
    """A piece whose content is still to come."""
    await tx.execute(
        "insert into attachment_piece (id, attachment_id, discard_at) values (%s, %s, %s)",
        (piece_id, attachment_id, discard_at),
    )


async def accept_piece(tx: Tx, piece_id: uuid.UUID, attachment_id: uuid.UUID, start: int, size: int) -> None:
    """A piece has come and is the next one."""
    await tx.execute("update attachment_piece set start = %s, size = %s where id = %s", (start, size, piece_id))
    await tx.execute("update attachment set received = %s where id = %s", (start + size, attachment_id))


async def discard_piece(tx: Tx, piece_id: uuid.UUID) -> None:
    """Sweep a piece that is not needed."""
    await tx.execute("update attachment_piece set discard_at = %s where id = %s", (tx.now, piece_id))


async def pieces(tx: Tx, attachment_id: uuid.UUID) -> list[tuple[uuid.UUID, int]]:
    """The pieces of a file in their order, with their sizes."""
    rows = await tx.rows(
        "select id, size from attachment_piece where attachment_id = %s and start is not null and size > 0"
        " order by start",
        (attachment_id,),
    )
    return [(row["id"], row["size"]) for row in rows]


async def discard_pieces(tx: Tx, attachment_id: uuid.UUID) -> None:
    """Sweep the pieces of a file that is whole."""
    await tx.execute("update attachment_piece set discard_at = %s where attachment_id = %s", (tx.now, attachment_id))


async def use_day(tx: Tx, worker_id: int, day: date, files: int, size: int) -> tuple[int, int]:
    """Count what a worker uploads; files and bytes of that day by now."""
    row = await tx.row(
        "insert into upload_use as u (worker_id, day, files, bytes) values (%s, %s, %s, %s)"
        " on conflict (worker_id) do update set day = greatest(u.day, excluded.day),"
        " files = case when u.day >= excluded.day then u.files else 0 end + excluded.files,"
        " bytes = case when u.day >= excluded.day then u.bytes else 0 end + excluded.bytes returning files, bytes",
        (worker_id, day, files, size),
    )
    return (row["files"], row["bytes"]) if row else (0, 0)
