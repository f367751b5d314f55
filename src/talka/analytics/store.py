"""SQL of what is not counted as it happens."""

from __future__ import annotations

from datetime import datetime

from talka.infra.db import Row, Tx

_LAST = 1_000


async def has_unlimited(tx: Tx, pool_id: int) -> bool:
    """Whether a pool has general tasks or suites without an end."""
    value: bool = await tx.value(
        "select exists (select 1 from queue where pool_id = %s and kind = 0 and lane = 3 and open)", (pool_id,)
    )
    return value


async def mean_seconds(tx: Tx, pool_id: int) -> float | None:
    """How long the last thousand submitted pages took on the average; None without any."""
    value = await tx.value(
        "select avg(extract(epoch from a.submitted - a.created)) from (select submitted, created from assignment"
        " where pool_id = %s and submitted is not null order by submitted desc, id desc limit %s) a",
        (pool_id, _LAST),
    )
    return None if value is None else float(value)


async def count_workers(tx: Tx, pool_id: int) -> int:
    """Workers who took at least one page: each has a place in the pool's queue."""
    value: int = await tx.value("select count(distinct worker_id) from issue_cursor where pool_id = %s", (pool_id,))
    return value


async def count_submitters(tx: Tx, pool_id: int) -> int:
    """Workers who submitted at least one page, looked for worker by worker among those who took one.

    The pool's lowest and highest page bound each look.
    """
    value: int = await tx.value(
        "with bounds as materialized (select"
        "   (select id from assignment where pool_id = %(p)s order by id limit 1) as low,"
        "   (select id from assignment where pool_id = %(p)s order by id desc limit 1) as high)"
        " select count(*) from (select distinct worker_id from issue_cursor where pool_id = %(p)s) c, bounds b"
        " where exists (select 1 from assignment a where a.worker_id = c.worker_id and a.id between b.low and b.high"
        "   and a.pool_id = %(p)s and a.submitted is not null)",
        {"p": pool_id},
    )
    return value


async def active_workers(tx: Tx, since: datetime) -> list[Row]:
    """Whoever took their last page since then, of any pool: one look for each worker."""
    return await tx.rows(
        "select w.id, w.profile, w.computed from worker w cross join lateral (select a.created from assignment a"
        " where a.worker_id = w.id order by a.id desc limit 1) l where l.created >= %s order by w.id",
        (since,),
    )


async def count_active_workers(tx: Tx, since: datetime) -> int:
    """How many these are."""
    value: int = await tx.value(
        "select count(*) from worker w cross join lateral (select a.created from assignment a"
        " where a.worker_id = w.id order by a.id desc limit 1) l where l.created >= %s",
        (since,),
    )
    return value
