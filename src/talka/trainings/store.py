"""SQL of trainings; as pools they are stored by `pools`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Json

from talka.infra.db import Row, Tx
from talka.trainings.model import Holder, Progress

# One look into an index for each training that can be repeated; when is not stored, so that changing the days of a
# training costs nothing.
RETRY_DUE: LiteralString = (
    "select min((select min(g.active) from training_progress g where g.pool_id = t.pool_id and g.active is not null)"
    " + make_interval(days => t.retry_days)) from training t where t.retry_days is not null"
)


async def insert(tx: Tx, pool_id: int, body: Mapping[str, Any]) -> None:
    """Keep the document of a new training."""
    await tx.execute(
        "insert into training (pool_id, body, required, retry_days) values (%s, %s, %s, %s)",
        (pool_id, Json(body), body.get("task_suites_required_to_pass"), body.get("retry_training_after_days")),
    )


async def update(tx: Tx, pool_id: int, body: Mapping[str, Any]) -> None:
    """Replace it."""
    await tx.execute(
        "update training set body = %s, required = %s, retry_days = %s where pool_id = %s",
        (Json(body), body.get("task_suites_required_to_pass"), body.get("retry_training_after_days"), pool_id),
    )


async def bodies(tx: Tx, pool_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Documents of trainings."""
    rows = await tx.rows("select pool_id, body from training where pool_id = any(%s)", (list(pool_ids),))
    return {row["pool_id"]: row["body"] for row in rows}


async def required_suites(tx: Tx, pool_id: int) -> int | None:
    """How many pages it takes to pass a training; None when all of them."""
    value: int | None = await tx.value("select required from training where pool_id = %s", (pool_id,))
    return value


async def add_page(tx: Tx, pool_id: int, worker_id: int, assignment_id: int | None) -> Progress:
    """How far a worker is in a training with one more page handed in (or none), kept so until commit."""
    row = await tx.row(
        "insert into training_progress as g (pool_id, worker_id, suites, answers, correct)"
        " select %(pool)s, %(worker)s, case when %(page)s::bigint is null then 0 else 1 end,"
        " count(*), count(*) filter (where correct) from training_attempt where assignment_id = %(page)s"
        " on conflict (pool_id, worker_id) do update set suites = g.suites + excluded.suites,"
        " answers = g.answers + excluded.answers, correct = g.correct + excluded.correct"
        " returning suites, answers, correct",
        {"pool": pool_id, "worker": worker_id, "page": assignment_id},
    )
    if row is None:
        raise LookupError(f"no progress of worker {worker_id} in training {pool_id}")
    return Progress(**row)


async def holds_page(tx: Tx, pool_id: int, worker_id: int) -> bool:
    """Whether a worker has a page of a training at work."""
    value: bool = await tx.value(
        "select exists (select 1 from assignment where worker_id = %s and pool_id = %s and status = 0)",
        (worker_id, pool_id),
    )
    return value


async def set_active(tx: Tx, pool_id: int, worker_id: int, moment: datetime) -> None:
    """Note when a worker passed a training, or last worked in a linked pool since."""
    await tx.execute(
        "update training_progress set active = %s where pool_id = %s and worker_id = %s", (moment, pool_id, worker_id)
    )


async def idle_holders(tx: Tx, limit: int) -> list[Holder]:
    """Workers who may repeat a training unless they have worked in a linked pool meanwhile."""
    rows = await tx.rows(
        "select g.pool_id, g.worker_id, p.skill_id, g.active, t.retry_days from training t"
        " join training_progress g on g.pool_id = t.pool_id join pool p on p.id = t.pool_id"
        " where t.retry_days is not null and g.active <= %s - make_interval(days => t.retry_days) limit %s",
        (tx.now, limit),
    )
    return [Holder(**row) for row in rows]


async def still_idle(tx: Tx, holder: Holder) -> bool:
    """Whether nothing has changed about a holder, whose row stays locked until commit."""
    row = await tx.row(
        "select active from training_progress where pool_id = %s and worker_id = %s for update",
        (holder.pool_id, holder.worker_id),
    )
    return row is not None and row["active"] == holder.active


async def last_work(tx: Tx, holder: Holder) -> datetime | None:
    """When a holder last handed in a page of a linked pool after `active`."""
    value: datetime | None = await tx.value(
        "select max(a.submitted) from assignment a where a.worker_id = %s and a.submitted > %s"
        " and a.pool_id in (select id from pool where training_pool_id = %s)",
        (holder.worker_id, holder.active, holder.pool_id),
    )
    return value


async def of_skill(tx: Tx, skill_id: int) -> list[int]:
    """The trainings that give a skill."""
    rows = await tx.rows("select id from pool where skill_id = %s and type = 'TRAINING' order by id", (skill_id,))
    return [row["id"] for row in rows]


async def forget(tx: Tx, pool_ids: Sequence[int], worker_id: int) -> None:
    """Let a worker begin trainings anew."""
    await tx.execute(
        "delete from training_progress where pool_id = any(%s) and worker_id = %s", (list(pool_ids), worker_id)
    )


async def ended_pages(tx: Tx, pool_ids: Sequence[int], worker_id: int) -> list[Row]:
    """What a worker had of trainings: number and units of each page that is not at work."""
    return await tx.rows(
        "select id, unit_ids from assignment where worker_id = %s and pool_id = any(%s) and status <> 0",
        (worker_id, list(pool_ids)),
    )
