"""What operators decide about projects, and what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """How operators stand to a project: PENDING until they decide, and once more when its requester asks them to."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand for a pool; `comment` is what the operator told its requester last."""

    status: Status
    comment: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about a major version of a project."""

    project_id: int
    major: int
    status: Status
    comment: str | None
    modified: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """An event: an operator has approved or rejected a project, or said something else about it."""

    account_id: int
    public_name: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Case:
    """A project with pools that wait for their first opening; `major` is the newest version that they are on."""

    project_id: int
    major: int
    requester_id: str
    public_name: str
    created: datetime
