"""What keeps a pool from opening, and what its requester may want to change before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from talka.moderation.model import Status


@dataclass(frozen=True, slots=True)
class Finding:
    """One point of the checklist that applies; a blocker keeps the pool from opening."""

    type: str
    blocker: bool = False

    def as_json(self) -> dict[str, Any]:
        """As clients get it."""
        return {"type": self.type, "active": True, "blocker": self.blocker}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pool."""

    body: Mapping[str, Any]
    archived: bool
    project_archived: bool
    newest_version: bool
    expired: bool
    has_tasks: bool
    control: int
    training: int
    finite_answers: bool
    """Whether control or training tasks go to so many workers only."""
    open_slots: int
    """Answers to general tasks (or pages, without mixing) that are not given yet."""
    page_cost: Decimal
    balance: Decimal
    training_status: str | None
    """Of the training that the pool asks for."""
    moderation: Status


def findings(facts: Facts) -> list[Finding]:
    """Every point that applies, blockers first."""
    return sorted(_all(facts), key=lambda finding: not finding.blocker)


def _all(facts: Facts) -> Iterator[Finding]:
    if facts.archived:
        yield Finding("POOL_IS_ARCHIVED", blocker=True)
    if facts.project_archived:
        yield Finding("PROJECT_IS_ARCHIVED", blocker=True)
    if facts.expired:
        yield Finding("WILL_EXPIRE_IN_THE_PAST", blocker=True)
    if not facts.has_tasks:
        yield Finding("EMPTY_POOL", blocker=True)
    if facts.moderation is not Status.APPROVED:
        yield Finding(f"MODERATION_{facts.moderation.value}", blocker=True)
    if facts.page_cost > facts.balance:
        yield Finding("NOT_ENOUGH_BALANCE", blocker=True)
    elif _whole_cost(facts) > facts.balance:
        yield Finding("BALANCE_DOES_NOT_COVER_POOL")
    if not facts.newest_version:
        yield Finding("HAS_NON_ACTUAL_SNAPSHOT_MAJOR_VERSION")
    if facts.finite_answers:
        yield Finding("HAS_GS_OR_TRAININGS_WITHOUT_INFINITE_OVERLAP")
    if facts.training_status not in (None, "OPEN"):
        yield Finding("TRAINING_IS_NOT_OPEN")
    yield from _unfillable_pages(facts)
    yield from map(Finding, dict.fromkeys(_doubtful_rules(facts)))


def _whole_cost(facts: Facts) -> Decimal:
    mixer = facts.body.get("mixer_config")
    per_page = max(1, mixer["real_tasks_count"]) if mixer else 1
    return facts.page_cost * -(-facts.open_slots // per_page)


def _unfillable_pages(facts: Facts) -> Iterator[Finding]:
    """Kinds of tasks that every page must have although the pool has fewer."""
    mixer = facts.body.get("mixer_config") or {}
    wanted = (
        ("golden_tasks_count", facts.control, "NOT_ENOUGH_CONTROL_TASKS"),
        ("training_tasks_count", facts.training, "NOT_ENOUGH_TRAINING_TASKS"),
    )
    for name, there, kind in wanted:
        if facts.has_tasks and there < mixer.get(f"min_{name}", mixer.get(name, 0)):
            yield Finding(kind)


def _doubtful_rules(facts: Facts) -> Iterator[str]:
    configs = (facts.body.get("quality_control") or {}).get("configs") or []
    overlap = (facts.body.get("defaults") or {}).get("default_overlap_for_new_tasks") or 1
    for config in configs:
        collector = config["collector_config"]
        parameters = collector.get("parameters") or {}
        if collector["type"] == "GOLDEN_SET" and facts.has_tasks and not facts.control + facts.training:
            yield "CONTROL_RULE_WITHOUT_CONTROL_TASKS"
        if collector["type"] == "MAJORITY_VOTE":
            threshold = parameters["answer_threshold"]
            if threshold > overlap:
                yield "MAJORITY_THRESHOLD_ABOVE_OVERLAP"
            elif 2 * threshold < overlap:
                yield "MAJORITY_THRESHOLD_BELOW_HALF"
        for rule in config["rules"]:
            yield from _doubts(rule, parameters.get("history_size"))


def _doubts(rule: Mapping[str, Any], history_size: int | None) -> Iterator[str]:
    counted = [c for c in rule["conditions"] if c["key"].endswith("_count")]
    rates = [c for c in rule["conditions"] if c["key"].endswith("_rate")]
    least = [float(c["value"]) + (c["operator"] == "GT") for c in counted if c["operator"] in {"GT", "GTE", "EQ"}]
    if history_size is not None and any(value > history_size for value in least):
        yield "RULE_NEEDS_MORE_THAN_ITS_HISTORY"
    if rates and not counted and rule["action"]["type"].startswith("RESTRICTION"):
        yield "RULE_WITHOUT_LEAST_COUNT"
