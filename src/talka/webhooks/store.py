"""SQL of subscriptions: what they are, what they are to be told, and who tells them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg.types.json import Json

from talka.infra.db import Row, Tx
from talka.infra.http.listing import Column, Listing, ListSpec, choices, moments, numbers
from talka.webhooks.model import Batch, Changes, Event, EventType, Progress, Subscription
from talka.webhooks.rules import BATCH, LEASE, PER_ACCOUNT, PER_HOST, RETENTION

_COLUMNS: LiteralString = (
    "s.id, s.account_id, p.project_id, s.pool_id, s.event_type, s.webhook_url, s.secret_key, s.created,"
    " s.delivered, s.last_event - s.delivered as pending, s.paused, s.failures, s.failing_since, s.next_attempt,"
    " s.last_delivered, s.last_error_type, s.last_status, s.last_error"
)
_SELECT: LiteralString = f"select {_COLUMNS} from webhook_subscription s join pool p on p.id = s.pool_id"
LIST = ListSpec(
    filters={
        "event_type": choices("s.event_type", {kind.value: kind.value for kind in EventType}),
        "pool_id": numbers("s.pool_id"),
    },
    ranges={"id": numbers("s.id"), "created": moments("s.created")},
    sorts={"id": ("s.id",), "created": ("s.created",)},
    max_limit=300,
)


def deliveries_list(delivered: int = 0) -> ListSpec:
    """What the list of deliveries offers of a subscription of which so many events are delivered.

    Its statuses are bounds of `number`, so that the few pending ones are found among the many delivered.
    """
    statuses = {"DELIVERED": (0, delivered), "PENDING": (delivered, 2**60)}
    of_status = Column("e.number", statuses.get, "UNKNOWN_ENUM_VALUE", condition="e.number > %s and e.number <= %s")
    return ListSpec(
        filters={"status": of_status},
        ranges={"id": numbers("e.number"), "event_time": moments("e.happened")},
        sorts={"id": ("e.number",), "event_time": ("e.happened",)},
        max_limit=300,
    )


DELIVERIES = deliveries_list()
DELIVERY_DUE: LiteralString = (
    "select min(case when leased_until is null then next_attempt else timestamptz 'epoch' end)"
    " from webhook_subscription where not paused and last_event > delivered"
)
# One look into the index of held pages for each subscription (`limit` keeps it so), however many assignments there are.
_UNTOLD: LiteralString = (
    "webhook_subscription s cross join lateral (select 1 from assignment a where a.pool_id = s.pool_id"
    "   and a.status = 0 and a.created >= s.since and not exists (select 1 from webhook_issued i"
    "     where i.pool_id = a.pool_id and i.assignment_id = a.id) limit 1) untold"
    " where s.event_type = 'ASSIGNMENT_CREATED'"
)
ISSUED_DUE: LiteralString = f"select timestamptz 'epoch' where exists (select 1 from {_UNTOLD})"
RETENTION_DUE: LiteralString = f"select min(happened) + interval '{RETENTION.days} days' from webhook_event"


def _subscription(row: Row) -> Subscription:
    return Subscription(
        id=row["id"],
        account_id=row["account_id"],
        project_id=row["project_id"],
        pool_id=row["pool_id"],
        event_type=row["event_type"],
        url=row["webhook_url"],
        secret=row["secret_key"],
        created=row["created"],
        progress=Progress(**{name: row[name] for name in Progress.__slots__}),
    )


async def get(tx: Tx, account_id: int, subscription_id: int) -> Subscription | None:
    """A subscription of an account."""
    row = await tx.row(_SELECT + " where s.id = %s and s.account_id = %s", (subscription_id, account_id))
    return _subscription(row) if row else None


async def listed(tx: Tx, account_id: int, listing: Listing) -> tuple[list[Subscription], bool]:
    """A page of an account's subscriptions."""
    rows, more = await listing.fetch(tx, _SELECT, ("s.account_id = %s", account_id))
    return [_subscription(row) for row in rows], more


# ---------------------------------------------------------------- subscribing

Target = tuple[int, str, str]
"""Pool, event type and address: what makes a subscription."""


async def lock_account(tx: Tx, account_id: int) -> None:
    """Nobody else subscribes for the account until commit."""
    await tx.rows("select pg_advisory_xact_lock(6, %s)", (account_id,))


async def last_created(tx: Tx, account_id: int) -> datetime | None:
    """When the newest subscription of the account was made."""
    value: datetime | None = await tx.value(
        "select max(created) from webhook_subscription where account_id = %s", (account_id,)
    )
    return value


async def existing(tx: Tx, account_id: int, targets: Sequence[Target]) -> dict[Target, int]:
    """Those of the targets that have a subscription, locked in the order of ids."""
    pools, types, urls = ([target[part] for target in targets] for part in range(3))
    rows = await tx.rows(
        "select s.id, s.pool_id, s.event_type, s.webhook_url from webhook_subscription s"
        " where s.account_id = %s and (s.pool_id, s.event_type, md5(s.webhook_url)) in"
        "   (select t.pool_id, t.event_type, md5(t.url) from unnest(%s::int[], %s::text[], %s::text[])"
        "   as t(pool_id, event_type, url)) order by s.id for update",
        (account_id, pools, types, urls),
    )
    return {(row["pool_id"], row["event_type"], row["webhook_url"]): row["id"] for row in rows}


async def insert(tx: Tx, account_id: int, target: Target, host: str, secret: str | None, created: datetime) -> int:
    """A new subscription, to what happens from now on."""
    pool_id, event_type, url = target
    number: int = await tx.value(
        "insert into webhook_subscription (account_id, pool_id, event_type, webhook_url, host, secret_key, created,"
        " since, next_attempt) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning id",
        (account_id, pool_id, event_type, url, host, secret, created, tx.now, tx.now),
    )
    return number


_AT_ONCE: LiteralString = "paused = false, failures = 0, failing_since = null, next_attempt = %s"


async def renew(tx: Tx, subscription_id: int, secret: str | None) -> None:
    """Try to deliver again at once; a secret that is given replaces the one there is, an empty one removes it."""
    await tx.execute(
        f"update webhook_subscription set {_AT_ONCE}, secret_key = nullif(coalesce(%s, secret_key), '') where id = %s",
        (tx.now, secret, subscription_id),
    )


async def many(tx: Tx, subscription_ids: Sequence[int]) -> dict[int, Subscription]:
    """Subscriptions by id."""
    rows = await tx.rows(_SELECT + " where s.id = any(%s)", (list(subscription_ids),))
    return {row["id"]: _subscription(row) for row in rows}


async def alike(tx: Tx, account_id: int, pool_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """How many subscriptions to which type of event in which pool there are."""
    rows = await tx.rows(
        "select pool_id, event_type, count(*) as number from webhook_subscription"
        " where account_id = %s and pool_id = any(%s) group by pool_id, event_type",
        (account_id, list(pool_ids)),
    )
    return {(row["pool_id"], row["event_type"]): row["number"] for row in rows}


async def delete(tx: Tx, subscription: Subscription) -> None:
    """End a subscription; with the last one to issued pages goes what was noted of them."""
    pool_id, created = subscription.pool_id, EventType.ASSIGNMENT_CREATED
    if subscription.event_type == created:
        # Of two that are ended at the same time one must see that it is the last.
        await lock_pools(tx, [pool_id], [created])
    await tx.execute("delete from webhook_subscription where id = %s", (subscription.id,))
    await tx.execute(
        "delete from webhook_issued where pool_id = %(p)s and not exists (select 1 from webhook_subscription"
        "   where pool_id = %(p)s and event_type = 'ASSIGNMENT_CREATED')",
        {"p": pool_id},
    )


# ---------------------------------------------------------------- what happened


async def watched(tx: Tx, pool_ids: Sequence[int]) -> set[int]:
    """Those of the pools that have subscriptions."""
    rows = await tx.rows("select distinct pool_id from webhook_subscription where pool_id = any(%s)", (list(pool_ids),))
    return {row["pool_id"] for row in rows}


async def lock_pools(tx: Tx, pool_ids: Sequence[int], event_types: Sequence[EventType]) -> None:
    """Lock the subscriptions of these types and pools; whoever has the lock gives out the next numbers."""
    await tx.rows(
        "select id from webhook_subscription where pool_id = any(%s) and event_type = any(%s)"
        " order by id for no key update",
        (list(pool_ids), [kind.value for kind in event_types]),
    )


# Ends a statement whose `occurred` says what happened, by subscription: number it in the order of occurrence.
_APPEND: LiteralString = (
    " numbered as (select o.*, row_number() over (partition by o.id order by o.happened, o.assignment_id)"
    "   + o.last_event as number from occurred o),"
    " appended as (insert into webhook_event (subscription_id, number, uuid, happened, assignment_id, suite_id,"
    "   details) select id, number, gen_random_uuid(), happened, assignment_id, suite_id, details from numbered)"
    " update webhook_subscription s set last_event = n.number"
    " from (select id, max(number) as number from numbered group by id) n where s.id = n.id"
)


async def add_changes(tx: Tx, changes: Changes) -> None:
    """Tell subscribers of assignments that came into another state; one accepted at once was submitted before."""
    await tx.execute(
        "with change as (select * from unnest(%(pools)s::int[], %(assignments)s::bigint[], %(was)s::int[],"
        "   %(became)s::int[], %(moments)s::timestamptz[]) as c(pool_id, assignment_id, was, became, happened)),"
        " typed as (select c.*, t.event_type from change c cross join lateral ("
        "   select 'ASSIGNMENT_SUBMITTED' as event_type where c.was = 0 and c.became in (1, 2, 3)"
        "   union all select case c.became when 2 then 'ASSIGNMENT_APPROVED' when 3 then 'ASSIGNMENT_REJECTED'"
        "   when 4 then 'ASSIGNMENT_SKIPPED' else 'ASSIGNMENT_EXPIRED' end where c.became in (2, 3, 4, 5)) t),"
        " occurred as (select s.id, s.last_event, t.happened, t.assignment_id, a.suite_id, null::json as details"
        "   from typed t join webhook_subscription s on s.pool_id = t.pool_id and s.event_type = t.event_type"
        "   and t.happened >= s.since"
        "   join assignment a on a.pool_id = t.pool_id and a.id = t.assignment_id)," + _APPEND,
        _columns(changes),
    )


async def add_issued(tx: Tx, pool_ids: Sequence[int], changes: Changes) -> None:
    """Tell subscribers of pages that were issued: those that workers hold, and those that ended meanwhile.

    Issuing itself writes nothing about a page but the page. What was told is noted until the page ends.
    """
    await tx.execute(
        "with since as (select pool_id, min(since) as since from webhook_subscription"
        "   where event_type = 'ASSIGNMENT_CREATED' and pool_id = any(%(watched)s) group by pool_id),"
        " ended as (select * from unnest(%(pools)s::int[], %(assignments)s::bigint[], %(was)s::int[])"
        "   as c(pool_id, assignment_id, was) where was = 0),"
        " page as (select s.pool_id, a.id, a.suite_id, a.created, true as held from since s cross join lateral ("
        "     select a.id, a.suite_id, a.created from assignment a where a.pool_id = s.pool_id and a.status = 0"
        "     and a.created >= s.since offset 0) a"
        "   union all select a.pool_id, a.id, a.suite_id, a.created, false from ended e join since s using (pool_id)"
        "     join assignment a on a.pool_id = e.pool_id and a.id = e.assignment_id and a.created >= s.since),"
        " untold as (select * from page p where not exists (select 1 from webhook_issued i"
        "   where i.pool_id = p.pool_id and i.assignment_id = p.id)),"
        " noted as (insert into webhook_issued (pool_id, assignment_id) select pool_id, id from untold where held),"
        " over as (delete from webhook_issued i using ended e"
        "   where i.pool_id = e.pool_id and i.assignment_id = e.assignment_id),"
        " occurred as (select s.id, s.last_event, u.created as happened, u.id as assignment_id, u.suite_id,"
        "   null::json as details from untold u join webhook_subscription s on s.pool_id = u.pool_id"
        "   and s.event_type = 'ASSIGNMENT_CREATED' and u.created >= s.since)," + _APPEND,
        {**_columns(changes), "watched": list(pool_ids)},
    )


def _columns(changes: Changes) -> dict[str, Any]:
    return {name: getattr(changes, name) for name in Changes.__slots__}


async def add(tx: Tx, pool_id: int, event_type: EventType, moment: datetime, details: Mapping[str, Any]) -> None:
    """Tell subscribers of one thing that is not about an assignment."""
    await tx.execute(
        "with occurred as (select s.id, s.last_event, %(moment)s::timestamptz as happened,"
        "   null::bigint as assignment_id, null::bigint as suite_id, %(details)s::json as details"
        "   from webhook_subscription s where s.pool_id = %(pool)s and s.event_type = %(type)s"
        "   and s.since <= %(moment)s)," + _APPEND,
        {"pool": pool_id, "type": event_type.value, "moment": moment, "details": Json(details)},
    )


async def with_untold(tx: Tx) -> list[int]:
    """Pools with pages that subscribers have not been told of."""
    return [row["pool_id"] for row in await tx.rows(f"select distinct s.pool_id from {_UNTOLD}")]


async def forget(tx: Tx, limit: int) -> int:
    """Remove a batch of events that are old, delivered or not; how many."""
    return await tx.execute(
        "delete from webhook_event where ctid = any(array(select ctid from webhook_event where happened <= %s"
        "   order by happened limit %s for update skip locked))",
        (tx.now - RETENTION, limit),
    )


# ---------------------------------------------------------------- delivery

_READY: LiteralString = (
    "not s.paused and s.last_event > s.delivered and s.next_attempt <= %(now)s"
    " and (s.leased_until is null or s.leased_until <= %(now)s)"
)


async def claim(tx: Tx, limit: int) -> list[Batch]:
    """Take subscriptions that are due for this process, with the next events of each; one process at a time does so.

    No host is called, and no account is served, by more than so many requests at a time.
    """
    await tx.rows("select pg_advisory_xact_lock(8, 0)")
    lease = uuid.uuid4()
    rows = await tx.rows(
        "with taken as (select host, account_id from webhook_subscription where leased_until > %(now)s),"
        " ready as (select s.id, s.host, s.account_id, s.next_attempt,"
        "   row_number() over (partition by s.host order by s.next_attempt, s.id) as place"
        f"   from webhook_subscription s where {_READY}),"
        " fitting as (select id, account_id, next_attempt,"
        "   row_number() over (partition by account_id order by next_attempt, id) as place from ready r"
        "   where place <= %(per_host)s - (select count(*) from taken t where t.host = r.host)),"
        " chosen as (select id from fitting f where place <= %(per_account)s"
        "   - (select count(*) from taken t where t.account_id = f.account_id) order by next_attempt, id"
        "   limit %(limit)s),"
        " mine as materialized (select s.id from webhook_subscription s where s.id in (select id from chosen)"
        f"   and {_READY} for update skip locked)"
        " update webhook_subscription s set lease = %(lease)s, leased_until = %(until)s from mine, pool p"
        f" where s.id = mine.id and p.id = s.pool_id returning {_COLUMNS}, s.last_event",
        {
            "now": tx.now,
            "until": tx.now + LEASE,
            "lease": lease,
            "per_host": PER_HOST,
            "per_account": PER_ACCOUNT,
            "limit": limit,
        },
    )
    return [await _batch(tx, lease, row) for row in rows]


async def _batch(tx: Tx, lease: uuid.UUID, row: Row) -> Batch:
    found = await tx.rows(
        "select number, uuid, happened, assignment_id, suite_id, details from webhook_event"
        " where subscription_id = %s and number > %s and number <= %s order by number limit %s",
        (row["id"], row["delivered"], row["last_event"], BATCH),
    )
    events = [Event(**event) for event in found]
    # Without any they were too old to be kept.
    last = events[-1].number if events else row["last_event"]
    return Batch(_subscription(row), lease, tx.now, row["delivered"], last, events)


async def leased(tx: Tx, batch: Batch) -> Subscription | None:
    """The subscription of a batch as it is by now, locked until commit; None when the lease ended."""
    query: LiteralString = _SELECT + " where s.id = %s and s.lease = %s for no key update of s"
    row = await tx.row(query, (batch.subscription.id, batch.lease))
    return _subscription(row) if row else None


async def succeeded(tx: Tx, batch: Batch) -> None:
    """The events of a batch are delivered, unless they are to be sent again, or the lease ended, meanwhile."""
    await tx.execute(
        "update webhook_subscription set delivered = case when delivered = %(before)s then %(last)s else delivered end,"
        " lease = null, leased_until = null, failures = 0, failing_since = null, next_attempt = %(now)s,"
        " last_delivered = case when %(sent)s then %(now)s else last_delivered end"
        " where id = %(id)s and lease = %(lease)s",
        {
            "before": batch.before,
            "last": batch.last,
            "sent": bool(batch.events),
            "now": tx.now,
            "id": batch.subscription.id,
            "lease": batch.lease,
        },
    )


async def failed(tx: Tx, subscription_id: int, error: str, status: int | None, text: str, wait: timedelta) -> None:
    """A batch did not arrive: try again after `wait`."""
    await tx.execute(
        "update webhook_subscription set lease = null, leased_until = null, failures = failures + 1,"
        " failing_since = coalesce(failing_since, %(now)s), next_attempt = %(next)s,"
        " last_error_type = %(error)s, last_status = %(status)s, last_error = %(text)s where id = %(id)s",
        {
            "now": tx.now,
            "next": tx.now + wait,
            "error": error,
            "status": status,
            "text": text,
            "id": subscription_id,
        },
    )


async def pause(tx: Tx, subscription_id: int) -> None:
    """Leave an endpoint alone until its owner asks for it again."""
    await tx.execute("update webhook_subscription set paused = true where id = %s", (subscription_id,))


async def first_since(tx: Tx, subscription_id: int, moment: datetime) -> int | None:
    """The number of the first event that happened from a moment on."""
    number: int | None = await tx.value(
        "select min(number) from webhook_event where subscription_id = %s and happened >= %s",
        (subscription_id, moment),
    )
    return number


async def rewind(tx: Tx, subscription_id: int, number: int | None) -> None:
    """Send everything again from the event of that number on, and go on at once; never skips what is pending."""
    await tx.execute(
        f"update webhook_subscription set {_AT_ONCE}, delivered = least(delivered, %s - 1) where id = %s",
        (tx.now, number, subscription_id),
    )


async def deliveries(tx: Tx, subscription: Subscription, listing: Listing) -> tuple[list[Event], bool]:
    """A page of a subscription's events, with whether they were delivered."""
    rows, more = await listing.fetch(
        tx,
        "select e.number, e.uuid, e.happened, e.assignment_id, e.suite_id, e.details from webhook_event e",
        ("e.subscription_id = %s", subscription.id),
    )
    return [Event(**row, delivered=row["number"] <= subscription.progress.delivered) for row in rows], more
