"""Subscriptions, what they are told, and how far delivery has come."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """What can be subscribed to."""

    POOL_CLOSED = "POOL_CLOSED"
    DYNAMIC_OVERLAP_COMPLETED = "DYNAMIC_OVERLAP_COMPLETED"
    ASSIGNMENT_CREATED = "ASSIGNMENT_CREATED"
    ASSIGNMENT_SUBMITTED = "ASSIGNMENT_SUBMITTED"
    ASSIGNMENT_SKIPPED = "ASSIGNMENT_SKIPPED"
    ASSIGNMENT_EXPIRED = "ASSIGNMENT_EXPIRED"
    ASSIGNMENT_APPROVED = "ASSIGNMENT_APPROVED"
    ASSIGNMENT_REJECTED = "ASSIGNMENT_REJECTED"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far delivery to a subscription has come, and what keeps it from going on."""

    delivered: int
    pending: int
    paused: bool
    failures: int
    failing_since: datetime | None
    next_attempt: datetime
    last_delivered: datetime | None
    last_error_type: str | None
    last_status: int | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whoever is at `url` wants to know of every event of that type in that pool."""

    id: int
    account_id: int
    project_id: int
    pool_id: int
    event_type: str
    url: str
    secret: str | None
    created: datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as it waits for a subscription."""

    number: int
    uuid: uuid.UUID
    happened: datetime
    assignment_id: int | None
    suite_id: int | None
    details: Mapping[str, Any] | None
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """The next events of a subscription, claimed by one process until the lease ends."""

    subscription: Subscription
    lease: uuid.UUID
    claimed: datetime
    before: int
    last: int
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Changes:
    """Assignments that came into another state; the lists belong together."""

    pools: list[int]
    assignments: list[int]
    was: list[int]
    became: list[int]
    moments: list[datetime]
