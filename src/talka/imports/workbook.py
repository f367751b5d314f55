"""Reading XLSX: the rows of the first sheet as they come out of the archive, whatever hostile file is behind them.

Archives of a few kilobytes can hold rows, texts and styles without end, so each part is read by its own handler, which
counts what it keeps, and nothing is ever held as a tree.
"""

from __future__ import annotations

import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from talka.imports.model import CellError, FileRefused, Line
from talka.imports.text import MAX_COLUMNS, MAX_ROW_BYTES
from talka.imports.workbook_cells import Broken, Cells, Value, Wrong, date_styles

MAX_SHEET, MAX_SHARED, MAX_PART = 512 << 20, 64 << 20, 8 << 20
"""Bytes that the sheet, the texts that cells share (they are kept in memory), and any other part may have unpacked."""
MAX_ROWS, MAX_MEMBERS = 1_048_576, 10_000
_MEMBER = b"PK\x01\x02"
"""How each entry in the directory of an archive begins."""
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, expat.ExpatError, Broken, LookupError, ValueError, OverflowError,
    OSError, EOFError, RuntimeError,
)  # fmt: skip
"""What comes of archives that are damaged, locked, or packed in a way that nobody packs workbooks."""
_PIECE = 1 << 16
Attributes = dict[str, str]


def workbook(file: BinaryIO) -> Iterator[Line]:
    """The rows of the first sheet.

    Raises:
        FileRefused: it is no workbook, or it unpacks to more than any file of tasks needs.
    """
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            yield from _lines(archive)
    except _UNREADABLE as error:
        raise FileRefused(f"The file is not a readable XLSX workbook ({type(error).__name__})") from None


def _check_directory(file: BinaryIO) -> None:
    """Refuse an archive of very many members before its directory is read into memory."""
    count, tail = 0, b""
    while piece := file.read(_PIECE):
        count += (tail + piece).count(_MEMBER)
        tail = piece[-len(_MEMBER) + 1 :]
    file.seek(0)
    if count > MAX_MEMBERS:
        raise FileRefused(f"The file is not a readable XLSX workbook: it has more than {MAX_MEMBERS} parts")


def _lines(archive: zipfile.ZipFile) -> Iterator[Line]:
    parts = _Parts(archive)
    rows = _Rows(Cells(parts.shared(), parts.dates(), since_1904=parts.since_1904))
    last = width = 0
    for _ in _parsed(archive, parts.sheet, MAX_SHEET, rows.start, rows.end, rows.text):
        for number, values in rows.take():
            for missing in range(last + 1, number):
                yield Line(missing, None)
            last = number
            line = _line(number, values, width)
            # Cells beyond the last one that is filled do not count.
            width = width or len(line.cells or [])
            yield line


def _line(number: int, values: list[Value], width: int) -> Line:
    for column, value in enumerate(values, 1):
        if isinstance(value, Wrong):
            return Line(number, None, CellError(number, str(column), value.code, value.message))
    while values and values[-1] is None and len(values) != width:
        values.pop()
    cells = [*values, *[None] * (width - len(values))]
    return Line(number, cells if any(value not in (None, "") for value in cells) else None)


def _local(name: str) -> str:
    """A name without its namespace: there are two of them for the same documents."""
    return name.rpartition(" ")[2]


def _parsed(
    archive: zipfile.ZipFile,
    name: str,
    most: int,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] = lambda _: None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Parse a part, a piece at each step."""
    if archive.getinfo(name).file_size > most:
        raise FileRefused("The workbook unpacks to too much: save it as CSV, or split it")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
    parser.EndElementHandler = lambda tag: end(_local(tag))
    parser.StartDoctypeDeclHandler = _refuse_doctype
    if text is not None:
        parser.CharacterDataHandler = text
    done = 0
    # No member unpacks to more than it says: reading stops there.
    with archive.open(name) as part:
        while piece := part.read(_PIECE):
            parser.Parse(piece)
            done += len(piece)
            if done - parser.CurrentByteIndex > MAX_ROW_BYTES:
                raise FileRefused(f"The workbook has a tag of more than {MAX_ROW_BYTES} bytes")
            yield
    parser.Parse(b"", True)
    yield


def _refuse_doctype(*_args: object) -> None:
    raise FileRefused("The workbook defines entities of its own, which no spreadsheet does")


class _Parts:
    """Where the parts of a workbook are."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        root = self._related("")
        books = [path for kind, path in root.values() if kind == "officeDocument"]
        if not books:
            raise Broken("there is no workbook")
        [book, *_] = books
        related = self._related(book)
        sheets: list[str] = []
        self.since_1904 = False

        def start(name: str, attributes: Attributes) -> None:
            if name == "workbookPr":
                self.since_1904 = attributes.get("date1904") in {"1", "true"}
            elif name == "sheet":
                [reference] = [value for key, value in attributes.items() if key.endswith(" id")]
                kind, path = related[reference]
                if kind == "worksheet" and not sheets:
                    sheets.append(path)

        self._read(book, MAX_PART, start)
        if not sheets:
            raise FileRefused("The workbook has no sheet")
        self.sheet = sheets[0]
        self._by_kind = dict(related.values())

    def _read(
        self,
        name: str,
        most: int,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] = lambda _: None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        for _ in _parsed(self._archive, name, most, start, end, text):
            pass

    def _related(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: by reference the kind and the path of another part."""
        folder, base = posixpath.split(name)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: Attributes) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
                found[attributes["Id"]] = attributes["Type"].rpartition("/")[2], path.lstrip("/")

        self._read(posixpath.join(folder, "_rels", f"{base}.rels"), MAX_PART, start)
        return found

    def shared(self) -> list[str]:
        """The texts that cells refer to by number."""
        found: list[str] = []
        reader = _Texts(found.append)
        if "sharedStrings" in self._by_kind:
            self._read(self._by_kind["sharedStrings"], MAX_SHARED, reader.start, reader.end, reader.text)
        return found

    def dates(self) -> frozenset[int]:
        """The numbers of the styles that show dates."""
        formats: dict[int, str] = {}
        used: list[int] = []
        within = [False]

        def start(name: str, attributes: Attributes) -> None:
            if name == "numFmt":
                formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                within[0] = True
            elif name == "xf" and within[0]:
                used.append(int(attributes.get("numFmtId", "0")))

        def end(name: str) -> None:
            within[0] = within[0] and name != "cellXfs"

        if "styles" in self._by_kind:
            self._read(self._by_kind["styles"], MAX_PART, start, end)
        return date_styles(formats, used)


class _Texts:
    """Gathers the text of an `si` or `is`, without what tells how it is pronounced."""

    def __init__(self, found: Callable[[str], None]) -> None:
        self._found = found
        self._parts: list[str] = []
        self._open = self._aside = False

    def start(self, name: str, _attributes: Attributes) -> None:
        """An element begins."""
        if name == "si":
            self._parts.clear()
        self._aside = self._aside or name == "rPh"
        self._open = name == "t" and not self._aside

    def end(self, name: str) -> None:
        """An element ends."""
        self._open = False
        if name == "rPh":
            self._aside = False
        elif name == "si":
            self._found("".join(self._parts))

    def text(self, piece: str) -> None:
        """Text between two tags."""
        if self._open:
            self._parts.append(piece)


class _Rows:
    """Gathers the rows of a sheet until they are taken."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._ready: list[tuple[int, list[Value]]] = []
        self._number = 0
        self._values: list[Value] = []
        self._attributes: Attributes = {}
        self._parts: list[str] = []
        self._size = 0
        self._open = self._aside = self._formula = False

    def take(self) -> list[tuple[int, list[Value]]]:
        """The rows that are complete since the last time."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if name == "row":
            self._begin_row(attributes)
        elif name == "c":
            self._attributes, self._formula = attributes, False
            self._parts.clear()
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._aside = True
        self._open = name in {"v", "t"} and not self._aside

    def _begin_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._number + 1))
        if number <= self._number:
            raise Broken(f"row {number} comes after row {self._number}")
        if number > MAX_ROWS:
            raise FileRefused(f"A sheet has at most {MAX_ROWS} rows")
        self._number, self._values, self._size = number, [], 0

    def end(self, name: str) -> None:
        """An element ends."""
        self._open = False
        if name == "rPh":
            self._aside = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._ready.append((self._number, self._values))

    def _end_cell(self) -> None:
        place = self._cells.column(self._attributes.get("r")) or len(self._values) + 1
        if place > MAX_COLUMNS:
            raise FileRefused(f"A sheet has at most {MAX_COLUMNS} columns")
        if place <= len(self._values):
            raise Broken(f"a cell of column {place} stands too late")
        self._values += [None] * (place - 1 - len(self._values))
        self._values.append(self._cells.value(self._attributes, "".join(self._parts), formula=self._formula))

    def text(self, piece: str) -> None:
        """Text between two tags."""
        if not self._open:
            return
        self._size += len(piece)
        if self._size > MAX_ROW_BYTES:
            text = f"The row is longer than {MAX_ROW_BYTES} characters"
            raise FileRefused(text, CellError(self._number, None, "ENTITY_TOO_LARGE", text))
        self._parts.append(piece)
