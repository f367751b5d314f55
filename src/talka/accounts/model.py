"""Who calls: a requester's account or a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What somebody may do under an account: read; also work; also manage its keys and members, as its owner."""

    VIEWER = "VIEWER"
    EDITOR = "EDITOR"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Caller:
    """The account that is acted under, by itself or by a member; `read_only` when a browser session calls."""

    account_id: int
    requester_id: str
    read_only: bool = False
    role: Role = Role.ADMIN


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key: not its text."""

    id: int
    name: str
    prefix: str
    created: datetime
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """An account that may act under another one."""

    requester_id: str
    role: Role
    created: datetime


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that proved who they are."""

    id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class WorkerProfile:
    """What a worker said about themselves (`profile`) and what was computed from their device (`computed`)."""

    id: int
    user_id: str
    login: str
    profile: dict[str, Any]
    computed: dict[str, Any]
    created: datetime


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; the only time its text is known."""

    requester_id: str
    api_key: str
