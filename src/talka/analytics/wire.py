"""JSON shapes of analytics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from talka.kit.documents import Document, Id
from talka.kit.errors import FieldError, FieldErrors, ValidationError, field_error, prefixed
from talka.kit.wire import Integer, parse

MAX_REQUESTS = 20
MAX_HOURS = 876_000
"""A hundred years: the date it leads to can be told."""
ACTIVE_WORKERS = "active_workers_by_filter_count"


class PoolQuestion(Document):
    """One number of a pool."""

    subject: Literal["POOL"]
    name: Literal[
        "real_tasks_count",
        "submitted_assignments_count",
        "skipped_assignments_count",
        "rejected_assignments_count",
        "approved_assignments_count",
        "completion_percentage",
        "avg_submit_assignment_millis",
        "spent_budget",
        "unique_workers_count",
        "unique_submitters_count",
        "active_workers_by_filter_count",
        "estimated_assignments_count",
    ]
    subject_id: Id
    interval_hours: Annotated[Integer, Field(ge=1, le=MAX_HOURS)] | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """One of the numbers looks back for a while."""
        if raw.get("name") == ACTIVE_WORKERS and raw.get("interval_hours") is None:
            return {"interval_hours": FieldError("VALUE_REQUIRED", "Say how far to look back")}
        return {}


def read_questions(body: Any) -> Sequence[PoolQuestion]:
    """The array of questions.

    Raises:
        ValidationError: naming every wrong field by its place.
    """
    if not isinstance(body, list):
        raise field_error("body", "ARRAY_EXPECTED", "Must be an array of requests")
    if not body:
        raise field_error("body", "ARRAY_SIZE_LESS_THAN_MIN", "Ask for something", 1)
    if len(body) > MAX_REQUESTS:
        text = f"Ask for at most {MAX_REQUESTS} numbers at once"
        raise field_error("body", "ARRAY_SIZE_GREATER_THAN_MAX", text, MAX_REQUESTS)
    questions: list[PoolQuestion] = []
    errors: FieldErrors = {}
    for index, item in enumerate(body):
        try:
            questions.append(parse(PoolQuestion, item))
        except ValidationError as error:
            errors |= prefixed(str(index), {"" if path == "body" else path: e for path, e in error.fields.items()})
    if errors:
        raise ValidationError(errors)
    return questions
