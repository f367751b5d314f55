"""Answers and results as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
DIGITS = 12
"""Sums that agree to so many digits are equal: the order of addition must not decide who wins."""


class TooLarge(Exception):  # noqa: N818 - reads as the sentence it is
    """The answers need more memory than an aggregation may take."""


@dataclass(frozen=True, slots=True)
class Answers:
    """One element per answer: who said which option of which task; tasks and workers are any numbers."""

    tasks: Integers
    workers: Integers
    options: Integers

    def __len__(self) -> int:
        return len(self.tasks)

    def ordered(self) -> Answers:
        """The same answers by task, worker and option: results do not depend on the order in which they came."""
        order = np.lexsort((self.options, self.workers, self.tasks))
        return Answers(self.tasks[order], self.workers[order], self.options[order])


@dataclass(frozen=True, slots=True)
class Consensus:
    """One element per task that was answered, ascending: the winning option and how sure it is, 0 to 1."""

    tasks: Integers
    options: Integers
    confidence: Floats


def nothing() -> Consensus:
    """The result of no answers."""
    return Consensus(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))
