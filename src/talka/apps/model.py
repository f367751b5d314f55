"""Projects of apps, their batches and items, and what comes of answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any


class Priority(IntEnum):
    """`priority_order` of a batch: those before ONE come first."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4
    FIVE = 5


class BatchStatus(StrEnum):
    """Where a batch is; ARCHIVE and STOPPING are read off other things."""

    NEW = "NEW"
    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    STOPPED = "STOPPED"
    COMPLETED = "COMPLETED"
    NO_MONEY = "NO_MONEY"
    ERROR = "ERROR"


RUNNING = (BatchStatus.QUEUED, BatchStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class AppProject:
    """A project of an app; `project_id` is the project whose pools do the work."""

    id: int
    account_id: int
    app_id: str
    parent_id: int | None
    project_id: int
    name: str
    parameters: Mapping[str, Any]
    item_price: Decimal
    archived: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that are worked on together, by one pool; the stream of a project is a batch that is not shown."""

    id: int
    app_project_id: int
    pool_id: int | None
    stream: bool
    name: str
    status: BatchStatus
    archived: bool
    # Whether pages of a stopped batch are still out.
    busy: bool
    priority: Priority
    # Whether items may be there that workers do not get yet.
    loading: bool
    item_price: Decimal
    items: int
    processing: int
    completed: int
    failed: int
    # How many of the completed ones were answered by workers, not taken from an equal item.
    labelled: int
    confidence: float
    last_import: Mapping[str, Any] | None
    created: datetime
    started: datetime | None
    finished: datetime | None

    @property
    def shown_status(self) -> str:
        """The status as clients see it."""
        if self.archived:
            return "ARCHIVE"
        return "STOPPING" if self.busy else self.status.value

    @property
    def fresh(self) -> int:
        """How many items are NEW."""
        return self.items - self.processing - self.completed - self.failed


@dataclass(frozen=True, slots=True)
class NewItem:
    """A valid item that is not stored yet."""

    input_data: Mapping[str, Any]
    fingerprint: uuid.UUID
    forced: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item that is to be given to workers."""

    id: int
    fingerprint: uuid.UUID
    forced: bool
    input_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """An item whose task workers do; `wanted` accepted answers complete it (None: no number does)."""

    id: int
    task_id: int
    wanted: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one worker said of an item, and how often that worker is right."""

    values: Mapping[str, Any]
    accuracy: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What answers come to, and how sure that is, 0 to 1."""

    result: Any
    confidence: float

    def output(self) -> dict[str, Any]:
        """`output_data` of an item."""
        return {"result": self.result, "confidence": self.confidence}


Answers = Sequence[Answer]
"""All answers to one item, in the order in which they were given."""
