"""Reading tasks from JSON and JSON Lines, one at a time, whatever the size of the file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from talka.imports.cells import Unreadable, cell_value
from talka.imports.columns import flat_entry
from talka.imports.model import CellError, Entry, FileRefused
from talka.imports.text import MAX_ROW_BYTES, lines
from talka.infra.http.body import decode
from talka.kit.documents import MAX_DEPTH, json_problems, text_problem
from talka.kit.errors import FieldErrors, ValidationError
from talka.projects.fields import Specs

_PIECE = 1 << 16
_SPACE = re.compile(r"[ \t\r\n]*")
_STRUCTURE = re.compile(r'["{}\[\]]')
_STRING_END = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
# What a task may have around a JSON value of a field.
_ENVELOPE = 4
_DEGREES = ("latitude", "longitude")


def json_lines(file: BinaryIO, inputs: Specs, outputs: Specs) -> Iterator[Entry]:
    """One task a line; empty lines end suites."""
    for number, raw in lines(file):
        yield Entry(number, None) if not raw.strip() else _read(number, raw, inputs, outputs)


def json_array(file: BinaryIO, inputs: Specs, outputs: Specs) -> Iterator[Entry]:
    """The tasks of an array, or a single one.

    Raises:
        FileRefused: the file is not JSON; what came before the wrong place is no longer of use, either.
    """
    for number, raw in enumerate(_elements(_text(file)), 1):
        yield _read(number, raw.encode(), inputs, outputs)


def _text(file: BinaryIO) -> Iterator[str]:
    """The file in pieces, without a byte order mark."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    done = 0
    while True:
        raw = file.read(_PIECE)
        try:
            piece = decoder.decode(raw, final=not raw)
        except UnicodeDecodeError:
            text = f"The file is not UTF-8: it goes wrong between its bytes {max(done - 3, 0)} and {done + len(raw)}"
            raise FileRefused(text) from None
        done += len(raw)
        if piece:
            yield piece
        if not raw:
            return


def _elements(pieces: Iterator[str]) -> Iterator[str]:
    """The texts of an array's elements."""
    buffer = _Buffer(pieces)
    if buffer.peek() != "[":
        yield buffer.take_value(1)
        buffer.expect_end()
        return
    buffer.skip()
    if buffer.peek() == "]":
        buffer.skip()
        buffer.expect_end()
        return
    number = 1
    while True:
        yield buffer.take_value(number)
        after = buffer.peek()
        if after not in {",", "]"}:
            raise _broken(number, "a comma or the end of the array is missing after it")
        buffer.skip()
        if after == "]":
            buffer.expect_end()
            return
        number += 1


class _Buffer:
    """Text that is read as far as it is needed."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0

    def _more(self) -> bool:
        piece = next(self._pieces, "")
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Go past the character that was seen."""
        self._at += 1

    def expect_end(self) -> None:
        """Refuse anything but white space up to the end."""
        if self.peek():
            raise FileRefused("The file is not valid JSON: there is something after its end")

    def take_value(self, number: int) -> str:
        """The text of the object that comes next."""
        if self.peek() != "{":
            raise _broken(number, "it is no object")
        depth, position = 0, self._at
        while True:
            match = _STRUCTURE.search(self._text, position)
            if match is None:
                position = self._grow(len(self._text), number)
                continue
            if match[0] == '"':
                end = _STRING_END.match(self._text, match.end())
                if end is None:
                    position = self._grow(match.start(), number)
                    continue
                position = end.end()
                continue
            position = match.end()
            depth += 1 if match[0] in "{[" else -1
            if depth == 0:
                value, self._at = self._text[self._at : position], position
                return value

    def _grow(self, position: int, number: int) -> int:
        """Read on; where `position` is then."""
        if len(self._text) - self._at > MAX_ROW_BYTES:
            raise _broken(number, f"it is larger than {MAX_ROW_BYTES} bytes")
        offset = position - self._at
        if not self._more():
            raise _broken(number, "the file ends within it")
        return offset


def _broken(number: int, what: str) -> FileRefused:
    text = f"The file is not valid JSON at task {number}: {what}"
    return FileRefused(text, CellError(number, None, "JSON_EXPECTED", text))


def _read(number: int, raw: bytes, inputs: Specs, outputs: Specs) -> Entry:
    try:
        value = decode(raw)
    except ValidationError as error:
        path, found = next(iter(error.fields.items()))
        message = found.message.replace("The body", "The task")
        return Entry(number, {}, problem=CellError(number, None if path == "body" else path, found.code, message))
    if not isinstance(value, dict):
        return Entry(number, {}, problem=CellError(number, None, "OBJECT_EXPECTED", "Must be an object"))
    problems = json_problems(value, "", -_ENVELOPE) if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH else {}
    for path, found in problems.items():
        return Entry(number, {}, problem=CellError(number, path, found.code, found.message))
    if value and "input_values" not in value and all(":" in name for name in value):
        return flat_entry(number, value, inputs, outputs)
    return _modern(number, value)


def _modern(number: int, value: dict[str, Any]) -> Entry:
    errors: FieldErrors = {}
    item = {name: part for name, part in value.items() if name not in {"__item_idx", "id"}}
    for name in _DEGREES:
        if isinstance(item.get(name), str):
            try:
                item[name] = cell_value("float", item[name])
            except Unreadable as unreadable:
                errors[name] = unreadable.error
                del item[name]
    hint = item.get("message_on_unknown_solution")
    problem = text_problem(hint) if isinstance(hint, str) else None
    if problem is not None:
        errors["message_on_unknown_solution"] = problem
    return Entry(number, item, errors)
