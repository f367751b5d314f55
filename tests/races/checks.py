"""What must hold in the database at every moment, and what when all is done; read in SQL, apart from the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row
from tests.races.people import Person

from talka.kit.ids import parse_work_id

Connection = psycopg.AsyncConnection[dict[str, Any]]

# Live or counted: ACTIVE, SUBMITTED, ACCEPTED, REJECTED.
_HELD: LiteralString = (
    "held as (select a.pool_id, u as unit_id, a.worker_id, a.id from assignment a, unnest(a.unit_ids) u"
    " where a.status in (0, 1, 2, 3))"
)
# Each statement finds what must not be.
ALWAYS: Mapping[str, LiteralString] = {
    "taken is not the number of live claims": (
        "select q.unit_id, q.taken, count(c.unit_id) as claims from queue q"
        " left join claim c on c.unit_id = q.unit_id and c.pool_id = q.pool_id and c.slot"
        " where q.overlap is not null group by q.pool_id, q.unit_id having q.taken <> count(c.unit_id)"
    ),
    "more live or counted answers than the overlap": (
        f"with {_HELD} select q.unit_id, q.overlap, count(*) as answers"
        " from held h join queue q using (pool_id, unit_id)"
        " where q.overlap is not null group by q.pool_id, q.unit_id having count(*) > q.overlap"
    ),
    "one worker twice on a task": (
        f"with {_HELD} select unit_id, worker_id, count(*) from held group by unit_id, worker_id having count(*) > 1"
    ),
    "more pages at work than allowed": (
        "select a.worker_id, a.project_id, count(*) from assignment a join project j on j.id = a.project_id"
        " where a.status = 0 group by a.worker_id, a.project_id, j.max_active having count(*) > j.max_active"
    ),
    "claims and pages disagree": (
        f"with {_HELD} select h.unit_id as held, h.id, c.unit_id as claimed, c.assignment_id from held h"
        " full join (select * from claim where slot) c"
        " on (c.unit_id, c.worker_id, c.assignment_id) = (h.unit_id, h.worker_id, h.id)"
        " where h.id is null or c.assignment_id is null"
    ),
    "offered again although it was answered or skipped": (
        "select * from (select u as unit_id, a.worker_id, a.id, a.status,"
        "   lead(a.id) over (partition by u, a.worker_id order by a.id) as next"
        "   from assignment a, unnest(a.unit_ids) u) history where next is not null and status <> 5"
    ),
    "an account's balance": (
        "select b.account_id, b.free, l.balance from account_balance b"
        " left join (select account_id, sum(amount) as amount from pool_stripe group by account_id) s"
        "   using (account_id)"
        " left join (select owner, sum(amount) as balance from (select credit as owner, amount from transfer"
        "   union all select debit, -amount from transfer) lines group by owner) l"
        "   on l.owner = (3::bigint << 32 | b.account_id)"
        " where b.free + coalesce(s.amount, 0) <> coalesce(l.balance, 0) or l.balance < 0"
    ),
    "what is held for workers": (
        "select c.id, coalesce(l.balance, 0) as held, coalesce(p.cost, 0) as pages from account c"
        " left join (select owner, sum(amount) as balance from (select credit as owner, amount from transfer"
        "   union all select debit, -amount from transfer) lines group by owner) l"
        "   on l.owner = (4::bigint << 32 | c.id)"
        " left join (select account_id, sum(reward + fee) as cost from assignment where status in (0, 1)"
        "   group by account_id) p on p.account_id = c.id where coalesce(l.balance, 0) <> coalesce(p.cost, 0)"
    ),
    "what a worker has": (
        "select w.id, b.available, l.earned, a.rewards from worker w left join worker_balance b on b.worker_id = w.id"
        " left join (select credit, sum(amount) as earned from transfer group by credit) l"
        "   on l.credit = (5::bigint << 32 | w.id)"
        " left join (select worker_id, sum(reward) as rewards from assignment where status = 2 group by worker_id) a"
        "   on a.worker_id = w.id"
        " where coalesce(b.available, 0) <> coalesce(l.earned, 0) or coalesce(b.available, 0) <> coalesce(a.rewards, 0)"
    ),
    "the sum of the ledger": (
        "select sum(balance) from (select credit, amount as balance from transfer union all"
        " select debit, -amount from transfer) lines having sum(balance) <> 0"
    ),
}
# A worker, and an open general task of an open pool that they may get, with the control tasks that its page needs.
_LEFT: LiteralString = (
    "select w.id as worker_id, q.pool_id, q.unit_id from worker w cross join queue q"
    " join pool p on p.id = q.pool_id and p.status = 'OPEN'"
    " where q.kind = 0 and q.open and q.overlap is not null"
    " and not exists (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = w.id)"
    " and not exists (select 1 from exclusion e where e.unit_id = q.unit_id and e.worker_id = w.id)"
    " and (q.lane <> 2 or exists (select 1 from reservation r where r.unit_id = q.unit_id and r.worker_id = w.id))"
    " and (select count(*) from queue g where g.pool_id = q.pool_id and g.kind = 1 and g.open and not exists"
    "   (select 1 from claim c where c.unit_id = g.unit_id and c.worker_id = w.id)) >= p.min_golden"
    " limit 5"
)
_ENDED: Mapping[str, LiteralString] = {
    "pages at work": "select pool_id, id from assignment where status = 0",
    "counters of a pool": (
        "select s.pool_id, s.done, s.submitted, s.accepted, s.rejected, s.skipped, s.expired, s.spent, a.*"
        " from pool_stat s left join lateral (select"
        "   coalesce(sum(slots) filter (where status in (1, 2, 3)), 0) as done_now,"
        "   count(*) filter (where status = 1) as submitted_now, count(*) filter (where status = 2) as accepted_now,"
        "   count(*) filter (where status = 4) as skipped_now, count(*) filter (where status = 5) as expired_now,"
        "   coalesce(sum(reward) filter (where status = 2), 0) as spent_now"
        "   from assignment where pool_id = s.pool_id) a on true"
        " where (done, submitted, accepted, skipped, expired, spent)"
        "   is distinct from (done_now, submitted_now, accepted_now, skipped_now, expired_now, spent_now)"
    ),
    "unfolded changes": "select * from outbox",
}


async def connect(database_url: str) -> Connection:
    """A connection that sees one moment per transaction."""
    connection = await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row)
    await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
    return connection


async def _expect_none(connection: Connection, wrong: Mapping[str, LiteralString]) -> None:
    async with connection.transaction():
        for what, query in wrong.items():
            rows = await (await connection.execute(query)).fetchmany(5)
            assert not rows, f"{what}: {rows}"


async def always(connection: Connection) -> None:
    """What must hold at this moment, all of it seen in one snapshot."""
    await _expect_none(connection, ALWAYS)


async def nothing_left(connection: Connection) -> bool:
    """Whether no page is out and no worker could get anything."""
    async with connection.transaction():
        out = await (await connection.execute("select 1 from assignment where status = 0 limit 1")).fetchone()
        left = None if out else await (await connection.execute(_LEFT)).fetchone()
    return out is None and left is None


async def ended(connection: Connection, people: Sequence[Person], *, complete: bool) -> None:
    """What must hold when all is done; `complete` expects that every finite general task has all its answers."""
    await always(connection)
    await _expect_none(connection, {**_ENDED, "left for somebody": _LEFT})
    if complete:
        await _expect_none(
            connection,
            {
                "fewer answers than the overlap": f"with {_HELD} select q.unit_id, q.overlap, count(h.id) from queue q"
                " left join held h using (pool_id, unit_id) where q.kind = 0 and q.overlap is not null"
                " group by q.pool_id, q.unit_id having count(h.id) <> q.overlap"
            },
        )
    await _acknowledged(connection, people)


async def _acknowledged(connection: Connection, people: Sequence[Person]) -> None:
    query = "select id, solutions from assignment where status in (1, 2, 3)"
    async with connection.transaction():
        rows = await (await connection.execute(query)).fetchall()
    stored = {row["id"]: [solution["output_values"]["label"] for solution in row["solutions"]] for row in rows}
    told = {_number(page): answers for person in people for page, answers in person.acknowledged.items()}
    sent = {_number(page): answers for person in people for page, answers in person.sent.items()}
    assert {page: stored.get(page) for page in told} == told, "acknowledged answers are not there"
    assert {page: sent.get(page) for page in stored} == stored, "answers that nobody sent"


def _number(assignment_id: str) -> int:
    parts = parse_work_id(assignment_id)
    assert parts is not None
    return parts.number


async def deadlocks(connection: Connection) -> int:
    """How often the database had to undo somebody's work because of waiting in a circle."""
    async with connection.transaction():
        row = await (
            await connection.execute(
                "select pg_stat_clear_snapshot(), deadlocks from pg_stat_database where datname = current_database()"
            )
        ).fetchone()
    assert row is not None
    return int(row["deadlocks"])
