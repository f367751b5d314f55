"""Texts that match a regular expression, for random answers to fields with a `pattern`."""

from __future__ import annotations

import importlib
import random
import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from talka.kit.registry import Registry

_ALPHABET = string.ascii_letters + string.digits + string.punctuation + " "
_WIDEST_RANGE = 200
# The standard library has no public door to the parsed form of a regular expression.
_parser: Any = importlib.import_module("re._parser")

_CATEGORIES: Mapping[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_NOT_DIGIT": lambda char: not char.isdigit(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda char: not char.isspace(),
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
    "CATEGORY_NOT_WORD": lambda char: not (char.isalnum() or char == "_"),
}


def random_match(pattern: str, rng: random.Random, *, longest_repeat: int) -> str | None:
    """A text built along `pattern`, or None when the pattern cannot be followed.

    Look-arounds, anchors and back references are only hoped for: the caller checks what comes out.
    `longest_repeat` bounds how often `*`, `+` and `{n,}` repeat beyond their minimum.
    """
    try:
        return _Builder(rng, longest_repeat).sequence(_parser.parse(pattern))
    except (re.error, _CannotFollow):
        return None


class _CannotFollow(Exception):  # noqa: N818 - never leaves this module
    """The pattern has a part for which no text can be made."""


class _Builder:
    def __init__(self, rng: random.Random, longest_repeat: int) -> None:
        self._rng = rng
        self._longest_repeat = longest_repeat
        self._groups: dict[int, str] = {}

    def sequence(self, parts: Sequence[tuple[Any, Any]]) -> str:
        return "".join(self._part(str(kind), value) for kind, value in parts)

    def _part(self, kind: str, value: Any) -> str:
        build = _PARTS.get(kind)
        if build is None:
            raise _CannotFollow(kind)
        return build(self, value)

    def _literal(self, value: Any) -> str:
        return chr(value)

    def _not_literal(self, value: Any) -> str:
        return self._one_of([char for char in _ALPHABET if char != chr(value)])

    def _any(self, _value: Any) -> str:
        return self._rng.choice(_ALPHABET)

    def _set(self, items: Sequence[tuple[Any, Any]]) -> str:
        members = "".join(_members(str(kind), value) for kind, value in items)
        if str(items[0][0]) == "NEGATE":
            return self._one_of([char for char in _ALPHABET if char not in members])
        return self._one_of(members)

    def _one_of(self, chars: Sequence[str]) -> str:
        if not chars:
            raise _CannotFollow("empty set")
        return self._rng.choice(chars)

    def _branch(self, value: Any) -> str:
        return self.sequence(self._rng.choice(value[1]))

    def _group(self, value: Any) -> str:
        number, _, _, parts = value
        text = self.sequence(parts)
        if number is not None:
            self._groups[number] = text
        return text

    def _reference(self, number: int) -> str:
        return self._groups.get(number, "")

    def _repeat(self, value: Any) -> str:
        least, most, parts = value
        times = self._rng.randint(least, min(int(most), least + self._longest_repeat))
        return "".join(self.sequence(parts) for _ in range(times))

    def _nothing(self, _value: Any) -> str:
        return ""


def _members(kind: str, value: Any) -> str:
    if kind == "LITERAL":
        return chr(value)
    if kind == "RANGE":
        low, high = value
        return "".join(map(chr, range(low, min(high, low + _WIDEST_RANGE) + 1)))
    if kind == "CATEGORY":
        return "".join(filter(_CATEGORIES[str(value)], _ALPHABET))
    return ""


_PARTS: Registry[Callable[[_Builder, Any], str]] = Registry(
    "part of a pattern",
    LITERAL=_Builder._literal,
    NOT_LITERAL=_Builder._not_literal,
    ANY=_Builder._any,
    IN=_Builder._set,
    BRANCH=_Builder._branch,
    SUBPATTERN=_Builder._group,
    ATOMIC_GROUP=_Builder.sequence,
    GROUPREF=_Builder._reference,
    MAX_REPEAT=_Builder._repeat,
    MIN_REPEAT=_Builder._repeat,
    POSSESSIVE_REPEAT=_Builder._repeat,
    AT=_Builder._nothing,
    ASSERT=_Builder._nothing,
    ASSERT_NOT=_Builder._nothing,
)
