"""Subscribing, noting what subscribers are to be told, trying an endpoint, sending again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from talka.infra.db import Tx
from talka.infra.outbound import Answer, Outbound, host_of
from talka.kit.errors import BatchValidationError, FieldError, FieldErrors, NotFound, ValidationError
from talka.kit.ids import parse_number
from talka.pools import store as pools
from talka.webhooks import store, wire
from talka.webhooks.model import Changes, EventType, Subscription
from talka.webhooks.rules import ALIKE, TRIAL_SECONDS, signature
from talka.webhooks.wire import SubscriptionBody

_OF_CHANGES = (
    EventType.ASSIGNMENT_CREATED, EventType.ASSIGNMENT_SUBMITTED, EventType.ASSIGNMENT_SKIPPED,
    EventType.ASSIGNMENT_EXPIRED, EventType.ASSIGNMENT_APPROVED, EventType.ASSIGNMENT_REJECTED,
)  # fmt: skip
_NO_CHANGES = Changes([], [], [], [], [])


async def find(tx: Tx, account_id: int, subscription_id: str) -> Subscription:
    """A subscription of the account.

    Raises:
        NotFound: it has none of that id.
    """
    number = parse_number(subscription_id)
    found = await store.get(tx, account_id, number) if number is not None else None
    if found is None:
        raise NotFound("webhook subscription", subscription_id)
    return found


async def put(tx: Tx, account_id: int, body: SubscriptionBody) -> Subscription:
    """Subscribe; whoever has subscribed to the same already keeps that subscription, and is tried again at once.

    Raises:
        ValidationError: the pool does not exist or belongs to somebody else.
    """
    found, errors = await put_many(tx, account_id, {0: body})
    if errors:
        raise ValidationError(errors[0])
    return found[0]


async def put_batch(
    tx: Tx, account_id: int, bodies: Mapping[int, SubscriptionBody], errors: Mapping[int, FieldErrors]
) -> tuple[dict[int, Subscription], dict[int, FieldErrors]]:
    """Subscribe to what is valid of a batch of which some items were found to be wrong; what became of each item.

    Raises:
        BatchValidationError: nothing is valid.
    """
    found, more = await put_many(tx, account_id, bodies)
    wrong = {**errors, **more}
    if not found:
        raise BatchValidationError(wrong)
    return found, wrong


async def put_many(
    tx: Tx, account_id: int, bodies: Mapping[int, SubscriptionBody]
) -> tuple[dict[int, Subscription], dict[int, FieldErrors]]:
    """Subscribe to everything whose pool is the account's; the subscriptions and what is wrong with the others."""
    targets, errors = await _targets(tx, account_id, bodies)
    await store.lock_account(tx, account_id)
    known = await store.existing(tx, account_id, list(targets.values()))
    alike = await store.alike(tx, account_id, [pool_id for pool_id, _, _ in targets.values()])
    created = await _next_created(tx, account_id)
    for index, target in targets.items():
        secret, kind = bodies[index].secret_key, target[:2]
        if target in known:
            await store.renew(tx, known[target], secret)
        elif alike.get(kind, 0) >= ALIKE:
            text = f"There are {ALIKE} subscriptions to this type of event in the pool, which is all it takes"
            errors[index] = {"webhook_url": FieldError("VALUE_NOT_ALLOWED", text, (ALIKE,))}
        else:
            known[target] = await store.insert(tx, account_id, target, host_of(target[2]), secret or None, created)
            alike[kind] = alike.get(kind, 0) + 1
            created += timedelta(milliseconds=1)
    found = await store.many(tx, list(known.values()))
    return {index: found[known[target]] for index, target in targets.items() if target in known}, errors


async def _next_created(tx: Tx, account_id: int) -> datetime:
    last = await store.last_created(tx, account_id)
    return tx.now if last is None else max(tx.now, last + timedelta(milliseconds=1))


async def _targets(
    tx: Tx, account_id: int, bodies: Mapping[int, SubscriptionBody]
) -> tuple[dict[int, store.Target], dict[int, FieldErrors]]:
    numbers = {index: parse_number(body.pool_id) for index, body in bodies.items()}
    found = await pools.many(tx, sorted({n for n in numbers.values() if n is not None and n < 2**31}))
    targets: dict[int, store.Target] = {}
    errors: dict[int, FieldErrors] = {}
    for index, body in bodies.items():
        number = numbers[index]
        pool = found.get(number) if number is not None else None
        if pool is None:
            errors[index] = {"pool_id": FieldError("ENTITY_DOES_NOT_EXIST", "There is no such pool")}
        elif pool.account_id != account_id:
            errors[index] = {"pool_id": FieldError("ENTITY_ACCESS_DENIED", "The pool belongs to somebody else")}
        else:
            targets[index] = (pool.id, body.event_type, body.webhook_url)
    return targets, errors


async def delete(tx: Tx, account_id: int, subscription_id: str) -> None:
    """End a subscription; what is pending is not sent any more.

    Raises:
        NotFound.
    """
    await store.delete(tx, await find(tx, account_id, subscription_id))


async def replay(tx: Tx, account_id: int, subscription_id: str, moment: datetime) -> Subscription:
    """Send everything again that happened from a moment on, also to an endpoint that was given up.

    Raises:
        NotFound.
    """
    found = await find(tx, account_id, subscription_id)
    # Looked for before anything is locked: among millions of events it takes a while, and the fold must not wait.
    await store.rewind(tx, found.id, await store.first_since(tx, found.id, moment))
    return await find(tx, account_id, subscription_id)


async def note_changes(tx: Tx, changes: Changes) -> None:
    """Assignments came into another state."""
    watched = await store.watched(tx, sorted(set(changes.pools)))
    if not watched:
        return
    rows = [
        row
        for row in zip(changes.pools, changes.assignments, changes.was, changes.became, changes.moments, strict=True)
        if row[0] in watched
    ]
    mine = Changes(*(list(column) for column in zip(*rows, strict=True)))
    await store.lock_pools(tx, sorted(watched), _OF_CHANGES)
    await store.add_issued(tx, sorted(watched), mine)
    await store.add_changes(tx, mine)


async def note_issued(tx: Tx) -> bool:
    """Pages were issued; False when subscribers know of all."""
    pool_ids = await store.with_untold(tx)
    if pool_ids:
        await store.lock_pools(tx, pool_ids, [EventType.ASSIGNMENT_CREATED])
        await store.add_issued(tx, pool_ids, _NO_CHANGES)
    return bool(pool_ids)


async def note(tx: Tx, pool_id: int, event_type: EventType, moment: datetime, details: Mapping[str, Any]) -> None:
    """Something happened in a pool that is not about one assignment; `details` are fields of the event."""
    if await store.watched(tx, [pool_id]):
        await store.lock_pools(tx, [pool_id], [event_type])
        await store.add(tx, pool_id, event_type, moment, details)


async def send(
    outbound: Outbound, subscription: Subscription, now: datetime, body: bytes, *, within: float | None = None
) -> Answer:
    """Send a message, signed if there is a secret; never raises."""
    headers = {"content-type": "application/json"}
    if subscription.secret:
        headers["Toloka-Signature"] = signature(subscription.secret, now, body)
    return await outbound.post(subscription.url, body, headers, within=within)


async def trial(outbound: Outbound, subscription: Subscription, now: datetime) -> tuple[Answer, uuid.UUID]:
    """Send an event that means nothing; what came of it, and the number of the event."""
    number = uuid.uuid4()
    body = wire.trial(subscription, now, number)
    return await send(outbound, subscription, now, body, within=TRIAL_SECONDS), number
