"""What is to be aggregated, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talka.pools.store import Pool


class Algorithm(StrEnum):
    """How answers become one."""

    WEIGHTED_DYNAMIC_OVERLAP = "WEIGHTED_DYNAMIC_OVERLAP"
    DAWID_SKENE = "DAWID_SKENE"


@dataclass(frozen=True, slots=True)
class Output:
    """An output to aggregate, and the values that it can have."""

    name: str
    options: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A request whose references all exist; `skill_id` is of those who answered, by accuracy only."""

    pool: Pool
    algorithm: Algorithm
    outputs: Sequence[Output]
    skill_id: int | None
    # Names of all inputs and outputs of the project.
    inputs: Sequence[str]
    others: Sequence[str]

    @property
    def general_only(self) -> bool:
        """Whether control and training tasks are left out."""
        return self.algorithm is Algorithm.WEIGHTED_DYNAMIC_OVERLAP


@dataclass(frozen=True, slots=True)
class Said:
    """Answers as arrays, one row each: `options` has a column per output, counted from 0, -1 for none."""

    tasks: NDArray[np.int64]
    workers: NDArray[np.int64]
    options: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Presumed:
    """Baseline solutions as arrays, like `Said`."""

    tasks: NDArray[np.int64]
    weights: NDArray[np.float64]
    options: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Solutions:
    """Aggregated solutions as arrays, ascending by task; options and (NaN for none) confidences as in `Said`."""

    tasks: NDArray[np.int64]
    options: NDArray[np.int64]
    confidences: NDArray[np.float64]

    @property
    def least(self) -> NDArray[np.float64]:
        """How sure each task is: as sure as its least sure output."""
        least: NDArray[np.float64] = np.nanmin(self.confidences, axis=1)
        return least


@dataclass(frozen=True, slots=True)
class Solution:
    """One aggregated solution."""

    pool_id: int
    task_id: int
    confidence: float
    output_values: Mapping[str, Any]
