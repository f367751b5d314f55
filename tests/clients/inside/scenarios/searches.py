"""Every filter, range and order of a list: each must find the object that it was made from, and only as it says."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from toloka.client import search_requests

from .journal import World

KINDS = {
    "aggregated_solutions": "AggregatedSolution", "app_batches": "AppBatch", "app_items": "AppItem",
    "app_projects": "AppProject", "apps": "App", "assignments": "Assignment", "attachments": "Attachment",
    "message_threads": "MessageThread", "operations": "Operation", "pools": "Pool", "projects": "Project",
    "skills": "Skill", "task_suites": "TaskSuite", "tasks": "Task", "trainings": "Training",
    "user_bonuses": "UserBonus", "user_restrictions": "UserRestriction", "user_skills": "UserSkill",
    "webhook_subscriptions": "WebhookSubscription",
}  # fmt: skip
NAMED_OTHERWISE = {("app_items", "created"): "created_at", ("app_items", "finished"): "finished_at",
                   ("app_batches", "created"): "created_at"}  # fmt: skip


def ranges(kind: str) -> Iterator[str]:
    """The fields that the client's search request for this list can bound."""
    for found in getattr(search_requests, f"{KINDS[kind]}SearchRequest").__attrs_attrs__:
        if found.name.endswith("_gte"):
            yield found.name.removesuffix("_gte")


def orders(kind: str) -> Iterator[str]:
    """The fields that the client can sort this list by."""
    items = getattr(search_requests, f"{KINDS[kind]}SortItems")
    for field in items.SortItem.SortField:
        yield field.value


def every_parameter(world: World, kind: str, item: Any, *owners: str, need: Any = None, **equals: Any) -> None:
    """Each parameter of `find_<kind>` keeps or leaves out the item, in each order.

    `need` is sent with every call; `equals` are filters that the item passes, each sent alone.
    """
    if not world.thorough:
        return
    find = getattr(world.plain, f"find_{kind}")
    need = need or {}
    key = "task_id" if kind == "aggregated_solutions" else "id"

    def finds(**parameters: Any) -> bool:
        found = find(*owners, **{**need, **parameters})
        listed = found.content if kind.startswith("app") else found.items
        return getattr(item, key) in {getattr(one, key) for one in listed}

    mine = {f"{key}_gte": getattr(item, key), f"{key}_lte": getattr(item, key)}
    for name, value in equals.items():
        assert finds(**mine, **{name: value}), f"{kind}: {name}={value}"
    for name in ranges(kind):
        value = getattr(item, NAMED_OTHERWISE.get((kind, name), name), None)
        if value is None:
            assert not finds(**mine, **{f"{name}_gte": _least(kind, name)}), f"{kind}: {name} is absent"
            continue
        value = value.value if isinstance(value, Enum) else value
        beside = {} if name == key else mine
        assert finds(**beside, **{f"{name}_gte": value, f"{name}_lte": value}), f"{kind}: {name}={value}"
        assert not finds(**beside, **{f"{name}_gt": value}), f"{kind}: {name}>{value}"
        assert not finds(**beside, **{f"{name}_lt": value}), f"{kind}: {name}<{value}"
    for order in orders(kind):
        for sign in ("", "-"):
            assert finds(**mine, sort=[f"{sign}{order}"], limit=1), f"{kind}: sort={sign}{order}"


def _least(kind: str, name: str) -> Any:
    return "0" if name in {"id", "task_id", "name"} else 0 if name == "overlap" else "1970-01-01T00:00:00"
