"""Putting files into pages, finding them again, sweeping what nobody submitted.

The row comes first, then the content, then the row says that it is complete: whenever a process dies in between, the
row is there to sweep the content by, and nobody ever sees a file without content.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from talka.attachments import rules, store
from talka.attachments.model import Attachment, Coming, Limits, PageOfWorker, blob_key
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


async def begin(
    tx: Tx, page: PageOfWorker, name: str | None, media_type: str, limits: Limits, total: int | None = None
) -> tuple[uuid.UUID, int]:
    """Note that a file comes into a page (locked by the caller): its id, and how many bytes it may have.

    With `total` bytes, which have their room in the page from now on, it comes in pieces.

    Raises:
        Conflict: UNABLE_TO_UPLOAD_FILE; TalkaError: ENTITY_TOO_LARGE, TOO_MANY_REQUESTS.
    """
    there = await store.contents(tx, page.id)
    if there.files >= rules.MAX_FILES:
        raise Conflict("UNABLE_TO_UPLOAD_FILE", f"A page takes {rules.MAX_FILES} files")
    if there.coming >= rules.MAX_AT_ONCE:
        raise Conflict("UNABLE_TO_UPLOAD_FILE", f"A page takes {rules.MAX_AT_ONCE} files at the same time")
    left = limits.page_bytes - there.bytes
    if left <= 0 or (total or 0) > left:
        raise too_large(max(left, 0))
    await _count(tx, page.worker_id, limits)
    attachment_id = uuid.uuid4()
    cleaned = rules.clean_name(name)
    kind = rules.media_type_of(media_type, cleaned)
    await store.insert(tx, attachment_id, page, cleaned, kind, tx.now + rules.KEPT_UNSUBMITTED, total)
    return attachment_id, left


async def _count(tx: Tx, worker_id: int, limits: Limits) -> None:
    """One more file of a worker today; its bytes are counted when they have come.

    Raises:
        TalkaError: TOO_MANY_REQUESTS.
    """
    files, size = await store.use_day(tx, worker_id, tx.now.date(), 1, 0)
    for used, most, unit in ((files - 1, limits.day_files, "files"), (size, limits.day_bytes, "bytes")):
        if most and used >= most:
            wait = rules.left_of_day(tx.now)
            payload = {"limit": most, "unit": unit, "per": "DAY", "interval": "DAY", "retry_in_seconds": wait}
            raise TalkaError("TOO_MANY_REQUESTS", f"At most {most} {unit} a day can be uploaded", payload)


async def complete(
    tx: Tx, page: PageOfWorker, attachment_id: uuid.UUID, size: int, limits: Limits, *, reserved: bool = False
) -> Attachment:
    """The content of a file has come into its page (locked by the caller), which may have room reserved for it.

    Raises:
        TalkaError: ENTITY_TOO_LARGE together with files that came meanwhile; Conflict: UNABLE_TO_UPLOAD_FILE.
    """
    others = (await store.contents(tx, page.id)).bytes
    if not reserved and others + size > limits.page_bytes:
        raise too_large(limits.page_bytes - others)
    done = await store.complete(tx, attachment_id, size, page.until + rules.KEPT_UNSUBMITTED)
    found = await store.get(tx, attachment_id) if done else None
    if found is None:
        raise Conflict("UNABLE_TO_UPLOAD_FILE", "The upload took too long; send the file again")
    await store.use_day(tx, page.worker_id, tx.now.date(), 0, size)
    return found


async def give_up(db: Database, attachment_id: uuid.UUID) -> None:
    """Have a file that could not be completed swept now; it is in a day anyway."""
    try:
        async with db.transaction() as tx:
            await store.give_up(tx, attachment_id)
    except TalkaError:
        log.warning("an unfinished upload is swept later", attachment_id=str(attachment_id))


async def coming(tx: Tx, worker_id: int, upload_id: str, *, lock: bool = False) -> Coming:
    """A file of a worker that comes in pieces; `lock` keeps how much of it there is until commit.

    Raises:
        NotFound.
    """
    number = parse_uuid(upload_id)
    found = await store.coming(tx, number, worker_id, lock=lock) if number is not None else None
    if found is None:
        raise NotFound("upload", upload_id)
    return found


async def begin_piece(tx: Tx, file: Coming, offset: int) -> uuid.UUID:
    """Note that a piece comes.

    Raises:
        TalkaError: CONFLICT_STATE, with the offset at which the next piece begins.
    """
    if offset != file.received:
        raise _elsewhere(file)
    piece_id = uuid.uuid4()
    await store.insert_piece(tx, piece_id, file.id, tx.now + rules.KEPT_UNSUBMITTED)
    return piece_id


async def end_piece(tx: Tx, file: Coming, piece_id: uuid.UUID, offset: int, size: int) -> Coming:
    """A piece has come (the file is locked by the caller); of two from the same offset the first one counts."""
    if offset == file.received and not file.complete:
        await store.accept_piece(tx, piece_id, file.id, offset, size)
        return replace(file, received=offset + size)
    await store.discard_piece(tx, piece_id)
    return file


def _elsewhere(file: Coming) -> TalkaError:
    text = f"There are {file.received} of {file.total} bytes; go on there"
    return TalkaError("CONFLICT_STATE", text, {"offset": file.received})


async def joined(blobs: Blobs, parts: Sequence[tuple[uuid.UUID, int]]) -> AsyncIterator[bytes]:
    """The content of a file of which there are all pieces.

    Raises:
        TalkaError: REMOTE_SERVICE_UNAVAILABLE.
    """
    for piece_id, size in parts:
        async for piece in blobs.read(blob_key(piece_id), 0, size):
            yield piece


async def parts(tx: Tx, file: Coming) -> list[tuple[uuid.UUID, int]]:
    """The pieces of a file in their order, with their sizes."""
    return await store.pieces(tx, file.id)


async def complete_joined(tx: Tx, page: PageOfWorker, file: Coming, limits: Limits) -> Attachment:
    """A file is whole (its page and itself are locked by the caller); once more, and nothing changes.

    Raises:
        Conflict: UNABLE_TO_UPLOAD_FILE.
    """
    if file.complete:
        return await anybodys(tx, str(file.id))
    found = await complete(tx, page, file.id, file.total, limits, reserved=True)
    await store.discard_pieces(tx, file.id)
    return found


async def cancel(tx: Tx, file: Coming) -> None:
    """Sweep a file that comes in pieces with what there is of it (locked by the caller); not when it is whole."""
    if not file.complete:
        await store.give_up(tx, file.id)
        await store.discard_pieces(tx, file.id)


async def discard_piece(db: Database, piece_id: uuid.UUID) -> None:
    """Have a piece that did not come swept now; it is in a day anyway."""
    try:
        async with db.transaction() as tx:
            await store.discard_piece(tx, piece_id)
    except TalkaError:
        log.warning("a piece is swept later", piece_id=str(piece_id))


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


async def of_page(tx: Tx, page: PageOfWorker) -> list[Attachment]:
    """The files that have come into a page."""
    return await store.of_page(tx, page.id)


async def submitted(tx: Tx, pool_id: int, assignment_ids: Sequence[int]) -> list[Attachment]:
    """The files with which assignments of a pool were submitted, in the order of these."""
    return await store.submitted(tx, pool_id, assignment_ids)


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
