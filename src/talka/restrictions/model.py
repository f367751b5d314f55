"""Restrictions and what they keep a worker out of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """How far a restriction reaches; SYSTEM is the platform's, the others are a requester's."""

    SYSTEM = "SYSTEM"
    ALL_PROJECTS = "ALL_PROJECTS"
    PROJECT = "PROJECT"
    POOL = "POOL"


@dataclass(frozen=True, slots=True)
class Target:
    """What a worker is kept out of; there is one restriction in force for a worker and a target at most."""

    account_id: int | None
    scope: Scope
    project_id: int | None = None
    pool_id: int | None = None

    def covers(self, account_id: int, project_id: int, pool_id: int) -> bool:
        """Whether a pool is part of it."""
        match self.scope:
            case Scope.SYSTEM:
                return True
            case Scope.ALL_PROJECTS:
                return self.account_id == account_id
            case Scope.PROJECT:
                return self.project_id == project_id
            case Scope.POOL:
                return self.pool_id == pool_id


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction in force."""

    id: int
    target: Target
    user_id: str
    private_comment: str | None
    will_expire: datetime | None
    created: datetime


@dataclass(frozen=True, slots=True)
class BanChanged:
    """An event: the platform keeps a worker out (until `until`, if that is known), or lets them in again (`lifted`)."""

    worker_id: int
    user_id: str
    until: datetime | None = None
    lifted: bool = False
