"""SQL of attachments."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, LiteralString

from talka.attachments.model import Attachment, Contents, PageOfWorker
from talka.infra.db import Row, Tx
from talka.infra.http.listing import Column, Listing, ListSpec, choices, moments, numbers, texts, users, work_ids
from talka.kit.ids import WorkId, parse_number, parse_uuid

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
        "assignment_id": work_ids("(f.pool_id, f.assignment_id)"),
        "pool_id": numbers("f.pool_id"),
        "owner_id": users("c.requester_id"),
        "owner_company_id": Column("f.id", lambda text: (parse_number(text),), condition="%s::bigint is null"),
    },
    ranges={"id": Column("f.id", _uuid, "UUID_EXPECTED"), "created": moments("f.created")},
    sorts={"id": ("f.id",), "created": ("f.created",)},
    max_limit=100,
)
DISCARD_DUE: LiteralString = "select min(discard_at) from attachment where discard_at is not null"


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


async def contents(tx: Tx, page: WorkId) -> Contents:
    """What is in a page."""
    row = await tx.row(
        "select count(*) as files, count(*) filter (where size is null and discard_at > %s) as coming,"
        " coalesce(sum(size), 0)::bigint as bytes from attachment where pool_id = %s and assignment_id = %s",
        (tx.now, *page),
    )
    return Contents(**row) if row else Contents(0, 0, 0)


async def insert(
    tx: Tx, attachment_id: uuid.UUID, page: PageOfWorker, name: str, media_type: str, discard_at: datetime
) -> None:
    """A file whose content is still to come."""
    await tx.execute(
        "insert into attachment (id, pool_id, assignment_id, worker_id, account_id, name, media_type, created,"
        " discard_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (attachment_id, *page.id, page.worker_id, page.account_id, name, media_type, tx.now, discard_at),
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
    """Files to be swept now, locked until commit."""
    rows = await tx.rows(
        "select id from attachment where discard_at <= %s order by discard_at limit %s for update skip locked",
        (tx.now, limit),
    )
    return [row["id"] for row in rows]


async def delete(tx: Tx, attachment_id: uuid.UUID) -> None:
    """Forget a swept file."""
    await tx.execute("delete from attachment where id = %s", (attachment_id,))


async def postpone(tx: Tx, attachment_id: uuid.UUID, until: datetime) -> None:
    """Sweep a file later."""
    await tx.execute("update attachment set discard_at = %s where id = %s", (until, attachment_id))
