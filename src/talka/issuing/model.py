"""Events and cards of issuing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PoolOutOfMoney:
    """An event: an account could not hold the price of the next page of a pool."""

    pool_id: int


@dataclass(frozen=True, slots=True)
class Card:
    """What a worker sees of pools that are alike: project, acceptance, description and price are the same."""

    project_id: int
    pool_id: int
    title: str
    description: str
    reward: Decimal
    requester: str
    adult: bool
    kind: str
    acceptance: str
    available: bool
    unavailable_reason: str | None = None
    active_assignment_id: str | None = None
    training_pool_id: int | None = None
