"""The model of Dawid and Skene: truth, the frequency of options and each worker's confusions, estimated together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from talka.consensus.model import DIGITS, Answers, Consensus, Floats, Integers, TooLarge, nothing

ITERATIONS = 100
GAIN = 1e-5
"""Less gain of the lower bound per answer than this ends the estimation."""
FLOOR = 1e-10
MOST_CELLS = 50_000_000
"""Of the largest matrix, which has the options that were chosen as one side; several of that size live at once."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """Answers by position: tasks, options, and pairs of worker and option, each counted from 0; sorted by task."""

    task: Integers
    pair: Integers
    tasks: int
    pairs: int
    options: int
    worker_of_pair: Integers
    answers_of_task: Integers


@dataclass(frozen=True, slots=True)
class _Model:
    """What is believed of the options: their frequency, and by pair the log probability of the worker's answer."""

    log_prior: Floats
    log_confusion: Floats
    bound: float


def dawid_skene(answers: Answers) -> Consensus:
    """Expectation maximisation from the shares of votes on, over the options that were chosen at least once.

    A matrix has a row per option. Of each worker's confusions only the options that the worker used are kept, so that
    memory grows with the answers, not with workers times options squared.

    Raises:
        TooLarge.
    """
    if not len(answers):
        return nothing()
    answers = answers.ordered()
    chosen, option = np.unique(answers.options, return_inverse=True)
    tasks, task = np.unique(answers.tasks, return_inverse=True)
    problem = _problem(answers, task, option, len(tasks), len(chosen))
    belief = _vote_shares(problem, option)
    model = _maximise(problem, belief)
    bound = -np.inf
    for _ in range(ITERATIONS):
        belief = _expect(problem, model)
        model = _maximise(problem, belief)
        if model.bound - bound < GAIN * len(answers):
            break
        bound = model.bound
    best = belief.round(DIGITS - 2).argmax(axis=0)
    return Consensus(tasks, chosen[best], np.minimum(belief[best, np.arange(len(tasks))], 1.0))


def _problem(answers: Answers, task: Integers, option: Integers, tasks: int, options: int) -> _Problem:
    _, worker = np.unique(answers.workers, return_inverse=True)
    pairs, pair = np.unique(worker * options + option, return_inverse=True)
    if options * max(tasks, len(pairs)) > MOST_CELLS:
        raise TooLarge(f"{options} different answers are too many for {tasks} tasks")
    return _Problem(task, pair, tasks, len(pairs), options, pairs // options, np.bincount(task))


def _vote_shares(problem: _Problem, option: Integers) -> Floats:
    votes = np.bincount(option * problem.tasks + problem.task, minlength=problem.options * problem.tasks)
    shares = votes.reshape(problem.options, problem.tasks) / problem.answers_of_task
    return np.asarray(shares, np.float64)


def _maximise(problem: _Problem, belief: Floats) -> _Model:
    """The model that fits the beliefs best, and the bound that tells when to stop.

    It is the lower bound of the likelihood, except that the prior counts once per answer instead of once per task: so
    does the published implementation, and the documented results are those after as many iterations as it makes.
    """
    prior = belief.mean(axis=1)
    log_prior = np.log(np.maximum(prior, FLOOR))
    log_confusion = np.empty((problem.options, problem.pairs))
    bound = float(log_prior @ (belief * problem.answers_of_task).sum(axis=1))
    for row, believed in enumerate(belief):
        said = np.bincount(problem.pair, weights=believed[problem.task], minlength=problem.pairs)
        floored = np.maximum(said, FLOOR)
        all_said = np.bincount(problem.worker_of_pair, weights=floored)
        log_confusion[row] = np.log(floored / all_said[problem.worker_of_pair])
        bound += float(np.sum(said * log_confusion[row]))
        # What is not believed at all adds nothing; its logarithm would be minus infinity.
        bound -= float(np.sum(believed * np.log(np.maximum(believed, np.finfo(np.float64).tiny))))
    return _Model(log_prior, log_confusion, bound)


def _expect(problem: _Problem, model: _Model) -> Floats:
    """What is to be believed of every task under the model."""
    belief = np.empty((problem.options, problem.tasks))
    for row, log_confusion in enumerate(model.log_confusion):
        said = np.bincount(problem.task, weights=log_confusion[problem.pair], minlength=problem.tasks)
        belief[row] = model.log_prior[row] + said
    belief -= belief.max(axis=0)
    np.exp(belief, out=belief)
    belief /= belief.sum(axis=0)
    return belief
