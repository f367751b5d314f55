"""Results as CSV and JSON Lines: the same rows as the TSV, values of fields with their types."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from tests.support.app import Talka
from tests.support.bodies import project_body

FORMATS = {"tsv": "text/tab-separated-values", "csv": "text/csv", "jsonl": "application/jsonl"}


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


async def file(talka: Talka, pool: dict[str, Any], form: str, **params: str) -> str:
    path = f"/api/new/requester/pools/{pool['id']}/assignments.{form}"
    answer = await talka.requester.get(path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"{FORMATS[form]}; charset=UTF-8"
    name = f"assignments_from_pool_{pool['id']}.{form}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    return answer.content.decode()


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
