"""Apps, their projects, batches and items."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field, RootModel

from talka.app.openapi.calls import Call, Calls, text
from talka.app.openapi.shapes import MAYBE, Amount, Count, Moment, ObjectId, Shape
from talka.apps import items, store
from talka.apps.wire import ITEM_STATES
from talka.kit.wire import Number

Item = TypeVar("Item")


class Content(Shape, Generic[Item]):
    """Part of a list; go on with `after_id` of the last item while `has_more`."""

    model_config = ConfigDict(use_attribute_docstrings=False)

    content: list[Item]
    has_more: bool


class Example(Shape):
    """What an app is used for."""

    name: str


class AppShort(Shape):
    """A ready solution."""

    id: Annotated[str, Field(examples=["image-classification"])]
    name: str
    image: str
    """A picture as a `data:` address."""
    description: str
    default_item_price: Amount
    examples: list[Example]


class InputField(Shape):
    """A field of an item."""

    name: str
    description: str


class InputFormat(Shape):
    """How items are given."""

    format_description: str
    input_fields: list[InputField]


class ParamSpec(Shape):
    """The parameters of a project, as a JSON Schema."""

    fields: dict[str, Any]


class App(AppShort):
    """A ready solution with what its projects and items must have."""

    constraints_description: str
    param_spec: ParamSpec
    input_spec: dict[str, Any]
    output_spec: dict[str, Any]
    input_format_info: InputFormat


class AppName(Shape):
    """The app of a project."""

    id: str
    name: str


class AppProject(Shape):
    """A project of an app."""

    id: ObjectId
    app_id: str
    parent_app_project_id: str
    name: str
    parameters: dict[str, Any]
    status: Literal["READY", "ARCHIVED"]
    created: Moment
    item_price: Amount
    errors: list[Any]
    read_only: bool
    app: AppName


class AppBatch(Shape):
    """Items that are worked on together; what is not known is absent."""

    id: ObjectId
    app_project_id: ObjectId
    name: str
    status: str
    priority_order: Literal["ONE", "TWO", "THREE", "FOUR", "FIVE"]
    items_count: Count
    items_processed_count: Count
    items_per_state: Annotated[dict[str, Count], Field(description="How many items are in which state")]
    item_price: Amount
    cost: Amount
    cost_of_processed: Amount
    confidence_avg: Number = MAYBE
    created_at: Moment
    started_at: Moment = MAYBE
    finished_at: Moment = MAYBE
    read_only: bool
    validation_errors: dict[str, Any]
    last_items_import: dict[str, Any] = MAYBE
    eta: Moment = MAYBE
    etd: Moment = MAYBE
    app_project_eta: Moment = MAYBE
    current_time: Moment


class AppItem(Shape):
    """One item; what has not happened is absent."""

    id: ObjectId
    app_project_id: ObjectId
    batch_id: ObjectId = MAYBE
    status: Annotated[str, Field(json_schema_extra={"enum": [*ITEM_STATES]})]
    input_data: dict[str, Any]
    output_data: dict[str, Any]
    errors: list[Any]
    created_at: Moment
    started_at: Moment = MAYBE
    finished_at: Moment = MAYBE


class Ids(RootModel[list[ObjectId]]):
    """Ids of what was created, in the order of what was sent."""


class StartedBatch(AppBatch):
    """A batch that was created and started in one go."""

    batch: AppBatch
    items: list[AppItem]


_P = "/api/app/v0/app-projects"
_B = _P + "/{app_project_id}/batches"
_I = _P + "/{app_project_id}/items"
_AFTER = text("after_id", "Begin after the item of this id")
_STATE = [
    "CONFLICT_STATE", "INAPPROPRIATE_STATUS", "POOL_INAPPROPRIATE_STATUS", "PROJECT_INAPPROPRIATE_STATUS", "EMPTY_POOL",
    "NOT_ENOUGH_BALANCE",
]  # fmt: skip
_ITEM = {"input_data": {"id": "1", "image": "https://example.org/1.jpg"}}
_CHANGED = Call({200: AppBatch}, conflicts=_STATE)

CALLS: Calls = {
    "GET /api/app/v0/apps": Call(
        {200: Content[AppShort]}, store.APPS, query=[_AFTER, text("lang", "Ignored: texts are in English")]
    ),
    "GET /api/app/v0/apps/{app_id}": Call({200: App}),
    f"POST {_P}": Call({201: AppProject}, conflicts=_STATE, refuses={404: ["DOES_NOT_EXIST"]}),
    f"GET {_P}": Call({200: Content[AppProject]}, store.PROJECTS, query=[_AFTER]),
    f"GET {_P}/{{app_project_id}}": Call({200: AppProject}),
    f"POST {_P}/{{app_project_id}}/archive": Call({200: AppProject}, conflicts=_STATE),
    f"POST {_P}/{{app_project_id}}/unarchive": Call({200: AppProject}, conflicts=_STATE),
    f"GET {_I}": Call({200: Content[AppItem]}, items.LIST, query=[_AFTER]),
    f"GET {_I}/{{item_id}}": Call({200: AppItem}),
    f"POST {_I}": Call({201: AppItem}, conflicts=_STATE, example=_ITEM),
    f"POST {_I}/bulk": Call({201: Ids}, conflicts=_STATE, example={"items": [_ITEM]}),
    f"GET {_B}": Call({200: Content[AppBatch]}, store.BATCHES, query=[_AFTER]),
    f"POST {_B}": Call({201: AppBatch}, conflicts=_STATE, example={"name": "March", "items": [_ITEM]}),
    f"POST {_B}/sync": Call({201: StartedBatch}, conflicts=_STATE, example={"name": "March", "items": [_ITEM]}),
    f"GET {_B}/{{batch_id}}": Call({200: AppBatch}),
    f"PATCH {_B}/{{batch_id}}": Call({200: AppBatch}, conflicts=_STATE, example={"priority_order": "TWO"}),
    f"POST {_B}/{{batch_id}}/start": _CHANGED,
    f"POST {_B}/{{batch_id}}/stop": _CHANGED,
    f"POST {_B}/{{batch_id}}/resume": _CHANGED,
    f"POST {_B}/{{batch_id}}/archive": _CHANGED,
    f"POST {_B}/{{batch_id}}/unarchive": _CHANGED,
}
