"""Webhook subscriptions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls, Either
from talka.app.openapi.shapes import MAYBE, Batch, Count, Moment, NumberId, Page, Shape, Uuid, WorkId
from talka.webhooks import store

EventType = Annotated[str, Field(examples=["ASSIGNMENT_SUBMITTED"])]


class Subscription(Shape):
    """What is told whom; the secret is never shown."""

    id: NumberId
    event_type: EventType
    webhook_url: Annotated[str, Field(examples=["https://example.org/hook"])]
    pool_id: NumberId
    created: Moment


class Trial(Shape):
    """What came of a request that only tried the endpoint."""

    success: bool
    responseReceivedAt: Moment | None  # noqa: N815 - the names of the API
    errorType: str | None  # noqa: N815
    originalStatusCode: int | None  # noqa: N815
    uuids: list[Uuid]


class DeliveryError(Shape):
    """Why the last try failed."""

    type: str | None
    status_code: int | None
    message: str | None


class Delivery(Shape):
    """How far delivery has come."""

    status: Literal["ACTIVE", "RETRYING", "PAUSED"]
    pending_count: Count
    failed_attempts: Count
    failing_since: Moment | None
    next_attempt: Moment | None
    last_delivered: Moment | None
    last_error: DeliveryError | None


class Event(Shape):
    """What happened, as it is sent."""

    uuid: Uuid
    event_time: Moment
    webhook_subscription_id: NumberId
    type: EventType
    project_id: NumberId
    pool_id: NumberId
    task_suite_id: WorkId = MAYBE
    assignment_id: WorkId = MAYBE
    close_reason: str = MAYBE


class SentEvent(Shape):
    """An event that was sent or will be."""

    id: NumberId
    status: Literal["DELIVERED", "PENDING"]
    event: Event


class Deliveries(Page[SentEvent]):
    """The events of a subscription, and what keeps delivery from going on."""

    delivery: Delivery


_SUBSCRIPTION = {
    "event_type": "ASSIGNMENT_SUBMITTED",
    "webhook_url": "https://example.org/hook",
    "pool_id": "1000042",
    "secret_key": "a long secret",
}

CALLS: Calls = {
    "PUT /api/v1/webhook-subscriptions": Call(
        {200: Either((Subscription, Batch[Subscription]))}, example=_SUBSCRIPTION
    ),
    "GET /api/v1/webhook-subscriptions": Call({200: Page[Subscription]}, store.LIST),
    "GET /api/v1/webhook-subscriptions/{subscription_id}": Call({200: Subscription}),
    "DELETE /api/v1/webhook-subscriptions/{subscription_id}": Call({204: None}),
    "POST /api/v1/webhook-subscriptions/{subscription_id}/test": Call({200: Trial}),
    "GET /api/v1/webhook-subscriptions/{subscription_id}/deliveries": Call({200: Deliveries}, store.DELIVERIES),
    "POST /api/v1/webhook-subscriptions/{subscription_id}/replay": Call(
        {200: Delivery}, example={"event_time_from": "2030-01-31T12:00:00"}
    ),
}
