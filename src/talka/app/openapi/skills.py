"""Skills, what workers have of them, restrictions, and what is known of workers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls, Raw, text
from talka.app.openapi.shapes import MAYBE, Moment, NumberId, Owner, Page, Shape, UserId
from talka.kit.wire import Number
from talka.restrictions import store as restrictions
from talka.skills import store
from talka.skills.wire import SkillBody

Value = Annotated[Number, Field(ge=0, le=100)]


class Skill(SkillBody):
    """A skill: what was sent, beside what the server knows."""

    id: NumberId
    training: bool = MAYBE
    """Whether a training gives it."""
    is_global: bool = Field(alias="global")
    """Whether it is the platform's."""
    owner: Owner = MAYBE
    created: Moment


class UserSkill(Shape):
    """What a worker has of a skill."""

    id: NumberId
    skill_id: NumberId
    user_id: UserId
    value: Annotated[int, Field(ge=0, le=100)]
    """The value, rounded."""
    exact_value: Value
    created: Moment
    modified: Moment


class OwnSkill(Shape):
    """A skill as the worker who has it sees it."""

    id: NumberId
    skill_id: NumberId
    name: str
    description: str = MAYBE
    value: Annotated[int, Field(ge=0, le=100)]
    created: Moment
    modified: Moment


class UserRestriction(Shape):
    """Who is kept out of what."""

    id: NumberId
    scope: Literal["SYSTEM", "ALL_PROJECTS", "PROJECT", "POOL"]
    user_id: UserId
    project_id: NumberId = MAYBE
    pool_id: NumberId = MAYBE
    private_comment: str = MAYBE
    will_expire: Moment = MAYBE
    created: Moment


class Attributes(Shape):
    """Of the device and the connection."""

    country_by_phone: str = MAYBE
    country_by_ip: str = MAYBE
    client_type: str = MAYBE
    user_agent_type: str = MAYBE
    device_category: str = MAYBE
    os_family: str = MAYBE
    os_version: Number = MAYBE
    os_version_major: int = MAYBE
    os_version_minor: int = MAYBE
    os_version_bugfix: int = MAYBE


class UserMetadata(Shape):
    """What a requester may know of a worker."""

    id: UserId
    country: str = MAYBE
    languages: list[str]
    adult_allowed: bool
    attributes: Attributes


_USER = "9f2b1c0de4a5b6c7d8e9f00112233445"
_SKILL = {"name": "Street photos", "public_name": {"EN": "Street photos"}, "hidden": False}
_VALUE = {"skill_id": "1000042", "user_id": _USER, "value": 87.5}
_RESTRICTION = {
    "scope": "PROJECT",
    "user_id": _USER,
    "project_id": "1000042",
    "private_comment": "Answers at random",
    "will_expire": "2030-01-31T12:00:00",
}
_USED = ["SKILL_IS_TRAINING", "SKILL_IS_USED", "SKILL_IS_USED_BY_PROJECTS", "SKILL_REMOVED"]

CALLS: Calls = {
    "POST /api/v1/skills": Call({201: Skill}, example=_SKILL),
    "GET /api/v1/skills": Call({200: Page[Skill]}, store.SKILLS),
    "GET /api/v1/skills/{skill_id}": Call({200: Skill}),
    "PUT /api/v1/skills/{skill_id}": Call({200: Skill}, example=_SKILL, conflicts=_USED),
    "PUT /api/v1/user-skills": Call({200: UserSkill, 201: UserSkill}, example=_VALUE, conflicts=_USED),
    "GET /api/v1/user-skills": Call({200: Page[UserSkill]}, store.USER_SKILLS),
    "GET /api/v1/user-skills/{user_skill_id}": Call({200: UserSkill}),
    "DELETE /api/v1/user-skills/{user_skill_id}": Call({204: None}, conflicts=_USED),
    "GET /api/new/requester/workers/{user_id}/skills.csv": Call(
        {200: Raw("What happened to the worker's skills in three months, a line for each change", "text/csv")},
        query=[text("skill_id", "Only this skill", examples=["1000042"])],
    ),
    "GET /api/worker/v1/skills": Call({200: Page[OwnSkill]}, store.OWN),
    "PUT /api/v1/user-restrictions": Call(
        {200: UserRestriction, 201: UserRestriction}, example=_RESTRICTION, conflicts=["SYSTEM_SCOPE_MODIFICATION"]
    ),
    "GET /api/v1/user-restrictions": Call({200: Page[UserRestriction]}, restrictions.LIST),
    "GET /api/v1/user-restrictions/{restriction_id}": Call({200: UserRestriction}),
    "DELETE /api/v1/user-restrictions/{restriction_id}": Call({204: None}, conflicts=["SYSTEM_SCOPE_MODIFICATION"]),
    "GET /api/v1/user-metadata/{user_id}": Call({200: UserMetadata}),
}
