"""Files with all tasks of a pool, by suite."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from tests.support.app import Talka

from talka.results import store

HEAD = [
    "INPUT:item", "GOLDEN:label", "HINT:text", "HINT:default_language", "TASK:overlap", "TASK:id", "TASK:suite_id",
]  # fmt: skip


async def table(talka: Talka, pool: dict[str, Any]) -> list[dict[str, str]]:
    answer = await talka.requester.get(f"/api/new/requester/pools/{pool['id']}/tasks.tsv")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/tab-separated-values; charset=UTF-8"
    head, *rows = csv.reader(io.StringIO(answer.text, newline=""), delimiter="\t")
    assert head == HEAD
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("stretch", [1, 2, 4, 20_000])
async def test_mixed_tasks_stand_by_the_suites_that_were_made_and_the_rest_at_the_end(
    talka: Talka, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(store, "TASKS", stretch)
    pool = await talka.pool(mixer_config={"real_tasks_count": 2, "golden_tasks_count": 1})
    general = await talka.tasks(pool, 7, overlap=1)
    known: dict[str, Any] = {
        "known_solutions": [{"output_values": {"label": "b"}}],
        "infinite_overlap": True,
        "overlap": None,
    }
    [control] = await talka.tasks(pool, 1, **known)
    pages = []
    for _ in range(2):
        worker = await talka.worker()
        pages.append((await worker.take(pool)).json())
    rows = await table(talka, pool)
    issued = []
    for page in pages:
        full = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
        issued += [(full["task_suite_id"], task["id"]) for task in full["tasks"]]
    assert len(issued) == 6
    assert [(row["TASK:suite_id"], row["TASK:id"]) for row in rows[:6]] == issued
    left = [task["id"] for task in general if task["id"] not in {task_id for _, task_id in issued}]
    assert [(row["TASK:suite_id"], row["TASK:id"]) for row in rows[6:]] == [("", task_id) for task_id in left]
    golden = [row for row in rows if row["TASK:id"] == control["id"]]
    assert [(row["GOLDEN:label"], row["TASK:overlap"]) for row in golden] == [("b", "")] * 2
    assert {row["TASK:overlap"] for row in rows if row["TASK:id"] != control["id"]} == {"1"}
    items = {task["id"]: task["input_values"]["item"] for task in (*general, control)}
    assert all(row["INPUT:item"] == items[row["TASK:id"]] for row in rows)


async def test_ready_made_suites_stand_in_their_order(talka: Talka) -> None:
    pool = await talka.pool(mixer_config=None)
    suites = [
        {"pool_id": pool["id"], "overlap": 3 + number,
         "tasks": [{"input_values": {"item": f"{number}{letter}"}} for letter in "ab"]}
        for number in range(3)
    ]  # fmt: skip
    made = await talka.requester.post("/api/v1/task-suites", json=suites)
    ids = [suite["id"] for suite in made.json()["items"].values()]
    rows = await table(talka, pool)
    assert [row["INPUT:item"] for row in rows] == ["0a", "0b", "1a", "1b", "2a", "2b"]
    assert [row["TASK:suite_id"] for row in rows] == [suite_id for suite_id in ids for _ in "ab"]
    assert [row["TASK:overlap"] for row in rows] == ["3", "3", "4", "4", "5", "5"]
    lines = await talka.requester.get(f"/api/new/requester/pools/{pool['id']}/tasks.jsonl")
    assert [json.loads(line)["TASK:overlap"] for line in lines.text.splitlines()] == [3, 3, 4, 4, 5, 5]


async def test_an_empty_pool_and_other_accounts(talka: Talka) -> None:
    pool = await talka.pool()
    assert await table(talka, pool) == []
    path = f"/api/new/requester/pools/{pool['id']}/tasks.tsv"
    assert (await (await talka.stranger()).get(path)).status_code == 404
    assert (await talka.anonymous().get(path)).status_code == 401
    assert (await talka.requester.get(path.replace(pool["id"], "x"))).status_code == 404
    assert (await talka.requester.get(path.replace(".tsv", ".xls"))).status_code == 404
