"""What batches of tasks and suites created, and their logs: successes are rebuilt from it, failures were kept."""

from __future__ import annotations

from typing import Any

from talka.infra.db import Tx
from talka.operations.batches import log_item, log_of
from talka.operations.model import Operation
from talka.tasks import store
from talka.tasks.loading import with_tasks
from talka.tasks.usecases import TASKS
from talka.tasks.wire import echo, task_json


async def created_items(tx: Tx, operation: Operation) -> dict[int, dict[str, Any]]:
    """Each task or suite that a batch created, by its index."""
    items: dict[int, dict[str, Any]] = {}
    for pool_id, (low, high) in operation.created.items():
        place = (int(pool_id), low, high, operation.number)
        if operation.type == TASKS:
            items |= {row["item_index"]: task_json(row) for row in await store.batch_tasks(tx, *place)}
        else:
            suites = await with_tasks(tx, await store.batch_suites(tx, *place))
            items |= {row["item_index"]: shown for row, shown in suites}
    return items


async def batch_log(tx: Tx, operation: Operation) -> list[dict[str, Any]]:
    """The log of a batch of tasks or suites."""
    step, key = ("TASK_CREATE", "task_id") if operation.type == TASKS else ("TASK_SUITE_CREATE", "task_suite_id")
    created = await created_items(tx, operation)
    entries = {index: log_item(step, True, echo(shown, index), {key: shown["id"]}) for index, shown in created.items()}
    return await log_of(tx, operation, entries)
