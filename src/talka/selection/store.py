"""Filters as SQL: a condition on a row `w` of `worker` that holds exactly where `matching.matches` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString, NamedTuple

from psycopg import sql

from talka.selection.matching import ALIASES, DENIALS, FLAGS, NAMES, REGIONS, WORDS, exact, skill_number
from talka.selection.regions import within
from talka.selection.tree import branch_of

_COMPARISONS: Mapping[str, LiteralString] = {"EQ": "=", "NE": "<>", "GT": ">", "GTE": ">=", "LT": "<", "LTE": "<="}
_VERSIONS = ("os_version", "user_agent_version")
_SKILL = sql.SQL("(select s.value from user_skill s where s.worker_id = w.id and s.skill_id = %s::bigint)")


class Condition(NamedTuple):
    """SQL, and the values of its placeholders."""

    text: sql.Composable
    values: list[Any]


def condition(tree: Mapping[str, Any]) -> Condition:
    """The condition of a filter that has no errors."""
    branch = branch_of(tree)
    if branch is None:
        return _leaf(tree)
    parts = [condition(part) for part in tree[branch]]
    if not parts:
        return Condition(sql.SQL("true" if branch == "and" else "false"), [])
    joint = sql.SQL(" and " if branch == "and" else " or ")
    text = sql.SQL("({})").format(joint.join(part.text for part in parts))
    return Condition(text, [value for part in parts for value in part.values])


def _leaf(node: Mapping[str, Any]) -> Condition:
    category, key, verb = node["category"], node["key"], node["operator"]
    value = node.get("value")
    if category == "skill":
        # Without the skill no comparison holds, not even NE.
        number = exact(value) if value is not None else None
        return _compared(Condition(_SKILL, [skill_number(key)]), verb, number, unknown=False)
    known = _known(category, key)
    if key == "languages" and value is not None:
        text = sql.SQL("coalesce({} ?| %s, false)").format(known.text)
        return _unless(verb == "NOT_IN", text, [value if isinstance(value, list) else [value]])
    if key in REGIONS and value is not None:
        text = sql.SQL("coalesce({}::numeric = any(%s::numeric[]), false)").format(known.text)
        return _unless(verb == "NOT_IN", text, [sorted(within(int(exact(value))))])
    if key in NAMES:
        value = ALIASES.get(str(value), value)
    elif key not in WORDS and key not in FLAGS:
        value = exact(value) if value is not None else None
    return _compared(known, verb, value, unknown=verb in DENIALS)


def _unless(denied: bool, text: sql.Composable, values: list[Any]) -> Condition:
    return Condition(sql.SQL("not {}").format(text) if denied else text, values)


def _compared(known: Condition, verb: str, value: Any, *, unknown: bool) -> Condition:
    """`known` compared with a value, `unknown` when nothing is; with null it asks whether anything is known at all."""
    if value is None:
        if verb not in ("EQ", "IN", *DENIALS):
            return Condition(sql.SQL("false"), [])
        asked = sql.SQL("{} is not null" if verb in DENIALS else "{} is null")
        return Condition(asked.format(known.text), known.values)
    text = sql.SQL("coalesce({} {} %s, {})").format(
        known.text, sql.SQL(_COMPARISONS[verb]), sql.SQL("true" if unknown else "false")
    )
    return Condition(text, [*known.values, value])


def _known(category: str, key: str) -> Condition:
    """What is known of a worker, as it is compared."""
    if key in FLAGS:
        text = sql.SQL("coalesce((w.profile ->> {})::boolean, false)").format(key)
    elif key == "date_of_birth":
        text = sql.SQL("extract(epoch from (w.profile ->> {})::date)").format(key)
    elif key == "languages":
        text = sql.SQL("nullif(w.profile -> {}, 'null')").format(key)
    elif category == "profile":
        text = sql.SQL("(w.profile ->> {})").format(key)
    elif key in NAMES:
        [(alias, name)] = ALIASES.items()
        text = sql.SQL("case w.computed ->> {} when {} then {} else coalesce(w.computed ->> {}, 'UNKNOWN') end").format(
            key, alias, name, key
        )
    elif key in REGIONS:
        text = sql.SQL("(w.computed ->> {})").format(key)
    else:
        text = _number(key)
    return Condition(text, [])


def _number(key: str) -> sql.Composed:
    """A version or a part of one, by itself or as it stands in the version."""
    own = sql.SQL("(w.computed ->> {})::numeric").format(key)
    version, _, part = key.rpartition("_")
    if version not in _VERSIONS or part not in ("major", "minor"):
        return own
    whole = sql.SQL("(w.computed ->> {})::numeric").format(version)
    if part == "major":
        return sql.SQL("coalesce({}, trunc({}))").format(own, whole)
    minor = sql.SQL("nullif(split_part({}::text, '.', 2), '')::numeric").format(whole)
    return sql.SQL("coalesce({}, {}, case when {} is not null then 0 end)").format(own, minor, whole)
