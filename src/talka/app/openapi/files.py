"""Attachments, and servers behind ours."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from talka.app.openapi.calls import Call, Calls, Many, Parameter, Raw, text
from talka.app.openapi.shapes import MAYBE, Count, Moment, NumberId, Owner, Page, Shape, UserId, Uuid, WorkId
from talka.attachments import store
from talka.proxies.wire import ProxyBody


class AttachmentDetails(Shape):
    """Where a file belongs."""

    user_id: UserId
    assignment_id: WorkId
    pool_id: NumberId


class Attachment(Shape):
    """A file that a worker put into a page."""

    id: Uuid
    attachment_type: Literal["ASSIGNMENT_ATTACHMENT"]
    name: Annotated[str, Field(examples=["shop.jpg"])]
    media_type: Annotated[str, Field(examples=["image/jpeg"])]
    details: AttachmentDetails
    owner: Owner
    created: Moment


class Uploaded(Shape):
    """A file as the worker who uploaded it sees it."""

    id: Uuid
    name: str
    media_type: str
    size: Count
    url: str
    """Shows it without a cookie, for a while."""


class Upload(Shape):
    """A file that comes in pieces."""

    id: Uuid
    assignment_id: WorkId
    size: Count
    offset: Count
    """How much of it has come."""
    attachment: Uploaded = MAYBE
    """The file, when all of it has come."""


class Proxy(ProxyBody):
    """A server behind ours."""

    id: NumberId


_FILE = {200: Raw("The file"), 206: Raw("The part of the file that `Range` asks for"), 304: None}
_UPLOAD = ["UNABLE_TO_UPLOAD_FILE", "INAPPROPRIATE_STATUS", "WRONG_REVISION", "CONFLICT_STATE"]
_PROXY = {
    "name": "pictures",
    "params": {"type": "HTTP", "baseUrl": "pictures.example.org/march", "accessRights": "ASSIGNMENT_PRIVATE"},
}

CALLS: Calls = {
    "GET /api/v1/attachments": Call({200: Page[Attachment]}, store.LIST),
    "GET /api/v1/attachments/{attachment_id}": Call({200: Attachment}),
    "GET /api/v1/attachments/{attachment_id}/download": Call(_FILE, refuses={416: ["RANGE_NOT_SATISFIABLE"]}),
    "GET /api/attachments/{attachment_id}/preview": Call(
        _FILE, refuses={416: ["RANGE_NOT_SATISFIABLE"]}, callers=["requester", "worker"]
    ),
    "POST /api/worker/v1/attachments": Call(
        {201: Uploaded},
        conflicts=["UNABLE_TO_UPLOAD_FILE", "INAPPROPRIATE_STATUS"],
        refuses={404: ["DOES_NOT_EXIST"], 415: ["UNSUPPORTED_MEDIA_TYPE"]},
    ),
    "GET /api/worker/v1/attachments": Call(
        {200: Page[Uploaded]},
        query=[text("assignment_id", "The page", required=True)],
        refuses={404: ["DOES_NOT_EXIST"]},
    ),
    "POST /api/worker/v1/uploads": Call(
        {201: Upload},
        conflicts=_UPLOAD,
        refuses={404: ["DOES_NOT_EXIST"]},
        example={"assignment_id": "00000f426a--000000000000000000000017", "size": 4_000_000, "name": "shop.mp4"},
    ),
    "GET /api/worker/v1/uploads/{upload_id}": Call({200: Upload}),
    "PATCH /api/worker/v1/uploads/{upload_id}": Call(
        {200: Upload},
        query=[Parameter("Upload-Offset", "Where in the file the piece begins", {"type": "integer"}, True, "header")],
        conflicts=_UPLOAD,
        refuses={413: ["ENTITY_TOO_LARGE"]},
    ),
    "DELETE /api/worker/v1/uploads/{upload_id}": Call({204: None}, conflicts=_UPLOAD),
    "POST /api/new/requester/proxy/proxy": Call({201: Proxy}, example=_PROXY, conflicts=["CONFLICT_STATE"]),
    "GET /api/new/requester/proxy/proxy": Call({200: Many(Proxy)}),
    "PATCH /api/new/requester/proxy/proxy/{proxy_id}": Call({200: Proxy}, example=_PROXY, conflicts=["CONFLICT_STATE"]),
    "DELETE /api/new/requester/proxy/proxy/{proxy_id}": Call({204: None}),
    "GET /api/proxy/{name}/{path}": Call(
        {200: Raw("Whatever the server behind it answers, with its status")}, callers=["requester", "worker"]
    ),
    "POST /api/proxy/{name}/{path}": Call(
        {200: Raw("Whatever the server behind it answers, with its status")},
        callers=["requester", "worker"],
        refuses={413: ["ENTITY_TOO_LARGE"]},
    ),
}
