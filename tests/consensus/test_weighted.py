"""Aggregation by accuracy: the published numbers, ties, extremes, and the slow reference."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from tests.consensus import reference

from talka.consensus.weighted import weighted

OK, BAD = 0, 1


def run(answers: list[tuple[int, int, float]], option_count: int) -> dict[int, tuple[int, Any]]:
    """Winner and confidence by task of (task, option, accuracy)."""
    columns: Any = list(zip(*answers, strict=True)) or [(), (), ()]
    found = weighted(
        np.array(columns[0], np.int64), np.array(columns[1], np.int64), np.array(columns[2], np.float64), option_count
    )
    pairs = zip(found.options.tolist(), found.confidence.tolist(), strict=True)
    return dict(zip(found.tasks.tolist(), pairs, strict=True))


@pytest.mark.parametrize(
    ("answers", "option_count", "winner", "confidence"),
    [
        ([(OK, 0.7), (OK, 0.9)], 3, OK, 0.976744),
        ([(OK, 0.7), (BAD, 0.9)], 3, BAD, 0.760563),
        ([(OK, 0.7), (BAD, 0.9), (BAD, 0.8)], 3, BAD, 0.962138),
        ([(0, 0.8)], 2, 0, 0.8),
        ([(0, 0.8), (1, 0.6)], 2, 0, 0.727273),
        ([(0, 0.8), (1, 0.6), (0, 0.75)], 2, 0, 0.888889),
        # Two machine guesses and one answer.
        ([(0, 0.8), (1, 0.4), (0, 0.9)], 2, 0, 0.981818),
        ([(0, 0.8), (1, 0.4), (1, 0.9)], 2, 1, 0.6),
        # The only answer there can be.
        ([(0, 0.2), (0, 0.5)], 1, 0, 1.0),
        # Somebody who is wrong more often than chance still wins when nobody else spoke.
        ([(1, 0.1)], 2, 1, 0.1),
    ],
)
def test_published_numbers(answers: Any, option_count: int, winner: int, confidence: float) -> None:
    [(found, sure)] = run([(7, *answer) for answer in answers], option_count).values()
    assert (found, sure) == (winner, pytest.approx(confidence, abs=5e-7))


def test_of_equal_votes_the_likelier_wins_and_then_the_first() -> None:
    votes = [(1, 0.5), (1, 0.4), (0, 0.9)]  # 0.9 against 0.9, but 0.9 at once says more
    assert run([(1, *answer) for answer in votes], 3)[1][0] == 0
    assert run([(1, 2, 0.7), (1, 1, 0.7)], 3)[1][0] == 1
    assert run([(1, 1, 0.7), (1, 2, 0.7)], 3)[1][0] == 1
    # 0.1 + 0.2 is not quite 0.3 for a computer.
    assert run([(1, 1, 0.1), (1, 1, 0.2), (1, 0, 0.3)], 2)[1][0] == 0


def test_certain_people_do_not_break_it() -> None:
    found = run([(1, 0, 1.0), (1, 1, 0.0), (2, 0, 1.0), (2, 1, 1.0)] + [(3, 0, 1.0)] * 500, 4)
    assert found[1] == (0, pytest.approx(1, abs=1e-5))
    assert found[2] == (0, pytest.approx(0.5, abs=1e-5))
    assert found[3] == (0, 1.0)


def test_nothing_gives_nothing() -> None:
    assert run([], 3) == {}


def test_many_options_cost_no_more_than_few() -> None:
    found = run([(task, task % 5, 0.6) for task in range(20_000)], 1_000_000)
    assert len(found) == 20_000
    assert found[3] == (3, pytest.approx(0.6))


@pytest.mark.parametrize("option_count", [2, 3, 7])
def test_the_same_as_the_slow_reference_in_any_order(option_count: int) -> None:
    dice = random.Random(option_count)
    answers = [
        (task, dice.randrange(option_count), dice.choice([0.0, 0.2, 0.5, 0.75, 0.9, 1.0, dice.random()]))
        for task in range(300)
        for _ in range(dice.randint(1, 9))
    ]
    found = run(answers, option_count)
    for task in range(300):
        winner, confidence = reference.weighted([(o, q) for t, o, q in answers if t == task], option_count)
        assert found[task] == (winner, pytest.approx(confidence, rel=1e-9, abs=1e-12)), task
    dice.shuffle(answers)
    assert run(answers, option_count) == found
