"""How far a worker has come in a training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """Pages handed in, tasks on them, and how many of these were right at the first try."""

    suites: int
    answers: int
    correct: int


@dataclass(frozen=True, slots=True)
class Holder:
    """A worker who passed a training and, as far as is known, has done nothing in a linked pool since `active`."""

    pool_id: int
    worker_id: int
    skill_id: int
    active: datetime
    retry_days: int
