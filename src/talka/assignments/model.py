"""Assignments and what can become of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

from talka.ledger.usecases import Work


class Status(IntEnum):
    """State of an assignment; the numbers stand in the database."""

    ACTIVE = 0
    SUBMITTED = 1
    ACCEPTED = 2
    REJECTED = 3
    SKIPPED = 4
    EXPIRED = 5


@dataclass(frozen=True, slots=True)
class TrainingPageDone:
    """An event: a worker handed in a page with training tasks, all of them right in the end."""

    pool_id: int
    assignment_id: int
    worker_id: int


@dataclass(frozen=True, slots=True)
class TrainingPageLeft:
    """An event: a worker's page with training tasks ended without answers."""

    pool_id: int
    worker_id: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One page taken by one worker; `task_ids` in the order of the page."""

    pool_id: int
    id: int
    suite_id: int
    worker_id: int
    project_id: int
    account_id: int
    status: Status
    slots: int
    project_major: int
    project_minor: int
    auto_accept: bool
    mixed: bool
    automerged: bool
    learning: bool
    accept_days: int
    reward: Decimal
    fee: Decimal
    created: datetime
    expires: datetime
    task_ids: Sequence[int]
    unit_ids: Sequence[int]
    accept_at: datetime | None = None
    submitted: datetime | None = None
    accepted: datetime | None = None
    rejected: datetime | None = None
    skipped: datetime | None = None
    expired: datetime | None = None
    public_comment: str | None = None
    solutions: Sequence[Mapping[str, Any]] | None = None

    @property
    def work(self) -> Work:
        """Its money."""
        return Work(self.id, self.pool_id, self.account_id, self.worker_id, self.reward, self.fee)
