"""Subscriptions as clients send and get them, and the messages that receivers get."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from talka.infra.http.responses import to_bytes
from talka.infra.outbound import Answer, host_of
from talka.kit.documents import Document, Text, at_most
from talka.kit.ids import work_id
from talka.kit.wire import DateTime, IdText, WireModel, wire_error
from talka.webhooks.model import Event, Progress, Subscription


def _url(value: str) -> str:
    try:
        if any(character.isspace() for character in value):
            raise ValueError("white space")
        host_of(value)
    except ValueError:
        raise wire_error("INVALID_URL_SYNTAX", "Must be an absolute http or https URL") from None
    return value


class SubscriptionBody(Document):
    """What to tell whom; without `secret_key` a subscription keeps the one it has, an empty one removes it."""

    event_type: Literal[
        "POOL_CLOSED", "DYNAMIC_OVERLAP_COMPLETED", "ASSIGNMENT_CREATED", "ASSIGNMENT_SUBMITTED", "ASSIGNMENT_SKIPPED",
        "ASSIGNMENT_EXPIRED", "ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED",
    ]  # fmt: skip
    webhook_url: Annotated[Text, at_most(2048), AfterValidator(_url)]
    pool_id: IdText
    secret_key: Annotated[Text, at_most(1024)] | None = None


class Replay(WireModel):
    """From which moment on events are to be sent again."""

    event_time_from: DateTime


def subscription_json(subscription: Subscription) -> dict[str, Any]:
    """A subscription as it is returned; never its secret."""
    return {
        "id": str(subscription.id),
        "event_type": subscription.event_type,
        "webhook_url": subscription.url,
        "pool_id": str(subscription.pool_id),
        "created": subscription.created,
    }


def progress_json(progress: Progress) -> dict[str, Any]:
    """How far delivery has come."""
    status = "PAUSED" if progress.paused else "RETRYING" if progress.failures else "ACTIVE"
    error = None
    if progress.failures:
        error = {"type": progress.last_error_type, "status_code": progress.last_status, "message": progress.last_error}
    return {
        "status": status,
        "pending_count": progress.pending,
        "failed_attempts": progress.failures,
        "failing_since": progress.failing_since,
        "next_attempt": progress.next_attempt if progress.pending and not progress.paused else None,
        "last_delivered": progress.last_delivered,
        "last_error": error,
    }


def delivery_json(subscription: Subscription, event: Event) -> dict[str, Any]:
    """An event in the list of deliveries: what is sent of it, and whether it was."""
    return {
        "id": str(event.number),
        "status": "DELIVERED" if event.delivered else "PENDING",
        "event": event_json(subscription, event),
    }


def event_json(subscription: Subscription, event: Event) -> dict[str, Any]:
    """An event as receivers get it."""
    body = _start(subscription, event.happened, event.uuid)
    if event.assignment_id is not None and event.suite_id is not None:
        body["task_suite_id"] = work_id(subscription.pool_id, event.suite_id)
        body["assignment_id"] = work_id(subscription.pool_id, event.assignment_id)
    body |= event.details or {}
    return {**body, "webhook_subscription_id": str(subscription.id), "type": subscription.event_type}


def message(subscription: Subscription, events: Sequence[Event]) -> bytes:
    """The body of a request: these very bytes are signed."""
    return to_bytes({"events": [event_json(subscription, event) for event in events]})


def trial(subscription: Subscription, now: datetime, number: uuid.UUID) -> bytes:
    """The body of a request that only tries the endpoint."""
    return to_bytes({"events": [{**_start(subscription, now, number), "type": "TEST_EVENT"}]})


def trial_json(answer: Answer, received: datetime, number: uuid.UUID) -> dict[str, Any]:
    """What came of a trial."""
    return {
        "success": answer.problem is None,
        "responseReceivedAt": received if answer.status is not None else None,
        "errorType": answer.problem.value if answer.problem else None,
        "originalStatusCode": answer.status,
        "uuids": [str(number)],
    }


def _start(subscription: Subscription, moment: datetime, number: uuid.UUID) -> dict[str, Any]:
    return {
        "event_time": moment,
        "project_id": str(subscription.project_id),
        "pool_id": str(subscription.pool_id),
        "uuid": str(number),
    }
