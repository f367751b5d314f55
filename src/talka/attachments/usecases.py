"""Putting files into pages, finding them again, sweeping what nobody submitted.

The row comes first, then the content, then the row says that it is complete: whenever a process dies in between, the
row is there to sweep the content by, and nobody ever sees a file without content.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import structlog

from talka.attachments import rules, store
from talka.attachments.model import Attachment, PageOfWorker, blob_key
from talka.infra.blobs import Blobs
from talka.infra.db import Database, Tx
from talka.kit.errors import Conflict, FieldError, FieldErrors, NotFound, TalkaError
from talka.kit.ids import WorkId, parse_uuid

log = structlog.get_logger("talka.attachments")
_AGAIN_AFTER = timedelta(minutes=5)


class Measured:
    """Content that is counted as it goes by, and refused once there is too much of it."""

    def __init__(self, content: AsyncIterator[bytes], limit: int) -> None:
        self._content = content
        self._limit = limit
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._content:
            self.size += len(piece)
            if self.size > self._limit:
                raise too_large(self._limit)
            yield piece


def too_large(limit: int) -> TalkaError:
    """The answer to more bytes than a page takes."""
    return TalkaError("ENTITY_TOO_LARGE", f"The page takes {limit} bytes more", {"limit": limit})


async def begin(tx: Tx, page: PageOfWorker, name: str | None, media_type: str, max_bytes: int) -> tuple[uuid.UUID, int]:
    """Note that a file comes into a page (locked by the caller): its id, and how many bytes it may have.

    Raises:
        Conflict: UNABLE_TO_UPLOAD_FILE; TalkaError: ENTITY_TOO_LARGE.
    """
    there = await store.contents(tx, page.id)
    if there.files >= rules.MAX_FILES:
        raise Conflict("UNABLE_TO_UPLOAD_FILE", f"A page takes {rules.MAX_FILES} files")
    if there.coming >= rules.MAX_AT_ONCE:
        raise Conflict("UNABLE_TO_UPLOAD_FILE", f"A page takes {rules.MAX_AT_ONCE} files at the same time")
    if there.bytes >= max_bytes:
        raise too_large(0)
    attachment_id = uuid.uuid4()
    cleaned = rules.clean_name(name)
    kind = rules.media_type_of(media_type, cleaned)
    await store.insert(tx, attachment_id, page, cleaned, kind, tx.now + rules.KEPT_UNSUBMITTED)
    return attachment_id, max_bytes - there.bytes


async def complete(tx: Tx, page: PageOfWorker, attachment_id: uuid.UUID, size: int, max_bytes: int) -> Attachment:
    """The content of a file has come into its page (locked by the caller).

    Raises:
        TalkaError: ENTITY_TOO_LARGE together with files that came meanwhile; Conflict: UNABLE_TO_UPLOAD_FILE.
    """
    others = (await store.contents(tx, page.id)).bytes
    if others + size > max_bytes:
        raise too_large(max_bytes - others)
    done = await store.complete(tx, attachment_id, size, page.until + rules.KEPT_UNSUBMITTED)
    found = await store.get(tx, attachment_id) if done else None
    if found is None:
        raise Conflict("UNABLE_TO_UPLOAD_FILE", "The upload took too long; send the file again")
    return found


async def give_up(db: Database, blobs: Blobs, attachment_id: uuid.UUID) -> None:
    """Sweep a file that could not be completed as soon as possible; it is swept in a day anyway."""
    try:
        async with db.transaction() as tx:
            await store.give_up(tx, attachment_id)
            if await store.get(tx, attachment_id) is None:
                await blobs.remove(blob_key(attachment_id))
    except TalkaError:
        log.warning("an unfinished upload is swept later", attachment_id=str(attachment_id))


async def find(tx: Tx, account_id: int, attachment_id: str) -> Attachment:
    """What a worker has submitted to the account.

    Raises:
        NotFound.
    """
    found = await anybodys(tx, attachment_id)
    if found.account_id != account_id or not found.kept:
        raise NotFound("attachment", attachment_id)
    return found


async def anybodys(tx: Tx, attachment_id: str) -> Attachment:
    """An attachment, whoever it belongs to: the caller decides who may have it.

    Raises:
        NotFound.
    """
    number = parse_uuid(attachment_id)
    found = await store.get(tx, number) if number is not None else None
    if found is None:
        raise NotFound("attachment", attachment_id)
    return found


async def missing(tx: Tx, page: WorkId, named: Mapping[str, str]) -> FieldErrors:
    """What of the ids in the answers of a page (by field path) are no files of that page."""
    ids = {path: parse_uuid(text) for path, text in named.items()}
    present = await store.present(tx, page, {number for number in ids.values() if number is not None})
    error = FieldError("ENTITY_DOES_NOT_EXIST", "Must be the id of a file that was uploaded into this assignment")
    return {path: error for path, number in ids.items() if number not in present or str(number) != named[path]}


async def sweep(tx: Tx, blobs: Blobs, limit: int) -> int:
    """Remove files that were not submitted in time, content first; how many were looked at."""
    found = await store.discarded(tx, limit)
    reachable = True
    for attachment_id in found:
        reachable = reachable and await _removed(blobs, attachment_id)
        if reachable:
            await store.delete(tx, attachment_id)
        else:  # nor are the others tried while the storage is down
            await store.postpone(tx, attachment_id, tx.now + _AGAIN_AFTER)
    return len(found)


async def _removed(blobs: Blobs, attachment_id: uuid.UUID) -> bool:
    try:
        await blobs.remove(blob_key(attachment_id))
    except TalkaError as error:
        log.warning("cannot sweep now", attachment_id=str(attachment_id), error=error.message)
        return False
    return True
