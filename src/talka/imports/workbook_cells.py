"""The value of a cell of a workbook by its type and style."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

# The formats that every spreadsheet has under these numbers, without those of elapsed time.
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
_REFERENCE = re.compile(r"([A-Z]{1,3})[1-9][0-9]{0,6}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")


class Broken(Exception):  # noqa: N818 - reads as the sentence it is
    """The workbook contradicts itself."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell."""

    code: str
    message: str


Value = str | int | float | bool | datetime | Wrong | None


def date_styles(formats: Mapping[int, str], used: Sequence[int]) -> frozenset[int]:
    """Which of the styles (by the number of the format that each uses) show dates."""
    return frozenset(number for number, known in enumerate(used) if _is_date(known, formats.get(known)))


def _is_date(number: int, code: str | None) -> bool:
    if code is None:
        return number in _BUILT_IN_DATES
    # What is in quotes or brackets is shown as it is, or is a colour or a place.
    plain = _QUOTED.sub("", code.split(";")[0])
    return _ELAPSED.search(plain) is None and _DATE.search(plain.replace("General", "")) is not None


class Cells:
    """Reads cells with the texts and styles of their workbook."""

    def __init__(self, shared: Sequence[str], dates: frozenset[int], *, since_1904: bool) -> None:
        self._shared = shared
        self._dates = dates
        self._since_1904 = since_1904

    @staticmethod
    def column(reference: str | None) -> int | None:
        """The number of the column that a reference such as AB12 names, from 1."""
        if reference is None:
            return None
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise Broken("a cell stands nowhere")
        number = 0
        for letter in match[1]:
            number = number * 26 + ord(letter) - ord("A") + 1
        return number

    def value(self, attributes: Mapping[str, str], text: str, *, formula: bool) -> Value:
        """The value of a cell; of a formula the one that the spreadsheet has kept for it."""
        kind = attributes.get("t", "n")
        if formula and not text and kind != "str":
            return Wrong("VALUE_NOT_ALLOWED", "Must not be a formula without its value: paste the value")
        if kind in {"str", "inlineStr", "d"}:
            return text
        return self._typed(kind, text, attributes.get("s", "0")) if text else None

    def _typed(self, kind: str, text: str, style: str) -> Value:
        match kind:
            case "e":
                return Wrong("INVALID_VALUE", f"The cell holds the error {text[:100]}")
            case "s":
                return self._shared_text(text)
            case "b":
                return text.strip() in {"1", "true"}
            case _:
                return self._number(text.strip(), style)

    def _shared_text(self, text: str) -> str:
        number = int(text) if _INTEGER.fullmatch(text) else -1
        if not 0 <= number < len(self._shared):
            raise Broken("a cell has no text")
        return self._shared[number]

    def _number(self, text: str, style: str) -> Value:
        if _NUMBER.fullmatch(text) is None or not isfinite(float(text)):
            return Wrong("INVALID_VALUE", "The cell is a number that cannot be read")
        if style.isascii() and style.isdigit() and len(style) < 10 and int(style) in self._dates:
            return self._moment(float(text))
        return int(text) if _INTEGER.fullmatch(text) else float(text)

    def _moment(self, days: float) -> Value:
        if 0 <= days < 1:
            return (datetime(1, 1, 1) + _time(days)).time().isoformat()  # noqa: DTZ001 - spreadsheets know no zones
        # The first spreadsheet took 1900 for a leap year.
        start = datetime(1904, 1, 1) if self._since_1904 else datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001
        try:
            return start + _time(days)
        except OverflowError:
            return Wrong("INVALID_VALUE", "The cell is a date that no calendar has")


def _time(days: float) -> timedelta:
    """To the millisecond: fractions of a day are not exact."""
    return timedelta(milliseconds=round(days * 86_400_000))
