"""Smart mixing: how many tasks of which kind make a page."""

from __future__ import annotations

from typing import Annotated, Self

import pydantic
from pydantic import AfterValidator, Field, ValidationInfo

from talka.kit.documents import Document
from talka.kit.wire import Integer, wire_error
from talka.pools.intervals import TaskDistributionFunction

KINDS = ("real", "golden", "training")


def _at_most_the_count(value: int | None, info: ValidationInfo) -> int | None:
    count = info.data.get(f"{info.field_name}".removeprefix("min_"))
    if value is not None and count is not None and value > count:
        raise wire_error("VALUE_GREATER_THAN_MAX", "Must not be greater than the count", count)
    return value


Count = Annotated[Integer, Field(ge=0, le=500)]
Minimum = Annotated[Annotated[Integer, Field(ge=0)] | None, AfterValidator(_at_most_the_count)]


class MixerConfig(Document):
    """Counts are always there; a minimum says how few do when not enough tasks are left."""

    filled = {f"{kind}_tasks_count": 0 for kind in KINDS}  # noqa: RUF012 - a class variable of the base

    real_tasks_count: Count
    golden_tasks_count: Count
    training_tasks_count: Count
    min_real_tasks_count: Minimum = None
    min_golden_tasks_count: Minimum = None
    min_training_tasks_count: Minimum = None
    force_last_assignment: bool | None = None
    force_last_assignment_delay_seconds: Annotated[Integer, Field(ge=0, le=86_400)] | None = None
    mix_tasks_in_creation_order: bool | None = None
    shuffle_tasks_in_task_suite: bool | None = None
    golden_task_distribution_function: TaskDistributionFunction | None = None
    training_task_distribution_function: TaskDistributionFunction | None = None

    @pydantic.model_validator(mode="after")
    def _makes_a_page(self) -> Self:
        counted = any(getattr(self, f"{kind}_tasks_count") for kind in KINDS)
        if not counted and not self.golden_task_distribution_function and not self.training_task_distribution_function:
            raise wire_error("VALUE_OUT_OF_BOUNDS", "A page must have at least one task", 1)
        return self

    def minimum(self, kind: str) -> int:
        """How few tasks of a kind (`real`, `golden`, `training`) a page may have."""
        least: int | None = getattr(self, f"min_{kind}_tasks_count")
        count: int = getattr(self, f"{kind}_tasks_count")
        return count if least is None else least
