"""Complaining about a page, and dealing with complaints."""

from __future__ import annotations

from talka.assignments import usecases as assignments
from talka.complaints import store
from talka.complaints.model import Complaint, ComplaintClosed, Status
from talka.complaints.wire import ComplaintBody
from talka.infra.db import Tx
from talka.kit.errors import NotFound
from talka.kit.ids import WorkId, parse_number


async def complain(tx: Tx, worker_id: int, assignment_id: str, body: ComplaintBody) -> tuple[Complaint, bool]:
    """Complain about a page of one's own, in whatever state; whether that is new, for once is enough.

    Raises:
        NotFound: the worker has no such page.
    """
    page = await assignments.find_own(tx, worker_id, assignment_id)
    about = WorkId(page.pool_id, page.id)
    new = await store.insert(tx, worker_id, page.account_id, page.project_id, about, body.reason, body.text)
    found = await store.about(tx, about)
    if found is None:
        raise LookupError(f"no complaint about {about}")
    return found, new


async def close(tx: Tx, complaint_id: str, comment: str | None) -> Complaint:
    """Note that a complaint was dealt with; a second time changes nothing.

    Raises:
        NotFound.
    """
    found = await _find(tx, complaint_id, lock=True)
    if found.status is Status.CLOSED:
        return found
    await store.close(tx, found.id, comment)
    closed = await _find(tx, complaint_id)
    tx.record(ComplaintClosed(closed))
    return closed


async def _find(tx: Tx, complaint_id: str, *, lock: bool = False) -> Complaint:
    number = parse_number(complaint_id)
    found = await store.get(tx, number, lock=lock) if number is not None else None
    if found is None:
        raise NotFound("complaint", complaint_id)
    return found
