"""Who calls: a requester's account or a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Caller:
    """A requester's account that proved who it is; `read_only` when it did so by a browser session."""

    account_id: int
    requester_id: str
    read_only: bool = False


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
