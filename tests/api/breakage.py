"""Ways to break a valid JSON body, one place at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Broken:
    """A body with one thing wrong; `must_fail` says that no server may take it."""

    what: str
    path: Path
    body: Any
    must_fail: bool

    @property
    def dotted(self) -> str:
        """Where it is broken, as error payloads write it."""
        return ".".join(map(str, self.path))


def _nested(depth: int) -> Any:
    value: Any = "bottom"
    for level in range(depth):
        value = [value] if level % 2 else {"deeper": value}
    return value


def _places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _places(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _places(part, (*path, index))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", dict: "object", list: "array", type(None): "null"}[type(value)]


def replaced(body: Any, path: Path, value: Any) -> Any:
    """A copy of `body` with `value` at `path`."""
    changed = copy.deepcopy(body)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return changed


def without(body: Any, path: Path) -> Any:
    """A copy of `body` without what stands at `path`."""
    changed = copy.deepcopy(body)
    target = changed
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    return changed


_SCALARS = {"string": "text", "number": 7, "boolean": True}
_CONTAINERS = {"object": {"k": 1}, "array": [[]]}
# Values that no field of any body takes, whatever its type.
_IMPOSSIBLE = {"nul": "a\0b", "300 deep": _nested(300)}
# Values that are wrong in most places of their kind but allowed somewhere.
_SUSPICIOUS: dict[str, dict[str, Any]] = {
    "string": {
        "empty text": "",
        "blank text": "  ",
        "unknown word": "NO_SUCH_THING",
        "long text": "x" * 1_100_000,
        "emoji": "\U0001f600" * 3,
        "digits": "12345678901234567890123456789",
        "arabic digits": "\u0661\u0662\u0663",
    },
    "number": {"minus one": -1, "half": 0.5, "huge integer": 10**30, "huge float": 1e308, "64 bits": 2**63},
    "object": {"empty object": {}, "60 deep": _nested(60)},
    "array": {"empty array": [], "60 deep": _nested(61)},
    "boolean": {},
    "null": {},
}


def breakages(body: Any) -> Iterator[Broken]:
    """Every place of `body` broken in every way, one at a time."""
    for path, value in _places(body):
        kind = _kind(value)
        others = [name for name in _SCALARS if name != kind][:1] + [name for name in _CONTAINERS if name != kind][:1]
        for other in others:
            wrong = (_SCALARS | _CONTAINERS)[other]
            yield Broken(f"{other} for {kind}", path, replaced(body, path, wrong), must_fail=True)
        for what, wrong in _IMPOSSIBLE.items():
            yield Broken(what, path, replaced(body, path, wrong), must_fail=True)
        yield Broken("missing", path, without(body, path), must_fail=False)
        yield Broken("null", path, replaced(body, path, None), must_fail=False)
        for what, wrong in _SUSPICIOUS[kind].items():
            yield Broken(what, path, replaced(body, path, wrong), must_fail=False)


def raw_breakages(body: Any) -> Iterator[tuple[str, bytes]]:
    """Bodies that are no JSON, or not the JSON of an object or array of them."""
    text = json.dumps(body).encode()
    yield "cut", text[:-1]
    yield "invalid UTF-8", text.replace(b'"', b'"\xff', 1)
    yield "lone surrogate", text[:-1] + b', "x": "\\ud800"}'
    yield "NaN", text[:-1] + b', "x": NaN}'
    yield "Infinity", text[:-1] + b', "x": -Infinity}'
    yield "number too large", text[:-1] + b', "x": 1e999}'
    yield "200,000 deep", b"[" * 200_000
    yield "200,000 deep object", b'{"a":' * 200_000
    yield "trailing garbage", text + b"x"
    yield "UTF-16", text.decode().encode("utf-16")
    yield "text", b'"text"'
    yield "number", b"5"
    yield "NUL key", text[:-1] + b', "x\\u0000": 1}'
