"""Results as CSV, JSON Lines and Parquet: the rows of the TSV, values of fields with their types."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from psycopg import sql
from pyarrow import parquet
from tests.support.app import Talka
from tests.support.bodies import project_body

from talka.infra.exports import Format, stream, text_column
from talka.results import store

TEXT = "; charset=UTF-8"
FORMATS = {
    "tsv": f"text/tab-separated-values{TEXT}",
    "csv": f"text/csv{TEXT}",
    "jsonl": f"application/jsonl{TEXT}",
    "parquet": "application/vnd.apache.parquet",
}


async def answered_pool(talka: Talka) -> dict[str, Any]:
    """A pool with one accepted page of two tasks, whose values try to break the file."""
    body = project_body()
    body["task_spec"]["input_spec"] = {
        "text": {"type": "string"},
        "odd_name-1": {"type": "string", "required": False},
        "list": {"type": "array_string", "required": False},
        "data": {"type": "json", "required": False},
        "yes": {"type": "boolean", "required": False},
    }
    body["task_spec"]["output_spec"] = {
        "label": {"type": "string", "allowed_values": ["a", "b"]},
        "number": {"type": "float", "required": False},
    }
    pool = await talka.pool(await talka.project(**body), mixer_config={"real_tasks_count": 2})
    first = {
        "text": 'comma, tab\t"quoted"\r\nnew line, \\ \\n \u2028 \x01\x02', "odd_name-1": "x", "list": ["a,b", ""],
        "data": {"k": ["\t\x01", None, 1e300]}, "yes": True,
    }  # fmt: skip
    items = [{"pool_id": pool["id"], "input_values": values, "overlap": 1} for values in (first, {"text": "plain"})]
    made = await talka.requester.post("/api/v1/tasks?open_pool=true", json=items)
    assert made.status_code == 201, made.text
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    solutions = [{"output_values": {"label": "a", "number": 0.5}}, {"output_values": {"label": "b"}}]
    assert (await worker.post(f"/assignments/{page['id']}/submit", {"solutions": solutions})).status_code == 200
    return {**pool, "first": first, "page": page, "worker": worker}


async def content(talka: Talka, pool: dict[str, Any], form: str, **params: str) -> bytes:
    path = f"/api/new/requester/pools/{pool['id']}/assignments.{form}"
    answer = await talka.requester.get(path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == FORMATS[form]
    name = f"assignments_from_pool_{pool['id']}.{form}"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}"')
    return answer.content


async def file(talka: Talka, pool: dict[str, Any], form: str, **params: str) -> str:
    return (await content(talka, pool, form, **params)).decode()


async def parquet_table(talka: Talka, pool: dict[str, Any], **params: str) -> pa.Table:
    return parquet.read_table(io.BytesIO(await content(talka, pool, "parquet", **params)))


async def test_csv_has_the_rows_of_the_tsv(talka: Talka) -> None:
    pool = await answered_pool(talka)
    for delimiter in ("true", "false"):
        tsv, comma = [await file(talka, pool, form, addRowDelimiter=delimiter) for form in ("tsv", "csv")]
        rows = list(csv.reader(io.StringIO(comma, newline="")))
        assert rows == list(csv.reader(io.StringIO(tsv, newline=""), delimiter="\t"))
        assert len(rows) == (4 if delimiter == "true" else 3)
    assert pool["first"]["text"] in {row[0] for row in rows}


async def test_json_lines_keep_types(talka: Talka) -> None:
    pool = await answered_pool(talka)
    text = await file(talka, pool, "jsonl", field="ASSIGNMENT:assignment_id,ASSIGNMENT:reward")
    assert text.count("\n") == 2
    rows = {row["INPUT:text"]: row for row in map(json.loads, text.split("\n")[:-1])}
    same = {
        "HINT:text": None, "HINT:default_language": None, "GOLDEN:label": None, "GOLDEN:number": None,
        "ASSIGNMENT:assignment_id": pool["page"]["id"], "ASSIGNMENT:reward": "0.05",
    }  # fmt: skip
    places = [task["input_values"]["text"] for task in pool["page"]["tasks"]]
    answers = dict(zip(places, [("a", 0.5), ("b", None)], strict=True))
    empty = dict.fromkeys(pool["first"])
    for given in (pool["first"], {**empty, "text": "plain"}):
        inputs = {f"INPUT:{name}": value for name, value in given.items()}
        label, number = answers[given["text"]]
        assert rows[given["text"]] == {**inputs, "OUTPUT:label": label, "OUTPUT:number": number, **same}


async def test_parquet_has_types(talka: Talka) -> None:
    pool = await answered_pool(talka)
    fields = ",".join(f"ASSIGNMENT:{name}" for name in ("started", "skipped", "reward", "status"))
    found = await parquet_table(talka, pool, field=fields)
    moment, text = pa.timestamp("ms", tz="UTC"), pa.string()
    kinds = {
        "INPUT:text": text, "INPUT:odd_name-1": text, "INPUT:list": pa.list_(text), "INPUT:data": text,
        "INPUT:yes": pa.bool_(), "OUTPUT:label": text, "OUTPUT:number": pa.float64(), "GOLDEN:label": text,
        "GOLDEN:number": pa.float64(), "HINT:text": text, "HINT:default_language": text, "ASSIGNMENT:status": text,
        "ASSIGNMENT:started": moment, "ASSIGNMENT:skipped": moment, "ASSIGNMENT:reward": pa.decimal128(38, 6),
    }  # fmt: skip
    shown = {field.name: field.type for field in found.schema}
    assert {name: kind for name, kind in shown.items() if kind != kinds[name]} == {}
    assert list(shown) == list(kinds)
    rows = {row["INPUT:text"]: row for row in found.to_pylist()}
    assert set(rows) == {pool["first"]["text"], "plain"}
    first = rows[pool["first"]["text"]]
    assert json.loads(first.pop("INPUT:data")) == pool["first"]["data"]
    assert first["ASSIGNMENT:started"].replace(tzinfo=None) == datetime.fromisoformat(pool["page"]["created"])
    assert (first["INPUT:list"], first["INPUT:yes"], first["INPUT:odd_name-1"]) == (["a,b", ""], True, "x")
    assert (first["ASSIGNMENT:reward"], first["ASSIGNMENT:skipped"]) == (Decimal("0.05"), None)
    assert {row["OUTPUT:number"] for row in rows.values()} == {0.5, None}
    assert rows["plain"]["INPUT:list"] is None
    empty = await parquet_table(talka, pool, status="SKIPPED", field=fields)
    assert (empty.num_rows, empty.schema) == (0, found.schema)


@pytest.mark.parametrize(("pages", "rows"), [(2, 99), (99, 1), (99, 3)])
async def test_files_of_several_stretches_are_whole(
    talka: Talka, monkeypatch: pytest.MonkeyPatch, pages: int, rows: int
) -> None:
    monkeypatch.setattr(store, "PAGES", pages)
    monkeypatch.setattr(store, "TASKS", rows)
    monkeypatch.setattr("talka.infra.parquet._GROUP_ROWS", 2)
    pool = await talka.pool(mixer_config={"real_tasks_count": 2}, auto_accept_solutions=True)
    tasks = await talka.tasks(pool, 8, overlap=1)
    worker = await talka.worker()
    for _ in tasks[::2]:
        await worker.submit((await worker.take(pool)).json())
    items = sorted(task["input_values"]["item"] for task in tasks)
    found = await parquet_table(talka, pool)
    assert sorted(found["INPUT:item"].to_pylist()) == items
    lines = (await file(talka, pool, "jsonl")).splitlines()
    assert sorted(json.loads(line)["INPUT:item"] for line in lines) == items
    assert [json.loads(line)["INPUT:item"] for line in lines] == found["INPUT:item"].to_pylist()


async def test_a_slow_reader_holds_no_connection(talka: Talka) -> None:
    pool = await answered_pool(talka)
    async with talka.db.reading() as tx:
        found = (await tx.rows("select * from pool where id = %s", (int(pool["id"]),)))[0]
    chosen = store.Selection(SimpleNamespace(**found), [2])  # type: ignore[arg-type]
    column = text_column("status", sql.SQL("a.status::text"))
    readers = [stream(talka.db, [column], Format.JSONL, partial(store.answers, chosen=chosen)) for _ in range(20)]
    # More than there are connections; each has begun and goes on later.
    assert {await anext(reader) for reader in readers} == {b'{"status":"2"}\n' * 2}
    for reader in readers:
        assert [piece async for piece in reader] == []


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_parameters_mean_the_same(talka: Talka, form: str) -> None:
    pool = await answered_pool(talka)
    assert "plain" not in await file(talka, pool, form, status="SUBMITTED")
    assert "plain" not in await file(talka, pool, form, startTimeFrom="2200-01-01")
    path = f"/api/new/requester/pools/{pool['id']}/assignments.{form}"
    wrong = await talka.requester.get(path, params={"status": "ACCEPTED", "startTimeTo": "soon"})
    assert (wrong.status_code, set(wrong.json()["payload"])) == (400, {"status", "startTimeTo"})
    assert (await (await talka.stranger()).get(path)).status_code == 404
    assert (await talka.anonymous().get(path)).status_code == 401
