"""SQL of pools (trainings are pools of type TRAINING)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import sql
from psycopg.types.json import Json

from talka.infra.db import Row, Tx
from talka.infra.http.listing import COMPANIES, Listing, ListSpec, choices, moments, numbers, owners
from talka.pools.rules import IDLE, IssuePlan, TrainingTie

_SELECT: LiteralString = (
    "select p.id, p.account_id, p.project_id, p.project_major, p.type, p.status, p.body, p.created, p.last_started,"
    " p.last_stopped, p.last_close_reason, p.will_expire, p.reopen_at, p.complete_at, p.priority, p.reward, p.mixed,"
    " p.last_added is not null as filled,"
    " p.in_order, p.auto_accept, p.close_delay, p.skill_id, p.training_pool_id, p.passing_value, a.requester_id"
    " from pool p join account a on a.id = p.account_id"
)
STATUSES = ("OPEN", "CLOSED", "ARCHIVED", "LOCKED")
_OWNER = owners("p.account_id")
LIST = ListSpec(
    filters={
        "status": choices("p.status", {name: name for name in STATUSES}),
        "project_id": numbers("p.project_id"),
        "owner": _OWNER,
        "owner_id": _OWNER,
        "owner_company_id": COMPANIES,
    },
    ranges={"id": numbers("p.id"), "created": moments("p.created"), "last_started": moments("p.last_started")},
    sorts={"id": ("p.id",), "created": ("p.created",), "last_started": ("p.last_started",)},
    nullable=("last_started",),
    max_limit=300,
)


@dataclass(frozen=True, slots=True)
class Pool:
    """A stored pool; `body` is the canonical document that clients sent."""

    id: int
    account_id: int
    requester_id: str
    project_id: int
    project_major: int
    type: str
    status: str
    body: Mapping[str, Any]
    created: datetime
    last_started: datetime | None
    last_stopped: datetime | None
    last_close_reason: str | None
    will_expire: datetime
    reopen_at: datetime | None
    complete_at: datetime | None
    priority: int
    reward: Any
    mixed: bool
    # Whether anything was ever uploaded: from then on its way of making pages stays.
    filled: bool
    in_order: bool
    auto_accept: bool
    close_delay: int
    # The skill that a training gives or that a pool asks for; the rest only in a pool that asks for a training.
    skill_id: int | None
    training_pool_id: int | None
    passing_value: int | None

    @property
    def tie(self) -> TrainingTie | None:
        """What it has to do with a training."""
        return TrainingTie(self.skill_id, self.training_pool_id, self.passing_value) if self.skill_id else None


@dataclass(frozen=True, slots=True)
class Idleness:
    """When a pool was last edited, moved or uploaded to, and whether it is the clone of another."""

    touched: datetime
    cloned: bool


def _pool(row: Row) -> Pool:
    return Pool(**{**row, "requester_id": row["requester_id"].hex})


async def get(tx: Tx, pool_id: int, *, lock: bool = False) -> Pool | None:
    """A pool or training of anybody; `lock` keeps its row until commit."""
    query: LiteralString = _SELECT + " where p.id = %s"
    row = await tx.row(query + (" for update of p" if lock else ""), (pool_id,))
    return _pool(row) if row else None


async def accounts_of(tx: Tx, pool_ids: Sequence[int]) -> list[int]:
    """Whose pools these are, each once."""
    rows = await tx.rows("select distinct account_id from pool where id = any(%s)", (list(pool_ids),))
    return [row["account_id"] for row in rows]


async def many(tx: Tx, pool_ids: list[int]) -> dict[int, Pool]:
    """Pools by id; unknown ones are left out."""
    rows = await tx.rows(_SELECT + " where p.id = any(%s)", (pool_ids,))
    return {row["id"]: _pool(row) for row in rows}


_OF_TYPE: Mapping[str, LiteralString] = {
    "REGULAR": "p.type = 'REGULAR' and p.account_id = %s",
    "TRAINING": "p.type = 'TRAINING' and p.account_id = %s",
}


async def listed(tx: Tx, account_id: int, listing: Listing, kind: str = "REGULAR") -> tuple[list[Pool], bool]:
    """A page of the account's pools, or of its trainings."""
    rows, more = await listing.fetch(tx, _SELECT, (_OF_TYPE[kind], account_id))
    return [_pool(row) for row in rows], more


async def open_pools(tx: Tx) -> list[Pool]:
    """All open pools of active projects, highest priority and earliest start first."""
    rows = await tx.rows(_SELECT + " where p.status = 'OPEN' order by p.priority desc, p.last_started, p.id")
    return [_pool(row) for row in rows]


async def unarchived_of_project(tx: Tx, project_id: int) -> int:
    """How many pools and trainings of a project are not archived."""
    value: int = await tx.value(
        "select count(*) from pool where project_id = %s and status <> 'ARCHIVED'", (project_id,)
    )
    return value


async def unarchived_linked(tx: Tx, training_pool_id: int) -> int:
    """How many pools that ask for a training are not archived."""
    value: int = await tx.value(
        "select count(*) from pool where training_pool_id = %s and status <> 'ARCHIVED'", (training_pool_id,)
    )
    return value


async def linked_unfinished(tx: Tx, training_pool_id: int) -> bool:
    """Whether a pool that asks for a training still has, or may get, something to do."""
    value: bool = await tx.value(
        "select exists (select 1 from pool where training_pool_id = %s and status <> 'ARCHIVED'"
        " and (status <> 'CLOSED' or last_close_reason is distinct from 'COMPLETED'))",
        (training_pool_id,),
    )
    return value


async def trainings_of(tx: Tx, pool_ids: Sequence[int]) -> list[int]:
    """The trainings that pools ask for."""
    rows = await tx.rows(
        "select distinct training_pool_id as id from pool where id = any(%s) and training_pool_id is not null",
        (list(pool_ids),),
    )
    return [row["id"] for row in rows]


async def skill_of_project(tx: Tx, project_id: int) -> int | None:
    """The skill that the trainings of a project (locked by the caller) give; None when it never had any."""
    value: int | None = await tx.value(
        "select skill_id from pool where project_id = %s and type = 'TRAINING' limit 1", (project_id,)
    )
    return value


async def insert(
    tx: Tx,
    account_id: int,
    project_id: int,
    project_major: int,
    kind: str,
    body: Mapping[str, Any],
    plan: IssuePlan,
    tie: TrainingTie | None,
    *,
    cloned: bool = False,
) -> int:
    """A new, closed pool."""
    columns = {
        "account_id": account_id,
        "project_id": project_id,
        "project_major": project_major,
        "type": kind,
        "status": "CLOSED",
        "body": Json(body),
        "created": tx.now,
        "cloned": cloned,
        **_touched(tx),
        **_plan_columns(plan),
        **_tie_columns(tie),
    }
    query = sql.SQL("insert into pool ({}) values ({}) returning id").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(sql.Placeholder() * len(columns))
    )
    pool_id: int = await tx.value(query, list(columns.values()))
    return pool_id


async def update(tx: Tx, pool_id: int, body: Mapping[str, Any], plan: IssuePlan, tie: TrainingTie | None) -> None:
    """Replace a pool's document and what is derived from it."""
    columns = {"body": Json(body), **_touched(tx), **_plan_columns(plan), **_tie_columns(tie)}
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in columns
    )
    await tx.execute(sql.SQL("update pool set {} where id = %s").format(assignments), [*columns.values(), pool_id])


def _touched(tx: Tx) -> dict[str, Any]:
    """What is noted of a closed pool that somebody does something with."""
    return {"touched": tx.now, "archive_at": tx.now + IDLE}


def _plan_columns(plan: IssuePlan) -> dict[str, Any]:
    """The plan as columns; a page of a pool without mixing is one ready-made suite, whatever its size."""
    return {
        "will_expire": plan.will_expire,
        "priority": plan.priority,
        "reward": plan.reward,
        "duration_seconds": plan.duration_seconds,
        "mixed": plan.mixed,
        "real_count": plan.real_count if plan.mixed else 1,
        "golden_count": plan.golden_count,
        "training_count": plan.training_count,
        "min_real": plan.min_real_count if plan.mixed else 1,
        "min_golden": plan.min_golden_count,
        "min_training": plan.min_training_count,
        "force_last": plan.force_last or not plan.mixed,
        "force_last_delay": plan.force_last_delay_seconds,
        "in_order": plan.in_creation_order or plan.suites_in_creation_order,
        "shuffle": plan.shuffle,
        "auto_accept": plan.auto_accept,
        "accept_days": plan.auto_accept_period_days,
        "close_delay": plan.auto_close_delay_seconds,
        "adult": plan.adult,
    }


def _tie_columns(tie: TrainingTie | None) -> dict[str, Any]:
    return {
        "skill_id": tie.skill_id if tie else None,
        "training_pool_id": tie.training_pool_id if tie else None,
        "passing_value": tie.passing_value if tie else None,
    }


async def set_priority(tx: Tx, pool: Pool, priority: int) -> None:
    """Change the priority of a pool (locked by the caller), in the column and in the document."""
    await tx.execute(
        "update pool set priority = %s, body = %s, touched = %s where id = %s",
        (priority, Json({**pool.body, "priority": priority}), tx.now, pool.id),
    )


async def set_status(
    tx: Tx,
    pool_id: int,
    status: str,
    *,
    started: datetime | None = None,
    stopped: datetime | None = None,
    reason: str | None = None,
    reopen_at: datetime | None = None,
) -> None:
    """Move a pool (locked by the caller) to another status; a move ends all waiting for other moves."""
    await tx.execute(
        "update pool set status = %s, last_started = coalesce(%s, last_started),"
        " last_stopped = coalesce(%s, last_stopped), last_close_reason = coalesce(%s, last_close_reason),"
        " reopen_at = %s, complete_at = null, touched = %s, archive_at = %s where id = %s",
        (
            status,
            started,
            stopped,
            reason,
            reopen_at,
            tx.now,
            tx.now + IDLE if status == "CLOSED" else None,
            pool_id,
        ),
    )


async def set_complete_at(tx: Tx, pool_id: int, moment: datetime | None) -> None:
    """When the pool closes because all is done; None when there is something to do again."""
    await tx.execute("update pool set complete_at = %s where id = %s", (moment, pool_id))


async def note_added(tx: Tx, pool_id: int) -> None:
    """Tasks were added or overlap was raised: the last short page waits anew, completion is off."""
    await tx.execute(
        "update pool set last_added = %(now)s, complete_at = null, touched = %(now)s,"
        " archive_at = case when status = 'CLOSED' then %(look)s end where id = %(id)s",
        {"now": tx.now, "look": tx.now + IDLE, "id": pool_id},
    )


async def lock_pool(tx: Tx, pool_id: int, *, exclusive: bool) -> None:
    """Keep the pool's state as it is until commit; exclusively: with no page being issued from it meanwhile."""
    if exclusive:
        await tx.rows("select pg_advisory_xact_lock(1, %s)", (pool_id,))
    else:
        await tx.rows("select pg_advisory_xact_lock_shared(1, %s)", (pool_id,))


async def idleness(tx: Tx, pool_id: int) -> Idleness | None:
    """Since when a closed pool (locked by the caller) is untouched; None when it is not time to look at that."""
    row = await tx.row(
        "select touched, cloned from pool where id = %s and status = 'CLOSED' and archive_at <= %s", (pool_id, tx.now)
    )
    return Idleness(**row) if row else None


async def set_archive_at(tx: Tx, pool_id: int, moment: datetime) -> None:
    """When to look again whether a closed pool has been idle for long enough."""
    await tx.execute("update pool set archive_at = %s where id = %s", (moment, pool_id))


DUE: Mapping[str, LiteralString] = {
    "will_expire": "select min(will_expire) from pool where status = 'OPEN'",
    "reopen_at": "select min(reopen_at) from pool where reopen_at is not null",
    "complete_at": "select min(complete_at) from pool where complete_at is not null",
    "archive_at": "select min(archive_at) from pool where archive_at is not null",
}
_DUE_POOLS: Mapping[str, LiteralString] = {
    "will_expire": "select id from pool where status = 'OPEN' and will_expire <= %s order by will_expire limit 100",
    "reopen_at": "select id from pool where reopen_at <= %s order by reopen_at limit 100",
    "complete_at": "select id from pool where complete_at <= %s order by complete_at limit 100",
    "archive_at": "select id from pool where archive_at <= %s order by archive_at limit 100",
}


async def due(tx: Tx, column: str) -> list[int]:
    """Pools whose `will_expire`, `reopen_at`, `complete_at` or `archive_at` has come."""
    return [row["id"] for row in await tx.rows(_DUE_POOLS[column], (tx.now,))]
