"""What the platform tells people of what happened: reactions, all within the transaction of the event."""

from __future__ import annotations

from talka.aggregation.usecases import AGGREGATE
from talka.complaints.model import ComplaintClosed
from talka.infra.db import Tx
from talka.ledger import store as ledger
from talka.messages import notices
from talka.messages import usecases as messages
from talka.messages.model import Meta, Notice
from talka.operations.model import OperationEnded
from talka.pools import store as pools
from talka.running.model import AssignmentsChanged, PoolClosed


async def pool_closed(tx: Tx, event: PoolClosed) -> None:
    """To the requester, unless they closed it themselves."""
    pool = await pools.get(tx, event.pool_id)
    words = notices.pool_closed(pool.body["private_name"], event.reason.value) if pool is not None else None
    if pool is not None and words is not None:
        await messages.tell_requester(tx, pool.account_id, words, Meta(pool.project_id, pool.id))


async def operation_ended(tx: Tx, event: OperationEnded) -> None:
    """To the requester who asked for an aggregation."""
    asked = event.operation
    if asked.type != AGGREGATE:
        return
    words = notices.aggregation_ended(asked.parameters["pool_name"], succeeded=event.status == "SUCCESS")
    meta = Meta(int(asked.parameters["project_id"]), int(asked.parameters["pool_id"]))
    await messages.tell_requester(tx, asked.account_id, words, meta)


async def money_moved(tx: Tx, event: AssignmentsChanged) -> None:
    """To requesters who have little money left, once, until they have more again."""
    accounts = await pools.accounts_of(tx, sorted(set(event.pools)))
    for account_id, balance in await ledger.note_low(tx, accounts, notices.LOW_FUNDS):
        await messages.tell_requester(tx, account_id, notices.low_funds(balance), Meta())


async def complaint_closed(tx: Tx, event: ComplaintClosed) -> None:
    """To the worker who complained."""
    found = event.complaint
    words = notices.complaint_closed(str(found.assignment), found.comment)
    meta = Meta(found.project_id, found.assignment.pool_id, found.assignment)
    await messages.tell_workers(tx, [Notice(found.user_id, found.worker_id, words.topic, words.text, meta)])
