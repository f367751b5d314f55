"""Attachments and the pages that they belong to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from talka.infra.http.files import StoredFile
from talka.infra.settings import Settings
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


@dataclass(frozen=True, slots=True)
class Coming:
    """A file that comes in pieces: how much of it there is."""

    id: uuid.UUID
    page: WorkId
    total: int
    received: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """How much workers may upload: into one page, and on one day; 0 files or bytes a day mean no limit."""

    page_bytes: int
    day_files: int = 0
    day_bytes: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """What the operator set; nobody is limited by the day in a sandbox, where days pass as one likes."""
        if settings.sandbox:
            return cls(settings.max_attachment_bytes)
        return cls(settings.max_attachment_bytes, settings.uploads_per_day, settings.upload_bytes_per_day)


def blob_key(attachment_id: uuid.UUID) -> str:
    """Where the content of an attachment lies in the storage."""
    return f"{attachment_id.hex[:2]}/{attachment_id}"
