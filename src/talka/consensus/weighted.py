"""Aggregation by the accuracy of those who answered: the formulas of dynamic overlap."""

from __future__ import annotations

import numpy as np

from talka.consensus.model import DIGITS, Consensus, Floats, Integers, nothing

LEAST = 1e-6
"""Nobody is always right or always wrong: accuracies keep this distance from 0 and 1."""


def weighted(tasks: Integers, options: Integers, accuracy: Floats, option_count: int) -> Consensus:
    """The option with the greatest sum of accuracies, and its posterior probability under equal priors.

    An answer of accuracy q says its own option with probability q and each of the others with (1 - q) / (Y - 1), where
    Y = `option_count`. Options that nobody chose are all equally likely, so only chosen ones are looked at one by one.
    """
    if not len(tasks):
        return nothing()
    order = np.lexsort((accuracy, options, tasks))
    tasks, options = tasks[order], options[order]
    right = np.clip(accuracy[order], LEAST, 1 - LEAST)
    # By how much an answer makes its own option likelier than any other one.
    gain = np.log(right) - np.log((1 - right) / max(option_count - 1, 1))
    new_task = np.diff(tasks, prepend=tasks[0]) != 0
    new_choice = new_task | (np.diff(options, prepend=options[0]) != 0)
    new_task[0] = new_choice[0] = True
    choices = np.flatnonzero(new_choice)
    votes, likelihood = np.add.reduceat(right, choices), np.add.reduceat(gain, choices)
    starts = np.flatnonzero(new_task[choices])
    counts = np.diff(starts, append=len(choices))
    of_task = np.repeat(np.arange(len(starts)), counts)
    winners = _winners(votes, likelihood, of_task)
    unchosen = option_count - counts
    confidence = _posterior(likelihood, winners, starts, of_task, unchosen)
    if option_count == 1:
        confidence = np.ones_like(confidence)
    return Consensus(tasks[choices][starts], options[choices][winners], confidence)


def _winners(votes: Floats, likelihood: Floats, of_task: Integers) -> Integers:
    """Per task the choice with most votes; of equal ones the likelier, of equally likely ones the first option."""
    order = np.lexsort((-likelihood.round(DIGITS - 2), -votes.round(DIGITS), of_task))
    first = np.diff(of_task[order], prepend=-1) != 0
    winners: Integers = order[first]
    return winners


def _posterior(
    likelihood: Floats, winners: Integers, starts: Integers, of_task: Integers, unchosen: Integers
) -> Floats:
    """The share of the winner's likelihood; those of options that nobody chose are 1, whose logarithm is 0."""
    top = np.maximum.reduceat(likelihood, starts)
    top = np.where(unchosen > 0, np.maximum(top, 0), top)
    total = np.add.reduceat(np.exp(likelihood - top[of_task]), starts) + unchosen * np.exp(-top)
    share: Floats = np.exp(likelihood[winners] - top) / total
    return share
