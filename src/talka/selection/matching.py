"""Whether a worker passes a filter: a pure function of the tree and of what is known about them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from talka.selection.regions import around
from talka.selection.tree import branch_of

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "GT": operator.gt,
    "GTE": operator.ge,
    "LT": operator.lt,
    "LTE": operator.le,
}
DENIALS = frozenset({"NE", "NOT_IN"})
# A flag that nobody set is not set; a name that is not known is a name like any other.
FLAGS = frozenset({"adult_allowed", "verified"})
NAMES = frozenset({"client_type", "device_category", "os_family", "user_agent_type", "user_agent_family"})
REGIONS = frozenset({"city", "region_by_ip", "region_by_phone"})
WORDS = frozenset({"gender", "country", "citizenship", "education"})
# The constant of a client of ours has lost a letter.
ALIASES = {"MOBIL_BROWSER": "MOBILE_BROWSER"}
_PARTS = {"major": 0, "minor": 1}


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known about a worker: as they said it, as it was computed, and exact values by skill."""

    profile: Mapping[str, Any] = field(default_factory=dict)
    computed: Mapping[str, Any] = field(default_factory=dict)
    skills: Mapping[int, Decimal] = field(default_factory=dict)


def matches(tree: Mapping[str, Any] | None, worker: Candidate) -> bool:
    """Whether the worker passes a filter that has no errors; everybody passes where there is none."""
    if tree is None:
        return True
    branch = branch_of(tree)
    if branch == "and":
        return all(matches(part, worker) for part in tree["and"])
    if branch == "or":
        return any(matches(part, worker) for part in tree["or"])
    return _holds(tree, worker)


def _holds(condition: Mapping[str, Any], worker: Candidate) -> bool:
    category, key, verb = condition["category"], condition["key"], condition["operator"]
    value = condition.get("value")
    if category == "skill":
        return _skill_holds(worker.skills.get(skill_number(key)), verb, value)
    known = _known(category, key, worker)
    if value is None:  # asks whether it is known at all
        return verb in ("EQ", "IN", *DENIALS) and (known is None) is (verb not in DENIALS)
    if known is None:
        return verb in DENIALS
    if key == "languages":
        wanted = value if isinstance(value, list) else [value]
        return any(language in known for language in wanted) is (verb == "IN")
    if key in REGIONS:
        return (int(exact(value)) in around(known)) is (verb == "IN")
    if key in NAMES:
        value = ALIASES.get(value, value)
    elif key not in WORDS and key not in FLAGS:
        value = exact(value)
    return _COMPARISONS[verb](known, value)


def _skill_holds(known: Decimal | None, verb: str, value: Any) -> bool:
    if value is None:
        return verb in ("EQ", "NE") and (known is None) is (verb == "EQ")
    return known is not None and _COMPARISONS[verb](known, exact(value))


def skill_number(key: Any) -> int:
    """The number of the skill that a condition names; -1 when there is none such."""
    text = str(key)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def exact(value: Any) -> Decimal:
    """A number as it is compared, from a number or its text."""
    return Decimal(str(value).strip())


def _known(category: str, key: str, worker: Candidate) -> Any:
    """The worker's value as it is compared; None when there is none."""
    if category == "profile":
        found = worker.profile.get(key)
        if key in FLAGS:
            return bool(found)
        return _birth(found) if key == "date_of_birth" and found is not None else found
    if key in NAMES:
        name = worker.computed.get(key) or "UNKNOWN"
        return ALIASES.get(name, name)
    found = worker.computed.get(key)
    if found is None:
        found = _part(key, worker.computed)
    return found if found is None or key in REGIONS else exact(found)


def _birth(text: str) -> int:
    """The day of birth as seconds since 1970, as filters count."""
    day = date.fromisoformat(text)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _part(key: str, computed: Mapping[str, Any]) -> str | None:
    """`os_version_minor` of the version 14.4 is 4."""
    name, _, part = key.rpartition("_")
    version = computed.get(name)
    if version is None or part not in _PARTS:
        return None
    parts = format(exact(version), "f").split(".")
    return parts[_PARTS[part]] if _PARTS[part] < len(parts) else "0"
