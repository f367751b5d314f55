"""How a call is described: what it gives by status, what it can be asked, why it can be refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from talka.infra.http.docs import Takes
from talka.infra.http.listing import ListSpec

Caller = Literal["requester", "worker", "operator"]


@dataclass(frozen=True, slots=True)
class Many:
    """A bare array."""

    model: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is no JSON of ours; `media_type` "*/*" when it depends."""

    description: str
    media_type: str = "*/*"


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes."""

    models: tuple[type[BaseModel], ...]


Given = type[BaseModel] | Many | Raw | Either | None
"""What an answer holds; None for nothing."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter, or a header."""

    name: str
    description: str
    schema: Mapping[str, Any]
    required: bool = False
    place: Literal["query", "header"] = "query"


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one path; summary, tag and JSON body come from its route.

    Refusals that many calls share are added by themselves: of the credentials, of the body, of what is not there.
    """

    gives: Mapping[int, Given]
    listing: ListSpec | None = None
    query: Sequence[Parameter] = ()
    # For bodies that no Pydantic model reads.
    body: Takes | None = None
    # Codes of 409 and of further statuses.
    conflicts: Sequence[str] = ()
    refuses: Mapping[int, Sequence[str]] = field(default_factory=dict)
    # Payload of VALIDATION_ERROR when it is not by field.
    wrong: type[BaseModel] | None = None
    # Who may call when the path does not say it; nobody in particular when empty.
    callers: Sequence[Caller] | None = None
    example: Any = None


Calls = Mapping[str, Call]
"""`METHOD /path` → how it is described."""


def flag(name: str, description: str) -> Parameter:
    """A parameter that is true or false, false unless given."""
    return Parameter(name, description, {"type": "boolean", "default": False})


def text(name: str, description: str, *, required: bool = False, **schema: Any) -> Parameter:
    """A parameter that is text."""
    return Parameter(name, description, {"type": "string", **schema}, required)


OPERATION_ID = text(
    "operation_id", "The id that the operation shall have; the same again creates nothing", format="uuid"
)
POOL_ID = text("pool_id", "The pool", examples=["1000042"])
BATCH = (
    OPERATION_ID,
    flag("async_mode", "Answer at once with an operation (202) that does the work"),
    flag("skip_invalid_items", "Create the valid items of an array although others are not"),
)
UPLOAD = (
    *BATCH,
    flag("allow_defaults", "Items without overlap get the pool's default"),
    flag("open_pool", "Open the pool afterwards if it is closed"),
)
FILES: Mapping[str, str] = {
    "tsv": "text/tab-separated-values",
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
"""Formats of files of rows, and what they are called on the wire."""
