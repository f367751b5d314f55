"""The published client does a whole job on real text pairs, with the labels that people gave and a simulated crowd."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.support.data import TextPair, TextPairs, text_pairs
from tests.support.kit import INSIDE, KitScript
from tests.support.server import RunningServer

PRICE = 0.05
APPEAL_SECONDS = 9 * 24 * 3600
Answer = tuple[str, str, str]
"""Item, person, label."""


def test_a_whole_job(python: Path, server: RunningServer, tmp_path: Path) -> None:
    data = text_pairs(tmp_path)
    people = crowd(server, "register", "--labels", data.labels_file)
    assert len(people) == len(set(people.values())) == 164
    with KitScript.start(python, INSIDE / "job.py", tmp_path / "job.log", server.url, server.api_key) as job:
        job.tell({"pairs": reserved(data, people)})
        balance = job.hear()["balance"]
        assert balance == 1_000_000
        balance = labels_come_back(job, server, data, people, balance)
        job.tell({"tasks": [inputs(pair) for pair in data.pairs[:200]], "controls": controls(data.pairs[200:220])})
        crowd_is_reviewed(job, server, data, balance)
        everything_is_archived(job, server)


def labels_come_back(
    job: KitScript, server: RunningServer, data: TextPairs, people: Mapping[str, str], balance: float
) -> float:
    """Everybody's label of every pair is in the results, and paid; the balance that is left."""
    opened = job.hear()
    assert opened["pool"]["status"] == "OPEN"
    assert opened["errors"] == {}
    assert [opened["tasks"][str(index)]["input_values"] for index in range(800)] == [
        inputs(pair)["input_values"] for pair in data.pairs
    ]
    tally = crowd(server, "replay", "--pool", opened["pool"]["id"], "--labels", data.labels_file)
    assert (tally["labels"], tally["submitted"], tally["missing"]) == (8000, 8000, 0)
    done = job.hear()
    assert (done["pool"]["status"], done["pool"]["last_close_reason"]) == ("CLOSED", "COMPLETED")
    pages = done["assignments"]
    assert Counter((page["status"], len(page["tasks"])) for page in pages) == {("ACCEPTED", 5): 1600}
    person_of = {user_id: person for person, user_id in people.items()}
    answers = [
        (task["input_values"]["item"], person_of[page["user_id"]], solution["output_values"]["label"])
        for page in pages
        for task, solution in zip(page["tasks"], page["solutions"], strict=True)
    ]
    assert sorted(answers) == sorted((label.item, label.worker, label.label) for label in data.labels)
    assert sorted(answers) == sorted(
        (row["INPUT:item"], person_of[row["ASSIGNMENT:worker_id"]], row["OUTPUT:label"]) for row in done["rows"]
    )
    if data.majority is not None:
        assert majority_accuracy(answers, data.pairs) == pytest.approx(data.majority, abs=0.001)
    assert done["balance"] == pytest.approx(balance - 1600 * PRICE)
    return float(done["balance"])


def crowd_is_reviewed(job: KitScript, server: RunningServer, data: TextPairs, balance: float) -> None:
    """Every task has three answers of different workers; only pages whose control task is right are paid."""
    pool_id = job.hear()["pool"]["id"]
    options = ("--workers", "20", "--truth", data.items_file, "--accuracy", "0.8", "--seed", "7")
    tally = crowd(server, "run", "--pool", pool_id, *options)
    done = job.hear()
    pages = done["pages"]
    assert len(pages) == tally["pages"]
    assert sum(len(page["tasks"]) for page in pages) == tally["answers"]
    known = {pair.item: pair.truth for pair in data.pairs[200:220]}
    answers = [
        (task["input_values"]["item"], page["user_id"], solution["output_values"]["label"])
        for page in pages
        for task, solution in zip(page["tasks"], page["solutions"], strict=True)
    ]
    general = [answer for answer in answers if answer[0] not in known]
    assert Counter(item for item, _, _ in general) == {pair.item: 3 for pair in data.pairs[:200]}
    assert len({(item, user_id) for item, user_id, _ in general}) == 600
    assert majority_accuracy(general, data.pairs[:200]) > 0.75
    for page in pages:
        controls = [
            (task["input_values"]["item"], solution["output_values"]["label"])
            for task, solution in zip(page["tasks"], page["solutions"], strict=True)
            if task["input_values"]["item"] in known
        ]
        assert len(controls) == 1
        [(item, label)] = controls
        right = label == known[item]
        assert page["status"] == ("ACCEPTED" if right else "REJECTED")
        assert page["public_comment"] == ("Well done" if right else "The control task is wrong")
    paid = Counter(page["status"] for page in pages)
    assert paid["ACCEPTED"] > paid["REJECTED"] > 0
    assert done["balance"] == pytest.approx(balance - paid["ACCEPTED"] * PRICE)


def everything_is_archived(job: KitScript, server: RunningServer) -> None:
    """A rejection can be appealed for nine days; until then neither its pool nor the project can be archived."""
    soon = job.hear()
    assert soon["archived"]["status"] == "ARCHIVED"
    assert soon["refusals"] == {"pool": "THERE_IS_REJECTED_ASSIGNMENT", "project": "UNARCHIVED_POOLS_CONFLICT"}
    with server.client() as owner:
        owner.post("/api/sandbox/v1/clock/advance", json={"seconds": APPEAL_SECONDS}).raise_for_status()
    job.tell("nine days later")
    later = job.hear()
    assert (later["pool"]["status"], later["project"]["status"]) == ("ARCHIVED", "ARCHIVED")


def crowd(server: RunningServer, command: str, *options: str | Path) -> Any:
    """The last line that a command of the crowd prints."""
    printed = server.talka("crowd", command, "--data", str(server.data), *map(str, options))
    return json.loads(printed.splitlines()[-1])


def inputs(pair: TextPair) -> dict[str, Any]:
    return {"input_values": {"item": pair.item, "text": pair.text, "hypothesis": pair.hypothesis}}


def reserved(data: TextPairs, people: Mapping[str, str]) -> list[dict[str, Any]]:
    """A task for every pair, for those people only who labelled it."""
    labellers: dict[str, list[str]] = defaultdict(list)
    for label in data.labels:
        labellers[label.item].append(people[label.worker])
    return [{**inputs(pair), "reserved_for": labellers[pair.item]} for pair in data.pairs]


def controls(pairs: Iterable[TextPair]) -> list[dict[str, Any]]:
    return [
        {**inputs(pair), "known_solutions": [{"output_values": {"label": pair.truth}, "correctness_weight": 1}]}
        for pair in pairs
    ]


def majority_accuracy(answers: Iterable[Answer], pairs: Sequence[TextPair]) -> float:
    """The share of pairs whose most frequent label is right; labels that tie share the credit."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for item, _, label in answers:
        votes[item][label] += 1
    credit = 0.0
    for pair in pairs:
        most = max(votes[pair.item].values())
        winners = [label for label, count in votes[pair.item].items() if count == most]
        credit += (pair.truth in winners) / len(winners)
    return credit / len(pairs)
