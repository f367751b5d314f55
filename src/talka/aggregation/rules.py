"""From answers to solutions: each output by itself, the least sure of them speaks for the task."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np
import orjson
from numpy.typing import NDArray

from talka.aggregation.model import Plan, Presumed, Said, Solution, Solutions
from talka.consensus.dawid_skene import dawid_skene
from talka.consensus.model import Answers, Consensus, TooLarge
from talka.consensus.weighted import weighted
from talka.kit.errors import Conflict

UNKNOWN_ACCURACY = 0.5
"""Of a worker who has not got the skill."""
DIGITS = 6
"""Of a confidence: the same on every machine."""
LINES = 20_000


def consensus(
    plan: Plan, said: Said, presumed: Presumed, accuracy: NDArray[np.float64] | None, column: int
) -> Consensus:
    """What the answers to one output come to; `accuracy` is that of who gave each, where the algorithm asks for it.

    Raises:
        Conflict: UNSUPPORTED_ALGORITHM for too many different answers.
    """
    if accuracy is not None:
        return _by_accuracy(said, accuracy, presumed, column, len(plan.outputs[column].options))
    try:
        return _by_dawid_skene(said, column)
    except TooLarge as error:
        raise Conflict("UNSUPPORTED_ALGORITHM", str(error)) from error


def _by_dawid_skene(said: Said, column: int) -> Consensus:
    given = said.options[:, column] >= 0
    return dawid_skene(Answers(said.tasks[given], said.workers[given], said.options[given, column]))


def _by_accuracy(
    said: Said, accuracy: NDArray[np.float64], presumed: Presumed, column: int, option_count: int
) -> Consensus:
    given = said.options[:, column] >= 0
    tasks = said.tasks[given]
    # What was presumed counts beside what people said, not instead of it.
    beside = (presumed.options[:, column] >= 0) & np.isin(presumed.tasks, tasks)
    return weighted(
        np.concatenate([tasks, presumed.tasks[beside]]),
        np.concatenate([said.options[given, column], presumed.options[beside, column]]),
        np.concatenate([accuracy[given], presumed.weights[beside]]),
        option_count,
    )


def accuracy_of(said: Said, skills: Mapping[int, Decimal]) -> NDArray[np.float64]:
    """The accuracy of who gave each answer, by their skills."""
    workers, which = np.unique(said.workers, return_inverse=True)
    known = [float(skills[worker]) / 100 if worker in skills else UNKNOWN_ACCURACY for worker in workers.tolist()]
    of_answer: NDArray[np.float64] = np.array(known, np.float64)[which]
    return of_answer


def together(found: Sequence[Consensus]) -> Solutions:
    """The solutions of all outputs by task; a task without an answer to any of them has none."""
    tasks = np.unique(np.concatenate([each.tasks for each in found]))
    options = np.full((len(tasks), len(found)), -1, np.int64)
    confidences = np.full((len(tasks), len(found)), np.nan)
    for column, each in enumerate(found):
        rows = np.searchsorted(tasks, each.tasks)
        options[rows, column] = each.options
        confidences[rows, column] = each.confidence.round(DIGITS)
    return Solutions(tasks, options, confidences)


def solution(plan: Plan, solutions: Solutions, task_id: int) -> Solution | None:
    """The solution of one task, or None."""
    row = int(np.searchsorted(solutions.tasks, task_id))
    if row == len(solutions.tasks) or solutions.tasks[row] != task_id:
        return None
    values = {
        output.name: output.options[option]
        for output, option in zip(plan.outputs, solutions.options[row].tolist(), strict=True)
        if option >= 0
    }
    return Solution(plan.pool.id, task_id, float(np.nanmin(solutions.confidences[row])), values)


def copy_lines(plan: Plan, solutions: Solutions, operation: int) -> Iterator[bytes]:
    """The solutions as lines of COPY, some thousands at once."""
    head, known = f"{operation}\t{plan.pool.id}", dict[tuple[int, ...], str]()
    least = solutions.least
    for start in range(0, len(solutions.tasks), LINES):
        part = slice(start, start + LINES)
        rows = zip(
            solutions.tasks[part].tolist(),
            least[part].tolist(),
            map(tuple, solutions.options[part].tolist()),
            _arrays(solutions.confidences[part]),
            strict=True,
        )
        lines = []
        for task, confidence, options, confidences in rows:
            if (values := known.get(options)) is None:
                values = known[options] = _copied(plan, options)
            lines.append(f"{head}\t{task}\t{confidence!r}\t{values}\t{confidences}\n")
        yield "".join(lines).encode()


def _arrays(confidences: NDArray[np.float64]) -> Iterable[str]:
    """Each row as an array of PostgreSQL; of a single output nothing, since it says no more than the whole."""
    if confidences.shape[1] == 1:
        return itertools.repeat("\\N", len(confidences))
    return (
        f"{{{','.join('NULL' if math.isnan(part) else repr(part) for part in row)}}}" for row in confidences.tolist()
    )


def _copied(plan: Plan, options: tuple[int, ...]) -> str:
    pairs = zip(plan.outputs, options, strict=True)
    values = {output.name: output.options[option] for output, option in pairs if option >= 0}
    return orjson.dumps(values).decode().replace("\\", "\\\\")
