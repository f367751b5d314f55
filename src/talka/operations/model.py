"""What an operation is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """A piece of work; `number` is its internal key, `id` the one that clients know or chose."""

    account_id: int
    id: str
    number: int
    type: str
    status: str
    submitted: datetime
    started: datetime | None = None
    finished: datetime | None = None
    progress: int = 0
    parameters: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    asynchronous: bool = False
    # Where the rows that a batch created are: {"<pool id>": [lowest number, highest number]}.
    created: dict[str, list[int]] = field(default_factory=dict)

    @property
    def terminal(self) -> bool:
        """Whether it is over."""
        return self.status in {"SUCCESS", "FAIL"}


@dataclass(frozen=True, slots=True)
class Failure:
    """An item of a batch that failed, or a failed step."""

    type: str
    input: Any
    output: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a batch ended."""

    status: str
    details: dict[str, Any]
    created: dict[str, list[int]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
