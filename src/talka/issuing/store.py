"""SQL of issuing; the claim itself is `functions.sql`."""

from __future__ import annotations

from typing import Any

from talka.infra.db import Row, Tx


async def issue_page(
    tx: Tx,
    pool_id: int,
    worker_id: int,
    chance: float,
    fee_percent: Any,
    *,
    blocking: bool,
    drawing: bool,
    window: int,
) -> Row:
    """One page, or the reason why there is none (`outcome`)."""
    row = await tx.row(
        "select * from issue_page(%s::int, %s::int, %s, %s, %s, %s, %s, %s::int)",
        (pool_id, worker_id, tx.now, chance, fee_percent, blocking, drawing, window),
    )
    if row is None:
        raise LookupError("issue_page gave no row")
    return row


async def pages_out(tx: Tx, pool_id: int, worker_id: int) -> bool:
    """Whether others hold pages of a pool that may come back."""
    value: bool = await tx.value(
        "select exists (select 1 from assignment where pool_id = %s and status = 0 and worker_id <> %s)",
        (pool_id, worker_id),
    )
    return value


async def has_work(tx: Tx, pool_ids: list[int], worker_id: int) -> set[int]:
    """Pools in which something is open that the worker has not had and may get."""
    rows = await tx.rows("select pool_id from issue_available(%s::int[], %s::int)", (pool_ids, worker_id))
    return {row["pool_id"] for row in rows}


async def active_by_project(tx: Tx, worker_id: int) -> dict[int, list[tuple[int, int]]]:
    """The worker's active pages (pool, number) by project."""
    rows = await tx.rows(
        "select project_id, pool_id, id from assignment where worker_id = %s and status = 0 order by id", (worker_id,)
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        found.setdefault(row["project_id"], []).append((row["pool_id"], row["id"]))
    return found


async def known_pool(tx: Tx, pool_id: int, worker_id: int) -> bool:
    """Whether the worker ever held a page of a pool."""
    value: bool = await tx.value(
        "select exists (select 1 from issue_cursor where pool_id = %s and worker_id = %s)", (pool_id, worker_id)
    )
    return value


async def known_project(tx: Tx, project_id: int, worker_id: int) -> bool:
    """Whether a project has open pools, or the worker ever held a page of it."""
    value: bool = await tx.value(
        "select exists (select 1 from pool where project_id = %(p)s and status = 'OPEN')"
        " or exists (select 1 from pool p join issue_cursor c on c.pool_id = p.id"
        "   where p.project_id = %(p)s and c.worker_id = %(w)s)",
        {"p": project_id, "w": worker_id},
    )
    return value
