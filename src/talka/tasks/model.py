"""Tasks, suites and their places in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum


class Kind(IntEnum):
    """What a task is for."""

    GENERAL = 0
    CONTROL = 1
    TRAINING = 2


class Lane(IntEnum):
    """Part of a pool's queue: see docs/decisions/0004-issuing.md."""

    FIRST_TIME = 0
    RETURNED = 1
    RESERVED = 2
    ENDLESS = 3


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may get a unit: user ids as they were sent."""

    reserved_for: tuple[str, ...] = ()
    unavailable_for: tuple[str, ...] = ()


EVERYBODY = Audience()


@dataclass(frozen=True, slots=True)
class NewTask:
    """A valid task that is not stored yet; `overlap` None is unlimited."""

    pool_id: int
    index: int
    kind: Kind
    input_values: bytes
    details: bytes | None
    overlap: int | None
    by_default: bool = False
    audience: Audience = EVERYBODY


@dataclass(frozen=True, slots=True)
class NewSuite:
    """A valid task suite that is not stored yet; its tasks have no queue places of their own."""

    pool_id: int
    index: int
    tasks: tuple[NewTask, ...]
    overlap: int | None
    by_default: bool = False
    audience: Audience = EVERYBODY
    details: bytes | None = None
    mixed: bool = False
    issuing_order_override: Decimal = Decimal(0)
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Query parameters of a batch creation."""

    skip_invalid_items: bool = False
    allow_defaults: bool = False
    open_pool: bool = False

    def parameters(self) -> dict[str, bool]:
        """As they stand in an operation."""
        return {
            "skip_invalid_items": self.skip_invalid_items,
            "allow_defaults": self.allow_defaults,
            "open_pool": self.open_pool,
        }


@dataclass(frozen=True, slots=True)
class PoolOpeningAsked:
    """An event: things were added to pools that are to be opened if they are closed.

    With `operation_id` a failure to open goes to the log of that operation, else it undoes the request.
    """

    account_id: int
    pool_ids: tuple[int, ...]
    operation_id: str | None = None
