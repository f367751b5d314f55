"""Pages that this process has just issued: remembered, so that submitting one need not read it again.

Only what never changes is taken from here; whether the page is still active is for the submitting statement to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from talka.assignments.model import Assignment
from talka.kit.ids import work_id

# At most 80 MB: pages abandoned here are pushed out by newer ones, and large ones are read again when submitted.
_KEPT, _LARGEST = 5_000, 16_384
_NAME = "pages just issued"


class HeldPage(NamedTuple):
    """A page as it was issued: its assignment, and the input values of its tasks as JSON text."""

    assignment: Assignment
    inputs: Sequence[str]


def remember(memory: dict[Any, Any], page: HeldPage) -> None:
    """Keep a page that was just issued."""
    if sum(map(len, page.inputs)) > _LARGEST:
        return
    pages: dict[str, HeldPage] = memory.setdefault(_NAME, {})
    if len(pages) >= _KEPT:
        del pages[next(iter(pages))]
    pages[work_id(page.assignment.pool_id, page.assignment.id)] = page


def recall(memory: dict[Any, Any], worker_id: int, assignment_id: str) -> HeldPage | None:
    """The page as it was issued, once; None when this process did not issue it or gave it already."""
    pages: dict[str, HeldPage] = memory.get(_NAME, {})
    found = pages.get(assignment_id)
    if found is None or found.assignment.worker_id != worker_id:
        return None
    del pages[assignment_id]
    return found
