"""What a definition refers to by id; whether it exists is for the owner of the referred thing to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["project", "training", "skill", "collector"]


@dataclass(frozen=True, slots=True)
class Reference:
    """An id in a body; `path` is where it stands, for the error when there is no such thing.

    Ids of collectors are UUIDs in their canonical form, all others are as sent.
    """

    kind: Kind
    path: str
    id: str
