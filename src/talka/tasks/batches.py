"""The batches of POST /tasks and POST /task-suites: their limits and what becomes of them."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import orjson

from talka.accounts import limits
from talka.accounts.quotas import Action
from talka.infra.db import Tx
from talka.kit.errors import TalkaError
from talka.operations.batches import BatchKind, too_many
from talka.tasks.logs import created_items
from talka.tasks.usecases import SUITES, TASKS, check_pools, create_now

_OPTIONS: Final = ("skip_invalid_items", "allow_defaults", "open_pool")


def _check_size(kind: str, items: list[Any]) -> None:
    tasks = [item for item in items if isinstance(item, dict)]
    if kind != TASKS:
        inner = [item["tasks"] for item in tasks if isinstance(item.get("tasks"), list)]
        tasks = [task for group in inner for task in group if isinstance(task, dict)]
    if len(items) > limits.TASKS_AT_ONCE or len(tasks) > limits.TASKS_AT_ONCE:
        raise too_many("tasks", limits.TASKS_AT_ONCE)
    for name, limit in (("input_values", limits.INPUT_BYTES), ("known_solutions", limits.OUTPUT_BYTES)):
        if sum(len(orjson.dumps(task[name])) for task in tasks if task.get(name)) > limit:
            message = f"The {name} of one request must not exceed {limit} bytes; use async_mode=true"
            raise TalkaError("ENTITY_TOO_LARGE", message, {"limit": limit})


async def _check(kind: str, tx: Tx, account_id: int, items: list[Any]) -> None:
    await check_pools(tx, account_id, kind, items)


def _kind(name: str, quota: Action) -> BatchKind:
    return BatchKind(
        name,
        quota,
        "TASKS_CREATION_DOES_NOT_FIT_QUOTA",
        _OPTIONS,
        partial(_check_size, name),
        partial(_check, name),
        create_now,
        created_items,
    )


TASK_BATCHES, SUITE_BATCHES = _kind(TASKS, Action.CREATE_TASKS), _kind(SUITES, Action.CREATE_TASK_SUITES)
