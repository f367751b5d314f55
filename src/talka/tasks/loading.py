"""Suites together with their tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from talka.infra.db import Row, Tx
from talka.tasks import store
from talka.tasks.wire import suite_json


async def with_tasks(tx: Tx, rows: Sequence[Row]) -> list[tuple[Row, dict[str, Any]]]:
    """Suites of one pool with their tasks, as clients see them."""
    wanted = sorted({number for row in rows for number in row["task_ids"]})
    loaded = await store.tasks(tx, rows[0]["pool_id"], wanted) if rows else {}
    return [(row, suite_json(row, [loaded[number] for number in row["task_ids"]])) for row in rows]
