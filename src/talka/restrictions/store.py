"""SQL of restrictions."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

from psycopg import sql

from talka.infra.db import Row, Tx
from talka.infra.http.listing import Listing, ListSpec, choices, moments, numbers, users
from talka.restrictions.model import Restriction, Scope, Target

_SELECT: LiteralString = (
    "select r.id, r.account_id, r.scope, r.project_id, r.pool_id, r.private_comment, r.will_expire, r.created,"
    " w.user_id from user_restriction r join worker w on w.id = r.worker_id"
)
_IN_FORCE: LiteralString = "r.ended is null and (r.will_expire is null or r.will_expire > %s)"
_WORKED: LiteralString = "exists (select 1 from worked_for f where f.worker_id = r.worker_id and f.account_id = %s)"
# A requester sees their own, and the platform's bans of workers who have taken a page of theirs.
_VISIBLE: tuple[LiteralString, LiteralString] = ("r.account_id = %s", f"r.account_id is null and {_WORKED}")
LIST = ListSpec(
    filters={
        "scope": choices("r.scope", {scope.value: scope.value for scope in Scope}),
        "user_id": users("w.user_id"),
        "project_id": numbers("r.project_id"),
        "pool_id": numbers("r.pool_id"),
    },
    ranges={"id": numbers("r.id"), "created": moments("r.created")},
    sorts={"id": ("r.id",), "created": ("r.created",)},
    max_limit=500,
)
BANS = ListSpec(
    filters={"user_id": users("w.user_id")},
    ranges={"id": numbers("r.id"), "created": moments("r.created")},
    sorts={"id": ("r.id",), "created": ("r.created",)},
    max_limit=1000,
)
# For statements of capabilities above that a banned worker must not get through; it has their placeholders.
NOT_BANNED: LiteralString = (
    "not exists (select 1 from user_restriction r where r.worker_id = %(worker)s and r.account_id is null"
    " and r.ended is null and (r.will_expire is null or r.will_expire > %(now)s))"
)
EXPIRY_DUE: LiteralString = (
    "select min(will_expire) from user_restriction where ended is null and will_expire is not null"
)


def not_kept_out(worker: sql.Composable, account_id: int, project_id: int, pool_id: int, now: datetime) -> sql.Composed:
    """The condition that nothing keeps a worker out of a pool: no ban of the platform, no restriction of the requester.

    `issue_page` asks the same of one worker.
    """
    return sql.SQL(
        "not exists (select 1 from user_restriction r where r.worker_id = {worker} and r.ended is null"
        " and (r.will_expire is null or r.will_expire > {now}) and (r.account_id is null or (r.account_id = {account}"
        " and (r.scope = 'ALL_PROJECTS' or r.project_id = {project} or r.pool_id = {pool}))))"
    ).format(
        worker=worker,
        now=sql.Literal(now),
        account=sql.Literal(account_id),
        project=sql.Literal(project_id),
        pool=sql.Literal(pool_id),
    )


def _restriction(row: Row) -> Restriction:
    target = Target(row["account_id"], Scope(row["scope"]), row["project_id"], row["pool_id"])
    comment, until = row["private_comment"], row["will_expire"]
    return Restriction(row["id"], target, row["user_id"].hex, comment, until, row["created"])


async def get(tx: Tx, account_id: int, restriction_id: int, *, lock: bool = False) -> Restriction | None:
    """A restriction in force that the account can see; `lock` keeps it until commit."""
    query: LiteralString = f"{_SELECT} where r.id = %s and {_IN_FORCE} and ({_VISIBLE[0]} or ({_VISIBLE[1]}))"
    values = (restriction_id, tx.now, account_id, account_id)
    row = await tx.row(query + (" for update of r" if lock else ""), values)
    return _restriction(row) if row else None


async def listed(tx: Tx, account_id: int, listing: Listing) -> tuple[list[Restriction], bool]:
    """A page of the restrictions in force that the account can see."""
    visible = [(condition, account_id) for condition in _VISIBLE]
    rows, more = await listing.fetch_either(tx, _SELECT, visible, (_IN_FORCE, tx.now))
    return [_restriction(row) for row in rows], more


async def bans(tx: Tx, listing: Listing) -> tuple[list[Restriction], bool]:
    """A page of the platform's bans in force."""
    rows, more = await listing.fetch(tx, _SELECT, ("r.account_id is null and " + _IN_FORCE, tx.now))
    return [_restriction(row) for row in rows], more


async def current(tx: Tx, worker_id: int, target: Target, *, lock: bool = False) -> Restriction | None:
    """The restriction of a worker from a target that has not ended, though it may be due; `lock` keeps it."""
    query: LiteralString = (
        _SELECT + " where r.worker_id = %s and r.account_id is not distinct from %s and r.scope = %s"
        " and r.project_id is not distinct from %s and r.pool_id is not distinct from %s and r.ended is null"
    )
    values = (worker_id, target.account_id, target.scope.value, target.project_id, target.pool_id)
    row = await tx.row(query + (" for update of r" if lock else ""), values)
    return _restriction(row) if row else None


async def in_force(tx: Tx, worker_id: int) -> list[Restriction]:
    """Everything that keeps a worker out of something."""
    rows = await tx.rows(f"{_SELECT} where r.worker_id = %s and {_IN_FORCE}", (worker_id, tx.now))
    return [_restriction(row) for row in rows]


async def ban_of(tx: Tx, worker_id: int) -> Restriction | None:
    """The platform's ban of a worker."""
    row = await tx.row(
        f"{_SELECT} where r.worker_id = %s and r.account_id is null and {_IN_FORCE}", (worker_id, tx.now)
    )
    return _restriction(row) if row else None


async def insert(tx: Tx, worker_id: int, target: Target, comment: str | None, until: datetime | None) -> bool:
    """Restrict a worker; False when there is such a restriction (once a transaction that just made it is over)."""
    count = await tx.execute(
        "insert into user_restriction (worker_id, account_id, scope, project_id, pool_id, private_comment,"
        " will_expire, created) values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        (
            worker_id, target.account_id, target.scope.value, target.project_id, target.pool_id, comment, until, tx.now,
        ),
    )  # fmt: skip
    return count == 1


async def change(tx: Tx, restriction_id: int, comment: str | None, until: datetime | None) -> None:
    """Replace comment and end."""
    await tx.execute(
        "update user_restriction set private_comment = %s, will_expire = %s where id = %s",
        (comment, until, restriction_id),
    )


async def end(tx: Tx, restriction_id: int, moment: datetime) -> None:
    """From now on the restriction is a record only."""
    await tx.execute("update user_restriction set ended = %s where id = %s", (moment, restriction_id))


async def end_expired(tx: Tx, limit: int) -> int:
    """End a batch of restrictions whose time is over; how many."""
    return await tx.execute(
        "with due as materialized (select id from user_restriction"
        "   where ended is null and will_expire is not null and will_expire <= %s"
        "   order by will_expire limit %s for update skip locked)"
        " update user_restriction r set ended = r.will_expire from due where r.id = due.id",
        (tx.now, limit),
    )
