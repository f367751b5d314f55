"""JSON shapes of tasks and suites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from talka.infra.db import Row
from talka.kit.ids import work_id

# What of `details` every task shows, absent when empty.
_OPTIONAL = (
    "known_solutions",
    "message_on_unknown_solution",
    "localization_config",
    "baseline_solutions",
    "traits_all_of",
    "traits_any_of",
    "traits_none_of_any",
    "origin_task_id",
)


def overlap_json(overlap: int | None, taken: int) -> dict[str, Any]:
    """The overlap as clients need it: a number and false, or null and true."""
    if overlap is None:
        return {"overlap": None, "infinite_overlap": True, "remaining_overlap": None}
    return {"overlap": overlap, "infinite_overlap": False, "remaining_overlap": overlap - taken}


def task_json(row: Row) -> dict[str, Any]:
    """A task as its requester sees it."""
    details: Mapping[str, Any] = row["details"] or {}
    return {
        "id": work_id(row["pool_id"], row["id"]),
        "pool_id": str(row["pool_id"]),
        "input_values": row["input_values"],
        **{name: details[name] for name in _OPTIONAL if name in details},
        **overlap_json(row["overlap"], row["taken"]),
        "reserved_for": details.get("reserved_for", []),
        "unavailable_for": details.get("unavailable_for", []),
        "created": row["created"],
    }


def suite_task_json(row: Row) -> dict[str, Any]:
    """A task within a ready-made suite."""
    details: Mapping[str, Any] = row["details"] or {}
    return {
        "id": work_id(row["pool_id"], row["id"]),
        "input_values": row["input_values"],
        **{name: details[name] for name in _OPTIONAL if name in details},
    }


def suite_json(row: Row, tasks: Sequence[Row]) -> dict[str, Any]:
    """A stored suite as its requester sees it."""
    details: Mapping[str, Any] = row["details"] or {}
    body: dict[str, Any] = {
        "id": work_id(row["pool_id"], row["id"]),
        "pool_id": str(row["pool_id"]),
        "tasks": [suite_task_json(task) for task in tasks],
        **{name: details[name] for name in _OPTIONAL if name in details},
        **overlap_json(row["overlap"], row["taken"]),
        "reserved_for": details.get("reserved_for", []),
        "unavailable_for": details.get("unavailable_for", []),
        "issuing_order_override": row["issuing_order_override"],
        "mixed": row["mixed"],
        "automerged": row.get("automerged", False),
        "created": row["created"],
    }
    if row["longitude"] is not None:
        body |= {"longitude": row["longitude"], "latitude": row["latitude"]}
    return body


def echo(shown: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The `input` of a log item: what was posted, rebuilt from what is stored."""
    hidden = {"id", "created", "remaining_overlap", "automerged"}
    kept = {name: value for name, value in shown.items() if name not in hidden and value not in (None, [])}
    if "tasks" in kept:
        kept["tasks"] = [{name: value for name, value in task.items() if name != "id"} for task in kept["tasks"]]
    return {**kept, "__item_idx": str(index)}
