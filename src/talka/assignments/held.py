"""Pages that this process has just issued: remembered, so that submitting one need not read it again.

Only what never changes is taken from here; whether the page is still active is for the submitting statement to say.
"""

from __future__ import annotations

from typing import Any

from talka.assignments.model import Assignment
from talka.kit.ids import work_id

_KEPT = 50_000
_NAME = "pages just issued"


def remember(memory: dict[Any, Any], assignment: Assignment) -> None:
    """Keep a page that was just issued."""
    pages: dict[str, Assignment] = memory.setdefault(_NAME, {})
    if len(pages) >= _KEPT:
        del pages[next(iter(pages))]
    pages[work_id(assignment.pool_id, assignment.id)] = assignment


def recall(memory: dict[Any, Any], worker_id: int, assignment_id: str) -> Assignment | None:
    """The page as it was issued, once; None when this process did not issue it or gave it already."""
    pages: dict[str, Assignment] = memory.get(_NAME, {})
    found = pages.get(assignment_id)
    if found is None or found.worker_id != worker_id:
        return None
    del pages[assignment_id]
    return found
