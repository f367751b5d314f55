"""What answers are described with: closed shapes, the value types of the API, lists, batches, errors."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from talka.kit.wire import Number

Item = TypeVar("Item")


class Shape(BaseModel):
    """Base of every described shape: it has the keys named here and no others."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


MAYBE: Any = Field(default=None)
"""The default of a key that may be absent (it is never null, unless its type says so)."""

NumberId = Annotated[str, Field(pattern=r"^[0-9]{1,19}$", examples=["1000042"])]
WorkId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{10}--[0-9a-f]{24}$", examples=["00000f426a--000000000000000000000017"])
]
ObjectId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$", examples=["0000000000000000000f4249"])]
UserId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["9f2b1c0de4a5b6c7d8e9f00112233445"])]
Uuid = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        examples=["38830d4b-930b-43ab-a98f-f52e992fd11a"],
    ),
]
Moment = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?$",
        examples=["2030-01-31T12:00:00.125"],
        description="UTC, without a zone suffix; no or three digits of a second",
    ),
]
Amount = Annotated[Number, Field(examples=[0.05], description="US dollars")]
Count = Annotated[int, Field(ge=0)]
Percent = Annotated[int, Field(ge=0, le=100)]
Texts = Annotated[dict[str, str], Field(examples=[{"EN": "Street photos"}], description="Text by language")]
Values = Annotated[dict[str, Any], Field(examples=[{"image": "https://example.org/1.jpg"}])]
"""Input or output values: the fields are those of the project."""


class Nothing(Shape):
    """An empty object."""


class Owner(Shape):
    """Whose thing it is."""

    id: UserId
    myself: bool
    """Whether it is the caller's own."""


class Page(Shape, Generic[Item]):
    """Part of a list, in the order asked for. Go on with `id_gt` of the last item while `has_more`."""

    # Pydantic cannot read the docstrings of fields for the classes that it makes of this one.
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[Item]
    has_more: Annotated[bool, Field(description="Whether there is more of the list after the last item")]


class FieldError(Shape):
    """What is wrong with one field."""

    code: Annotated[str, Field(examples=["VALUE_REQUIRED"])]
    message: Annotated[str, Field(examples=["Must be present and not null"])]
    params: list[Any] = MAYBE
    """The violated bounds, or the values that are allowed."""


FieldErrors = Annotated[
    dict[str, FieldError],
    Field(description="Errors by field path, such as `filter.and.0.value`"),
]


class Batch(Shape, Generic[Item]):
    """What an array gave: things that were created, and what is wrong with the other items, both by index."""

    model_config = ConfigDict(use_attribute_docstrings=False)

    items: dict[str, Item]
    validation_errors: dict[str, FieldErrors]


class Error(Shape):
    """Why a request was refused; `code` is for programs, `message` for people."""

    request_id: Annotated[str, Field(examples=["0b8f65c1e1a24d0b9a3dbb8e4a1c2f70"])]
    code: str
    message: str
    payload: Any
    """More for programs, by code; else null."""


class WrongFields(Shape):
    """The input is wrong: `payload` names every wrong field, of arrays by index of the item and then by field."""

    request_id: Annotated[str, Field(examples=["0b8f65c1e1a24d0b9a3dbb8e4a1c2f70"])]
    code: str
    message: str
    payload: FieldErrors | dict[str, FieldErrors] | None


class WrongState(Shape):
    """The state of something does not allow it now."""

    request_id: Annotated[str, Field(examples=["0b8f65c1e1a24d0b9a3dbb8e4a1c2f70"])]
    code: str
    message: str
    payload: Any
    """For some codes the states that would do, as `appropriate_statuses`; else null."""
