"""Interval lists of pools: which positions are special tasks, and prices by skill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, Field

from talka.kit.documents import Document, Id, refuse
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.wire import Integer
from talka.pools.price import Reward

MAX_INTERVALS = 10_000
_OPEN_END = 2**63


class Bounded(Protocol):
    """Anything with inclusive bounds, each of which may be absent."""

    @property
    def low(self) -> int | None:
        """The first number inside."""

    @property
    def high(self) -> int | None:
        """The last number inside."""


def _disjoint(intervals: Sequence[Bounded]) -> FieldErrors:
    bounds = [
        (item.low if item.low is not None else 0, item.high if item.high is not None else _OPEN_END, index)
        for index, item in enumerate(intervals)
    ]
    errors = {
        str(index): FieldError("INVALID_VALUE", "`from` must not be greater than `to`")
        for low, high, index in bounds
        if low > high
    }
    reached = -1
    for low, high, index in sorted(bounds):
        if low <= reached:
            errors.setdefault(str(index), FieldError("INVALID_VALUE", "Intervals must not overlap"))
        reached = max(reached, high)
    return errors


def _check_disjoint(intervals: Any) -> Any:
    refuse(_disjoint(intervals))
    return intervals


class FrequencyInterval(Document):
    """From the task number `from` to `to`, every `frequency`-th task is special, the first one included."""

    low: Annotated[Integer, Field(ge=1, le=1_000_000)] | None = Field(default=None, alias="from")
    high: Annotated[Integer, Field(ge=1, le=1_000_000)] | None = Field(default=None, alias="to")
    frequency: Annotated[Integer, Field(ge=1, le=10_000_000)]


class TaskDistributionFunction(Document):
    """How often a worker gets a special task, by how many tasks the worker has done."""

    scope: Literal["POOL", "PROJECT"] | None = None
    distribution: Literal["UNIFORM"] | None = None
    window_days: Annotated[Integer, Field(ge=1, le=365)] | None = None
    intervals: Annotated[
        list[FrequencyInterval],
        Field(min_length=1, max_length=MAX_INTERVALS),
        AfterValidator(_check_disjoint),
    ]


class PriceInterval(Document):
    """The price of a page for workers whose skill is from `from` (0) to `to` (100), both included."""

    low: Annotated[Integer, Field(ge=0, le=100)] | None = Field(default=None, alias="from")
    high: Annotated[Integer, Field(ge=0, le=100)] | None = Field(default=None, alias="to")
    reward_per_assignment: Reward


class DynamicPricingConfig(Document):
    """A price that depends on a skill; the pool's own price holds outside all intervals."""

    type: Literal["SKILL"]
    skill_id: Id
    intervals: Annotated[
        list[PriceInterval],
        Field(min_length=1, max_length=MAX_INTERVALS),
        AfterValidator(_check_disjoint),
    ]
