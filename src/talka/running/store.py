"""SQL of completion and of the counters of pools."""

from __future__ import annotations

from typing import LiteralString

from talka.infra.db import Row, Tx

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

    Per pool whether it may be complete now, and which assignments changed how. One process at a time, so that changes
    are told in the order in which they happened; nothing is folded while another process does.
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
        "   expired = s.expired + excluded.expired, spent = s.spent + excluded.spent)"
        " select pool_id, coalesce(ended, false) as ended, assignments, before, after, moments from sums",
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
