"""The same mathematics, slow and straightforward: one loop per sign of the formulas."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

Label = tuple[int, int, int]
"""Task, worker, option."""


def weighted(answers: Sequence[tuple[int, float]], option_count: int) -> tuple[int, float]:
    """Winner and confidence of one task: (option, accuracy) of each answer."""
    clamped = [(option, min(max(q, 1e-6), 1 - 1e-6)) for option, q in answers]
    options = range(option_count)
    likelihood = [
        math.prod(q if option == x else (1 - q) / (option_count - 1) for option, q in clamped) for x in options
    ]
    votes = [sum(q for option, q in clamped if option == x) for x in options]
    winner = min(options, key=lambda x: (-round(votes[x], 9), -round(math.log(likelihood[x]), 9), x))
    return winner, likelihood[winner] / sum(likelihood)


def dawid_skene(labels: Sequence[Label]) -> dict[int, dict[int, float]]:
    """Probabilities of the options that were chosen at all, by task."""
    options = sorted({option for _, _, option in labels})
    by_task: dict[int, list[tuple[int, int]]] = defaultdict(list)
    used: dict[int, set[int]] = defaultdict(set)
    for task, worker, option in labels:
        by_task[task].append((worker, option))
        used[worker].add(option)
    belief = {
        task: {c: [option for _, option in said].count(c) / len(said) for c in options}
        for task, said in by_task.items()
    }
    errors: dict[tuple[int, int, int], float] = {}
    prior: dict[int, float] = {}
    bound = -math.inf
    for iteration in range(101):
        if iteration:
            for task, said in by_task.items():
                logs = {
                    c: math.log(max(prior[c], 1e-10))
                    + sum(math.log(errors[worker, option, c]) for worker, option in said)
                    for c in options
                }
                top = max(logs.values())
                total = sum(math.exp(value - top) for value in logs.values())
                belief[task] = {c: math.exp(value - top) / total for c, value in logs.items()}
        prior = {c: sum(each[c] for each in belief.values()) / len(belief) for c in options}
        said_when: dict[tuple[int, int, int], float] = defaultdict(float)
        for task, worker, option in labels:
            for c in options:
                said_when[worker, option, c] += belief[task][c]
        for worker, words in used.items():
            for c in options:
                total = sum(max(said_when[worker, option, c], 1e-10) for option in words)
                for option in words:
                    errors[worker, option, c] = max(said_when[worker, option, c], 1e-10) / total
        new = sum(
            belief[task][c] * (math.log(errors[worker, option, c]) + math.log(max(prior[c], 1e-10)))
            for task, worker, option in labels
            for c in options
        ) - sum(p * math.log(p) for each in belief.values() for p in each.values() if p > 0)
        if iteration and new - bound < 1e-5 * len(labels):
            break
        if iteration:
            bound = new
    return belief
