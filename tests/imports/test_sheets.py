"""Files of tasks whose cells have types: XLSX and Parquet, also hostile ones."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.imports.test_tasks import carried_out, errors, inputs, listed, upload, wide_pool
from tests.support.app import Talka

from talka.imports.workbook_cells import date_styles


def xlsx(*rows: Sequence[Any]) -> bytes:
    """A workbook with these rows on its first sheet, and another sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.create_sheet("other").append(["INPUT:nothing"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def packed(**columns: Any) -> bytes:
    """A Parquet file; `__` in names stands for a colon."""
    file = io.BytesIO()
    parquet.write_table(pa.table({name.replace("__", ":"): cells for name, cells in columns.items()}), file)
    return file.getvalue()


async def test_cells_of_a_workbook_have_types(talka: Talka) -> None:
    pool = await wide_pool(talka)
    head = ["INPUT:text", "INPUT:whole", "INPUT:real", "INPUT:yes", "INPUT:words", "INPUT:data"]
    rows: list[list[Any]] = [
        ["plain", 3, 2.5, True, "a,b", '{"k": 1}'],
        [7, "4", 1, "false", "c", 5],
        [True, 5.0, None, None, None, None],
        [date(2030, 1, 31), None, None, None, 6],
        ["\\n stays"],
    ]
    assert await inputs(talka, pool, xlsx(head, *rows), "xlsx") == [
        {"text": "plain", "whole": 3, "real": 2.5, "yes": True, "words": ["a", "b"], "data": {"k": 1}},
        {"text": "7", "whole": 4, "real": 1, "yes": False, "words": ["c"], "data": 5},
        {"text": "true", "whole": 5},
        {"text": "2030-01-31T00:00:00", "words": ["6"]},
        {"text": "\\n stays"},
    ]


async def test_errors_of_a_workbook_name_its_cells(talka: Talka) -> None:
    pool = await wide_pool(talka)
    content = xlsx(
        ["INPUT:text", "INPUT:whole"], ["fine", 1], ["=1+1", 1], ["x", 1.5], [None, 2], [], ["x", "#N/A"],
        ["x", 1, "y"], ["x", True],
    )  # fmt: skip
    assert errors(await upload(talka, pool, content, "xlsx")) == [
        (3, "INPUT:text", "VALUE_NOT_ALLOWED"), (4, "INPUT:whole", "INTEGER_EXPECTED"),
        (5, "INPUT:text", "VALUE_REQUIRED"), (7, "INPUT:whole", "INVALID_VALUE"), (8, None, "INVALID_VALUE"),
        (9, "INPUT:whole", "INTEGER_EXPECTED"),
    ]  # fmt: skip


def _with(content: bytes, name: str, text: bytes) -> bytes:
    """The workbook with one part replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, text if member == name else old.read(member))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
GOOD = xlsx(["INPUT:item"], ["x"])
NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = b"<!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(
    b"<!ENTITY a%d '%s'>" % (number, b"&a%d;" % (number - 1) * 10) for number in range(1, 10)
) + b"]>"  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK", b"INPUT:item\nx\n", GOOD[: len(GOOD) // 2], _with(GOOD, SHEET, b"<"),
        _with(GOOD, "xl/workbook.xml", b"<x/>"),
        _with(GOOD, SHEET, LAUGHS + b"<worksheet " + NAMESPACE + b"><sheetData><row><c t='str'><v>&a9;</v></c></row>"
              b"</sheetData></worksheet>"),
        _with(GOOD, SHEET, b"<worksheet " + NAMESPACE + b"><sheetData><row r='99999999999'><c t='str'><v>x</v></c>"
              b"</row></sheetData></worksheet>"),
        _with(GOOD, SHEET, b"<worksheet " + NAMESPACE + b"><sheetData><row r='1'><c r='XFD1' t='str'><v>x</v></c></row>"
              b"</sheetData></worksheet>"),
    ],
    ids=["empty", "magic", "tsv", "half", "no-xml", "no-book", "laughs", "far-row", "far-column"],
)  # fmt: skip
async def test_no_workbook(talka: Talka, content: bytes) -> None:
    pool = await talka.pool()
    answer = await upload(talka, pool, content, "xlsx", skip_invalid_items=True)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text


async def refusal(talka: Talka, content: bytes) -> str:
    """Why a workbook is refused, after at most a few seconds and megabytes."""
    pool = await talka.pool()
    tracemalloc.start()
    try:
        answer = await upload(talka, pool, content, "xlsx", skip_invalid_items=True)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == 400, answer.text
    assert peak < 100 << 20
    message: str = answer.json()["message"]
    return message


def sheet(*rows: bytes) -> bytes:
    return b"<worksheet " + NAMESPACE + b"><sheetData>" + b"".join(rows) + b"</sheetData></worksheet>"


def shared(texts: bytes, *rows: bytes) -> bytes:
    """A workbook whose cells refer to texts that stand in a part of any name."""
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        related = archive.read(RELATED)
    reference = b"<Relationship Type='" + kind + b"' Target='" + TEXTS.encode() + b"' Id='rId9'/></Relationships>"
    content = _with(GOOD, RELATED, related.replace(b"</Relationships>", reference))
    file = io.BytesIO(_with(content, SHEET, sheet(*rows)))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"xl/{TEXTS}", texts)
    return file.getvalue()


STYLES, TEXTS, TYPES = "xl/styles.xml", "worksheets/texts.xml", "[Content_Types].xml"
RELATED = "xl/_rels/workbook.xml.rels"
SHARED_ROWS = [b"<row><c t='s'><v>%d</v></c></row>" % number for number in (1, 0, 2, 0)]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        (SHEET, sheet(b"<row>" + b"<c/>" * 2_000_000 + b"</row>"), "columns"),
        (SHEET, sheet(b"<row><c t='inlineStr'><is><t>" + b"x" * (6 << 20) + b"</t></is></c></row>"), "longer"),
        (SHEET, sheet(b"<row><c r='" + b"A" * (20 << 20) + b"'/></row>"), "tag"),
        (SHEET, sheet(b"<!--" + b"-x" * (10 << 20) + b"-->"), "tag"),
        (STYLES, b"<styleSheet><cellXfs>" + b"<xf/>" * 2_000_000 + b"</cellXfs></styleSheet>", "unpacks to too much"),
        (TYPES, b"<Types>" + b"<x/>" * 3_000_000 + b"</Types>", ""),
        (RELATED, b"<Relationships>" + b"<Relationship/>" * 1_000_000 + b"</Relationships>", "unpacks to too much"),
    ],
    ids=["cells", "text", "attribute", "comment", "styles", "types", "relations"],
)
async def test_a_bomb_is_refused_before_it_is_in_memory(talka: Talka, name: str, text: bytes, why: str) -> None:
    bomb = _with(GOOD, name, text)
    assert len(bomb) < 150_000
    if name == TYPES:  # nobody reads it
        assert (await upload(talka, await talka.pool(), bomb, "xlsx")).status_code == 202
    else:
        assert why in await refusal(talka, bomb)


async def test_texts_that_cells_share(talka: Talka) -> None:
    texts = b"<sst><si><t>a &amp; b</t></si><si><t>INPUT:item</t></si><si><r><t>r</t></r><r><t>ich</t></r></si></sst>"
    pool = await talka.pool()
    assert await inputs(talka, pool, shared(texts, *SHARED_ROWS), "xlsx") == [
        {"item": "a & b"}, {"item": "rich"}, {"item": "a & b"},
    ]  # fmt: skip
    bomb = shared(b"<sst>" + b"<si/>" * 14_000_000 + b"</sst>", *SHARED_ROWS)
    assert "unpacks to too much" in await refusal(talka, bomb)


async def test_an_archive_of_very_many_members_is_refused(talka: Talka) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(10_001):
            archive.writestr(str(number), b"")
    assert "parts" in await refusal(talka, file.getvalue())


async def test_cells_as_other_programs_write_them(talka: Talka) -> None:
    """Without references, with inline and rich texts, values of formulas, gaps, and the strict namespace."""
    pool = await wide_pool(talka)
    head = b"".join(
        b"<c t='inlineStr'><is><t>INPUT:%s</t></is></c>" % name for name in (b"text", b"whole", b"real", b"yes")
    )
    rows = [
        b"<row>" + head + b"</row>",
        b"<row r='3'><c t='str'><f>A1</f><v>one</v></c><c><f>1+1</f><v>2</v></c><c><v>1E-1</v></c><c t='b'><v>0</v></c>"
        b"</row>",
        b"<row><c r='A4' t='inlineStr'><is><r><t>t</t></r><r><t xml:space='preserve'>wo </t></r><rPh><t>no</t></rPh>"
        b"</is></c><c r='C4'><v>-3.5</v></c></row>",
        b"<row><c r='A5' t='d'><v>2030-01-31</v></c><c r='F5'/></row>",
    ]
    strict = sheet(*rows).replace(NAMESPACE, b"xmlns='http://purl.oclc.org/ooxml/spreadsheetml/main'")
    for text in (sheet(*rows), strict):
        preview = await upload(talka, pool, _with(GOOD, SHEET, text), "xlsx", preview=True)
        assert [task["input_values"] for task in preview.json()["sample"]] == [
            {"text": "one", "whole": 2, "real": 0.1, "yes": False}, {"text": "two ", "real": -3.5},
            {"text": "2030-01-31"},
        ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        b"<row r='2'><c t='s'><v>0</v></c></row><row r='2'/>", b"<row r='x'/>", b"<row r='-1'/>",
        b"<row><c r='B1'/><c r='A1'/></row>", b"<row><c r='1A'/></row>", b"<row><c t='s'><v>99</v></c></row>",
        b"<row><c t='s'><v>-1</v></c></row>", b"<row><c t='s'><v>x</v></c></row>", b"<row><c><v>1</v></row>",
    ],
)  # fmt: skip
async def test_workbooks_that_contradict_themselves_are_refused(talka: Talka, rows: bytes) -> None:
    assert "not a readable XLSX workbook" in await refusal(talka, _with(GOOD, SHEET, sheet(rows)))


async def test_numbers_that_are_none_and_dates_of_no_calendar_are_told(talka: Talka) -> None:
    pool = await wide_pool(talka)
    book = openpyxl.Workbook()
    for row in (
        ["INPUT:text", "INPUT:real"],
        [datetime(1900, 1, 1)],  # noqa: DTZ001 - spreadsheets know no zones
        [datetime(2030, 1, 31, 12, 30, 0, 5000)],  # noqa: DTZ001
        [time(8)],
    ):
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    preview = await upload(talka, pool, file.getvalue(), "xlsx", preview=True)
    assert [task["input_values"]["text"] for task in preview.json()["sample"]] == [
        "1900-01-01T00:00:00", "2030-01-31T12:30:00.005000", "08:00:00",
    ]  # fmt: skip
    with zipfile.ZipFile(file) as archive:
        known = archive.read(SHEET)
    first = known[known.index(b'<c r="A2"') : known.index(b"</c>", known.index(b'<c r="A2"'))]
    for wrong in (b"1e300", b"-1e9", b"nan", b"1e9999", b"0x1"):
        broken = known.replace(first, first[: first.rindex(b"<v>")] + b"<v>" + wrong + b"</v>")
        found = await upload(talka, pool, _with(file.getvalue(), SHEET, broken), "xlsx")
        assert errors(found) == [(2, "INPUT:text", "INVALID_VALUE")], wrong


def test_formats_of_dates() -> None:
    formats = {
        164: "yyyy-mm-dd", 165: '0.00" days"', 166: "[Red]0.0", 167: "[h]:mm:ss", 168: "[$-409]h:mm AM/PM",
        169: "General", 170: '#,##0\\ "hm"', 171: "0.00E+00", 172: "dd/mm",
    }  # fmt: skip
    used = [0, 14, 22, 46, *formats]
    dates = {number for number, known in enumerate(used) if known in {14, 22, 164, 168, 172}}
    assert date_styles(formats, used) == dates


async def test_parquet(talka: Talka) -> None:
    pool = await wide_pool(talka)
    content = packed(
        INPUT__text=["one", "two", "three"], INPUT__whole=[1, None, 3], INPUT__real=[0.5, float("nan"), 2.0],
        INPUT__yes=[True, None, False], INPUT__words=[["a,b", "c"], None, []], INPUT__numbers=[[1, 2], [], None],
        INPUT__data=[{"k": "v"}, None, {"k": None}], INPUT__link=["https://a.example", None, ""],
        TASK__overlap=pa.array([Decimal(4), None, Decimal(2)], pa.decimal128(5, 0)),
    )  # fmt: skip
    answer = await upload(talka, pool, content, "parquet")
    assert answer.status_code == 202, answer.text
    await carried_out(talka)
    tasks = await listed(talka, pool)
    assert [task["overlap"] for task in tasks] == [4, 3, 2]
    assert [task["input_values"] for task in tasks] == [
        {"text": "one", "whole": 1, "real": 0.5, "yes": True, "words": ["a,b", "c"], "numbers": [1, 2],
         "data": {"k": "v"}, "link": "https://a.example"},
        {"text": "two", "numbers": []},
        {"text": "three", "whole": 3, "real": 2.0, "yes": False, "words": [], "data": {"k": None}},
    ]  # fmt: skip


async def test_errors_of_parquet(talka: Talka) -> None:
    pool = await wide_pool(talka)
    content = packed(INPUT__text=["a", None, "c"], INPUT__whole=[1.5, 1.0, 2.0], INPUT__data=[b"x", None, None])
    assert errors(await upload(talka, pool, content, "parquet")) == [
        (1, "INPUT:whole", "INTEGER_EXPECTED"), (1, "INPUT:data", "JSON_EXPECTED"), (2, "INPUT:text", "VALUE_REQUIRED"),
    ]  # fmt: skip
    assert errors(await upload(talka, pool, packed(item=["x"]), "parquet"))[0] == (0, "item", "VALUE_NOT_ALLOWED")


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1" * 100, packed(INPUT__item=["x"])[:-20], packed(INPUT__item=[])]
)
async def test_no_parquet(talka: Talka, content: bytes) -> None:
    pool = await talka.pool()
    answer = await upload(talka, pool, content, "parquet")
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text


HOSTILE: dict[str, Any] = {
    "nan": [{"k": float("nan"), "l": [float("inf")]}],
    "bytes": [{"k": [b"x"]}],
    "duration": pa.array([1], pa.duration("s")),
    "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "unsigned": pa.array([2**64 - 1], pa.uint64()),
    "time": pa.array([1], pa.time32("s")),
    "zoned": pa.array([1], pa.timestamp("us", tz="Europe/Lisbon")),
    "half": pa.array([1.5], pa.float16()),
    "nul": ["a\0b"],
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_odd_types_of_parquet_break_nothing(talka: Talka, name: str) -> None:
    pool = await wide_pool(talka)
    good = 0
    for field in ("text", "whole", "real", "data", "words", "objects", "link"):
        columns = {"INPUT__text": ["x"], f"INPUT__{field}": HOSTILE[name]}
        answer = await upload(talka, pool, packed(**columns), "parquet", skip_invalid_items=True)
        assert answer.status_code in {202, 400}, (field, answer.text)
        good += answer.status_code == 202
        await carried_out(talka)
        assert len(await listed(talka, pool)) == good, field
