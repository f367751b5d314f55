"""Skills, a worker's value of one, and why a value changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Skill:
    """A stored skill; one without an account is the platform's."""

    id: int
    account_id: int | None
    requester_id: str | None
    body: Mapping[str, Any]
    training: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class UserSkill:
    """The value, 0 to 100, that a worker has of a skill."""

    id: int
    skill_id: int
    worker_id: int
    account_id: int | None
    user_id: str
    value: Decimal
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class SkillGiven:
    """An event: a worker has a skill that they did not have before."""

    skill: Skill
    worker_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class SkillTaken:
    """An event: a worker no longer has a skill."""

    skill_id: int
    worker_id: int


class Action(StrEnum):
    """What became of a worker's skill."""

    CREATE = "CREATE"
    MODIFY = "MODIFY"
    DELETE = "DELETE"


class Cause(StrEnum):
    """What changed it."""

    REQUESTER = "REQUESTER"
    RULE = "RULE"
    TRAINING = "TRAINING"
    EXPIRY = "EXPIRY"


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the history; `value` is None once the skill is gone."""

    id: int
    skill_id: int
    skill_name: str
    action: Action
    value: Decimal | None
    pool_id: int | None
    message: str | None
    happened: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from: by hand there is no pool, and `message` is the reason that was given."""

    cause: Cause
    pool_id: int | None = None
    message: str | None = None
