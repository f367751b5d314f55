"""Tasks and task suites."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, Field

from talka.app.openapi.calls import POOL_ID, UPLOAD, Call, Calls, Either, flag
from talka.app.openapi.operations import Operation
from talka.app.openapi.shapes import MAYBE, Batch, Moment, NumberId, Page, Shape, Values, WorkId
from talka.infra.http.docs import Takes
from talka.projects.localization import HintLocalization
from talka.tasks import store
from talka.tasks.rules import MAX_OVERLAP, MAX_TASKS_IN_SUITE

Overlap = Annotated[int, Field(ge=0, le=MAX_OVERLAP)]
Weight = Annotated[float, Field(ge=0, le=1)]


class KnownSolution(Shape):
    """A right answer of a control or training task."""

    output_values: Values
    correctness_weight: Weight = 1


class BaselineSolution(Shape):
    """An answer that counts beside those of workers when answers are aggregated."""

    output_values: Values
    confidence_weight: Weight = 1


class _Content(Shape):
    input_values: Values
    known_solutions: list[KnownSolution] = MAYBE
    """Make it a control task; with `message_on_unknown_solution` a training task."""
    message_on_unknown_solution: str = MAYBE
    """The hint for who answers wrong."""
    localization_config: HintLocalization = MAYBE
    baseline_solutions: list[BaselineSolution] = MAYBE
    origin_task_id: str = MAYBE


class SuiteTask(_Content):
    """A task within a ready-made suite."""

    id: WorkId
    traits_all_of: list[str] = MAYBE
    traits_any_of: list[str] = MAYBE
    traits_none_of_any: list[str] = MAYBE


class _Issued(Shape):
    overlap: Overlap | None
    """How many answers are wanted; null when as many as come."""
    infinite_overlap: bool
    remaining_overlap: int | None
    """How many of them nobody has taken yet."""
    reserved_for: list[str]
    """Ids of the workers who alone may get it; empty for all."""
    unavailable_for: list[str]
    """Ids of workers who may not."""
    traits_all_of: list[str] = MAYBE
    traits_any_of: list[str] = MAYBE
    traits_none_of_any: list[str] = MAYBE


class Task(_Content, _Issued):
    """A task as its requester sees it."""

    id: WorkId
    pool_id: NumberId
    created: Moment


class TaskSuite(_Issued):
    """A page of tasks: made by the requester, or mixed for one worker."""

    id: WorkId
    pool_id: NumberId
    tasks: list[SuiteTask]
    issuing_order_override: float
    mixed: bool
    automerged: bool
    created: Moment
    longitude: float | None = MAYBE
    latitude: float | None = MAYBE


class _Upload(BaseModel):
    pool_id: NumberId
    overlap: Overlap = MAYBE
    """How many answers are wanted; needed unless it is infinite or `allow_defaults` is given."""
    infinite_overlap: bool = MAYBE
    reserved_for: list[str] = MAYBE
    unavailable_for: list[str] = MAYBE
    traits_all_of: list[str] = MAYBE
    traits_any_of: list[str] = MAYBE
    traits_none_of_any: list[str] = MAYBE


class NewSuiteTask(BaseModel):
    """A task within a suite to be created."""

    input_values: Values
    known_solutions: list[KnownSolution] = MAYBE
    message_on_unknown_solution: str = MAYBE
    localization_config: HintLocalization = MAYBE


class NewTask(_Upload, NewSuiteTask):
    """A task to be created."""

    baseline_solutions: list[BaselineSolution] = MAYBE
    origin_task_id: str = MAYBE


class NewTaskSuite(_Upload):
    """A suite to be created."""

    tasks: Annotated[list[NewSuiteTask], Field(min_length=1, max_length=MAX_TASKS_IN_SUITE)]
    issuing_order_override: Annotated[float, Field(ge=-99999.99999, le=99999.99999)] = MAYBE
    """Suites with a greater one are issued first."""
    mixed: bool = MAYBE
    longitude: Annotated[float, Field(ge=-180, le=180)] = MAYBE
    latitude: Annotated[float, Field(ge=-90, le=90)] = MAYBE


class OverlapChange(BaseModel):
    """Another overlap."""

    overlap: Overlap = MAYBE
    infinite_overlap: bool = MAYBE


class TaskChange(OverlapChange):
    """What can be changed of a task; what is absent stays."""

    known_solutions: list[KnownSolution] = MAYBE
    baseline_solutions: list[BaselineSolution] = MAYBE
    message_on_unknown_solution: str = MAYBE


class SuiteChange(OverlapChange):
    """What can be changed of a suite; what is absent stays."""

    issuing_order_override: Annotated[float, Field(ge=-99999.99999, le=99999.99999)] = MAYBE


_OPENING = flag("open_pool", "Open the pool afterwards if it is closed")
_OPEN = [
    "EMPTY_POOL", "POOL_INAPPROPRIATE_STATUS", "PROJECT_INAPPROPRIATE_STATUS", "CONFLICT_STATE", "NOT_ENOUGH_BALANCE",
    "POOL_ASSIGNMENTS_COUNT_EXCEEDED", "POOL_LOCKED_BY_ANOTHER_OPERATION",
]  # fmt: skip
_CREATE = [
    *_OPEN, "MIXER_CONFIG_REQUIRED", "OPERATION_ALREADY_EXISTS", "POOL_TASK_TYPE_CONFLICT",
    "POOL_TASKS_COUNT_EXCEEDED", "POOL_TASK_SUITES_COUNT_EXCEEDED",
]  # fmt: skip
_CHANGE = [*_OPEN, "ASSIGNMENTS_COUNT_CONFLICT", "POOL_TASK_TYPE_CONFLICT", "MIXER_CONFIG_REQUIRED"]
_QUOTA = {400: ["TASKS_CREATION_DOES_NOT_FIT_QUOTA"]}
_TASK: Any = {"pool_id": "1000042", "input_values": {"image": "https://example.org/1.jpg"}, "overlap": 3}
_SUITE: Any = {"pool_id": "1000042", "tasks": [{"input_values": {"image": "https://example.org/1.jpg"}}], "overlap": 3}

CALLS: Calls = {
    "POST /api/v1/tasks": Call(
        {201: Either((Task, Batch[Task])), 202: Operation},
        query=UPLOAD,
        body=Takes(NewTask, many=True),
        conflicts=_CREATE,
        refuses=_QUOTA,
        example=[_TASK],
    ),
    "GET /api/v1/tasks": Call({200: Page[Task]}, store.TASKS, query=[replace(POOL_ID, required=True)]),
    "GET /api/v1/tasks/{task_id}": Call({200: Task}),
    "PATCH /api/v1/tasks/{task_id}": Call(
        {200: Task}, query=[_OPENING], body=Takes(TaskChange), conflicts=_CHANGE, example={"overlap": 5}
    ),
    "PATCH /api/v1/tasks/{task_id}/set-overlap-or-min": Call(
        {200: Task}, body=Takes(OverlapChange), conflicts=_CHANGE, example={"overlap": 1}
    ),
    "POST /api/v1/task-suites": Call(
        {201: Either((TaskSuite, Batch[TaskSuite])), 202: Operation},
        query=UPLOAD,
        body=Takes(NewTaskSuite, many=True),
        conflicts=_CREATE,
        refuses=_QUOTA,
        example=[_SUITE],
    ),
    "GET /api/v1/task-suites": Call({200: Page[TaskSuite]}, store.SUITES, query=[POOL_ID]),
    "GET /api/v1/task-suites/{suite_id}": Call({200: TaskSuite}),
    "PATCH /api/v1/task-suites/{suite_id}": Call(
        {200: TaskSuite}, query=[_OPENING], body=Takes(SuiteChange), conflicts=_CHANGE, example={"overlap": 5}
    ),
    "PATCH /api/v1/task-suites/{suite_id}/set-overlap-or-min": Call(
        {200: TaskSuite}, body=Takes(OverlapChange), conflicts=_CHANGE, example={"overlap": 1}
    ),
}
