"""Pools and trainings: definition, motion, checklist, numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls, Many, text
from talka.app.openapi.operations import Operation
from talka.app.openapi.shapes import MAYBE, Amount, Count, Moment, NumberId, Owner, Page, Percent, Shape
from talka.pools import store
from talka.pools.wire import PoolBody
from talka.trainings.wire import TrainingBody

Status = Literal["OPEN", "CLOSED", "LOCKED", "ARCHIVED"]
CloseReason = Annotated[str, Field(examples=["MANUAL"])]


class Pool(PoolBody):
    """A pool: what was sent, beside what the server knows."""

    id: NumberId
    owner: Owner
    type: Literal["REGULAR", "TRAINING"]
    status: Status
    last_close_reason: CloseReason = MAYBE
    created: Moment
    last_started: Moment = MAYBE
    last_stopped: Moment = MAYBE


class Training(TrainingBody):
    """A training: what was sent, beside what the server knows."""

    id: NumberId
    owner: Owner
    status: Status
    last_close_reason: CloseReason = MAYBE
    created: Moment
    last_started: Moment = MAYBE
    last_stopped: Moment = MAYBE


class Finding(Shape):
    """One point of the checklist that applies."""

    type: Annotated[str, Field(examples=["EMPTY_POOL"])]
    active: bool
    blocker: bool
    """Whether it keeps the pool from opening."""


class TaskCounts(Shape):
    """Tasks by kind."""

    general: Count
    control: Count
    training: Count


class PageCounts(Shape):
    """Assignments by status."""

    active: Count
    submitted: Count
    accepted: Count
    rejected: Count
    skipped: Count
    expired: Count


class Progress(Shape):
    """How much of what was asked for is done."""

    done: Count
    total: Count
    percent: Percent


class UsedVersion(Shape):
    """The version of the project that a pool is on."""

    id: Annotated[str, Field(examples=["1.2"])]
    newest: Annotated[str, Field(examples=["2.0"])]


class Summary(Shape):
    """A pool in numbers."""

    tasks: TaskCounts
    assignments: PageCounts
    progress: Progress
    spent: Amount
    held: Amount
    workers: Count
    project_version: UsedVersion


_POOL = {
    "project_id": "1000042",
    "private_name": "Pictures of March",
    "may_contain_adult_content": False,
    "will_expire": "2030-01-31T12:00:00",
    "reward_per_assignment": 0.05,
    "assignment_max_duration_seconds": 600,
    "auto_accept_solutions": True,
    "mixer_config": {"real_tasks_count": 10, "golden_tasks_count": 1, "training_tasks_count": 0},
    "defaults": {"default_overlap_for_new_tasks": 3},
}
_TRAINING = {
    "project_id": "1000042",
    "private_name": "How to tell cats from dogs",
    "training_tasks_in_task_suite_count": 5,
    "task_suites_required_to_pass": 2,
    "retry_training_after_days": 30,
}
_MOVED = {202: Operation, 204: None}
_EDIT = ["POOL_INAPPROPRIATE_STATUS", "POOL_IS_TRAINING", "PROJECT_INAPPROPRIATE_STATUS", "WRONG_REVISION"]
_OPEN = [
    "EMPTY_POOL", "POOL_INAPPROPRIATE_STATUS", "PROJECT_INAPPROPRIATE_STATUS", "CONFLICT_STATE", "NOT_ENOUGH_BALANCE",
    "POOL_ASSIGNMENTS_COUNT_EXCEEDED",
]  # fmt: skip
_CLOSE = ["POOL_INAPPROPRIATE_STATUS"]
_ARCHIVE = [
    "POOL_INAPPROPRIATE_STATUS", "THERE_IS_ACTIVE_ASSIGNMENT", "SUBMITTED_ASSIGNMENTS_CONFLICT",
    "THERE_IS_REJECTED_ASSIGNMENT", "TRAINING_ARCHIVE_CONFLICT",
]  # fmt: skip
_CLONE = ["PROJECT_INAPPROPRIATE_STATUS", "POOL_IS_TRAINING", "SYNC_POOL_CLONE_ERROR"]
_TIER = text("storage_key", "The data tier, of which there is one", default="default")

CALLS: Calls = {
    "POST /api/v1/pools": Call(
        {201: Pool}, query=[_TIER], example=_POOL, conflicts=["PROJECT_INAPPROPRIATE_STATUS", "CONFLICT_STATE"]
    ),
    "GET /api/v1/pools": Call({200: Page[Pool]}, store.LIST),
    "GET /api/v1/pools/{pool_id}": Call({200: Pool}),
    "PUT /api/v1/pools/{pool_id}": Call({200: Pool}, example=_POOL, conflicts=_EDIT),
    "PATCH /api/v1/pools/{pool_id}": Call({200: Pool}, example={"priority": 50}, conflicts=_EDIT),
    "POST /api/v1/pools/{pool_id}/open": Call(_MOVED, conflicts=_OPEN),
    "POST /api/v1/pools/{pool_id}/close": Call(_MOVED, conflicts=_CLOSE),
    "POST /api/v1/pools/{pool_id}/close-for-update": Call(_MOVED, conflicts=_CLOSE),
    "POST /api/v1/pools/{pool_id}/archive": Call(_MOVED, conflicts=_ARCHIVE),
    "POST /api/v1/pools/{pool_id}/clone": Call({202: Operation}, conflicts=_CLONE),
    "GET /api/new/requester/pools/{pool_id}/validate": Call({200: Many(Finding)}),
    "GET /api/requester/v1/pools/{pool_id}/summary": Call({200: Summary}),
    "POST /api/v1/trainings": Call({201: Training}, example=_TRAINING, conflicts=["PROJECT_INAPPROPRIATE_STATUS"]),
    "GET /api/v1/trainings": Call({200: Page[Training]}, store.LIST),
    "GET /api/v1/trainings/{training_id}": Call({200: Training}),
    "PUT /api/v1/trainings/{training_id}": Call({200: Training}, example=_TRAINING, conflicts=_EDIT),
    "POST /api/v1/trainings/{training_id}/open": Call(_MOVED, conflicts=_OPEN),
    "POST /api/v1/trainings/{training_id}/close": Call(_MOVED, conflicts=_CLOSE),
    "POST /api/v1/trainings/{training_id}/close-for-update": Call(_MOVED, conflicts=_CLOSE),
    "POST /api/v1/trainings/{training_id}/archive": Call(_MOVED, conflicts=_ARCHIVE),
    "POST /api/v1/trainings/{training_id}/clone": Call({202: Operation}, conflicts=_CLONE),
}
