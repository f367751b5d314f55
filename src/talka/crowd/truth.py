"""What a simulated crowd knows of a pool: which answers are right, from a file and from known solutions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from talka.crowd.checks import check_field, converted
from talka.crowd.client import RequesterReader
from talka.crowd.model import OutputValues, Spec, Task
from talka.crowd.tables import read_truth
from talka.crowd.values import as_text

_NOTHING: OutputValues = {}


class AnswerKey:
    """The truth about the tasks of one pool, by task id; what was uploaded later is looked up when it is met."""

    def __init__(self, reader: RequesterReader, by_item: Mapping[str, OutputValues], item_field: str) -> None:
        self._reader = reader
        self._by_item = by_item
        self._item_field = item_field
        self._seen: set[str] = set()
        self._known: dict[str, OutputValues] = {}
        self._truth: dict[str, OutputValues] = {}

    async def read(self, pool_id: str) -> None:
        """Learn about every task that is in the pool now."""
        async for task in self._reader.tasks(pool_id):
            self._learn(task)

    async def truth(self, task_id: str) -> OutputValues:
        """Field → what is right: by the file, else by the best known solution; empty when neither says."""
        await self._meet(task_id)
        return self._truth.get(task_id) or self._known.get(task_id, _NOTHING)

    async def known(self, task_id: str) -> OutputValues | None:
        """The best known solution, which is what a training task wants to hear."""
        await self._meet(task_id)
        return self._known.get(task_id)

    def truths(self) -> dict[str, list[Any]]:
        """Field → all that is known to be right for some task."""
        values: dict[str, list[Any]] = {}
        for source in (self._by_item, self._known):
            for truth in source.values():
                for name, value in truth.items():
                    values.setdefault(name, []).append(value)
        return values

    async def _meet(self, task_id: str) -> None:
        if task_id not in self._seen:
            self._learn(await self._reader.task(task_id))

    def _learn(self, task: Task) -> None:
        self._seen.add(task.id)
        if task.known is not None:
            self._known[task.id] = task.known
        item = task.input_values.get(self._item_field)
        truth = self._by_item.get(as_text(item)) if item is not None else None
        if truth is not None:
            self._truth[task.id] = truth


def truths_of_file(
    path: Path, input_spec: Spec, output_spec: Spec, item_field: str, output_field: str
) -> dict[str, OutputValues]:
    """Item → the right output values, from a file with the header `item,truth`.

    Raises:
        CrowdError: the file is no such table, a field does not exist, or a truth does not fit its field.
    """
    check_field("input", input_spec, item_field, "--item-field")
    field = check_field("output", output_spec, output_field, "--output-field")
    return {
        item: {output_field: converted(field, truth.text, path, truth.line, output_field)}
        for item, truth in read_truth(path).items()
    }
