"""What issuing needs to know of a pool, and what only its project can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from talka.kit.errors import FieldError, FieldErrors
from talka.pools.wire import PoolBody
from talka.projects.fields import Specs, aggregatable

DEFAULT_ACCEPT_DAYS = 21
IDLE = timedelta(days=30)
"""A closed pool with which nothing happens for so long is archived, some kinds of pools later."""


@dataclass(frozen=True, slots=True)
class IssuePlan:
    """The settings that the hot path reads, with every default filled in."""

    reward: Decimal
    duration_seconds: int
    mixed: bool
    """By `mixer_config`; the counts and the flags of mixing below are 0 and false without it."""
    real_count: int
    golden_count: int
    training_count: int
    min_real_count: int
    min_golden_count: int
    min_training_count: int
    force_last: bool
    force_last_delay_seconds: int
    in_creation_order: bool
    shuffle: bool
    suites_in_creation_order: bool
    """Ready-made pages go out in the order of upload; never with mixing."""
    auto_accept: bool
    auto_accept_period_days: int
    auto_close_delay_seconds: int
    priority: int
    will_expire: datetime
    adult: bool


def issue_plan(pool: PoolBody) -> IssuePlan:
    """The plan of a pool."""
    mixer, issuing = pool.mixer_config, pool.assignments_issuing_config
    return IssuePlan(
        reward=pool.reward_per_assignment,
        duration_seconds=pool.assignment_max_duration_seconds,
        mixed=mixer is not None,
        real_count=mixer.real_tasks_count if mixer else 0,
        golden_count=mixer.golden_tasks_count if mixer else 0,
        training_count=mixer.training_tasks_count if mixer else 0,
        min_real_count=mixer.minimum("real") if mixer else 0,
        min_golden_count=mixer.minimum("golden") if mixer else 0,
        min_training_count=mixer.minimum("training") if mixer else 0,
        force_last=mixer is not None and mixer.force_last_assignment is not False,
        force_last_delay_seconds=(mixer.force_last_assignment_delay_seconds or 0) if mixer else 0,
        in_creation_order=mixer is not None and mixer.mix_tasks_in_creation_order is True,
        shuffle=mixer is not None and mixer.shuffle_tasks_in_task_suite is not False,
        suites_in_creation_order=not mixer and bool(issuing and issuing.issue_task_suites_in_creation_order),
        auto_accept=pool.auto_accept_solutions is not False,
        auto_accept_period_days=pool.auto_accept_period_day or DEFAULT_ACCEPT_DAYS,
        auto_close_delay_seconds=pool.auto_close_after_complete_delay_seconds or 0,
        priority=pool.priority or 0,
        will_expire=pool.will_expire,
        adult=pool.may_contain_adult_content is True,
    )


def default_overlap(pool: Mapping[str, Any]) -> int:
    """The overlap of what is uploaded to a stored pool without one: of tasks to be mixed, or of ready-made suites."""
    name = "default_overlap_for_new_tasks" if pool.get("mixer_config") else "default_overlap_for_new_task_suites"
    return (pool.get("defaults") or {}).get(name) or 1


@dataclass(frozen=True, slots=True)
class TrainingTie:
    """The skill that a training gives; in a pool that asks for a training also which one, and how well passed."""

    skill_id: int
    training_pool_id: int | None = None
    passing_value: int | None = None


def output_errors(pool: PoolBody, output_spec: Specs) -> FieldErrors:
    """Outputs that dynamic overlap names although the project has none such, or none that can be aggregated."""
    if pool.dynamic_overlap_config is None:
        return {}
    usable = aggregatable(output_spec)
    error = FieldError("INVALID_VALUE", "Must be an output that can be aggregated", tuple(sorted(usable)))
    return {
        f"dynamic_overlap_config.fields.{index}.name": error
        for index, field in enumerate(pool.dynamic_overlap_config.fields_)
        if field.name not in usable
    }
