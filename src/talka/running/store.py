"""SQL of completion and of the counters of pools."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

from talka.infra.db import Row, Tx
from talka.running.model import Closing
from talka.running.rules import CloseReason

# Both halves in one statement, so that they are of one snapshot. Unlimited units and control and training
# tasks do not keep a pool open; a pool that has nothing else is never complete.
_COMPLETE: LiteralString = (
    "select not exists (select 1 from queue where pool_id = %(p)s and kind = 0 and lane in (0, 1, 2) and open"
    "   and overlap is not null)"
    " and not exists (select 1 from assignment where pool_id = %(p)s and status = 0)"
    " and exists (select 1 from queue where pool_id = %(p)s and kind = 0 and overlap > 0)"
)


async def has_finite_answers(tx: Tx, pool_id: int) -> bool:
    """Whether control or training tasks are there for so many workers only; those that were taken out do not count."""
    value: bool = await tx.value(
        "select exists (select 1 from queue where pool_id = %(p)s and kind = 1 and lane in (0, 1, 2) and open"
        "   and overlap is not null)"
        " or exists (select 1 from queue where pool_id = %(p)s and kind = 2 and lane in (0, 1, 2) and open"
        "   and overlap is not null)",
        {"p": pool_id},
    )
    return value


FOLD_DUE: LiteralString = "select timestamptz 'epoch' where exists (select 1 from outbox)"


async def is_complete(tx: Tx, pool_id: int) -> bool:
    """Whether nothing is left to issue and nothing is out."""
    value: bool = await tx.value(_COMPLETE, {"p": pool_id})
    return value


async def fold(tx: Tx, limit: int) -> list[Row]:
    """Move a batch of changes from the outbox, the oldest ones, into the counters.

    Per pool whether it may be complete now, how many pages of it have ended, and which assignments changed how. One
    process at a time, so that changes are told in the order in which they happened; nothing is folded while another
    process does.
    """
    if not await tx.value("select pg_try_advisory_xact_lock(5, 0)"):
        return []
    return await tx.rows(
        "with batch as (delete from outbox where ctid = any(array(select ctid from outbox order by happened limit %s"
        "   for update skip locked)) returning *),"
        " sums as (select pool_id, sum(general) as general, sum(control) as control, sum(training) as training,"
        "   sum(slots) as slots, sum(done) as done, coalesce(sum(spent), 0) as spent,"
        "   count(*) filter (where became = 1) - count(*) filter (where was = 1) as submitted,"
        "   count(*) filter (where became = 2) - count(*) filter (where was = 2) as accepted,"
        "   count(*) filter (where became = 3) - count(*) filter (where was = 3) as rejected,"
        "   count(*) filter (where became = 4) as skipped, count(*) filter (where became = 5) as expired,"
        "   bool_or(was = 0 or (was is null and slots <= 0)) as ended,"
        "   array_agg(assignment_id) filter (where became is not null) as assignments,"
        "   array_agg(was) filter (where became is not null) as before,"
        "   array_agg(became) filter (where became is not null) as after,"
        "   array_agg(happened) filter (where became is not null) as moments"
        "   from batch group by pool_id order by pool_id),"
        " folded as (insert into pool_stat as s (pool_id, general, control, training, slots, done, submitted,"
        "   accepted, rejected, skipped, expired, spent)"
        "   select pool_id, general, control, training, slots, done, submitted, accepted, rejected, skipped,"
        "   expired, spent from sums"
        "   on conflict (pool_id) do update set general = s.general + excluded.general,"
        "   control = s.control + excluded.control, training = s.training + excluded.training,"
        "   slots = s.slots + excluded.slots, done = s.done + excluded.done,"
        "   submitted = s.submitted + excluded.submitted, accepted = s.accepted + excluded.accepted,"
        "   rejected = s.rejected + excluded.rejected, skipped = s.skipped + excluded.skipped,"
        "   expired = s.expired + excluded.expired, spent = s.spent + excluded.spent"
        "   returning pool_id, submitted + accepted + rejected + skipped + expired as pages)"
        " select pool_id, coalesce(ended, false) as ended, pages, assignments, before, after, moments"
        " from sums join folded using (pool_id)",
        (limit,),
    )


_COUNTERS: LiteralString = (
    " coalesce(s.general, 0) + o.general as general, coalesce(s.control, 0) + o.control as control,"
    " coalesce(s.training, 0) + o.training as training, coalesce(s.slots, 0) + o.slots as slots,"
    " coalesce(s.done, 0) + o.done as done,"
    " coalesce(s.submitted, 0) + o.submitted as submitted, coalesce(s.accepted, 0) + o.accepted as accepted,"
    " coalesce(s.rejected, 0) + o.rejected as rejected, coalesce(s.skipped, 0) + o.skipped as skipped,"
    " coalesce(s.expired, 0) + o.expired as expired, coalesce(s.spent, 0) + o.spent as spent"
)
_COUNTED: LiteralString = (
    " from (select coalesce(sum(general), 0) as general, coalesce(sum(control), 0) as control,"
    "   coalesce(sum(training), 0) as training, coalesce(sum(slots), 0) as slots, coalesce(sum(done), 0) as done,"
    "   coalesce(sum(spent), 0) as spent,"
    "   count(*) filter (where became = 1) - count(*) filter (where was = 1) as submitted,"
    "   count(*) filter (where became = 2) - count(*) filter (where was = 2) as accepted,"
    "   count(*) filter (where became = 3) - count(*) filter (where was = 3) as rejected,"
    "   count(*) filter (where became = 4) as skipped, count(*) filter (where became = 5) as expired"
    "   from outbox where pool_id = %(p)s) o left join pool_stat s on s.pool_id = %(p)s"
)


CLOSING_DUE: LiteralString = "select timestamptz 'epoch' where exists (select 1 from closing)"


async def note_closing(tx: Tx, closing: Closing) -> None:
    """Note a pool that may have to close; whoever looks at it at this moment is waited for, since they may be late."""
    await tx.execute(
        "insert into closing (pool_id, reason) values (%s, %s)"
        " on conflict (pool_id, reason) do update set reason = excluded.reason",
        (closing.pool_id, closing.reason.value),
    )


async def closings(tx: Tx, limit: int) -> list[Closing]:
    """Pools that may have to close."""
    rows = await tx.rows("select pool_id, reason from closing order by pool_id limit %s", (limit,))
    return [Closing(row["pool_id"], CloseReason(row["reason"])) for row in rows]


async def drop_closing(tx: Tx, closing: Closing) -> None:
    """Take a note away, before looking at what it says."""
    await tx.execute("delete from closing where pool_id = %s and reason = %s", (closing.pool_id, closing.reason.value))


async def issued(tx: Tx, pool_id: int) -> int:
    """How many pages were ever issued from a pool."""
    query: LiteralString = (
        "select submitted + accepted + rejected + skipped + expired"
        " + (select count(*) from assignment where pool_id = %(p)s and status = 0) as issued from (select"
        + _COUNTERS
        + _COUNTED
        + ") counted"
    )
    value: int = await tx.value(query, {"p": pool_id})
    return value


async def last_submitted(tx: Tx, pool_id: int) -> datetime | None:
    """When a page of a pool was last handed in."""
    value: datetime | None = await tx.value("select max(submitted) from assignment where pool_id = %s", (pool_id,))
    return value


async def counters(tx: Tx, pool_id: int) -> Row:
    """What is counted of a pool, at the cost of a look: what was folded plus what was not yet."""
    query: LiteralString = "select" + _COUNTERS + _COUNTED
    return await tx.row(query, {"p": pool_id}) or {}


async def summary(tx: Tx, pool_id: int) -> Row:
    """The counters, and what must be looked for: pages that are out, money held for pages, workers."""
    query: LiteralString = (
        "select (select count(*) from assignment where pool_id = %(p)s and status = 0) as active,"
        " (select count(distinct worker_id) from issue_cursor where pool_id = %(p)s) as workers,"
        " coalesce((select sum(reward + fee) from assignment where pool_id = %(p)s and status in (0, 1)), 0) as held,"
        + _COUNTERS
        + _COUNTED
    )
    return await tx.row(query, {"p": pool_id}) or {}
