"""Messages between requesters and workers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls
from talka.app.openapi.shapes import MAYBE, Moment, NumberId, ObjectId, Page, Shape, Texts, UserId, WorkId
from talka.messages import store


class Somebody(Shape):
    """Who takes part in a thread."""

    id: UserId
    role: Literal["REQUESTER", "USER", "ADMINISTRATOR", "SYSTEM"]
    myself: bool = MAYBE


class Message(Shape):
    """One message of a thread."""

    text: Texts
    sender: Somebody = Field(alias="from")
    created: Moment


class Recipients(Shape):
    """Whom a thread was written to."""

    recipients_select_type: Literal["ALL", "DIRECT", "FILTER"]
    recipients_ids: list[str] = MAYBE
    recipients_filter: dict[str, Any] = MAYBE


class Meta(Shape):
    """What a thread is about."""

    pool_id: NumberId = MAYBE
    project_id: NumberId = MAYBE
    assignment_id: WorkId = MAYBE


class Thread(Shape):
    """A thread as its requester sees it."""

    id: ObjectId
    parent_id: ObjectId = MAYBE
    topic: Texts
    interlocutors_inlined: bool
    """Whether all who take part are named."""
    interlocutors: list[Somebody] = MAYBE
    messages_inlined: bool
    """Whether all messages are here; else the newest."""
    messages: list[Message]
    compose_details: Recipients = MAYBE
    meta: Meta
    folders: list[Annotated[str, Field(examples=["INBOX"])]]
    answerable: bool
    created: Moment


class OwnSender(Shape):
    """Who wrote a message, as a worker sees it."""

    role: Literal["REQUESTER", "USER", "SYSTEM"]
    myself: bool = MAYBE


class OwnMessage(Shape):
    """A message as a worker reads it, in a language of theirs."""

    text: str
    sender: OwnSender = Field(alias="from")
    created: Moment


class OwnThread(Shape):
    """A thread as a worker sees it."""

    id: ObjectId
    parent_id: ObjectId = MAYBE
    topic: str
    requester: str
    messages_inlined: bool
    messages: list[OwnMessage]
    meta: Meta
    unread: bool
    answerable: bool
    created: Moment


_TEXT = {"text": {"EN": "Thank you"}}
_FOLDERS = {"folders": ["IMPORTANT"]}
_COMPOSE = {
    "topic": {"EN": "New pictures"},
    "text": {"EN": "There are five hundred new pictures."},
    "recipients_select_type": "DIRECT",
    "recipients_ids": ["9f2b1c0de4a5b6c7d8e9f00112233445"],
}
_CLOSED = ["CONFLICT_STATE"]

CALLS: Calls = {
    "POST /api/v1/message-threads/compose": Call({201: Thread}, conflicts=["INCORRECT_RECIPIENTS"], example=_COMPOSE),
    "GET /api/v1/message-threads": Call({200: Page[Thread]}, store.LIST),
    "POST /api/v1/message-threads/{thread_id}/reply": Call({200: Thread}, conflicts=_CLOSED, example=_TEXT),
    "POST /api/v1/message-threads/{thread_id}/add-to-folders": Call({200: Thread}, example=_FOLDERS),
    "POST /api/v1/message-threads/{thread_id}/remove-from-folders": Call({200: Thread}, example=_FOLDERS),
    "GET /api/worker/v1/message-threads": Call({200: Page[OwnThread]}, store.OWN),
    "GET /api/worker/v1/message-threads/{thread_id}": Call({200: OwnThread}),
    "POST /api/worker/v1/message-threads": Call(
        {200: OwnThread, 201: OwnThread},
        refuses={404: ["DOES_NOT_EXIST"]},
        conflicts=_CLOSED,
        example={"project_id": "1000042", "topic": {"EN": "A question"}, "text": {"EN": "What about foxes?"}},
    ),
    "POST /api/worker/v1/message-threads/{thread_id}/reply": Call({200: OwnThread}, conflicts=_CLOSED, example=_TEXT),
    "POST /api/worker/v1/message-threads/{thread_id}/read": Call({200: OwnThread}),
}
