"""Dawid-Skene over the wire: the worked example, all kinds of tasks, real labels."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.aggregation.support import DAWID_SKENE, answer, by_pool, by_task, close, pool, project, request, results
from tests.support.app import Talka
from tests.support.data import text_pairs

from talka.aggregation import store
from talka.consensus.dawid_skene import dawid_skene
from talka.consensus.model import Answers

LETTERS = {"letter": {"type": "string", "allowed_values": ["A", "B"]}, "why": {"type": "string", "required": False}}


async def test_worked_example(talka: Talka) -> None:
    where = await pool(
        talka,
        await project(talka, LETTERS),
        mixer_config={"real_tasks_count": 5, "golden_tasks_count": 0, "training_tasks_count": 0},
    )
    tasks = [task["id"] for task in await talka.tasks(where, 5, overlap=3)]
    said = ["AAB", "AAA", "BBA", "BBB", "ABB"]
    for number in range(3):
        worker = await talka.worker()
        page = (await worker.take(where)).json()
        letters = [said[tasks.index(task["id"])][number] for task in page["tasks"]]
        solutions = [{"output_values": {"letter": letter}} for letter in letters]
        assert (await worker.post(f"/assignments/{page['id']}/submit", {"solutions": solutions})).status_code == 200
    await close(talka, where)
    operation = await by_pool(talka, request(where, DAWID_SKENE, "letter"))
    assert operation["parameters"] == {
        "pool_id": where["id"],
        "algorithm": DAWID_SKENE,
        "pool_name": "letters",
        "project_id": where["project_id"],
        "requester_id": talka.account["requester_id"],
        "input_fields": ["item"],
        "aggregated_output_fields": ["letter"],
        "missing_output_fields": ["why"],
    }
    items = (await results(talka, operation))["items"]
    assert [item["task_id"] for item in items] == tasks
    assert [item["output_values"]["letter"] for item in items] == ["A", "A", "B", "B", "B"]
    assert [round(item["confidence"], 4) for item in items] == [1, 1, 1, 1, 0.9997]
    for item in items:
        body = request(where, DAWID_SKENE, "letter", task_id=item["task_id"])
        found = await by_task(talka.requester, body)
        assert (found.status_code, found.json()) == (200, item)
    # Without fields: every output that can be aggregated.
    assert (await results(talka, await by_pool(talka, request(where, DAWID_SKENE))))["items"] == items


async def test_control_and_training_tasks_and_ready_made_suites_count(talka: Talka) -> None:
    where = await pool(talka, await project(talka, LETTERS), mixer_config=None)
    known = [{"output_values": {"letter": "A"}}]
    suite = {
        "pool_id": where["id"],
        "overlap": 2,
        "tasks": [
            {"input_values": {"item": "general"}},
            {"input_values": {"item": "control"}, "known_solutions": known},
        ],
    }
    created = await talka.requester.post("/api/v1/task-suites", params={"open_pool": "true"}, json=suite)
    assert created.status_code == 201, created.text
    for letter in "BB":
        await answer(await talka.worker(), where, {"letter": letter})
    await close(talka, where)
    items = (await results(talka, await by_pool(talka, request(where, DAWID_SKENE, "letter"))))["items"]
    assert [item["task_id"] for item in items] == [task["id"] for task in created.json()["tasks"]]
    assert [(item["output_values"], item["confidence"]) for item in items] == [({"letter": "B"}, 1.0)] * 2


async def test_of_training_tasks_the_first_answer_counts(talka: Talka) -> None:
    where = await pool(
        talka,
        await project(talka, LETTERS),
        mixer_config={"real_tasks_count": 0, "golden_tasks_count": 0, "training_tasks_count": 1},
    )
    known: dict[str, Any] = {"known_solutions": [{"output_values": {"letter": "A"}}]}
    [task] = await talka.tasks(where, 1, **known, message_on_unknown_solution="The first one.")
    worker = await talka.worker()
    page = (await worker.take(where)).json()
    for letter, status in (("B", "ACTIVE"), ("A", "ACCEPTED")):
        body = {"solutions": [{"output_values": {"letter": letter}}]}
        done = await worker.post(f"/assignments/{page['id']}/submit", body)
        assert done.json()["status"] == status
    await close(talka, where)
    items = (await results(talka, await by_pool(talka, request(where, DAWID_SKENE, "letter"))))["items"]
    assert [(item["task_id"], item["output_values"]) for item in items] == [(task["id"], {"letter": "B"})]


async def test_real_labels_give_what_the_mathematics_gives(
    talka: Talka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "STRETCH", 100)  # twelve statements
    data = text_pairs(tmp_path)
    pairs = data.pairs[:120]
    places = {pair.item: place for place, pair in enumerate(pairs)}
    labels = [label for label in data.labels if label.item in places]
    people = sorted({label.worker for label in labels})
    numbers = {person: number for number, person in enumerate(people)}
    outputs = {"label": {"type": "string", "allowed_values": ["0", "1"]}}
    where = await pool(talka, await project(talka, outputs), mixer_config=None)
    suites = [
        {"pool_id": where["id"], "overlap": len(people), "tasks": [{"input_values": {"item": pair.item}}]}
        for pair in pairs
    ]
    created = await talka.requester.post("/api/v1/task-suites", json=suites)
    tasks = [suite["tasks"][0]["id"] for suite in created.json()["items"].values()]
    workers = [await talka.worker() for _ in people]
    # As the pages stand once they were done; the API's own way takes a request for each.
    async with talka.db.transaction() as tx:
        rows = await tx.rows("select id, user_id from worker")
        ids = {row["user_id"].hex: row["id"] for row in rows}
        random.Random(5).shuffle(labels)
        for number, label in enumerate(labels):
            await tx.execute(
                "insert into assignment (pool_id, id, suite_id, worker_id, project_id, account_id, status, slots,"
                " project_major, project_minor, auto_accept, mixed, learning, accept_days, reward, fee, created,"
                " expires, submitted, accepted, task_ids, unit_ids, solutions) select %(p)s, %(id)s, 2, %(w)s,"
                " p.project_id, p.account_id, 2, 1, 1, 0, true, false, false, 21, 0, 0, %(now)s, %(now)s, %(now)s,"
                " %(now)s, %(t)s, '{}', %(s)s from pool p where p.id = %(p)s",
                {
                    "p": int(where["id"]),
                    "id": 10_000_003 + 4 * number,
                    "w": ids[workers[numbers[label.worker]].user_id],
                    "now": tx.now,
                    "t": [int(tasks[places[label.item]].split("--")[1], 16)],
                    "s": f'[{{"output_values": {{"label": "{label.label}"}}}}]',
                },
            )
        await tx.execute(
            "insert into outbox (pool_id, was, became, happened) values (%s, 0, 2, %s)", (int(where["id"]), tx.now)
        )
    items = (await results(talka, await by_pool(talka, request(where, DAWID_SKENE, "label")), limit=1000))["items"]
    expected = dawid_skene(
        Answers(
            np.array([places[label.item] for label in labels]),
            np.array([numbers[label.worker] for label in labels]),
            np.array([int(label.label) for label in labels]),
        )
    )
    assert [item["task_id"] for item in items] == tasks
    assert [int(item["output_values"]["label"]) for item in items] == expected.options.tolist()
    assert [item["confidence"] for item in items] == expected.confidence.round(6).tolist()
    right = sum(item["output_values"]["label"] == pair.truth for item, pair in zip(items, pairs, strict=True))
    assert right / len(pairs) > 0.85
