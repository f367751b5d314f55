"""The value of a cell by the type of its field."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import orjson

from talka.imports.model import Quoted
from talka.infra.http.body import decode
from talka.kit.errors import FieldError, ValidationError

_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
_ELEMENT = re.compile(r'\s*"((?:[^"\\]|\\.|"")*)"\s*(?:,|$)|((?:[^,\\]|\\.|\\$)*)(?:,|$)', re.DOTALL)


class Unreadable(Exception):  # noqa: N818 - reads as the sentence it is
    """A cell does not hold a value of its field's type."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.error = FieldError(code, message)


def cell_value(kind: str, cell: Any) -> Any:
    """The value of a cell of a field of type `kind`; None when the cell is empty.

    Raises:
        Unreadable: it is none of that type.
    """
    if _empty(cell):
        return None
    if kind.startswith("array_"):
        return _array(kind.removeprefix("array_"), cell)
    if isinstance(cell, str):
        return _READERS.get(kind, _string)(cell)
    return _typed(kind, cell)


def _empty(cell: Any) -> bool:
    """Whether a cell holds nothing; data frames say NaN for that."""
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def _typed(kind: str, cell: Any) -> Any:
    """A cell that has a type of its own, as in spreadsheets and Parquet."""
    if kind == "integer" and isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if kind in {"string", "url", "coordinates"}:
        if isinstance(cell, bool):
            return "true" if cell else "false"
        if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
            return str(int(cell))
        if isinstance(cell, int | float):
            return str(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _string(cell: str) -> str:
    # Only in quotes: a plain C:\new stays what it is.
    return cell.replace("\\n", "\n").replace("\\t", "\t") if isinstance(cell, Quoted) else cell


def _verbatim(cell: str) -> str:
    return cell.strip()


def _integer(cell: str) -> int:
    if _INTEGER.fullmatch(cell.strip()) is None:
        raise Unreadable("INTEGER_EXPECTED", "Must be an integer")
    return int(cell)


def _float(cell: str) -> float | int:
    text = cell.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) is None:
        raise Unreadable("FLOAT_EXPECTED", "Must be a number with a decimal point, such as 2.5")
    return float(text)


def _boolean(cell: str) -> bool:
    word = cell.strip().lower()
    if word not in {"true", "false"}:
        raise Unreadable("BOOLEAN_EXPECTED", "Must be true or false")
    return word == "true"


def _load(text: str) -> Any:
    try:
        # What is empty for a request is no JSON for a cell.
        return decode(text.encode()) if text.strip() else orjson.loads(text)
    except ValidationError as error:
        found = next(iter(error.fields.values()))
        raise Unreadable(found.code, found.message.replace("The body", "The cell")) from None
    except (ValueError, UnicodeEncodeError):
        raise Unreadable("JSON_EXPECTED", "Must be JSON") from None


def _json(cell: str) -> Any:
    try:
        return _load(cell)
    except Unreadable as first:
        if "\\," not in cell:
            raise
        try:
            return _load(cell.replace("\\,", ","))
        except Unreadable:
            raise first from None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "json": _json,
    "url": _verbatim,
    "coordinates": _verbatim,
}


def _array(kind: str, cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell if isinstance(cell, list) else [_typed(kind, cell)]
    if kind == "json":
        return _json_array(cell)
    if cell.lstrip().startswith("["):
        try:
            literal = _load(cell)
        except Unreadable:
            literal = None
        if isinstance(literal, list):
            return literal
    read = _READERS.get(kind, str)
    return [read(element) for element in _elements(cell)]


def _json_array(cell: str) -> list[Any]:
    """Objects joined by commas, with or without brackets; a comma within an object may be written `\\,`."""
    for text in (cell, cell.replace("\\,", ",")):
        if text.lstrip().startswith("["):
            try:
                found = _load(text)
            except Unreadable:
                continue
            if isinstance(found, list):
                return found
        try:
            return list(_load(f"[{text}]"))
        except Unreadable:
            continue
    raise Unreadable("JSON_EXPECTED", "Must be JSON values joined by commas")


def _elements(cell: str) -> list[str]:
    """Elements joined by commas; one with a comma stands in quotes, or its comma is written `\\,`."""
    found, start = [], 0
    while True:
        match = _ELEMENT.match(cell, start)
        if match is None:
            raise Unreadable("INVALID_VALUE", "Must be values joined by commas")
        quoted, plain = match.groups()
        found.append((quoted.replace('""', '"') if quoted is not None else plain).replace("\\,", ","))
        start = match.end()
        if start >= len(cell) and not match[0].endswith(","):
            return found
        if start >= len(cell):
            return [*found, ""]
