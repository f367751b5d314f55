"""JSON shapes of apps, their projects, batches and items."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from talka.apps.model import AppProject, Batch, BatchStatus, Priority
from talka.apps.solutions import APPS, App
from talka.apps.solutions.schema import schema_of
from talka.infra.db import Row
from talka.kit.documents import Document, Id, JsonObject, Name, Text, at_most
from talka.kit.ids import object_id

MOST_ITEMS = 10_000
"""Of one request."""
PriorityOrder = Literal["ONE", "TWO", "THREE", "FOUR", "FIVE"]
ITEM_STATES = (
    "NEW",
    "PROCESSING",
    "COMPLETED",
    "ERROR",
    "CANCELLED",
    "ARCHIVE",
    "NO_MONEY",
    "STOPPED",
)


class ProjectBody(Document):
    """A project of an app; read-only and unknown keys are ignored."""

    app_id: Id
    parent_app_project_id: Id | None = None
    name: Annotated[Name, at_most(255)]
    parameters: JsonObject


class SyncBatchBody(Document):
    """A batch with its items."""

    name: Annotated[Text, at_most(255)] | None = None
    items: list[Any] | None = None


class BatchBody(SyncBatchBody):
    """A batch with its items, and what is to be done with wrong and with equal ones."""

    priority_order: PriorityOrder | None = None
    force_new_original: bool | None = None
    ignore_errors: bool | None = None


class BatchPatch(Document):
    """What can be changed of a batch; what is absent stays."""

    name: Annotated[Text, at_most(255)] | None = None
    priority_order: PriorityOrder | None = None


class ItemBody(Document):
    """One item; without a batch it goes to workers at once."""

    batch_id: Id | None = None
    input_data: Any
    force_new_original: bool | None = None


class ItemsBody(Document):
    """Many items for one batch; without one they go to workers at once."""

    batch_id: Id | None = None
    items: Annotated[list[Any], Field(min_length=1)]
    force_new_original: bool | None = None
    ignore_errors: bool | None = None


def _picture(app: App[Any]) -> str:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" fill="none" stroke="#345" stroke-width="3">'
        f"{app.icon}</svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def app_short(app: App[Any]) -> dict[str, Any]:
    """An app in the list of them."""
    return {
        "id": app.id,
        "name": app.name,
        "image": _picture(app),
        "description": app.description,
        "default_item_price": app.overlap * app.answer_price,
        "examples": [{"name": example} for example in app.examples],
    }


def app_json(app: App[Any]) -> dict[str, Any]:
    """An app with what its projects and items must have."""
    return {
        **app_short(app),
        "constraints_description": app.constraints,
        "param_spec": {"fields": schema_of(app.parameters)},
        "input_spec": dict(app.input_spec),
        "output_spec": dict(app.output_spec),
        "input_format_info": {
            "format_description": "JSON objects with the fields below; extra fields are errors",
            "input_fields": [{"name": name, "description": text} for name, text in app.format.items()],
        },
    }


def project_json(project: AppProject) -> dict[str, Any]:
    """An app project as clients get it."""
    app = APPS.get(project.app_id)
    return {
        "id": object_id(project.id),
        "app_id": project.app_id,
        "parent_app_project_id": "" if project.parent_id is None else object_id(project.parent_id),
        "name": project.name,
        "parameters": project.parameters,
        "status": "ARCHIVED" if project.archived else "READY",
        "created": project.created,
        "item_price": project.item_price,
        "errors": [],
        "read_only": project.archived,
        "app": {"id": project.app_id, "name": app.name if app is not None else ""},
    }


def item_counts(batch: Batch) -> dict[str, int]:
    """How many items of a batch are in which status, as they are shown."""
    counts = dict.fromkeys(ITEM_STATES, 0)
    if batch.archived:
        return {**counts, "ARCHIVE": batch.items}
    counts |= {"NEW": batch.fresh, "COMPLETED": batch.completed, "ERROR": batch.failed}
    if batch.status is BatchStatus.NO_MONEY:
        return {**counts, "NEW": 0, "NO_MONEY": batch.fresh + batch.processing}
    return {**counts, "STOPPED" if batch.status is BatchStatus.STOPPED else "PROCESSING": batch.processing}


def batch_json(
    batch: Batch,
    now: datetime,
    *,
    read_only: bool,
    eta: datetime | None,
    project_eta: datetime | None = None,
    etd: datetime | None = None,
) -> dict[str, Any]:
    """A batch as clients get it; what is not known is absent."""
    body = {
        "id": object_id(batch.id),
        "app_project_id": object_id(batch.app_project_id),
        "name": batch.name,
        "status": batch.shown_status,
        "priority_order": Priority(batch.priority).name,
        "items_count": batch.items,
        "items_processed_count": batch.completed,
        "items_per_state": item_counts(batch),
        "item_price": batch.item_price,
        "cost": batch.item_price * batch.items,
        "cost_of_processed": batch.item_price * batch.labelled,
        "confidence_avg": round(batch.confidence / batch.completed, 6) if batch.completed else None,
        "created_at": batch.created,
        "started_at": batch.started,
        "finished_at": batch.finished,
        "read_only": read_only or batch.archived,
        "validation_errors": (batch.last_import or {}).get("errors", {}),
        "last_items_import": batch.last_import,
        "eta": eta,
        "etd": etd,
        "app_project_eta": project_eta,
        "current_time": now,
    }
    return {name: value for name, value in body.items() if value is not None}


def item_json(row: Row) -> dict[str, Any]:
    """An item as clients get it; what has not happened is absent, and so is the batch of one that came without."""
    body = {
        "id": object_id(row["id"]),
        "app_project_id": object_id(row["app_project_id"]),
        "batch_id": None if row["stream"] else object_id(row["batch_id"]),
        "status": row["status"],
        "input_data": row["input_data"],
        "output_data": row["output_data"] or {},
        "errors": row["errors"] or [],
        "created_at": row["created"],
        "started_at": row["started"],
        "finished_at": row["finished"],
    }
    return {name: value for name, value in body.items() if value is not None}


def content(items: Sequence[Mapping[str, Any]], has_more: bool) -> dict[str, Any]:
    """The list answer of this API."""
    return {"content": list(items), "has_more": has_more}
