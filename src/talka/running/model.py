"""Events of running pools, and what is noted of those that may have to close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from talka.running.rules import CloseReason


@dataclass(frozen=True, slots=True)
class PoolClosed:
    """An event: an open pool closed."""

    pool_id: int
    reason: CloseReason
    moment: datetime


@dataclass(frozen=True, slots=True)
class AssignmentsChanged:
    """An event: assignments came into another state, a moment ago at least; the lists belong together.

    States are the codes of `assignment.status`. It is recorded when the change is folded, so that whoever works or
    reviews need not wait for what follows from it, and never for a change that was undone.
    """

    pools: list[int]
    assignments: list[int]
    was: list[int]
    became: list[int]
    moments: list[datetime]


@dataclass(frozen=True, slots=True)
class Closing:
    """A pool that may have to close: to be looked at again by whoever closes it."""

    pool_id: int
    reason: CloseReason
