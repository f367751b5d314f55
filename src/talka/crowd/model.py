"""What the crowd's parts hand to each other: pages, progress, access, and the error that a user must mend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OutputValues = Mapping[str, Any]
FieldSpec = Mapping[str, Any]
Spec = Mapping[str, FieldSpec]
"""Field name → its type and constraints, as in a project's `input_spec` and `output_spec`."""


class CrowdError(Exception):
    """What the user must mend, in one sentence."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the server is and the requester's key."""

    base_url: str
    api_key: str


@dataclass(frozen=True, slots=True)
class Page:
    """An ACTIVE assignment as its worker sees it, cut down to what a simulated worker looks at."""

    id: str
    pool_id: str
    task_ids: tuple[str, ...]
    output_spec: Spec


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a submitted page: its status, and for a training page task id → hint."""

    status: str
    hints: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Task:
    """A task as its requester sees it; `remaining_overlap` is None when the overlap is infinite."""

    id: str
    input_values: Mapping[str, Any]
    known: OutputValues | None
    remaining_overlap: int | None
    reserved_for: frozenset[str]
    unavailable_for: frozenset[str]

    def open_to(self, user_id: str) -> bool:
        """Whether the requester lets this worker have the task at all."""
        return user_id not in self.unavailable_for and (not self.reserved_for or user_id in self.reserved_for)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the crowd is.

    `pages` and `answers` (one per task) were submitted, `skips` are pages, `errors` are failed requests (also
    those that a repetition healed) and pages that the server would not take, `refused` are workers turned away.
    `expected` is the number of answers that would be all, where that is known.
    """

    workers: int = 0
    expected: int | None = None
    pages: int = 0
    answers: int = 0
    skips: int = 0
    errors: int = 0
    refused: int = 0
    last_error: str | None = None


ProgressCallback = Callable[[Progress], None]


def unwatched(_progress: Progress) -> None:
    """The callback of a crowd that nobody watches."""


Solutions = Sequence[OutputValues]
"""One answer per task of a page, in the page's order."""
