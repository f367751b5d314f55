"""Simulated workers: right as often as asked, different from each other, the same every time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from talka.crowd.model import OutputValues
from talka.crowd.simulated import (
    SimulatedWorker,
    accuracy_of,
    classes_by_field,
    confusion_row,
    seeded,
)

LABELS: dict[str, Any] = {"label": {"type": "string", "allowed_values": ["a", "b", "c"]}}


def worker(number: int, **changes: Any) -> SimulatedWorker:
    options: dict[str, Any] = {"seed": 1, "accuracy": 0.8, "skip_rate": 0.0, "spec": LABELS, "truths": {}}
    options.update(changes)
    truths = options.pop("truths")
    classes = classes_by_field(options["spec"], truths)
    return SimulatedWorker(number=number, classes=classes, **options)


def right_share(crowd: list[SimulatedWorker], truths: list[OutputValues]) -> float:
    hits = [one.answer(f"task {i}", truth) == truth for one in crowd for i, truth in enumerate(truths)]
    return sum(hits) / len(hits)


@pytest.mark.parametrize("mean", [0.0, 0.05, 0.5, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("workers", [5, 20, 200])
def test_accuracies_lie_evenly_around_their_mean(mean: float, workers: int) -> None:
    accuracies = [accuracy_of(3, number, mean) for number in range(1, workers + 1)]
    assert all(0 <= accuracy <= 1 for accuracy in accuracies)
    assert sum(accuracies) / workers == pytest.approx(mean, abs=0.3 / workers)
    if 0 < mean < 1:
        assert len(set(accuracies)) == workers


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("accuracy", [0.0, 0.2, 0.8, 1.0])
def test_confusion_rows_are_distributions_around_the_accuracy(classes: int, accuracy: float) -> None:
    rows = [confusion_row(seeded(draw), classes, 1, accuracy) for draw in range(2000)]
    assert all(sum(row) == pytest.approx(1) and min(row) >= 0 for row in rows)
    assert sum(row[1] for row in rows) / len(rows) == pytest.approx(accuracy, abs=0.01)
    if accuracy not in {0.0, 1.0}:
        assert len({row[1] for row in rows}) > 1000


@pytest.mark.parametrize("accuracy", [0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_crowd_is_right_as_often_as_asked(accuracy: float, seed: int) -> None:
    truths: list[OutputValues] = [{"label": "abc"[i % 3]} for i in range(300)]
    crowd = [worker(number, accuracy=accuracy, seed=seed) for number in range(1, 21)]
    assert right_share(crowd, truths) == pytest.approx(accuracy, abs=0.04)


def test_answers_depend_on_seed_worker_and_task_alone() -> None:
    truths: list[OutputValues] = [{"label": "abc"[i % 3]} for i in range(50)]

    def said(one: SimulatedWorker, order: range) -> dict[int, OutputValues]:
        return {i: one.answer(f"task {i}", truths[i]) for i in order}

    assert said(worker(3), range(50)) == said(worker(3), range(49, -1, -1))
    assert said(worker(3), range(50)) != said(worker(4), range(50))
    assert said(worker(3), range(50)) != said(worker(3, seed=2), range(50))


def test_answers_are_the_same_in_every_process() -> None:
    said = "".join(worker(1).answer(f"task {i}", {"label": "a"})["label"] for i in range(20))
    assert said == "acaaaaaaaaaaaacaaaaa"


def test_without_allowed_values_the_truths_are_the_classes() -> None:
    spec: dict[str, Any] = {"label": {"type": "string"}}
    one = worker(1, spec=spec, accuracy=0.5, truths={"label": ["yes", "no", "yes"]})
    said = Counter(one.answer(f"task {i}", {"label": "yes"})["label"] for i in range(200))
    assert set(said) == {"yes", "no"}


def test_true_and_one_are_different_classes() -> None:
    spec: dict[str, Any] = {"label": {"type": "json"}}
    assert classes_by_field(spec, {"label": [True, 1, 1.0, "1"]})["label"] == (1.0, "1", True)


def test_free_text_is_repeated_or_replaced_by_something_else() -> None:
    spec: dict[str, Any] = {"text": {"type": "string"}}
    crowd = [worker(number, spec=spec) for number in range(1, 21)]
    truths: list[OutputValues] = [{"text": f"text number {i}"} for i in range(100)]
    assert right_share(crowd, truths) == pytest.approx(0.8, abs=0.04)


def test_a_task_without_truth_gets_valid_random_values() -> None:
    spec: dict[str, Any] = {**LABELS, "note": {"type": "string", "required": False}}
    said = [worker(1, spec=spec).answer(f"task {i}", {}) for i in range(100)]
    assert {frozenset(values) for values in said} == {frozenset({"label"})}
    assert {values["label"] for values in said} == {"a", "b", "c"}


def test_an_optional_field_with_a_truth_is_answered() -> None:
    spec: dict[str, Any] = {**LABELS, "sure": {"type": "boolean", "required": False}}
    answer = worker(1, spec=spec, accuracy=1.0).answer("task", {"label": "b", "sure": False})
    assert answer == {"label": "b", "sure": False}


def test_pages_are_skipped_as_often_as_asked_whatever_their_order() -> None:
    pages = [[f"task {i}", f"task {i + 1}"] for i in range(1000)]
    skips = [worker(1, skip_rate=0.3).skips(page) for page in pages]
    assert sum(skips) / 1000 == pytest.approx(0.3, abs=0.05)
    assert skips == [worker(1, skip_rate=0.3).skips(page[::-1]) for page in pages]
    assert not any(worker(1).skips(page) for page in pages)
    assert all(worker(1, skip_rate=1.0).skips(page) for page in pages)
