"""A stored proxy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Access(StrEnum):
    """Who may use a proxy: whoever has it in a task, whoever works for its owner, every worker."""

    ASSIGNMENT_PRIVATE = "ASSIGNMENT_PRIVATE"
    PRIVATE = "PRIVATE"
    PUBLIC = "PUBLIC"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A server behind a name; `params` as they were sent."""

    id: int
    account_id: int
    name: str
    params: Mapping[str, Any]

    @property
    def access(self) -> Access:
        """Who may use it."""
        return Access(self.params["accessRights"])
