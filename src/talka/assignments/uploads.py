"""Files that a worker puts into a page they hold: streamed to the storage between two short transactions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from talka.assignments import usecases
from talka.assignments.model import Assignment, Status
from talka.attachments import rules
from talka.attachments import usecases as attachments
from talka.attachments.model import Attachment, Limits, PageOfWorker, blob_key
from talka.infra.blobs import Blobs
from talka.infra.db import Database, Tx
from talka.kit.errors import NotFound, TalkaError, field_error
from talka.kit.ids import WorkId
from talka.restrictions import usecases as restrictions


async def held_page(tx: Tx, worker_id: int, assignment_id: str) -> PageOfWorker:
    """The page, if the worker holds it now; it stays as it is until commit.

    Raises:
        ValidationError: they have none of that id; Conflict: INAPPROPRIATE_STATUS; TalkaError: ACCESS_DENIED.
    """
    await restrictions.refuse_banned(tx, worker_id)
    found = await _own(tx, worker_id, assignment_id, lock=True)
    if found.status is not Status.ACTIVE or found.expires <= tx.now:
        raise usecases.not_active(found)
    return _page(found)


async def _own(tx: Tx, worker_id: int, assignment_id: str, *, lock: bool = False) -> Assignment:
    try:
        return await usecases.find_own(tx, worker_id, assignment_id, lock=lock)
    except NotFound as error:
        raise field_error("assignment_id", "ENTITY_DOES_NOT_EXIST", error.message) from None


def _page(found: Assignment) -> PageOfWorker:
    return PageOfWorker(WorkId(found.pool_id, found.id), found.worker_id, found.account_id, found.expires)


async def upload(
    db: Database,
    blobs: Blobs,
    worker_id: int,
    assignment_id: str,
    name: str | None,
    media_type: str,
    content: AsyncIterator[bytes],
    limits: Limits,
) -> tuple[Attachment, PageOfWorker]:
    """Store a file of a page.

    Raises:
        ValidationError; Conflict: INAPPROPRIATE_STATUS, UNABLE_TO_UPLOAD_FILE;
        TalkaError: ENTITY_TOO_LARGE, TOO_MANY_REQUESTS, REMOTE_SERVICE_UNAVAILABLE.
    """
    async with db.transaction() as tx:
        page = await held_page(tx, worker_id, assignment_id)
        attachment_id, left = await attachments.begin(tx, page, name, media_type, limits)
    measured = attachments.Measured(content, left)
    try:
        async with asyncio.timeout(rules.UPLOAD_TIME.total_seconds()):
            await blobs.put(blob_key(attachment_id), aiter(measured))
        async with db.transaction() as tx:
            page = await held_page(tx, worker_id, assignment_id)
            done = await attachments.complete(tx, page, attachment_id, measured.size, limits)
    except TimeoutError:
        await attachments.give_up(db, attachment_id)
        raise TalkaError("UNABLE_TO_UPLOAD_FILE", "The upload took too long; send the file again") from None
    except Exception:
        await attachments.give_up(db, attachment_id)
        raise
    return done, page


async def files(tx: Tx, worker_id: int, assignment_id: str) -> tuple[list[Attachment], PageOfWorker]:
    """The files that a worker has put into a page.

    Raises:
        ValidationError: they have none of that id.
    """
    page = _page(await _own(tx, worker_id, assignment_id))
    return await attachments.of_page(tx, page), page
