"""Files that come into a page in pieces: after a broken connection the worker goes on where it broke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from talka.assignments.uploads import held_page
from talka.attachments import rules
from talka.attachments import usecases as attachments
from talka.attachments.model import Attachment, Coming, Limits, PageOfWorker, blob_key
from talka.infra.blobs import Blobs
from talka.infra.db import Database
from talka.kit.errors import TalkaError

Whole = tuple[Attachment, PageOfWorker]


async def start(
    db: Database, worker_id: int, assignment_id: str, name: str | None, media_type: str, size: int, limits: Limits
) -> Coming:
    """Begin a file of `size` bytes of a page.

    Raises:
        ValidationError; Conflict: INAPPROPRIATE_STATUS, UNABLE_TO_UPLOAD_FILE;
        TalkaError: ENTITY_TOO_LARGE, TOO_MANY_REQUESTS.
    """
    async with db.transaction() as tx:
        page = await held_page(tx, worker_id, assignment_id)
        number, _ = await attachments.begin(tx, page, name, media_type, limits, size)
        return await attachments.coming(tx, worker_id, str(number))


async def add(
    db: Database,
    blobs: Blobs,
    worker_id: int,
    upload_id: str,
    offset: int,
    content: AsyncIterator[bytes],
    limits: Limits,
) -> tuple[Coming, Whole | None]:
    """Add a piece that begins at `offset`; with the last one the file is whole.

    Raises:
        NotFound; Conflict: INAPPROPRIATE_STATUS, CONFLICT_STATE, UNABLE_TO_UPLOAD_FILE;
        TalkaError: ENTITY_TOO_LARGE, REMOTE_SERVICE_UNAVAILABLE.
    """
    async with db.transaction() as tx:
        file = await attachments.coming(tx, worker_id, upload_id)
        await held_page(tx, worker_id, str(file.page))
        piece_id = None if file.complete else await attachments.begin_piece(tx, file, offset)
    if piece_id is not None:
        measured = attachments.Measured(content, file.total - offset)
        try:
            async with asyncio.timeout(rules.PIECE_TIME.total_seconds()):
                await blobs.put(blob_key(piece_id), aiter(measured))
            async with db.transaction() as tx:
                file = await attachments.coming(tx, worker_id, upload_id, lock=True)
                file = await attachments.end_piece(tx, file, piece_id, offset, measured.size)
        except TimeoutError:
            await attachments.discard_piece(db, piece_id)
            raise TalkaError("UNABLE_TO_UPLOAD_FILE", "The piece took too long; send smaller ones") from None
        except Exception:
            await attachments.discard_piece(db, piece_id)
            raise
    return file, await _finish(db, blobs, worker_id, file, limits) if file.received == file.total else None


async def _finish(db: Database, blobs: Blobs, worker_id: int, file: Coming, limits: Limits) -> Whole:
    """Make the file of its pieces, under its own id: whoever does it again writes the same."""
    if not file.complete:
        async with db.reading() as tx:
            parts = await attachments.parts(tx, file)
        async with asyncio.timeout(rules.PIECE_TIME.total_seconds()):
            await blobs.put(blob_key(file.id), attachments.joined(blobs, parts))
    async with db.transaction() as tx:
        page = await held_page(tx, worker_id, str(file.page))
        now = await attachments.coming(tx, worker_id, str(file.id), lock=True)
        return await attachments.complete_joined(tx, page, now, limits), page


async def cancel(db: Database, worker_id: int, upload_id: str) -> None:
    """Give up a file that has not come whole; its room in the page is free again.

    Raises:
        NotFound.
    """
    async with db.transaction() as tx:
        await attachments.cancel(tx, await attachments.coming(tx, worker_id, upload_id, lock=True))
