"""SQL of moderation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

from talka.infra.db import Row, Tx
from talka.infra.http.listing import Listing, ListSpec, moments, numbers
from talka.infra.policy import Moderation
from talka.moderation.model import Case, Decision, Standing, Status

QUEUE = ListSpec(
    ranges={"id": numbers("c.project_id"), "created": moments("c.created")},
    sorts={"id": ("c.project_id",), "created": ("c.created",)},
    max_limit=300,
)
# What is asked about: the project as a whole, or each of its major versions.
_OF_VERSION: Mapping[Moderation, tuple[LiteralString, LiteralString]] = {
    Moderation.FIRST_RUN: ("", ""),
    Moderation.EVERY_MAJOR_VERSION: (" and d.major = p.project_major", " and q.project_major = p.project_major"),
}


def _standing(mode: Moderation) -> tuple[LiteralString, LiteralString]:
    """How things stand for the pool `p`, and the join that this needs; what has run before needs no approval."""
    same_decision, same_pools = _OF_VERSION[mode]
    standing: LiteralString = (
        "coalesce(m.status, case when exists (select 1 from pool q where q.project_id = p.project_id"
        f"{same_pools} and q.last_started is not null) then 'APPROVED' else 'PENDING' end)"
    )
    join: LiteralString = (
        " left join lateral (select d.status, d.comment from moderation d where d.project_id = p.project_id"
        f"{same_decision} order by d.major desc limit 1) m on true"
    )
    return standing, join


def _decision(row: Row) -> Decision:
    return Decision(**{**row, "status": Status(row["status"])})


async def standing(tx: Tx, mode: Moderation, pool_id: int) -> Standing | None:
    """How things stand for a pool; None when there is no such pool."""
    expression, join = _standing(mode)
    row = await tx.row(f"select {expression} as status, m.comment from pool p{join} where p.id = %s", (pool_id,))
    return Standing(Status(row["status"]), row["comment"]) if row else None


async def queue(tx: Tx, mode: Moderation, listing: Listing) -> tuple[list[Case], bool]:
    """A page of the active projects that wait: pools of theirs have tasks and were never opened."""
    expression, join = _standing(mode)
    select: LiteralString = (
        "select c.project_id, c.major, a.requester_id, j.public_name, c.created from ("
        "  select p.project_id, max(p.project_major) as major, min(p.created) as created"
        f" from pool p{join} where p.last_started is null and p.last_added is not null and p.status = 'CLOSED'"
        f"  and {expression} = 'PENDING' group by p.project_id) c"
        " join project j on j.id = c.project_id join account a on a.id = j.account_id"
    )
    rows, more = await listing.fetch(tx, select, ("j.status = %s", "ACTIVE"))
    return [Case(**{**row, "requester_id": row["requester_id"].hex}) for row in rows], more


async def has_version(tx: Tx, project_id: int, major: int) -> bool:
    """Whether a project has (or had) a major version."""
    value: bool = await tx.value(
        "select exists (select 1 from project_version where project_id = %s and major = %s)", (project_id, major)
    )
    return value


async def newest_major(tx: Tx, project_id: int) -> int | None:
    """The newest major version of a project; None when there is no such project."""
    value: int | None = await tx.value("select major from project where id = %s", (project_id,))
    return value


async def decide(tx: Tx, project_id: int, major: int, status: Status, comment: str | None) -> bool:
    """Put a decision in the place of the one before; False when it is the same."""
    count = await tx.execute(
        "insert into moderation as m (project_id, major, status, comment, modified) values (%s, %s, %s, %s, %s)"
        " on conflict (project_id, major) do update set status = excluded.status, comment = excluded.comment,"
        " modified = excluded.modified"
        " where (m.status, m.comment) is distinct from (excluded.status, excluded.comment)",
        (project_id, major, status.value, comment, tx.now),
    )
    return count == 1


async def owner(tx: Tx, project_id: int) -> tuple[int, str]:
    """The account of a project, and the project's name."""
    row = await tx.row("select account_id, public_name from project where id = %s", (project_id,))
    if row is None:
        raise LookupError(f"no project {project_id}")
    return row["account_id"], row["public_name"]


async def ask_again(tx: Tx, mode: Moderation, pool_id: int) -> None:
    """Make the rejection that keeps a pool closed a pending case again; nothing happens when none does."""
    same, _ = _OF_VERSION[mode]
    query: LiteralString = (
        "update moderation m set status = 'PENDING', modified = %s where m.status = 'REJECTED'"
        " and (m.project_id, m.major) = (select d.project_id, d.major from pool p join moderation d"
        f"   on d.project_id = p.project_id{same} where p.id = %s order by d.major desc limit 1)"
    )
    await tx.execute(query, (tx.now, pool_id))


async def decisions(tx: Tx, project_id: int) -> list[Decision]:
    """What was decided about a project, newest version first."""
    rows = await tx.rows(
        "select project_id, major, status, comment, modified from moderation where project_id = %s order by major desc",
        (project_id,),
    )
    return [_decision(row) for row in rows]
