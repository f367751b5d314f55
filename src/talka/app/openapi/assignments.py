"""Assignments as requesters see them, with files of verdicts and results."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from talka.app.openapi.calls import FILES, POOL_ID, Call, Calls, Raw, text
from talka.app.openapi.operations import Operation
from talka.app.openapi.shapes import MAYBE, Amount, Count, Moment, NumberId, Owner, Page, Shape, UserId, Values, WorkId
from talka.app.openapi.tasks import SuiteTask, Task
from talka.assignments import store
from talka.infra.http.docs import Takes

Status = Literal["ACTIVE", "SUBMITTED", "ACCEPTED", "REJECTED", "SKIPPED", "EXPIRED"]


class Solution(Shape):
    """The answer to one task."""

    output_values: Values


class Assignment(Shape):
    """A page that one worker took; dates are there once it happened."""

    id: WorkId
    task_suite_id: WorkId
    pool_id: NumberId
    user_id: UserId
    status: Status
    reward: Amount
    tasks: list[Task | SuiteTask]
    solutions: list[Solution] = MAYBE
    """Answers in the order of the tasks."""
    first_declined_solution_attempt: list[Solution] = MAYBE
    """The first answers to a page of training tasks, when one of them was wrong."""
    mixed: bool
    automerged: bool
    public_comment: str = MAYBE
    bonus_ids: list[NumberId] = MAYBE
    owner: Owner
    created: Moment
    submitted: Moment = MAYBE
    accepted: Moment = MAYBE
    rejected: Moment = MAYBE
    skipped: Moment = MAYBE
    expired: Moment = MAYBE


class Review(BaseModel):
    """A verdict on a submitted page."""

    status: Literal["ACCEPTED", "REJECTED"]
    public_comment: str = MAYBE
    """What the worker is told; needed to reject."""


class CellError(Shape):
    """What is wrong in a cell, or in a whole row when `column` is null."""

    row: int
    """Rows are counted from 1."""
    column: str | None
    code: str
    message: str
    parsing_error_of: str = MAYBE
    exception_msg: str = MAYBE


class Warning(Shape):  # noqa: A001 - the word of the API
    """Something that its requester may not have meant."""

    code: str
    message: str


class KindCounts(Shape):
    """Tasks of a file by kind."""

    general: Count
    control: Count
    training: Count


class TaskFile(Shape):
    """What is in a file of tasks, and what is wrong with it."""

    total_count: Count
    valid_count: Count
    not_valid_count: Count
    kinds: KindCounts
    warnings: list[Warning]
    error_count: Count
    errors: list[CellError]
    """The first thousand."""


class PreviewedFile(TaskFile):
    """A file that was only looked at."""

    sample: list[dict[str, object]]
    """The first tasks as they would be created."""


class QueuedFile(TaskFile):
    """A file whose tasks are being created."""

    operations: list[Operation]


class FileProblem(Shape):
    """What is wrong with a file that cannot be read."""

    error_count: Count
    errors: list[CellError]


class VerdictFile(Shape):
    """Verdicts of a file."""

    accepted_count: Count
    rejected_count: Count
    error_count: Count
    errors: list[CellError]


class WrongFile(Shape):
    """The file or a parameter is wrong; nothing was done."""

    request_id: str
    code: str
    message: str
    payload: FileProblem | TaskFile | VerdictFile | dict[str, object]


_REVIEW = ["INAPPROPRIATE_STATUS", "POOL_INAPPROPRIATE_STATUS", "NOT_ENOUGH_BALANCE"]

CALLS: Calls = {
    "GET /api/v1/assignments": Call({200: Page[Assignment]}, store.LIST, query=[POOL_ID]),
    "GET /api/v1/assignments/{assignment_id}": Call({200: Assignment}),
    "PATCH /api/v1/assignments/{assignment_id}": Call(
        {200: Assignment},
        body=Takes(Review),
        conflicts=_REVIEW,
        example={"status": "REJECTED", "public_comment": "Half of the pictures show no animal"},
    ),
    "POST /api/v1/pools/{pool_id}/tasks/upload": Call(
        {200: PreviewedFile, 202: QueuedFile},
        conflicts=[
            "POOL_INAPPROPRIATE_STATUS",
            "OPERATION_ALREADY_EXISTS",
            "POOL_LOCKED_BY_ANOTHER_OPERATION",
            "POOL_TASKS_COUNT_EXCEEDED",
            "POOL_TASK_SUITES_COUNT_EXCEEDED",
        ],
        wrong=WrongFile,
    ),
    "GET /api/v1/pools/{pool_id}/tasks/template": Call({200: Raw("A file to fill in")}),
    "POST /api/v1/pools/{pool_id}/assignments/upload": Call(
        {200: VerdictFile}, conflicts=["POOL_INAPPROPRIATE_STATUS"], wrong=WrongFile
    ),
    **{
        f"GET /api/new/requester/pools/{{pool_id}}/assignments.{form}": Call(
            {200: Raw("A row for each task of each assignment", media_type)}
        )
        for form, media_type in FILES.items()
    },
    **{
        f"GET /api/new/requester/pools/{{pool_id}}/tasks.{form}": Call({200: Raw("A row for each task", media_type)})
        for form, media_type in FILES.items()
    },
    "GET /api/new/requester/pools/{pool_id}/attachments.zip": Call(
        {200: Raw("The files of the pool", "application/zip")},
        query=[
            text("status", "Comma list of SUBMITTED, APPROVED, REJECTED"),
            text("assignment_id", "Comma list of assignments"),
            text("startTimeFrom", "Taken at this moment or later"),
            text("startTimeTo", "Taken before this moment"),
        ],
    ),
}
