"""What the literal of a condition may be, and which operators go with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from talka.kit.errors import FieldError
from talka.kit.literals import LiteralCheck

IDENTITY = ("EQ", "NE")
COMPARABLE = ("EQ", "NE", "GT", "GTE", "LT", "LTE")
INCLUSION = ("IN", "NOT_IN")
OPERATORS = (*COMPARABLE, *INCLUSION)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One key of a category: its operators, its values, and whether null may stand for "not known"."""

    operators: tuple[str, ...]
    check: LiteralCheck
    nullable: bool = False


def _shaped(value: Any, fits: Callable[[str], bool], what: str) -> FieldError | None:
    if not isinstance(value, str):
        return FieldError("STRING_EXPECTED", f"Must be {what}")
    return None if fits(value) else FieldError("UNKNOWN_ENUM_VALUE", f"Must be {what}")


def _upper(text: str, low: int, high: int) -> bool:
    return low <= len(text) <= high and text.isascii() and text.isalpha() and text.isupper()


def country(value: Any) -> FieldError | None:
    """An ISO 3166-1 alpha-2 code."""
    return _shaped(value, lambda text: _upper(text, 2, 2), "a country code such as PT")


def language(value: Any) -> FieldError | None:
    """An upper-case ISO 639-1 code, with a script or a region where needed (`ZH-HANS`)."""

    def fits(text: str) -> bool:
        code, _, variety = text.partition("-")
        return _upper(code, 2, 3) and ("-" not in text or _upper(variety, 2, 8))

    return _shaped(value, fits, "a language code such as EN")


def languages(value: Any) -> FieldError | None:
    """A language code or a list of them."""
    for part in value if isinstance(value, list) else [value]:
        if (found := language(part)) is not None:
            return found
    return None


def agent_name(value: Any) -> FieldError | None:
    """A name of the user-agent catalogue: the catalogue grows, so any upper-case name is one."""

    def fits(text: str) -> bool:
        return 0 < len(text) <= 100 and text.isascii() and text.replace("_", "A").isalnum() and text == text.upper()

    return _shaped(value, fits, "a name in capitals such as CHROME")
