"""Parts of interfaces and instructions that the apps put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from talka.apps.solutions.base import Example

Node = dict[str, Any]
Choice = tuple[str, str]
"""The value of an option, and what is written beside it."""
_HOTKEYS = 9


def shown(path: str) -> Node:
    """A value of the item."""
    return {"type": "data.input", "path": path}


def answer(path: str) -> Node:
    """Where an answer is kept."""
    return {"type": "data.output", "path": path}


def _options(choices: Iterable[Choice]) -> list[Node]:
    return [{"value": value, "label": label} for value, label in choices]


def one_of(kind: str, question: str, path: str, choices: Iterable[Choice]) -> Node:
    """A field for one of several options, which must be chosen."""
    return {
        "type": kind,
        "label": question,
        "options": _options(choices),
        "data": answer(path),
        "validation": {"type": "condition.required"},
    }


def any_of(question: str, choices: Sequence[Choice]) -> Node:
    """Checkboxes, each for an output of its own; one at least must be checked."""
    checked = [{"type": "condition.equals", "data": answer(path), "to": True} for path, _ in choices]
    return {
        "type": "field.checkbox-group",
        "label": question,
        "options": _options(choices),
        "data": answer(""),
        "preserveFalse": True,
        "validation": {"type": "condition.any", "conditions": checked, "hint": "Check one at least"},
    }


def keys_to_set(path: str, choices: Iterable[Choice]) -> Node:
    """Number keys choose options."""
    actions = [{"type": "action.set", "data": answer(path), "payload": value} for value, _ in choices]
    return _hotkeys(actions)


def keys_to_toggle(choices: Iterable[Choice]) -> Node:
    """Number keys check and uncheck options."""
    return _hotkeys([{"type": "action.toggle", "data": answer(path)} for path, _ in choices])


def _hotkeys(actions: Sequence[Node]) -> Node:
    return {"type": "plugin.hotkeys", **{str(key): action for key, action in enumerate(actions[:_HOTKEYS], 1)}}


def page(items: Sequence[Node], *plugins: Node) -> Node:
    """The whole interface."""
    return {"view": {"type": "view.list", "items": list(items)}, "plugins": list(plugins)}


def component_types(node: Any) -> set[str]:
    """The types of all components of an interface whose versions are named in its lock."""
    if isinstance(node, list):
        return {kind for part in node for kind in component_types(part)}
    if not isinstance(node, Mapping):
        return set()
    kind = node.get("type")
    own = {kind} if isinstance(kind, str) and not kind.startswith("data.") else set()
    return own | component_types(list(node.values()))


def instructions(intro: str, classes: Iterable[tuple[str, str | None]], examples: Iterable[Example]) -> str:
    """The instructions as HTML: what requesters wrote stands in it as text, never as markup."""
    parts = [f"<p>{line}</p>" for line in map(escape, intro.splitlines()) if line.strip()]
    listed = [f"<li><b>{escape(label)}</b>{_after(': ', description)}</li>" for label, description in classes]
    if listed:
        parts.append(f"<ul>{''.join(listed)}</ul>")
    drawn = [_example(example) for example in examples]
    if drawn:
        parts.append(f"<h3>Examples</h3><ul>{''.join(drawn)}</ul>")
    return "".join(parts)


def _example(example: Example) -> str:
    picture = f'<img src="{escape(example.image_url)}" alt="">' if example.image_url else ""
    quoted = f"<blockquote>{escape(example.text)}</blockquote>" if example.text else ""
    return f"<li>{picture}{quoted}<b>{escape(example.label)}</b>{_after(': ', example.description)}</li>"


def _after(separator: str, text: str | None) -> str:
    return f"{separator}{escape(text)}" if text else ""
