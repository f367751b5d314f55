"""The project as clients send and get it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo

from talka.accounts import limits
from talka.kit.documents import Document, Labels, Name, Text, at_most, refuse
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.references import Reference
from talka.kit.times import format_time
from talka.kit.wire import Integer, wire_error
from talka.projects import fields
from talka.projects.localization import MAX_DESCRIPTION, MAX_INSTRUCTIONS, MAX_NAME, LocalizationConfig
from talka.projects.store import Project, VersionMark
from talka.projects.views import View
from talka.rulebook.wire import QualityControl

MAX_FIELD_ID = 100
_FIELD_ID = re.compile(r"[A-Za-z0-9_-]+")
_DEFAULT_ACTIVE = {"AUTOMATED": 1, "MAP_SELECTOR": 15}


def _field_ids(spec: Mapping[str, fields.FieldSpec]) -> FieldErrors:
    errors: FieldErrors = {}
    for name in spec:
        if not name:
            errors[name] = FieldError("NAME_LENGTH_LESS_THAN_MIN", "Field ids have at least one character", (1,))
        elif len(name) > MAX_FIELD_ID:
            message = f"Field ids have at most {MAX_FIELD_ID} characters"
            errors[name] = FieldError("STRING_LENGTH_GREATER_THAN_MAX", message, (MAX_FIELD_ID,))
        elif _FIELD_ID.fullmatch(name) is None:
            message = "Field ids consist of Latin letters, digits, - and _"
            errors[name] = FieldError("CHARACTER_NOT_ALLOWED", message)
    return errors


def _input(spec: dict[str, fields.FieldSpec]) -> dict[str, fields.FieldSpec]:
    errors = _field_ids(spec)
    for name, field in spec.items():
        if field.type.endswith("file"):
            errors[f"{name}.type"] = FieldError("VALUE_NOT_ALLOWED", "Files are for outputs only")
    refuse(errors)
    return _some(spec)


def _output(spec: dict[str, fields.FieldSpec]) -> dict[str, fields.FieldSpec]:
    refuse(_field_ids(spec))
    # Nothing can be hidden from the worker who answers it.
    shown = {name: field.model_copy(update={"hidden": False}) for name, field in spec.items()}
    return _some(shown)


def _some(spec: dict[str, fields.FieldSpec]) -> dict[str, fields.FieldSpec]:
    if not spec:
        raise wire_error("EMPTY_OBJECT_NOT_ALLOWED", "Must have at least one field")
    if len(spec) > limits.SPEC_FIELDS:
        message = f"Must have at most {limits.SPEC_FIELDS} fields"
        raise wire_error("VALUE_NOT_ALLOWED", message, limits.SPEC_FIELDS)
    return spec


class TaskSpec(Document):
    """What goes in, what comes out, and how it looks."""

    input_spec: Annotated[dict[str, fields.Field], AfterValidator(_input)]
    output_spec: Annotated[dict[str, fields.Field], AfterValidator(_output)]
    view_spec: View


class MapView(Document):
    """How points of a map project are described; the texts may refer to input values."""

    title_template: Text
    description_template: Text
    map_provider: Literal["GOOGLE", "YANDEX"] | None = None


def _map_view(value: MapView | None, info: ValidationInfo) -> MapView | None:
    if value is None and info.data.get("assignments_issuing_type") == "MAP_SELECTOR":
        raise wire_error("VALUE_REQUIRED", "Must be present when assignments are issued on a map")
    return value


class ProjectBody(Document):
    """Everything of a project that its requester decides; read-only and unknown keys are ignored."""

    filled = {"assignments_issuing_type": "AUTOMATED"}  # noqa: RUF012 - a class variable of the base

    public_name: Annotated[Name, at_most(MAX_NAME)]
    public_description: Annotated[Text, at_most(MAX_DESCRIPTION)]
    public_instructions: Annotated[Text, at_most(MAX_INSTRUCTIONS)] | None = None
    private_comment: Text | None = None
    task_spec: TaskSpec
    assignments_issuing_type: Literal["AUTOMATED", "MAP_SELECTOR"]
    assignments_issuing_view_config: Annotated[
        MapView | None, AfterValidator(_map_view), Field(validate_default=True)
    ] = None
    assignments_automerge_enabled: bool | None = None
    max_active_assignments_count: Annotated[Integer, Field(ge=1, le=2**31 - 1)] | None = None
    quality_control: QualityControl | None = None
    metadata: Labels | None = None
    sensitive: bool | None = None
    localization_config: LocalizationConfig | None = None

    def max_active(self) -> int:
        """How many assignments a worker may hold at once, also when the project does not say."""
        return self.max_active_assignments_count or _DEFAULT_ACTIVE[self.assignments_issuing_type]

    def references(self) -> list[Reference]:
        """What must exist and belong to the caller."""
        return self.quality_control.references("quality_control") if self.quality_control else []

    def with_uuids(self, make: Callable[[], UUID]) -> Self:
        """The same with a new uuid for each collector that has none."""
        if self.quality_control is None:
            return self
        return self.model_copy(update={"quality_control": self.quality_control.with_uuids(make)})


def project_json(
    *, project_id: int, owner: str, myself: bool, status: str, created: datetime, stored: Mapping[str, Any]
) -> dict[str, Any]:
    """A project as clients get it: the stored body beside what the server knows."""
    return {
        "id": str(project_id),
        **stored,
        "owner": {"id": owner, "myself": myself},
        "status": status,
        "created": format_time(created),
    }


def version_json(project: Project, version: VersionMark) -> dict[str, Any]:
    """A version as it stands in lists."""
    return {
        "id": f"{version.major}.{version.minor}",
        "major": version.major,
        "minor": version.minor,
        "created": format_time(version.created),
        "current": (version.major, version.minor) == (project.major, project.minor),
    }
