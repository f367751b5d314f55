"""Everything public in the client, by area, as the client itself tells it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from toloka.client import TolokaClient
from toloka.client.primitives.base import BaseTolokaObject

COMPONENTS = ("actions", "conditions", "data", "fields", "helpers", "layouts", "plugins", "view")
CURSORS = (
    "AssignmentCursor",
    "MessageThreadCursor",
    "TaskCursor",
    "UserBonusCursor",
    "UserRestrictionCursor",
    "UserSkillCursor",
)
STREAMING = {
    "streaming.cursor": CURSORS,
    "streaming.observer": ("AssignmentsObserver", "PoolStatusObserver"),
    "streaming.pipeline": ("Pipeline",),
    "streaming.storage": ("JSONLocalStorage", "S3Storage"),
    "streaming.locker": ("FileLocker", "ZooKeeperLocker"),
}


def surface() -> dict[str, list[str]]:
    """The public names by area; a method as `Class.method`."""
    methods = list(_methods(TolokaClient))
    streaming = [name for module, classes in STREAMING.items() for name in _of_classes(module, classes)]
    metrics = import_module("toloka.metrics")
    return {
        "TolokaClient": [f"TolokaClient.{name}" for name in methods],
        "AsyncTolokaClient": [f"AsyncTolokaClient.{name}" for name in methods],
        "AsyncMultithreadWrapper": [f"AsyncMultithreadWrapper.{name}" for name in methods],
        "streaming": streaming,
        "metrics": [f"metrics.{name}" for name in sorted(metrics.__all__) if not name.startswith("Base")],
        "template_builder": [
            *(
                f"template_builder.{module}.{kind.__name__}"
                for module in COMPONENTS
                for kind in concrete(f"client.project.template_builder.{module}")
            ),
            "template_builder.base.RefComponent",
            "template_builder.get_input_and_output",
        ],
        "quality_control": [
            *(f"{module}.{kind.__name__}" for module in ("collectors", "conditions", "actions")
              for kind in concrete(f"client.{module}")),
        ],
        "pool": [
            f"pool.{kind.__name__}"
            for module in ("pool.dynamic_overlap_config", "pool.dynamic_pricing_config", "pool.mixer_config",
                           "pool.speed_quality_balance_config", "task_distribution_function")
            for kind in concrete(f"client.{module}")
        ],
        "project": [
            f"project.{kind.__name__}" for module in ("localization", "task_spec")
            for kind in concrete(f"client.project.{module}")
        ],
        "filter": [f"filter.{kind.__name__}" for kind in concrete("client.filter")],
        "field_spec": [f"field_spec.{kind.__name__}" for kind in concrete("client.project.field_spec")],
        "view_spec": [f"view_spec.{kind.__name__}" for kind in concrete("client.project.view_spec")],
        "exceptions": [f"exceptions.{name}" for name in sorted(import_module("toloka.client.exceptions").__all__)
                       if inspect.isclass(getattr(import_module("toloka.client.exceptions"), name))],
        "analytics_request": [f"analytics_request.{kind.__name__}" for kind in concrete("client.analytics_request")],
    }  # fmt: skip


def concrete(module: str) -> list[Any]:
    """The classes of a module that objects are made of: variants that are complete, and plain parts."""
    found = import_module(f"toloka.{module}")
    return [kind for _, kind in sorted(inspect.getmembers(found, inspect.isclass)) if _is_made(kind, found)]


def _is_made(kind: Any, module: Any) -> bool:
    if kind.__module__ != module.__name__ or not issubclass(kind, BaseTolokaObject) or kind.__name__.startswith("_"):
        return False
    is_base = (
        kind.__name__.startswith("Base") or kind.__name__ == "FilterCondition" or "_variant_registry" in kind.__dict__
    )
    return not is_base and not kind.is_variant_incomplete()


def _methods(kind: Any) -> Iterator[str]:
    for name, member in sorted(inspect.getmembers(kind)):
        if not name.startswith("_") and callable(member) and not inspect.isclass(member):
            yield name


def _of_classes(module: str, classes: tuple[str, ...]) -> Iterator[str]:
    found = import_module(f"toloka.{module}")
    for name in classes:
        yield f"{module}.{name}"
        for method in _methods(getattr(found, name)):
            yield f"{module}.{name}.{method}"
