"""The pool as clients send and get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import pydantic
from pydantic import AfterValidator, Field, SerializeAsAny

from talka.kit.documents import Document, Id, Labels, Name, Text, at_most, within
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.references import Reference
from talka.kit.registry import Registry
from talka.kit.times import format_time
from talka.kit.wire import DateTime, Integer, Number, variant, wire_error
from talka.pools.intervals import DynamicPricingConfig, TaskDistributionFunction
from talka.pools.mixing import MixerConfig
from talka.pools.price import Reward
from talka.projects.localization import MAX_DESCRIPTION, MAX_INSTRUCTIONS, MAX_NAME
from talka.rulebook.wire import QualityControl
from talka.selection.tree import Filter, skill_references

MAX_OVERLAP = 30_000
Overlap = Annotated[Integer, Field(ge=0, le=MAX_OVERLAP)]
Priority = Annotated[Integer, Field(ge=0, le=100)]


class IssuingConfig(Document):
    """Whether pages that were uploaded ready-made go out in the order of upload; mixed pages never do."""

    issue_task_suites_in_creation_order: bool | None = None


class Defaults(Document):
    """Overlaps for uploads that give none; 0 means that none is set here either."""

    default_overlap_for_new_task_suites: Overlap | None = None
    default_overlap_for_new_tasks: Overlap | None = None


class TrainingConfig(Document):
    """How long a training's skill lasts."""

    training_skill_ttl_days: Annotated[Integer, Field(ge=1)] | None = None


class CheckpointSettings(Document):
    """Some tasks get another overlap than the others."""

    target_overlap: Annotated[Integer, Field(ge=1, le=MAX_OVERLAP)]
    task_distribution_function: TaskDistributionFunction


class CheckpointsConfig(Document):
    """Selective majority vote, by kind of task."""

    real_settings: CheckpointSettings | None = None
    golden_settings: CheckpointSettings | None = None
    training_settings: CheckpointSettings | None = None


class PoolQualityControl(QualityControl):
    """Quality control of a pool."""

    checkpoints_config: CheckpointsConfig | None = None
    captcha_frequency: Literal["LOW", "MEDIUM", "HIGH"] | None = None


class AggregatedField(Document):
    """An output whose answers decide when a task is done."""

    name: Text


class DynamicOverlapConfig(Document):
    """More answers are asked for until the aggregated answer is sure enough."""

    type: Literal["BASIC"]
    max_overlap: Annotated[Integer, Field(ge=1, le=MAX_OVERLAP)]
    min_confidence: Annotated[Number, within(0, 1)]
    answer_weight_skill_id: Id
    fields_: Annotated[list[AggregatedField], Field(min_length=1, alias="fields")]


class SpeedQualityBalance(Document):
    """Which share of the workers, best first, the pool is for."""

    type: str


def _tens(value: int) -> int:
    if value % 10:
        raise wire_error("VALUE_NOT_ALLOWED", "Must be one of 10, 20, … 100", *range(10, 101, 10))
    return value


class TopPercentage(SpeedQualityBalance):
    """The best so many percent: 10, 20, … 100."""

    percent: Annotated[Integer, Field(ge=10, le=100), AfterValidator(_tens)]


class BestConcurrentUsers(SpeedQualityBalance):
    """The best so many at a time."""

    count: Annotated[Integer, Field(ge=1)]


BALANCES: Registry[type[SpeedQualityBalance]] = Registry(
    "speed-quality balance",
    TOP_PERCENTAGE_BY_QUALITY=TopPercentage,
    BEST_CONCURRENT_USERS_BY_QUALITY=BestConcurrentUsers,
)


def _unknown_balance(value: str) -> str:
    raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a balance", *BALANCES.names())


class UnknownBalance(SpeedQualityBalance):
    """A balance whose type is missing, of the wrong kind or unknown: it has errors only."""

    type: Annotated[str, AfterValidator(_unknown_balance)]


def _pick_balance(value: Any) -> type[pydantic.BaseModel]:
    return (BALANCES.get(value.get("type")) if isinstance(value, dict) else None) or UnknownBalance


Balance = Annotated[SerializeAsAny[SpeedQualityBalance], variant(_pick_balance, BALANCES)]


class PoolBody(Document):
    """Everything of a pool that its requester decides; read-only and unknown keys are ignored."""

    project_id: Id
    private_name: Annotated[Name, at_most(MAX_NAME)]
    private_comment: Text | None = None
    public_description: Annotated[Text, at_most(MAX_DESCRIPTION)] | None = None
    public_instructions: Annotated[Text, at_most(MAX_INSTRUCTIONS)] | None = None
    may_contain_adult_content: bool | None = None
    will_expire: DateTime
    auto_close_after_complete_delay_seconds: Annotated[Integer, Field(ge=0, le=259_200)] | None = None
    reward_per_assignment: Reward
    dynamic_pricing_config: DynamicPricingConfig | None = None
    assignment_max_duration_seconds: Annotated[Integer, Field(ge=5, le=2**31 - 1)]
    auto_accept_solutions: bool | None = None
    auto_accept_period_day: Annotated[Integer, Field(ge=1, le=21)] | None = None
    assignments_issuing_config: IssuingConfig | None = None
    priority: Priority | None = None
    filter: Filter | None = None
    quality_control: PoolQualityControl | None = None
    speed_quality_balance: Balance | None = None
    dynamic_overlap_config: DynamicOverlapConfig | None = None
    mixer_config: MixerConfig | None = None
    training_config: TrainingConfig | None = None
    defaults: Defaults | None = None
    metadata: Labels | None = None
    training: bool | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """Some settings need smart mixing, and dynamic overlap needs room to grow."""
        errors: FieldErrors = {}
        if raw.get("mixer_config") is None:
            needed = FieldError("MIXER_CONFIG_REQUIRED", "Needs `mixer_config`")
            if raw.get("dynamic_overlap_config") is not None:
                errors["dynamic_overlap_config"] = needed
            if _object(raw.get("quality_control")).get("checkpoints_config"):
                errors["quality_control.checkpoints_config"] = needed
        most = _object(raw.get("dynamic_overlap_config")).get("max_overlap")
        defaults = _object(raw.get("defaults"))
        least = defaults.get("default_overlap_for_new_tasks") or defaults.get("default_overlap_for_new_task_suites")
        if isinstance(most, int | float) and isinstance(least, int | float) and 1 <= most <= least:
            error = FieldError("VALUE_LESS_THAN_MIN", "Must be greater than the default overlap", (least,))
            errors["dynamic_overlap_config.max_overlap"] = error
        return errors

    def references(self) -> list[Reference]:
        """What must exist and belong to the caller."""
        found = [Reference("project", "project_id", self.project_id)]
        if self.dynamic_pricing_config is not None:
            skill_id = self.dynamic_pricing_config.skill_id
            found.append(Reference("skill", "dynamic_pricing_config.skill_id", skill_id))
        if self.filter is not None:
            found += [Reference("skill", f"filter.{path}", key) for path, key in skill_references(self.filter)]
        if self.quality_control is not None:
            found += self.quality_control.references("quality_control")
        if self.dynamic_overlap_config is not None:
            skill_id = self.dynamic_overlap_config.answer_weight_skill_id
            found.append(Reference("skill", "dynamic_overlap_config.answer_weight_skill_id", skill_id))
        return found

    def with_uuids(self, make: Callable[[], UUID]) -> Self:
        """The same with a new uuid for each collector that has none."""
        if self.quality_control is None:
            return self
        return self.model_copy(update={"quality_control": self.quality_control.with_uuids(make)})


class PoolPatch(Document):
    """What can be changed without closing the pool; what is absent stays."""

    priority: Priority | None = None


def pool_json(
    *,
    pool_id: int,
    owner: str,
    myself: bool,
    status: str,
    created: datetime,
    stored: Mapping[str, Any],
    last_close_reason: str | None = None,
    last_started: datetime | None = None,
    last_stopped: datetime | None = None,
    pool_type: str = "REGULAR",
) -> dict[str, Any]:
    """A pool as clients get it: the stored body beside what the server knows; what has not happened is absent."""
    pool = {
        "id": str(pool_id),
        **stored,
        "owner": {"id": owner, "myself": myself},
        "type": pool_type,
        "status": status,
        "created": format_time(created),
    }
    if last_close_reason is not None:
        pool["last_close_reason"] = last_close_reason
    if last_started is not None:
        pool["last_started"] = format_time(last_started)
    if last_stopped is not None:
        pool["last_stopped"] = format_time(last_stopped)
    return pool


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
