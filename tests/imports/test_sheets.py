"""Files of tasks whose cells have types: XLSX and Parquet, also hostile ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.imports.test_tasks import carried_out, errors, inputs, listed, upload, wide_pool
from tests.support.app import Talka

from talka.imports import sheets


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


async def test_a_zip_bomb_is_refused_unread(talka: Talka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_UNPACKED", 1 << 20)
    pool = await talka.pool()
    bomb = _with(GOOD, SHEET, b" " * (2 << 20))
    assert len(bomb) < 50_000
    answer = await upload(talka, pool, bomb, "xlsx")
    assert answer.status_code == 400
    assert "unpacks to too much" in answer.json()["message"]
    assert (await upload(talka, pool, GOOD, "xlsx")).status_code == 202


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
