"""A simulated worker's mind: confusion matrices around the truth, all of it a function of the seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from typing import Any

from talka.crowd.model import OutputValues, Spec
from talka.crowd.people import simulated_login
from talka.crowd.values import as_text, classes_of, identity, is_required, random_value

_GOLDEN_RATIO = 0.618033988749895
_WIDEST_SPREAD = 0.15
_ROW_CONCENTRATION = 40.0
_MOST_CLASSES = 100
_DRAWS_FOR_A_WRONG_VALUE = 20

Classes = Mapping[str, Sequence[Any]]
"""Field → its possible values, for the fields that have few."""


def seeded(*key: object) -> random.Random:
    """Random numbers that depend on `key` alone, on every machine and in every process."""
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return random.Random(int.from_bytes(digest[:16]))


def classes_by_field(spec: Spec, truths: Mapping[str, Sequence[Any]]) -> Classes:
    """The classes of every output field: those of its spec, else the different values among its truths."""
    found: dict[str, Sequence[Any]] = {}
    for name, field in spec.items():
        classes = classes_of(field)
        if classes is None:
            distinct = {identity(value): value for value in truths.get(name, ())}
            classes = tuple(sorted(distinct.values(), key=as_text))
        if 1 < len(classes) <= _MOST_CLASSES:
            found[name] = classes
    return found


def accuracy_of(seed: int, number: int, mean: float) -> float:
    """How often worker `number` is right: evenly spread around `mean`, and so in every first n workers."""
    spread = min(_WIDEST_SPREAD, mean, 1 - mean)
    place = (seeded(seed, "accuracies").random() + number * _GOLDEN_RATIO) % 1
    return mean + (2 * place - 1) * spread


def confusion_row(rng: random.Random, classes: int, true_class: int, accuracy: float) -> list[float]:
    """P(answer | truth) for one true class: Dirichlet around `accuracy` there and an even rest elsewhere."""
    others = (1 - accuracy) / (classes - 1)
    weights = [
        _gamma(rng, _ROW_CONCENTRATION * (accuracy if answer == true_class else others)) for answer in range(classes)
    ]
    total = sum(weights)
    if total == 0:
        return [float(answer == true_class) for answer in range(classes)]
    return [weight / total for weight in weights]


def _gamma(rng: random.Random, shape: float) -> float:
    return rng.gammavariate(shape, 1.0) if shape > 0 else 0.0


class SimulatedWorker:
    """One worker of the crowd `seed`.

    What they answer depends on seed, worker and task, not on when or in which company they meet the task.
    """

    def __init__(
        self, *, seed: int, number: int, accuracy: float, skip_rate: float, spec: Spec, classes: Classes
    ) -> None:
        self.login = simulated_login(seed, number)
        self.accuracy = accuracy_of(seed, number, accuracy)
        self._seed = seed
        self._skip_rate = skip_rate
        self._spec = spec
        self._classes = classes
        self._matrices = {name: self._matrix(name, values) for name, values in classes.items()}
        self._rows = {
            name: {identity(value): row for row, value in enumerate(values)} for name, values in classes.items()
        }

    def _matrix(self, name: str, values: Sequence[Any]) -> list[list[float]]:
        rng = seeded(self._seed, self.login, "matrix", name)
        return [confusion_row(rng, len(values), row, self.accuracy) for row in range(len(values))]

    def skips(self, task_ids: Sequence[str]) -> bool:
        """Whether the worker does not like the page."""
        draw = seeded(self._seed, self.login, "skip", *sorted(task_ids)).random()
        return draw < self._skip_rate

    def answer(self, task_id: str, truth: OutputValues) -> OutputValues:
        """What the worker says: every field with a truth through the matrix, other required ones at random.

        Raises:
            CrowdError: a required field is one that no simulated worker can fill.
        """
        values = {name: self._judge(task_id, name, right) for name, right in truth.items() if name in self._spec}
        for name, field in self._spec.items():
            if name not in values and is_required(field):
                values[name] = random_value(name, field, self._rng(task_id, name))
        return values

    def _judge(self, task_id: str, name: str, truth: Any) -> Any:
        rng = self._rng(task_id, name)
        row = self._rows.get(name, {}).get(identity(truth))
        if row is not None:
            return rng.choices(self._classes[name], self._matrices[name][row])[0]
        if rng.random() < self.accuracy:
            return truth
        return self._wrong(name, truth, rng)

    def _wrong(self, name: str, truth: Any, rng: random.Random) -> Any:
        """A valid value other than the truth, as far as a few draws find one."""
        for _ in range(_DRAWS_FOR_A_WRONG_VALUE):
            value = random_value(name, self._spec[name], rng)
            if identity(value) != identity(truth):
                break
        return value

    def _rng(self, task_id: str, name: str) -> random.Random:
        return seeded(self._seed, self.login, task_id, name)
