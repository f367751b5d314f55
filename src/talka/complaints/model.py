"""Complaints, why people complain, and the event when one was dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from talka.kit.ids import WorkId


class Reason(StrEnum):
    """What is wrong with a page."""

    SPAM = "SPAM"
    CONTACTS = "CONTACTS"
    INSTALLATION = "INSTALLATION"
    BROKEN = "BROKEN"
    FORBIDDEN_CONTENT = "FORBIDDEN_CONTENT"
    OTHER = "OTHER"


class Status(StrEnum):
    """NEW until the operator has dealt with it."""

    NEW = "NEW"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a worker says about a page; `comment` is the operator's, for the worker."""

    id: int
    worker_id: int
    user_id: str
    requester_id: str
    project_id: int
    assignment: WorkId
    reason: Reason
    text: str | None
    status: Status
    comment: str | None
    created: datetime
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class ComplaintClosed:
    """An event: the operator has dealt with a complaint."""

    complaint: Complaint
