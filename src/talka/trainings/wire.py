"""The training as clients send and get it, and as it is read as a pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from talka.kit.documents import Document, Id, Labels, Name, Text, at_most
from talka.kit.times import format_time
from talka.kit.wire import Integer, parse
from talka.pools.store import Pool
from talka.pools.wire import MAX_OVERLAP, PoolBody
from talka.projects.localization import MAX_DESCRIPTION, MAX_INSTRUCTIONS, MAX_NAME

MAX_SUITES = 500
MAX_DAYS = 36_500
"""A hundred years: every date that follows from it can be told."""
NEVER = "9999-12-31T23:59:59"
"""When a training expires, which pools must say."""


class TrainingBody(Document):
    """Everything of a training that its requester decides; read-only and unknown keys are ignored."""

    filled = {  # noqa: RUF012 - a class variable of the base
        "inherited_instructions": False,
        "may_contain_adult_content": False,
        "assignment_max_duration_seconds": 600,
        "mix_tasks_in_creation_order": True,
        "shuffle_tasks_in_task_suite": True,
    }

    project_id: Id
    private_name: Annotated[Name, at_most(MAX_NAME)]
    private_comment: Text | None = None
    public_description: Annotated[Text, at_most(MAX_DESCRIPTION)] | None = None
    public_instructions: Annotated[Text, at_most(MAX_INSTRUCTIONS)] | None = None
    inherited_instructions: bool
    may_contain_adult_content: bool
    assignment_max_duration_seconds: Annotated[Integer, Field(ge=5, le=2**31 - 1)]
    mix_tasks_in_creation_order: bool
    shuffle_tasks_in_task_suite: bool
    training_tasks_in_task_suite_count: Annotated[Integer, Field(ge=1, le=MAX_SUITES)]
    task_suites_required_to_pass: Annotated[Integer, Field(ge=0, le=MAX_SUITES)] | None = None
    retry_training_after_days: Annotated[Integer, Field(ge=1, le=MAX_DAYS)] | None = None
    metadata: Labels | None = None


def as_pool(training: TrainingBody, skill_id: int, collector: UUID) -> PoolBody:
    """The pool that a training is, with the rules by which it gives its skill."""
    body: dict[str, Any] = {
        "project_id": training.project_id,
        "private_name": training.private_name,
        "private_comment": training.private_comment,
        "public_description": training.public_description,
        "public_instructions": None if training.inherited_instructions else training.public_instructions or "",
        "may_contain_adult_content": training.may_contain_adult_content,
        "will_expire": NEVER,
        "auto_close_after_complete_delay_seconds": 0,
        "reward_per_assignment": 0,
        "assignment_max_duration_seconds": training.assignment_max_duration_seconds,
        "auto_accept_solutions": True,
        "priority": 0,
        "mixer_config": {
            "training_tasks_count": training.training_tasks_in_task_suite_count,
            "min_training_tasks_count": 1,
            "force_last_assignment": False,
            "mix_tasks_in_creation_order": training.mix_tasks_in_creation_order,
            "shuffle_tasks_in_task_suite": training.shuffle_tasks_in_task_suite,
        },
        "quality_control": {"configs": [_passing(training, str(skill_id), str(collector))]},
        "training_config": _ttl(training),
        "defaults": {"default_overlap_for_new_task_suites": MAX_OVERLAP},
        "metadata": training.metadata,
    }
    return parse(PoolBody, body)


def _passing(training: TrainingBody, skill_id: str, collector: str) -> dict[str, Any]:
    action = {
        "type": "SET_SKILL_FROM_OUTPUT_FIELD",
        "parameters": {"skill_id": skill_id, "from_field": "correct_answers_rate"},
    }
    required = training.task_suites_required_to_pass
    rules = []
    if required:
        key = "submitted_assignments_count"
        rules.append({"conditions": [{"key": key, "operator": "EQ", "value": required}], "action": action})
    all_done = [
        {"key": "next_assignment_available", "operator": "EQ", "value": False},
        {"key": "total_answers_count", "operator": "GT", "value": 0},
    ]
    rules.append({"conditions": all_done, "action": action})
    return {"collector_config": {"type": "TRAINING", "uuid": collector}, "rules": rules}


def _ttl(training: TrainingBody) -> dict[str, int] | None:
    days = training.retry_training_after_days
    return None if days is None else {"training_skill_ttl_days": days}


def training_json(pool: Pool, stored: Mapping[str, Any], account_id: int) -> dict[str, Any]:
    """A training as clients get it: the stored body beside what the server knows; what has not happened is absent."""
    training = {
        "id": str(pool.id),
        **stored,
        "owner": {"id": pool.requester_id, "myself": pool.account_id == account_id},
        "status": pool.status,
        "created": format_time(pool.created),
    }
    if pool.last_close_reason is not None:
        training["last_close_reason"] = pool.last_close_reason
    if pool.last_started is not None:
        training["last_started"] = format_time(pool.last_started)
    if pool.last_stopped is not None:
        training["last_stopped"] = format_time(pool.last_stopped)
    return training
