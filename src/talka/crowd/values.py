"""Values of output fields: random valid ones, those that a text stands for, and the classes of a field."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Any

import orjson

from talka.crowd.model import CrowdError, FieldSpec, OutputValues, Spec
from talka.crowd.patterns import random_match
from talka.kit.registry import Registry

_MOST_CLASSES_OF_A_RANGE = 33
_WORDS = ("amber", "birch", "cloud", "delta", "ember", "field", "grove", "harbor", "island", "juniper")
_PATTERN_TRIES = 300


def as_text(value: Any) -> str:
    """A value as a file of labels writes it: numbers without a needless fraction, booleans in lower case."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def identity(value: Any) -> bytes:
    """What tells two values apart: unlike `==`, `true` is not 1; like JSON, 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def is_required(spec: FieldSpec) -> bool:
    """Fields are required unless they say otherwise."""
    return bool(spec.get("required", True))


def classes_of(spec: FieldSpec) -> tuple[Any, ...] | None:
    """All values of a field that can only have a few; None for any other."""
    allowed = spec.get("allowed_values")
    kind = _kind(spec)
    if kind.startswith("array_"):
        return None
    if allowed:
        return tuple(allowed)
    if kind == "boolean":
        return (False, True)
    if kind == "integer" and spec.get("min_value") is not None and spec.get("max_value") is not None:
        values = range(math.ceil(spec["min_value"]), math.floor(spec["max_value"]) + 1)
        if 0 < len(values) <= _MOST_CLASSES_OF_A_RANGE:
            return tuple(values)
    return None


def random_values(spec: Spec, rng: random.Random) -> OutputValues:
    """A random valid value for every required field.

    Raises:
        CrowdError: a required field is one that no simulated worker can fill.
    """
    return {name: random_value(name, field, rng) for name, field in spec.items() if is_required(field)}


def random_value(name: str, spec: FieldSpec, rng: random.Random) -> Any:
    """A random valid value of one field.

    Raises:
        CrowdError: no simulated worker can fill such a field.
    """
    kind = _kind(spec)
    element = kind.removeprefix("array_")
    draw = _DRAWS.get(element)
    if draw is None:
        raise CrowdError(f"Simulated workers cannot answer the output field {name} of type {kind or 'unknown'}")
    allowed = spec.get("allowed_values")

    def one() -> Any:
        return rng.choice(allowed) if allowed else draw(name, spec, rng)

    if element == kind:
        return one()
    least = int(spec.get("min_size") or 0)
    most = int(spec["max_size"]) if spec.get("max_size") is not None else least + 3
    return [one() for _ in range(rng.randint(min(max(least, 1), most), most))]


def from_text(spec: FieldSpec, text: str) -> Any:
    """The value of a field that a cell of a file stands for.

    Raises:
        ValueError: with a sentence on what the field expects.
    """
    kind = _kind(spec)
    read = _READERS.get(kind)
    if read is None:
        raise ValueError(f"a text cannot stand for a value of type {kind or 'unknown'}")
    value = read(text)
    allowed = spec.get("allowed_values")
    if allowed and identity(value) not in {identity(one) for one in allowed}:
        raise ValueError(f"{text!r} is not among the allowed values {', '.join(map(as_text, allowed))}")
    return value


def _kind(spec: FieldSpec) -> str:
    return str(spec.get("type", "")).lower()


def _boolean(_name: str, _spec: FieldSpec, rng: random.Random) -> bool:
    return rng.random() < 0.5


def _string(name: str, spec: FieldSpec, rng: random.Random) -> str:
    least = int(spec.get("min_length") or 0)
    most = int(spec["max_length"]) if spec.get("max_length") is not None else max(least, 40)
    pattern = spec.get("pattern")
    if pattern:
        return _matching(name, str(pattern), least, most, rng)
    text = rng.choice(_WORDS)
    while len(text) < least or rng.random() < 0.5:
        text += f" {rng.choice(_WORDS)}"
    # A text that ends in a space may be trimmed on its way and be too short then.
    return text[:most] if not text[:most].endswith(" ") else f"{text[: most - 1]}."


def _matching(name: str, pattern: str, least: int, most: int, rng: random.Random) -> str:
    for attempt in range(_PATTERN_TRIES):
        text = random_match(pattern, rng, longest_repeat=max(least, attempt % 12))
        if text is None:
            break
        if least <= len(text) <= most and re.fullmatch(pattern, text):
            return text
    raise CrowdError(f"Simulated workers find no text for the pattern {pattern!r} of the output field {name}")


def _bounds(spec: FieldSpec, span: float) -> tuple[float, float]:
    low, high = spec.get("min_value"), spec.get("max_value")
    if low is None:
        low = 0 if high is None or high >= 0 else high - span
    return low, low + span if high is None else high


def _integer(_name: str, spec: FieldSpec, rng: random.Random) -> int:
    low, high = _bounds(spec, 100)
    return rng.randint(math.ceil(low), math.floor(high))


def _float(_name: str, spec: FieldSpec, rng: random.Random) -> float:
    low, high = _bounds(spec, 1.0)
    return min(max(round(rng.uniform(low, high), 4), low), high)


def _url(_name: str, _spec: FieldSpec, rng: random.Random) -> str:
    return f"https://example.org/{rng.choice(_WORDS)}/{rng.randrange(10_000)}"


def _coordinates(_name: str, _spec: FieldSpec, rng: random.Random) -> str:
    return f"{rng.uniform(-85, 85):.6f},{rng.uniform(-180, 180):.6f}"


def _json(_name: str, _spec: FieldSpec, rng: random.Random) -> dict[str, Any]:
    return {"word": rng.choice(_WORDS), "number": rng.randrange(100)}


_DRAWS: Registry[Callable[[str, FieldSpec, random.Random], Any]] = Registry(
    "field type",
    boolean=_boolean,
    string=_string,
    integer=_integer,
    float=_float,
    url=_url,
    coordinates=_coordinates,
    json=_json,
)


def _read_boolean(text: str) -> bool:
    word = text.strip().lower()
    if word in {"true", "1", "yes"}:
        return True
    if word in {"false", "0", "no"}:
        return False
    raise ValueError(f"{text!r} is neither true nor false")


def _read_integer(text: str) -> int:
    number = _read_float(text)
    if not number.is_integer():
        raise ValueError(f"{text!r} is not an integer")
    try:
        return int(text)
    except ValueError:
        return int(number)


def _read_float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is not a number")
    return number


def _read_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError(f"{text!r} is not JSON") from None


def _read_array(text: str) -> list[Any]:
    value = _read_json(text)
    if not isinstance(value, list):
        raise ValueError(f"{text!r} is not a JSON array")
    return value


_READERS: Registry[Callable[[str], Any]] = Registry(
    "field type that a text can stand for",
    boolean=_read_boolean,
    string=str,
    integer=_read_integer,
    float=_read_float,
    url=str,
    coordinates=str,
    json=_read_json,
    array_boolean=_read_array,
    array_string=_read_array,
    array_integer=_read_array,
    array_float=_read_array,
    array_url=_read_array,
    array_coordinates=_read_array,
    array_json=_read_array,
)
