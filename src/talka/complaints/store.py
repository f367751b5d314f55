"""SQL of complaints."""

from __future__ import annotations

from typing import LiteralString

from talka.complaints.model import Complaint, Reason, Status
from talka.infra.db import Row, Tx
from talka.infra.http.listing import Listing, ListSpec, choices, moments, numbers, users
from talka.kit.ids import WorkId

_SELECT: LiteralString = (
    "select c.id, c.worker_id, w.user_id, a.requester_id, c.project_id, c.pool_id, c.assignment_id, c.reason, c.body,"
    " c.status, c.comment, c.created, c.closed"
    " from complaint c join worker w on w.id = c.worker_id join account a on a.id = c.account_id"
)
LIST = ListSpec(
    filters={
        "status": choices("c.status", {status.value: status.value for status in Status}),
        "reason": choices("c.reason", {reason.value: reason.value for reason in Reason}, many=True),
        "user_id": users("w.user_id"),
        "requester_id": users("a.requester_id"),
        "project_id": numbers("c.project_id"),
    },
    ranges={"id": numbers("c.id"), "created": moments("c.created")},
    sorts={"id": ("c.id",), "created": ("c.created",)},
)


def _complaint(row: Row) -> Complaint:
    return Complaint(
        id=row["id"],
        worker_id=row["worker_id"],
        user_id=row["user_id"].hex,
        requester_id=row["requester_id"].hex,
        project_id=row["project_id"],
        assignment=WorkId(row["pool_id"], row["assignment_id"]),
        reason=Reason(row["reason"]),
        text=row["body"],
        status=Status(row["status"]),
        comment=row["comment"],
        created=row["created"],
        closed=row["closed"],
    )


async def insert(
    tx: Tx, worker_id: int, account_id: int, project_id: int, page: WorkId, reason: str, text: str | None
) -> bool:
    """Store a complaint; False when there is one about the page (once a transaction that just made it is over)."""
    count = await tx.execute(
        "insert into complaint (worker_id, account_id, project_id, pool_id, assignment_id, reason, body, status,"
        " created) values (%s, %s, %s, %s, %s, %s, %s, 'NEW', %s) on conflict do nothing",
        (worker_id, account_id, project_id, page.pool_id, page.number, reason, text, tx.now),
    )
    return count == 1


async def about(tx: Tx, page: WorkId) -> Complaint | None:
    """The complaint about a page."""
    row = await tx.row(f"{_SELECT} where c.assignment_id = %s", (page.number,))
    return _complaint(row) if row else None


async def get(tx: Tx, complaint_id: int, *, lock: bool = False) -> Complaint | None:
    """A complaint; `lock` keeps it until commit."""
    query: LiteralString = f"{_SELECT} where c.id = %s"
    row = await tx.row(query + (" for update of c" if lock else ""), (complaint_id,))
    return _complaint(row) if row else None


async def close(tx: Tx, complaint_id: int, comment: str | None) -> None:
    """It was dealt with."""
    await tx.execute(
        "update complaint set status = 'CLOSED', comment = %s, closed = %s where id = %s",
        (comment, tx.now, complaint_id),
    )


async def listed(tx: Tx, listing: Listing) -> tuple[list[Complaint], bool]:
    """A page of all complaints."""
    rows, more = await listing.fetch(tx, _SELECT)
    return [_complaint(row) for row in rows], more
