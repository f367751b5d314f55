"""Attachments and the pages that they belong to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from talka.infra.http.files import StoredFile
from talka.kit.ids import WorkId


@dataclass(frozen=True, slots=True)
class PageOfWorker:
    """The page that a file is put into: whose it is, and until when it can be submitted."""

    id: WorkId
    worker_id: int
    account_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file whose content is complete; requesters see it once its page was submitted with it (`kept`)."""

    id: uuid.UUID
    page: WorkId
    worker_id: int
    account_id: int
    user_id: str
    requester_id: str
    name: str
    media_type: str
    size: int
    created: datetime
    kept: bool

    @property
    def file(self) -> StoredFile:
        """What can be downloaded."""
        return StoredFile(blob_key(self.id), self.name, self.media_type, self.size, self.created)


@dataclass(frozen=True, slots=True)
class Contents:
    """How many files a page has, how many of them are still coming, and how many bytes the others have."""

    files: int
    coming: int
    bytes: int


def blob_key(attachment_id: uuid.UUID) -> str:
    """Where the content of an attachment lies in the storage."""
    return f"{attachment_id.hex[:2]}/{attachment_id}"
