"""Projects and their check."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls
from talka.app.openapi.operations import Operation
from talka.app.openapi.shapes import Moment, NumberId, Owner, Page, Shape
from talka.projects import store
from talka.projects.wire import ProjectBody


class Project(ProjectBody):
    """A project: what was sent, beside what the server knows."""

    id: NumberId
    owner: Owner
    status: Literal["ACTIVE", "ARCHIVED"]
    created: Moment


class Version(Shape):
    """What a project was between two edits."""

    id: Annotated[str, Field(examples=["2.1"])]
    major: int
    minor: int
    created: Moment
    current: bool


class WholeVersion(Version):
    """A version with all fields of the project as they were."""

    project: ProjectBody


class Difference(Shape):
    """What an edit means for pools that exist."""

    differenceLevel: str  # noqa: N815 - the name of the API


_EXAMPLE = {
    "public_name": "Cats and dogs",
    "public_description": "Say which animal is in the picture",
    "public_instructions": "<p>Look at the picture and choose one answer.</p>",
    "task_spec": {
        "input_spec": {"image": {"type": "url"}},
        "output_spec": {"animal": {"type": "string", "allowed_values": ["cat", "dog"]}},
        "view_spec": {
            "type": "tb",
            "config": '{"view": {"type": "view.image", "url": {"type": "data.input", "path": "image"}}}',
            "lock": {"core": "1.0.0", "view.image": "1.0.0"},
        },
    },
}

CALLS: Calls = {
    "POST /api/v1/projects": Call({201: Project}, example=_EXAMPLE),
    "GET /api/v1/projects": Call({200: Page[Project]}, store.LIST),
    "GET /api/v1/projects/{project_id}": Call({200: Project}),
    "PUT /api/v1/projects/{project_id}": Call(
        {200: Project}, example=_EXAMPLE, conflicts=["PROJECT_INAPPROPRIATE_STATUS"]
    ),
    "POST /api/v1/projects/{project_id}/archive": Call(
        {202: Operation, 204: None}, conflicts=["UNARCHIVED_POOLS_CONFLICT"]
    ),
    "GET /api/v1/projects/{project_id}/versions": Call({200: Page[Version]}, store.VERSIONS),
    "GET /api/v1/projects/{project_id}/versions/{version}": Call({200: WholeVersion}),
    "POST /api/v1/projects/{project_id}/versions/{version}/restore": Call(
        {200: Project}, conflicts=["PROJECT_INAPPROPRIATE_STATUS"]
    ),
    "POST /api/staging/projects/{project_id}/check": Call({200: Difference}, example=_EXAMPLE),
}
