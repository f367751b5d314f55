"""When X happens, do Y: the one table of reactions to events, all within the transaction of the event."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from talka.app import notices
from talka.apps import processing as apps
from talka.assignments.model import TrainingPageDone, TrainingPageLeft
from talka.bonuses.model import BonusesPaid
from talka.complaints.model import ComplaintClosed
from talka.infra import policy
from talka.infra.db import Reaction, Reactions, Tx
from talka.infra.settings import Settings
from talka.issuing.model import PoolOutOfMoney
from talka.kit.errors import TalkaError
from talka.messages import usecases as messages
from talka.messages.model import Meta, Notice
from talka.moderation.model import Decided
from talka.operations import usecases as operations
from talka.operations.model import Failure, OperationEnded
from talka.payouts.model import PayoutEnded
from talka.pools.model import DefaultOverlapChanged
from talka.restrictions.model import BanChanged
from talka.running import usecases as running
from talka.running.model import AssignmentsChanged, PoolClosed
from talka.skills.model import SkillGiven, SkillTaken
from talka.tasks import changes
from talka.tasks.model import PoolOpeningAsked
from talka.trainings import usecases as trainings
from talka.webhooks import usecases as webhooks
from talka.webhooks.model import Changes, EventType


async def _open_pools(settings: Settings, tx: Tx, event: PoolOpeningAsked) -> None:
    decided = await policy.in_force(tx, settings)
    for pool_id in event.pool_ids:
        try:
            async with tx.conn.transaction():
                await running.open_pool(tx, event.account_id, str(pool_id), decided)
        except TalkaError as error:
            if event.operation_id is None:
                raise
            output = {"code": error.code, "message": error.message, "request_id": f"ao_{event.operation_id}"}
            failure = Failure("POOL_OPEN", {"pool_id": str(pool_id)}, output)
            await operations.add_failure(tx, event.account_id, event.operation_id, failure)


async def _tell_changes(tx: Tx, event: AssignmentsChanged) -> None:
    changes = Changes(event.pools, event.assignments, event.was, event.became, event.moments)
    await webhooks.note_changes(tx, changes)


async def _tell_closing(tx: Tx, event: PoolClosed) -> None:
    details = {"close_reason": event.reason.value}
    await webhooks.note(tx, event.pool_id, EventType.POOL_CLOSED, event.moment, details)


async def _close_without_money(settings: Settings, tx: Tx, event: PoolOutOfMoney) -> None:
    await running.close_without_money(tx, event.pool_id, (await policy.in_force(tx, settings)).fee_percent)


async def _tell_bonuses(tx: Tx, event: BonusesPaid) -> None:
    notices = [
        Notice(
            note.user_id,
            note.worker_id,
            note.title,
            note.message,
            Meta(note.project_id, note.assignment.pool_id if note.assignment else None, note.assignment),
        )
        for note in event.notes
    ]
    await messages.tell(tx, event.account_id, notices)


def reactions(settings: Settings) -> Reactions:
    """The table, for a process with these settings."""
    table: dict[type, Sequence[Reaction]] = {
        DefaultOverlapChanged: [changes.apply_default_overlap],
        PoolOpeningAsked: [partial(_open_pools, settings)],
        BonusesPaid: [_tell_bonuses],
        PoolOutOfMoney: [partial(_close_without_money, settings)],
        AssignmentsChanged: [notices.money_moved, apps.pages_changed, _tell_changes],
        PoolClosed: [apps.pool_closed, _tell_closing, notices.pool_closed],
        TrainingPageDone: [trainings.page_done],
        TrainingPageLeft: [trainings.page_left],
        BanChanged: [notices.ban_changed],
        Decided: [notices.project_decided],
        PayoutEnded: [notices.payout_ended],
        SkillGiven: [notices.skill_given],
        ComplaintClosed: [notices.complaint_closed],
        OperationEnded: [notices.operation_ended],
        SkillTaken: [trainings.skill_taken],
    }
    return table
