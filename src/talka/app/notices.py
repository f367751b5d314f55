"""What the platform tells people of what happened: reactions, all within the transaction of the event."""

from __future__ import annotations

from talka.aggregation.usecases import AGGREGATE
from talka.complaints.model import ComplaintClosed
from talka.infra.db import Tx
from talka.kit.languages import FALLBACK
from talka.ledger import store as ledger
from talka.messages import notices
from talka.messages import usecases as messages
from talka.messages.model import Meta, Notice
from talka.messages.notices import Words
from talka.moderation.model import Decided, Status
from talka.operations.model import OperationEnded
from talka.payouts.model import PayoutEnded
from talka.pools import store as pools
from talka.restrictions.model import BanChanged
from talka.running.model import AssignmentsChanged, PoolClosed
from talka.skills.model import SkillGiven


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


async def project_decided(tx: Tx, event: Decided) -> None:
    """To the requester whose project an operator has looked at."""
    decision = event.decision
    approved = decision.status is Status.APPROVED
    words = notices.project_decided(event.public_name, decision.comment, approved=approved)
    await messages.tell_requester(tx, event.account_id, words, Meta(decision.project_id))


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
    await _tell_worker(tx, found.worker_id, found.user_id, words, meta)


async def ban_changed(tx: Tx, event: BanChanged) -> None:
    """To the worker whom the platform keeps out or lets in; restrictions of requesters are silent."""
    words = notices.ban_lifted() if event.lifted else notices.banned(event.until)
    await _tell_worker(tx, event.worker_id, event.user_id, words)


async def payout_ended(tx: Tx, event: PayoutEnded) -> None:
    """To the worker, unless they took it back themselves."""
    found = event.payout
    words = notices.payout_ended(found.amount, found.status.value, found.comment)
    if words is not None:
        await _tell_worker(tx, found.worker_id, found.user_id, words)


async def skill_given(tx: Tx, event: SkillGiven) -> None:
    """To the worker, if workers may see the skill."""
    body = event.skill.body
    if not body["hidden"]:
        names = body.get("public_name") or {FALLBACK: body["name"]}
        await _tell_worker(tx, event.worker_id, event.user_id, notices.skill_given(names))


async def _tell_worker(tx: Tx, worker_id: int, user_id: str, words: Words, meta: Meta | None = None) -> None:
    await messages.tell_workers(tx, [Notice(user_id, worker_id, words.topic, words.text, meta or Meta())])
