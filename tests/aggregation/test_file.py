"""Aggregations as files: inputs, outputs, and how sure each output is; progress while they run."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.aggregation.support import DAWID_SKENE, WEIGHTED, answer, by_pool, close, pool, request, results, skill
from tests.support.app import Talka

from talka.aggregation import rules, store
from talka.operations.usecases import Progress

PARTS = {"real_tasks_count": 3, "golden_tasks_count": 0, "training_tasks_count": 0}


async def file(talka: Talka, operation: dict[str, Any], form: str) -> bytes:
    path = f"/api/new/requester/aggregated-solutions/{operation['id']}/solutions.{form}"
    got = await talka.requester.get(path)
    assert got.status_code == 200, got.text
    name = f"aggregated_solutions_of_pool_{operation['parameters']['pool_id']}.{form}"
    assert f'filename="{name}"' in got.headers["content-disposition"]
    return got.content


async def answered(talka: Talka) -> tuple[dict[str, Any], str]:
    """A closed pool whose three tasks one worker of accuracy 90 answered, and the skill that says so."""
    where = await pool(talka, mixer_config=PARTS)
    await talka.tasks(where, 3, overlap=1)
    worker = await talka.worker()
    skill_id = await skill(talka, {worker.user_id: 90})
    await answer(worker, where, [{"label": "OK", "grade": 2}, {"label": "BAD"}, {"grade": 4.0, "sure": True}])
    await close(talka, where)
    return where, skill_id


@pytest.mark.parametrize("stretch", [2, 10_000])
async def test_each_output_has_its_own_confidence(talka: Talka, monkeypatch: pytest.MonkeyPatch, stretch: int) -> None:
    monkeypatch.setattr(store, "STRETCH", stretch)
    where, skill_id = await answered(talka)
    body = request(where, WEIGHTED, "grade", "label", answer_weight_skill_id=skill_id)
    operation = await by_pool(talka, body)
    items = {item["task_id"]: item for item in (await results(talka, operation))["items"]}
    head, *rows = csv.reader(io.StringIO((await file(talka, operation, "tsv")).decode(), newline=""), delimiter="\t")
    outputs = ["OUTPUT:grade", "OUTPUT:label", "CONFIDENCE:grade", "CONFIDENCE:label"]
    assert head == ["INPUT:item", *outputs]
    tasks = (await talka.requester.get("/api/v1/tasks", params={"pool_id": where["id"], "sort": "id"})).json()["items"]
    assert [row[0] for row in rows] == [task["input_values"]["item"] for task in tasks]
    expected = []
    for task in tasks:
        values = items[task["id"]]["output_values"]
        grade, label = values.get("grade"), values.get("label")
        sure = ["90.00%" if value is not None else "" for value in (grade, label)]
        expected.append([str(grade or ""), label or "", *sure])
    assert sorted(row[1:] for row in rows) == sorted(expected)
    lines = [json.loads(line) for line in (await file(talka, operation, "jsonl")).splitlines()]
    numbers = {"90.00%": 90, "": None}
    assert [[line[name] for name in outputs[2:]] for line in lines] == [[numbers[c] for c in row[3:]] for row in rows]
    table = parquet.read_table(io.BytesIO(await file(talka, operation, "parquet")))
    assert table.column_names == head
    assert [table.schema.field(name).type for name in outputs] == [pa.int64(), pa.string(), pa.float64(), pa.float64()]
    assert table["CONFIDENCE:grade"].to_pylist() == [line["CONFIDENCE:grade"] for line in lines]


async def test_of_one_output_the_confidence_is_that_of_the_task(talka: Talka) -> None:
    where, skill_id = await answered(talka)
    by_skill = await by_pool(talka, request(where, WEIGHTED, "label", answer_weight_skill_id=skill_id))
    by_model = await by_pool(talka, request(where, DAWID_SKENE))
    lines = (await file(talka, by_skill, "csv")).decode().splitlines()
    assert lines[0] == "INPUT:item,OUTPUT:label,CONFIDENCE:label"
    assert sorted(line.split(",")[1:] for line in lines[1:]) == [["BAD", "90.00%"], ["OK", "90.00%"]]
    head = (await file(talka, by_model, "csv")).decode().splitlines()[0].split(",")
    names = by_model["parameters"]["aggregated_output_fields"]
    assert head == ["INPUT:item", *(f"OUTPUT:{name}" for name in names), *(f"CONFIDENCE:{name}" for name in names)]
    assert len((await file(talka, by_model, "csv")).decode().splitlines()) == 4


async def test_files_of_others_and_of_what_is_no_aggregation(talka: Talka) -> None:
    where, _ = await answered(talka)
    body = request(where, DAWID_SKENE, "label")
    started = await talka.requester.post("/api/v1/aggregated-solutions/aggregate-by-pool", json=body)
    path = "/api/new/requester/aggregated-solutions/{}/solutions.tsv".format
    early = await talka.requester.get(path(started.json()["id"]))
    assert (early.status_code, early.json()["code"]) == (409, "CONFLICT_STATE")
    await talka.drain()
    assert (await talka.anonymous().get(path(started.json()["id"]))).status_code == 401
    assert (await (await talka.stranger()).get(path(started.json()["id"]))).status_code == 404
    closing = (await talka.requester.get("/api/v1/operations?type=POOL.CLOSE")).json()["items"][0]
    for wrong in (closing["id"], "x", "%00"):
        assert (await talka.requester.get(path(wrong))).status_code == 404
    await talka.advance(30 * 86_400 + 1)
    gone = await talka.requester.get(path(started.json()["id"]))
    assert (gone.status_code, gone.json()["code"]) == (409, "RESULTS_EXPIRED")


async def test_progress_is_seen_while_an_aggregation_runs(talka: Talka, monkeypatch: pytest.MonkeyPatch) -> None:
    where, _ = await answered(talka)
    monkeypatch.setattr(store, "STRETCH", 1)
    monkeypatch.setattr(rules, "LINES", 1)
    begun = await talka.requester.post(
        "/api/v1/aggregated-solutions/aggregate-by-pool", json=request(where, DAWID_SKENE)
    )
    path = f"/api/v1/operations/{begun.json()['id']}"
    seen: list[tuple[str, int]] = []
    tell = Progress.of

    def watched(self: Progress, total: int, start: int, end: int) -> Any:
        told = tell(self, total, start, end)

        async def note(done: int) -> None:
            await told(done)
            shown = (await talka.requester.get(path)).json()
            seen.append((shown["status"], shown["progress"]))

        return note

    monkeypatch.setattr(Progress, "of", watched)
    await asyncio.wait_for(talka.drain(), 120)
    percents = [percent for _, percent in seen]
    assert {status for status, _ in seen} == {"RUNNING"}
    assert percents == sorted(percents)
    assert {50, 90} <= set(percents)
    assert max(percents) <= 99
    done = (await talka.requester.get(path)).json()
    assert (done["status"], done["progress"]) == ("SUCCESS", 100)
