"""Dawid-Skene: the worked example, the slow reference, real crowds, size."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from tests.consensus import reference
from tests.support.data import CROWDS, crowd

from talka.consensus.dawid_skene import dawid_skene
from talka.consensus.model import Answers, Consensus, TooLarge


def run(labels: list[reference.Label]) -> Consensus:
    table = np.array(labels, np.int64).reshape(-1, 3)
    return dawid_skene(Answers(table[:, 0], table[:, 1], table[:, 2]))


def table(name: str) -> tuple[list[reference.Label], list[str], list[str]]:
    """A crowd as numbers, with its items and words by number."""
    labels = crowd(name).labels
    items, workers, words = (sorted({label[part] for label in labels}) for part in range(3))
    numbers = [{word: number for number, word in enumerate(known)} for known in (items, workers, words)]
    return [(numbers[0][i], numbers[1][w], numbers[2][k]) for i, w, k in labels], items, words


def test_worked_example() -> None:
    answers = ["AAB", "AAA", "BBA", "BBB", "ABB"]
    found = run([(t, w, "AB".index(said)) for t, page in enumerate(answers) for w, said in enumerate(page)])
    assert ["AB"[option] for option in found.options] == ["A", "A", "B", "B", "B"]
    assert found.confidence.round(4).tolist() == [1, 1, 1, 1, 0.9997]


def test_small_cases() -> None:
    assert run([]).tasks.tolist() == []
    alone = run([(5, 1, 3)])
    assert (alone.tasks.tolist(), alone.options.tolist(), alone.confidence.tolist()) == ([5], [3], [1.0])
    # One against one: nothing tells them apart, so the first option it is.
    even = run([(1, 1, 1), (1, 2, 0), (2, 1, 0), (2, 2, 1)])
    assert even.options.tolist() == [0, 0]
    assert even.confidence.tolist() == pytest.approx([0.5, 0.5])
    # Numbers of tasks and workers may be anything.
    huge = run([(2**62, 2**40, 7), (-3, 2**40, 7), (-3, 9, 2), (-3, 8, 7)])
    assert (huge.tasks.tolist(), huge.options.tolist()) == ([-3, 2**62], [7, 7])


@pytest.mark.parametrize("name", ["cf", "rte"])
def test_the_same_as_the_slow_reference(name: str) -> None:
    labels, _, _ = table(name)
    found, slow = run(labels), reference.dawid_skene(labels)
    assert found.tasks.tolist() == sorted(slow)
    for task, option, sure in zip(found.tasks.tolist(), found.options.tolist(), found.confidence.tolist(), strict=True):
        assert sure == pytest.approx(max(slow[task].values()), abs=1e-7)
        assert slow[task][option] == pytest.approx(sure, abs=1e-7)


@pytest.mark.parametrize("seed", range(40))
def test_the_same_as_the_slow_reference_on_random_inputs(seed: int) -> None:
    """Few answers and many, one option and several, workers who said one thing only, tasks with a single answer."""
    dice = random.Random(seed)
    tasks, workers, options = dice.randint(1, 12), dice.randint(1, 6), dice.randint(1, 4)
    pairs = [(task, worker) for task in range(tasks) for worker in range(workers)]
    chosen = dice.sample(pairs, dice.randint(1, len(pairs)))
    labels = [(7 * task, 100 - worker, 3 * dice.randrange(options)) for task, worker in chosen]
    found, slow = run(labels), reference.dawid_skene(labels)
    assert found.tasks.tolist() == sorted(slow)
    for task, option, sure in zip(found.tasks.tolist(), found.options.tolist(), found.confidence.tolist(), strict=True):
        assert sure == pytest.approx(max(slow[task].values()), abs=1e-6)
        assert slow[task][option] == pytest.approx(sure, abs=1e-6)


@pytest.mark.parametrize("name", CROWDS)
def test_accuracy_on_crowds(name: str) -> None:
    labels, items, words = table(name)
    found, known = run(labels), crowd(name)
    said = {items[task]: words[option] for task, option in zip(found.tasks, found.options, strict=True)}
    judged = [said[item] == right for item, right in known.truth.items() if item in said]
    accuracy = sum(judged) / len(judged)
    if known.dawid_skene is not None:
        assert accuracy == pytest.approx(known.dawid_skene, abs=0.0006)
    else:
        votes = {item: Counter[str]() for item, _, _ in known.labels}
        for item, _, label in known.labels:
            votes[item][label] += 1
        majority = sum(votes[item].most_common(1)[0][0] == right for item, right in known.truth.items())
        assert accuracy >= majority / len(known.truth) - 0.01


def test_results_do_not_depend_on_the_order_of_answers() -> None:
    labels, _, _ = table("bluebird")
    first = run(labels)
    for seed in range(3):
        random.Random(seed).shuffle(labels)
        again = run(labels)
        assert (again.options == first.options).all()
        assert (again.confidence == first.confidence).all()


def test_a_million_answers_beat_the_majority() -> None:
    dice = np.random.default_rng(7)
    size, tasks, workers, options = 1_000_000, 200_000, 5_000, 4
    truth, skill = dice.integers(0, options, tasks), dice.beta(6, 3, workers)
    task, worker = dice.integers(0, tasks, size), dice.integers(0, workers, size)
    guess = dice.integers(0, options, size)
    option = np.where(dice.random(size) < skill[worker], truth[task], guess)
    found = dawid_skene(Answers(task, worker, option))
    votes = np.bincount(task * options + option, minlength=tasks * options).reshape(tasks, options)
    majority = (votes.argmax(axis=1) == truth)[found.tasks].mean()
    assert (found.options == truth[found.tasks]).mean() > majority + 0.005


def test_too_many_different_answers_are_refused_before_memory_is_taken() -> None:
    numbers = np.arange(100_000)
    with pytest.raises(TooLarge):
        dawid_skene(Answers(numbers, numbers, numbers))
