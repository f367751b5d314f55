"""Threads, their messages, and who takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from talka.kit.ids import WorkId

Texts = Mapping[str, str]


class SelectType(StrEnum):
    """How a requester chose the recipients."""

    ALL = "ALL"
    DIRECT = "DIRECT"
    FILTER = "FILTER"


class Folder(StrEnum):
    """Where a requester finds a thread; IMPORTANT and UNREAD are marks that they set themselves."""

    INBOX = "INBOX"
    OUTBOX = "OUTBOX"
    AUTOMATIC_NOTIFICATION = "AUTOMATIC_NOTIFICATION"
    IMPORTANT = "IMPORTANT"
    UNREAD = "UNREAD"


MARKS = frozenset({Folder.IMPORTANT, Folder.UNREAD})


@dataclass(frozen=True, slots=True)
class Meta:
    """What a thread is about."""

    project_id: int | None = None
    pool_id: int | None = None
    assignment: WorkId | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """How the recipients were chosen, as it was sent."""

    type: SelectType
    ids: Sequence[str] | None = None
    filter: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NewThread:
    """A thread before it is stored; only one that a requester begins has a selection."""

    id: int
    topic: Texts
    recipients: int
    selection: Selection | None
    meta: Meta = Meta()
    answerable: bool = True
    parent_id: int | None = None
    # Whether a worker has written to it, and the last message that they are told.
    answered: bool = False
    told: int | None = None
    # Whether the platform writes.
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """A stored thread; what the platform tells a worker belongs to no account."""

    id: int
    account_id: int | None
    requester_id: str | None
    parent_id: int | None
    recipients: int
    topic: Texts
    selection: Selection | None
    meta: Meta
    answerable: bool
    automatic: bool
    folders: tuple[Folder, ...]
    told: int | None
    created: datetime


@dataclass(frozen=True, slots=True)
class OwnThread:
    """A thread as one of its workers takes part in it."""

    thread: Thread
    requester_name: Texts | None
    unread: bool
    continued: int | None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message before it is stored; without a worker it is the requester's."""

    id: int
    thread_id: int
    worker_id: int | None
    text: Texts


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message."""

    thread_id: int
    worker_id: int | None
    user_id: str | None
    text: Texts
    created: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a requester tells one worker beside something else that they do."""

    user_id: str
    worker_id: int
    topic: Texts
    text: Texts
    meta: Meta
