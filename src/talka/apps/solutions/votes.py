"""Votes on one item, weighted by how often each worker is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from talka.consensus.weighted import weighted

DIGITS = 6
"""Of a confidence: the same on every machine."""


def vote(options: Sequence[int], accuracy: Sequence[float], option_count: int) -> tuple[int, float]:
    """The option that the answers (one at least) come to, and the probability that it is right."""
    chosen = np.array(options, np.int64)
    found = weighted(np.zeros_like(chosen), chosen, np.array(accuracy, np.float64), option_count)
    return int(found.options[0]), round(float(found.confidence[0]), DIGITS)
