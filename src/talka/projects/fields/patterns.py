"""Regular expressions of requesters, which must never hold up the server.

A pattern runs on an engine of linear time (Rust's `regex`, which Pydantic brings) whenever that engine takes it.
Look-around, back-references and very large counted classes need a backtracking engine: there, a repeated group that
holds a repetition itself (`(a+)+`) is refused, and with two or more repetitions long values count as mismatches.
`\\w`, `\\d` and `\\s` stand for characters of all scripts.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable

from pydantic_core import SchemaError, SchemaValidator, core_schema

MAX_PATTERN = 2_000
"""Characters of a pattern."""
MAX_BACKTRACKED = 1_000
"""Characters of a value that a backtracking pattern of several repetitions is tried on; longer ones mismatch."""

_TOKENS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?[:=!]|\?<[=!])?|\)|[*+?]|\{\d*,?\d*\}|.", re.DOTALL)
_REPEATS = re.compile(r"[*+]|\{(?:\d*,\d*|(?:[2-9]|\d{2,}))\}")
_VARIES = re.compile(r"[*+?]|\{\d*,\d*\}")


class BadPattern(ValueError):  # noqa: N818 - reads as the sentence it is
    """The pattern cannot be used, and why."""


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A function that says whether the pattern matches a whole string.

    Raises:
        BadPattern: its syntax is wrong, it is too long, or it could run for ever.
    """
    if len(pattern) > MAX_PATTERN:
        raise BadPattern(f"Must have at most {MAX_PATTERN} characters")
    return _linear(pattern) or _backtracking(pattern)


def _linear(pattern: str) -> Callable[[str], bool] | None:
    whole = rf"\A(?:{pattern})\z"
    try:
        for text in (pattern, whole):  # alone first: `a)|(b` is only well-formed inside the parentheses
            validator = SchemaValidator(core_schema.str_schema(pattern=text, regex_engine="rust-regex", strict=True))
    except SchemaError:
        return None
    return validator.isinstance_python


def _backtracking(pattern: str) -> Callable[[str], bool]:
    try:
        with warnings.catch_warnings(action="ignore"):  # of syntax that a later Python may read otherwise
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern(f"Must be a regular expression: {error}") from None
    repetitions, nested = _repetitions(pattern)
    if nested:
        raise BadPattern(
            "Must not repeat a group that holds a repetition beside look-around, back-references or large counts"
        )
    longest = MAX_BACKTRACKED if repetitions > 1 else sys.maxsize

    def matches(value: str) -> bool:
        return len(value) <= longest and compiled.fullmatch(value) is not None

    return matches


def _repetitions(pattern: str) -> tuple[int, bool]:
    """How many parts can match in several lengths, and whether a group that holds one is itself repeated."""
    varies = [False]
    closed = nested = False
    count = 0
    for part in _TOKENS.findall(pattern):
        if part.startswith("("):
            varies.append(False)
            continue
        if part == ")" and len(varies) > 1:
            closed = varies.pop()
            varies[-1] = varies[-1] or closed
            continue
        nested = nested or (closed and _REPEATS.fullmatch(part) is not None)
        if _VARIES.fullmatch(part):
            varies[-1] = True
            count += 1
        closed = False
    return count, nested
