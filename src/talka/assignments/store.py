"""SQL of assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from talka.assignments.model import Assignment, Status
from talka.infra.db import Row, Tx
from talka.infra.http.listing import Column, Listing, ListSpec, choices, moments, users, work_ids
from talka.kit.ids import WorkId, parse_work_id
from talka.restrictions.store import NOT_BANNED

_COLUMNS: LiteralString = (
    "a.pool_id, a.id, a.suite_id, a.worker_id, a.project_id, a.account_id, a.status, a.slots, a.project_major,"
    " a.project_minor, a.auto_accept, a.mixed, a.automerged, a.learning, a.accept_days, a.reward, a.fee, a.created,"
    " a.expires, a.accept_at, a.submitted, a.accepted, a.rejected, a.skipped, a.expired, a.task_ids, a.unit_ids,"
    " a.public_comment, a.solutions"
)
_SELECT: LiteralString = f"select {_COLUMNS} from assignment a"
_WITH_USER: LiteralString = (
    f"select {_COLUMNS}, w.user_id, c.requester_id,"
    " array(select b.bonus_id from assignment_bonus b where b.assignment_id = a.id order by b.bonus_id) as bonus_ids"
    " from assignment a join worker w on w.id = a.worker_id"
    " join account c on c.id = a.account_id"
)
_DATES = ("created", "submitted", "accepted", "rejected", "skipped", "expired")
_STATUS = choices("a.status", {status.name: int(status) for status in Status}, many=True)


def _number(text: str) -> tuple[Any, ...] | None:
    parts = parse_work_id(text)
    return None if parts is None else (parts.pool_id, parts.number)


def _number_twice(text: str) -> tuple[Any, ...] | None:
    parts = parse_work_id(text)
    return None if parts is None else (parts.pool_id, parts.number, parts.number, parts.pool_id, parts.number)


LIST = ListSpec(
    filters={
        "status": _STATUS,
        "user_id": users("w.user_id"),
        # A task of a ready-made suite was issued as that suite.
        "task_id": Column(
            "a.id",
            _number_twice,
            condition="(a.pool_id, a.id) in (select g.pool_id, g.assignment_id from (select pool_id, unit_id,"
            " assignment_id from claim union all select pool_id, unit_id, assignment_id from claim_expired) g"
            " where g.pool_id = %s and g.unit_id = any(array[%s, (select suite_id from task"
            " where id = %s and pool_id = %s)]) and %s > 0)",
        ),
        "task_suite_id": Column(
            "a.id",
            lambda text: None if (p := parse_work_id(text)) is None else (p.pool_id, p.number, p.number + 1, p.number),
            condition="a.pool_id = %s and a.suite_id = %s and (a.id = %s or a.id in (select assignment_id from claim"
            " where unit_id = %s))",
        ),
    },
    ranges={"id": work_ids("a.pool_id", "a.id"), **{name: moments(f"a.{name}") for name in _DATES}},
    sorts={"id": ("a.pool_id", "a.id"), **{name: (f"a.{name}",) for name in _DATES}},
    nullable=_DATES[1:],
    max_limit=100_000,
)
OWN = ListSpec(
    filters={"status": _STATUS},
    ranges={"id": work_ids("a.pool_id", "a.id"), "created": moments("a.created")},
    sorts={"id": ("a.pool_id", "a.id"), **{name: (f"a.{name}",) for name in _DATES}},
    nullable=_DATES[1:],
    max_limit=300,
)


EXPIRY_DUE: LiteralString = "select min(expires) from assignment where status = 0"
ACCEPTANCE_DUE: LiteralString = "select min(accept_at) from assignment where status = 1"


def _assignment(row: Row) -> Assignment:
    return Assignment(**{**row, "status": Status(row["status"])})


async def get(tx: Tx, pool_id: int, number: int, *, lock: bool = False) -> Assignment | None:
    """One assignment; `lock` keeps its state until commit."""
    query: LiteralString = _SELECT + " where a.pool_id = %s and a.id = %s"
    row = await tx.row(query + (" for update" if lock else ""), (pool_id, number))
    return _assignment(row) if row else None


async def active(tx: Tx, worker_id: int, account_id: int) -> list[Assignment]:
    """The pages of an account that a worker holds now, latest first."""
    rows = await tx.rows(
        _SELECT + " where a.worker_id = %s and a.status = 0 and a.account_id = %s and a.expires > %s"
        " order by a.id desc limit 100",
        (worker_id, account_id, tx.now),
    )
    return [_assignment(row) for row in rows]


async def owned(tx: Tx, account_id: int, ids: Sequence[WorkId]) -> list[Row]:
    """Pool, number, worker and project of those of some assignments that are an account's."""
    return await tx.rows(
        "select a.pool_id, a.id, a.worker_id, a.project_id"
        " from unnest(%s::int[], %s::bigint[]) u(pool_id, id) join assignment a using (pool_id, id)"
        " where a.account_id = %s",
        ([parts.pool_id for parts in ids], [parts.number for parts in ids], account_id),
    )


async def shown(tx: Tx, account_id: int, pool_id: int, number: int) -> Row | None:
    """One assignment of an account with the ids that requesters see."""
    return await tx.row(
        _WITH_USER + " where a.pool_id = %s and a.id = %s and a.account_id = %s", (pool_id, number, account_id)
    )


async def listed(tx: Tx, account_id: int, pool_id: int | None, listing: Listing) -> tuple[list[Row], bool]:
    """A page of an account's assignments."""
    where: list[tuple[LiteralString, Any]] = [("a.account_id = %s", account_id)]
    if pool_id is not None:
        where.append(("a.pool_id = %s", pool_id))
    return await listing.fetch(tx, _WITH_USER, *where)


async def own(tx: Tx, worker_id: int, listing: Listing) -> tuple[list[Assignment], bool]:
    """A page of a worker's own assignments."""
    rows, more = await listing.fetch(tx, _SELECT, ("a.worker_id = %s", worker_id))
    return [_assignment(row) for row in rows], more


async def submit(
    tx: Tx,
    assignment: Assignment,
    status: Status,
    solutions: Sequence[Mapping[str, Any]],
    accept_at: datetime | None,
    files: Sequence[UUID] = (),
) -> bool:
    """Store the answers of an active page in time, keep their files, and pay for them when they are accepted at once.

    One statement, so that it is one transaction by itself. False when the page is no longer active, or its worker is
    banned.
    """
    accepted = tx.now if status is Status.ACCEPTED else None
    keep: LiteralString = "attachment_keep(pool_id, id, %(files)s), " if files else ""
    done = await tx.row(
        "with done as (update assignment set status = %(status)s, submitted = %(now)s, accepted = %(accepted)s,"
        "   accept_at = %(accept_at)s, solutions = %(solutions)s"
        "   where pool_id = %(pool)s and id = %(id)s and worker_id = %(worker)s and status = 0 and expires > %(now)s"
        f"   and {NOT_BANNED}"
        "   returning pool_id, id, account_id, worker_id, status, slots, reward, fee),"
        " noted as (insert into outbox (pool_id, assignment_id, worker_id, was, became, done, spent, happened)"
        "   select pool_id, id, worker_id, 0, status, slots, case when status = 2 then reward end, %(now)s from done)"
        f" select {keep}case when status = 2"
        "   then ledger_pay(id, account_id, worker_id, reward, fee, %(now)s) end from done",
        {
            "status": int(status),
            "now": tx.now,
            "accepted": accepted,
            "accept_at": accept_at,
            "solutions": Jsonb(solutions),
            "files": list(files),
            "pool": assignment.pool_id,
            "id": assignment.id,
            "worker": assignment.worker_id,
        },
    )
    return done is not None


_ENDS: Mapping[Status, LiteralString] = {
    Status.SKIPPED: "skipped",
    Status.EXPIRED: "expired",
    Status.ACCEPTED: "accepted",
    Status.REJECTED: "rejected",
}


async def move(
    tx: Tx,
    assignment: Assignment,
    was: Status,
    became: Status,
    moment: datetime,
    *,
    comment: str | None = None,
) -> bool:
    """Move a page to another state, guarded by the one expected; False when it is in another by now."""
    column = _ENDS[became]
    spent = assignment.reward if became is Status.ACCEPTED else None
    count = await tx.execute(
        f"with moved as (update assignment set status = %(became)s, {column} = %(moment)s, accept_at = null,"
        "   public_comment = coalesce(%(comment)s, public_comment)"
        "   where pool_id = %(pool)s and id = %(id)s and status = %(was)s returning pool_id, id, worker_id)"
        " insert into outbox (pool_id, assignment_id, worker_id, was, became, spent, happened)"
        " select pool_id, id, worker_id, %(was)s, %(became)s, %(spent)s, %(moment)s from moved",
        {
            "became": int(became),
            "was": int(was),
            "moment": moment,
            "comment": comment,
            "spent": spent,
            "pool": assignment.pool_id,
            "id": assignment.id,
        },
    )
    return count == 1


async def set_comment(tx: Tx, assignment: Assignment, comment: str) -> None:
    """Change the comment that the worker sees."""
    await tx.execute(
        "update assignment set public_comment = %s where pool_id = %s and id = %s",
        (comment, assignment.pool_id, assignment.id),
    )


async def overdue(tx: Tx, limit: int) -> list[Assignment]:
    """Active pages whose time is up, of one pool at a time, nobody else's at this moment."""
    rows = await tx.rows(
        _SELECT + " where a.status = 0 and a.expires <= %(now)s and a.pool_id = (select o.pool_id from assignment o"
        "   where o.status = 0 and o.expires <= %(now)s order by o.expires limit 1)"
        " order by a.expires limit %(limit)s for update skip locked",
        {"now": tx.now, "limit": limit},
    )
    return [_assignment(row) for row in rows]


async def unreviewed(tx: Tx, limit: int) -> list[Assignment]:
    """Submitted pages whose time for review is over, nobody else's at this moment."""
    rows = await tx.rows(
        _SELECT + " where a.status = 1 and a.accept_at <= %s order by a.accept_at limit %s for update skip locked",
        (tx.now, limit),
    )
    return [_assignment(row) for row in rows]


async def counts_for_archive(tx: Tx, pool_id: int, rejected_after: datetime) -> Row:
    """Whether pages are out, unreviewed, or rejected so lately that the worker may still appeal."""
    row = await tx.row(
        "select exists (select 1 from assignment where pool_id = %(p)s and status = 0) as active,"
        " exists (select 1 from assignment where pool_id = %(p)s and status = 1) as submitted,"
        " exists (select 1 from assignment where pool_id = %(p)s and rejected > %(after)s and status = 3) as rejected",
        {"p": pool_id, "after": rejected_after},
    )
    return row or {}


async def add_attempt(
    tx: Tx, assignment_id: int, position: int, correct: bool, output_values: Mapping[str, Any]
) -> None:
    """Keep the first answer to a training task; later ones change nothing."""
    await tx.execute(
        "insert into training_attempt (assignment_id, position, correct, output_values) values (%s, %s, %s, %s)"
        " on conflict do nothing",
        (assignment_id, position, correct, Jsonb(output_values)),
    )


async def attempts(tx: Tx, assignment_ids: Sequence[int]) -> list[Row]:
    """First answers to the training tasks of pages."""
    return await tx.rows(
        "select assignment_id, position, correct, output_values from training_attempt"
        " where assignment_id = any(%s) order by assignment_id, position",
        (list(assignment_ids),),
    )


async def earnings(tx: Tx, worker_id: int, limit: int, before: int | None) -> list[Row]:
    """What a worker was paid for pages, latest taken first; `before` is the number of an assignment."""
    return await tx.rows(
        "select a.pool_id, a.id, a.project_id, a.reward, a.created, a.accepted, p.public_name as title"
        " from assignment a join project p on p.id = a.project_id"
        " where a.worker_id = %s and a.status = 2 and a.reward > 0 and (%s::bigint is null or a.id < %s)"
        " order by a.id desc limit %s",
        (worker_id, before, before, limit),
    )


async def on_review(tx: Tx, worker_id: int) -> Any:
    """The sum of rewards of a worker's pages that wait for review."""
    return await tx.value(
        "select coalesce(sum(reward), 0) from assignment where worker_id = %s and status = 1", (worker_id,)
    )
