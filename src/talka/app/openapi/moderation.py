"""Approval of projects, and complaints of workers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls, text
from talka.app.openapi.shapes import MAYBE, Moment, NumberId, Page, Shape, UserId, WorkId
from talka.complaints import store as complaints
from talka.moderation import store
from talka.projects.wire import ProjectBody

Status = Literal["PENDING", "APPROVED", "REJECTED"]


class Waiting(Shape):
    """A project whose pools wait for their first opening; `major` is the newest version that they are on."""

    project_id: NumberId
    major: int
    requester_id: UserId
    public_name: str
    created: Moment


class Decision(Shape):
    """What an operator decided about a major version of a project; PENDING once its requester asks to look again."""

    project_id: NumberId
    major: int
    status: Status
    comment: str = MAYBE
    modified: Moment


class ModeratedProject(Shape):
    """A project as it is in a major version, and what was decided about any."""

    project_id: NumberId
    major: int
    project: ProjectBody
    decisions: list[Decision]


class Standing(Shape):
    """Whether an operator has to approve a pool's project before it can be opened, and what they said."""

    poolId: NumberId  # noqa: N815 - the names of the API
    projectId: NumberId  # noqa: N815
    status: Status
    comment: str = MAYBE


class OwnComplaint(Shape):
    """A complaint as its worker sees it."""

    id: NumberId
    assignment_id: WorkId
    reason: Annotated[str, Field(examples=["BROKEN_TASK"])]
    text: str = MAYBE
    status: Annotated[str, Field(examples=["OPEN"])]
    comment: str = MAYBE
    created: Moment
    closed: Moment = MAYBE


class Complaint(OwnComplaint):
    """A complaint as operators see it."""

    user_id: UserId
    requester_id: UserId
    project_id: NumberId
    pool_id: NumberId


CALLS: Calls = {
    "GET /api/operator/v1/moderation": Call({200: Page[Waiting]}, store.QUEUE),
    "GET /api/operator/v1/moderation/{project_id}": Call(
        {200: ModeratedProject}, query=[text("major", "The version, by default the newest")]
    ),
    "PUT /api/operator/v1/moderation/{project_id}": Call(
        {200: Decision},
        conflicts=["CONFLICT_STATE"],
        example={"status": "REJECTED", "major": 1, "comment": "Asks for phone numbers"},
    ),
    "GET /api/new/requester/poolModeration/{pool_id}": Call({200: Standing}),
    "PUT /api/new/requester/poolModeration/{pool_id}": Call(
        {200: Standing}, conflicts=["CONFLICT_STATE"], example={"status": "READY"}
    ),
    "POST /api/worker/v1/assignments/{assignment_id}/complaints": Call({200: OwnComplaint, 201: OwnComplaint}),
    "GET /api/operator/v1/complaints": Call({200: Page[Complaint]}, complaints.LIST),
    "POST /api/operator/v1/complaints/{complaint_id}/close": Call({200: Complaint}),
}
