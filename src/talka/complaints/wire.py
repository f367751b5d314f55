"""Complaints as workers and operators send and get them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from talka.complaints.model import Complaint
from talka.kit.documents import Document, Text, at_most
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.wire import NonBlank, WireModel

MAX_TEXT = 10_000


class ComplaintBody(Document):
    """What is wrong with a page; a reason that has no name needs words."""

    reason: Literal["SPAM", "CONTACTS", "INSTALLATION", "BROKEN", "FORBIDDEN_CONTENT", "OTHER"]
    text: Annotated[Text, at_most(MAX_TEXT)] | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """OTHER says nothing by itself."""
        if raw.get("reason") != "OTHER" or raw.get("text"):
            return {}
        return {"text": FieldError("VALUE_REQUIRED", "Must be present and not empty with OTHER")}


class ClosingBody(WireModel):
    """What the worker is told."""

    comment: Annotated[NonBlank, at_most(500)] | None = None


def own_complaint_json(complaint: Complaint) -> dict[str, Any]:
    """A complaint as its worker gets it."""
    body = {
        "id": str(complaint.id),
        "assignment_id": str(complaint.assignment),
        "reason": complaint.reason.value,
        "text": complaint.text,
        "status": complaint.status.value,
        "comment": complaint.comment,
        "created": complaint.created,
        "closed": complaint.closed,
    }
    return {name: value for name, value in body.items() if value is not None}


def complaint_json(complaint: Complaint) -> dict[str, Any]:
    """A complaint as operators get it."""
    return own_complaint_json(complaint) | {
        "user_id": complaint.user_id,
        "requester_id": complaint.requester_id,
        "project_id": str(complaint.project_id),
        "pool_id": str(complaint.assignment.pool_id),
    }
