"""Operations and their logs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls, Many
from talka.app.openapi.shapes import MAYBE, Moment, Page, Percent, Shape, Uuid
from talka.operations import store


class Operation(Shape):
    """Work that goes on after the answer; poll it until its status is SUCCESS or FAIL."""

    id: Uuid
    type: Annotated[str, Field(examples=["TASK.BATCH_CREATE"])]
    """What is done: POOL.OPEN, TASK.BATCH_CREATE, SOLUTION.AGGREGATE, …"""
    status: Literal["PENDING", "RUNNING", "SUCCESS", "FAIL"]
    submitted: Moment
    started: Moment = MAYBE
    finished: Moment = MAYBE
    progress: Percent
    parameters: dict[str, Any]
    """What it was asked to do."""
    details: dict[str, Any]
    """What came of it: for batches how many items there were, were valid, were created."""


class LogItem(Shape):
    """What became of one item of a batch, or of a step after it."""

    type: Annotated[str, Field(examples=["TASK_CREATE"])]
    success: bool
    input: dict[str, Any]
    """The item as it was sent, with its index as `__item_idx`."""
    output: dict[str, Any]
    """The id of what was created, or what is wrong by field."""


CALLS: Calls = {
    "GET /api/v1/operations": Call({200: Page[Operation]}, store.LIST),
    "GET /api/v1/operations/{operation_id}": Call({200: Operation}),
    "GET /api/v1/operations/{operation_id}/log": Call({200: Many(LogItem)}),
}
