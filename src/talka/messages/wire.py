"""Threads as clients send and get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from talka.kit.documents import Document
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.ids import object_id
from talka.kit.languages import FALLBACK, MAX_MESSAGE, Title, in_language
from talka.kit.languages import Message as MessageTexts
from talka.kit.wire import IdText, WireModel, wire_error
from talka.messages.model import Message, Meta, OwnThread, Thread
from talka.selection.tree import Filter

MAX_RECIPIENTS = 100
MAX_INLINED = 100
"""Interlocutors and messages that stand in a thread; of more messages the newest."""
PLATFORM: dict[str, Any] = {"id": "0" * 32, "role": "SYSTEM"}
"""Who writes what nobody wrote."""


class ComposeBody(Document):
    """A thread to be begun by a requester."""

    filled = {"answerable": True}  # noqa: RUF012 - a class variable of the base

    topic: Title
    text: MessageTexts
    recipients_select_type: Literal["ALL", "DIRECT", "FILTER"]
    answerable: bool
    recipients_ids: Annotated[list[IdText], Field(min_length=1, max_length=MAX_RECIPIENTS)] | None = None
    recipients_filter: Filter | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """The way of choosing decides what must be given."""
        needed = {"DIRECT": "recipients_ids", "FILTER": "recipients_filter"}
        chosen = raw.get("recipients_select_type")
        name = needed.get(chosen) if isinstance(chosen, str) else None
        if name is None or name in raw:
            return {}
        return {name: FieldError("VALUE_REQUIRED", f"Must be present with {chosen}")}


class ReplyBody(WireModel):
    """A further message of a requester."""

    text: MessageTexts


class FoldersBody(WireModel):
    """Folders that a thread is put into or taken from."""

    folders: Annotated[
        list[Literal["INBOX", "OUTBOX", "AUTOMATIC_NOTIFICATION", "IMPORTANT", "UNREAD"]], Field(min_length=1)
    ]


def _short(value: dict[str, str]) -> dict[str, str]:
    if sum(map(len, value.values())) > MAX_MESSAGE:
        message = f"Must have at most {MAX_MESSAGE} characters in all"
        raise wire_error("STRING_LENGTH_GREATER_THAN_MAX", message, MAX_MESSAGE)
    return value


ShortTexts = Annotated[MessageTexts, AfterValidator(_short)]


class AnswerBody(WireModel):
    """A further message of a worker."""

    text: ShortTexts


class WriteBody(Document):
    """A thread to be begun by a worker, about a page of theirs or a project that they have worked in."""

    topic: Title | None = None
    text: ShortTexts
    assignment_id: IdText | None = None
    project_id: IdText | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """It must be about something."""
        if "assignment_id" in raw or "project_id" in raw:
            return {}
        return {"assignment_id": FieldError("VALUE_REQUIRED", "Must be present unless project_id is")}


def in_own_words(body: Any, languages: Sequence[str]) -> Any:
    """The body of a worker's request, in which plain text stands for text in the first of their languages."""
    if not isinstance(body, dict):
        return body
    language = languages[0] if languages else FALLBACK
    plain = {name: {language: body[name]} for name in ("topic", "text") if isinstance(body.get(name), str)}
    return {**body, **plain}


def thread_json(thread: Thread, workers: Sequence[str], messages: Sequence[Message], *, more: bool) -> dict[str, Any]:
    """A thread as its requester gets it; of many recipients none is shown."""
    body: dict[str, Any] = {"id": object_id(thread.id)}
    if thread.parent_id is not None:
        body["parent_id"] = object_id(thread.parent_id)
    inlined = thread.recipients <= MAX_INLINED
    body |= {"topic": thread.topic, "interlocutors_inlined": inlined}
    if inlined:
        everybody = [_requester(thread), *({"id": user_id, "role": "USER"} for user_id in workers)]
        if thread.automatic:
            everybody.append(PLATFORM)
        body["interlocutors"] = sorted(everybody, key=lambda one: str(one["id"]))
    body["messages_inlined"] = not more
    body["messages"] = [
        {
            "text": message.text,
            "from": _author(thread, message),
            "created": message.created,
        }
        for message in messages
    ]
    if thread.selection is not None:
        chosen = thread.selection
        details = {
            "recipients_select_type": chosen.type.value,
            "recipients_ids": chosen.ids,
            "recipients_filter": chosen.filter,
        }
        body["compose_details"] = {name: value for name, value in details.items() if value is not None}
    return body | {
        "meta": meta_json(thread.meta),
        "folders": [folder.value for folder in thread.folders],
        "answerable": thread.answerable,
        "created": thread.created,
    }


def _author(thread: Thread, message: Message) -> dict[str, Any]:
    if message.user_id is not None:
        return {"id": message.user_id, "role": "USER"}
    return PLATFORM if thread.automatic else _requester(thread)


def _requester(thread: Thread) -> dict[str, Any]:
    return {"id": thread.requester_id, "role": "REQUESTER", "myself": True}


def meta_json(meta: Meta) -> dict[str, str]:
    """What a thread is about; empty when about nothing in particular."""
    parts = {
        "pool_id": meta.pool_id,
        "project_id": meta.project_id,
        "assignment_id": meta.assignment,
    }
    return {name: str(value) for name, value in parts.items() if value is not None}


def own_thread_json(
    own: OwnThread, messages: Sequence[Message], worker_id: int, languages: Sequence[str], *, more: bool
) -> dict[str, Any]:
    """A thread as its worker gets it: in a language of theirs, and without anybody else who takes part."""
    thread = own.thread
    theirs = "SYSTEM" if thread.automatic else "REQUESTER"
    body: dict[str, Any] = {"id": object_id(thread.id)}
    if thread.parent_id is not None:
        body["parent_id"] = object_id(thread.parent_id)
    return body | {
        "topic": in_language(thread.topic, languages),
        "requester": "Talka" if thread.automatic else in_language(own.requester_name, languages) or "Requester",
        "messages_inlined": not more,
        "messages": [
            {
                "text": in_language(message.text, languages),
                "from": {"role": "USER", "myself": True} if message.worker_id == worker_id else {"role": theirs},
                "created": message.created,
            }
            for message in messages
        ],
        "meta": meta_json(thread.meta),
        "unread": own.unread,
        "answerable": thread.answerable,
        "created": thread.created,
    }
