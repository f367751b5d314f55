"""Why a pool closes and how long things wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from talka.pools.rules import IDLE

UPDATE_PAUSE: Final = timedelta(minutes=15)
"""After closing for an update a pool opens again by itself."""
APPEAL: Final = timedelta(days=9)
"""So long after a rejection a pool cannot be archived: the worker may appeal."""

_IDLE_LONG: Final = timedelta(days=90)


def idle_period(*, training: bool, general: bool, cloned: bool) -> timedelta:
    """How long nothing may happen with a closed pool before it is archived.

    `general`: it has general tasks; `cloned`: it is the clone of another pool.
    """
    return IDLE if training or (general and not cloned) else _IDLE_LONG


@dataclass(frozen=True, slots=True)
class Resource:
    """What a pool is addressed as: operations of its moves are named after that, and say its id in `parameter`."""

    name: str
    parameter: str


POOL: Final = Resource("POOL", "pool_id")
TRAINING: Final = Resource("TRAINING", "training_id")


class CloseReason(StrEnum):
    """`last_close_reason` of a pool."""

    MANUAL = "MANUAL"
    EXPIRED = "EXPIRED"
    COMPLETED = "COMPLETED"
    NOT_ENOUGH_BALANCE = "NOT_ENOUGH_BALANCE"
    ASSIGNMENTS_LIMIT_EXCEEDED = "ASSIGNMENTS_LIMIT_EXCEEDED"
    BLOCKED = "BLOCKED"
    FOR_UPDATE = "FOR_UPDATE"
