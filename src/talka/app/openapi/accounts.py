"""Keys, members and browser sessions of requesters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls
from talka.app.openapi.shapes import MAYBE, Amount, Moment, NumberId, Page, Shape, Texts, UserId


class Key(Shape):
    """A key of the account, without its text."""

    id: NumberId
    name: str
    prefix: str
    """Its first characters."""
    created: Moment
    last_used: Moment = MAYBE


class NewKey(Key):
    """A key with its text, which is shown this once."""

    api_key: Annotated[str, Field(examples=["kX0f5mS2sWq8a9Lr1bVt7Q.dGFsa2E.3q2-7w"])]


class Member(Shape):
    """Who may act under the account."""

    requester_id: UserId
    role: Literal["VIEWER", "EDITOR", "ADMIN"]
    created: Moment


class Session(Shape):
    """A browser session, which may only read."""

    requester_id: UserId
    public_name: Texts


class CurrentSession(Session):
    """Who is signed in."""

    balance: Amount


_FULL = ["CONFLICT_STATE"]

CALLS: Calls = {
    "GET /api/requester/v1/keys": Call({200: Page[Key]}),
    "POST /api/requester/v1/keys": Call({201: NewKey}, conflicts=_FULL, example={"name": "nightly upload"}),
    "DELETE /api/requester/v1/keys/{key_id}": Call({204: None}),
    "PUT /api/requester/v1/account": Call(
        {200: Session}, conflicts=["CONFLICT_STATE"], example={"public_name": {"EN": "Lab A"}}
    ),
    "GET /api/requester/v1/members": Call({200: Page[Member]}),
    "POST /api/requester/v1/members": Call(
        {201: Member},
        conflicts=_FULL,
        example={"requester_id": "9f2b1c0de4a5b6c7d8e9f00112233445", "role": "EDITOR"},
    ),
    "PATCH /api/requester/v1/members/{requester_id}": Call({200: Member}, example={"role": "VIEWER"}),
    "DELETE /api/requester/v1/members/{requester_id}": Call({204: None}),
    "GET /api/requester/v1/session": Call({200: CurrentSession}),
    "POST /api/requester/v1/session": Call(
        {200: Session},
        callers=(),
        refuses={401: ["AUTHENTICATION_ERROR"]},
        example={"api_key": "kX0f5mS2sWq8a9Lr1bVt7Q.dGFsa2E.3q2-7w"},
    ),
    "DELETE /api/requester/v1/session": Call({204: None}, callers=()),
}
