"""Logs of batches: successes are rebuilt from what was created, failures were kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from talka.infra.db import Row, Tx
from talka.kit.ids import work_id
from talka.operations import store as operations
from talka.operations.model import Operation
from talka.tasks import store
from talka.tasks.usecases import TASKS
from talka.tasks.wire import echo, suite_json, task_json


async def _created(tx: Tx, operation: Operation) -> list[Row]:
    read = store.batch_tasks if operation.type == TASKS else store.batch_suites
    rows: list[Row] = []
    for pool_id, (low, high) in operation.created.items():
        rows += await read(tx, int(pool_id), low, high, operation.number)
    return rows


async def created_numbers(tx: Tx, operation: Operation) -> dict[int, tuple[int, int]]:
    """(pool, number) of each created item by its index."""
    return {row["item_index"]: (row["pool_id"], row["id"]) for row in await _created(tx, operation)}


async def batch_log(tx: Tx, operation: Operation) -> list[dict[str, Any]]:
    """The log of a batch of tasks or suites, in the order of its items; failed steps stand at the end."""
    items: list[tuple[int, dict[str, Any]]] = []
    for row in await _created(tx, operation):
        shown = task_json(row) if operation.type == TASKS else await _suite(tx, row)
        key = "task_id" if operation.type == TASKS else "task_suite_id"
        step = "TASK_CREATE" if operation.type == TASKS else "TASK_SUITE_CREATE"
        output = {key: work_id(row["pool_id"], row["id"])}
        items.append((row["item_index"], _item(step, True, echo(shown, row["item_index"]), output)))
    for failure in await operations.failures(tx, operation.number):
        index = failure.input.get("__item_idx")
        place = int(index) if index is not None else 2**31
        items.append((place, _item(failure.type, False, failure.input, failure.output)))
    return [item for _, item in sorted(items, key=lambda pair: pair[0])]


async def _suite(tx: Tx, row: Row) -> dict[str, Any]:
    tasks = await store.tasks(tx, row["pool_id"], row["task_ids"])
    return suite_json(row, [tasks[number] for number in row["task_ids"]])


def _item(step: str, success: bool, given: Mapping[str, Any], output: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": step, "success": success, "input": given, "output": output}
