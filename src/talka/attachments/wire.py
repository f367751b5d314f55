"""JSON shapes of attachments."""

from __future__ import annotations

from typing import Any

from talka.attachments.model import Attachment, Coming


def attachment_json(found: Attachment) -> dict[str, Any]:
    """An attachment as the requester of its pool gets it."""
    return {
        "id": str(found.id),
        "attachment_type": "ASSIGNMENT_ATTACHMENT",
        "name": found.name,
        "media_type": found.media_type,
        "details": {
            "user_id": found.user_id,
            "assignment_id": str(found.page),
            "pool_id": str(found.page.pool_id),
        },
        "owner": {"id": found.requester_id, "myself": True},
        "created": found.created,
    }


def uploaded_json(found: Attachment, url: str) -> dict[str, Any]:
    """An attachment as the worker who uploaded it gets it; `url` shows it without a cookie."""
    return {
        "id": str(found.id),
        "name": found.name,
        "media_type": found.media_type,
        "size": found.size,
        "url": url,
    }


def coming_json(found: Coming) -> dict[str, Any]:
    """How much of a file has come, as its worker gets it."""
    return {"id": str(found.id), "assignment_id": str(found.page), "size": found.total, "offset": found.received}
