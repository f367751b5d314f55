"""The moves of pools and projects.

Every move takes the pool's lock exclusively first: no page is issued while a pool changes its state.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from talka.assignments import store as assignments
from talka.infra.db import Tx
from talka.infra.policy import Policy
from talka.kit.errors import Conflict, TalkaError
from talka.kit.money import fee_of
from talka.ledger import store as ledger
from talka.moderation import usecases as moderation
from talka.operations.model import Operation
from talka.operations.usecases import done
from talka.pools import store as pools
from talka.pools import usecases as pool_usecases
from talka.pools.rules import issue_plan, output_errors
from talka.pools.store import Pool
from talka.pools.wire import PoolBody
from talka.projects import store as projects
from talka.projects import usecases as project_usecases
from talka.projects import versions
from talka.running import store
from talka.running.checklist import Facts, Finding, findings
from talka.running.model import Closing, PoolClosed
from talka.running.rules import APPEAL, POOL, TRAINING, UPDATE_PAUSE, CloseReason, Resource, idle_period
from talka.tasks import store as tasks


async def _locked(tx: Tx, account_id: int, pool_id: str) -> Pool:
    pool = await pool_usecases.find(tx, account_id, pool_id)
    await pools.lock_pool(tx, pool.id, exclusive=True)
    return await pool_usecases.find(tx, account_id, pool_id, lock=True)


async def _moved(tx: Tx, pool: Pool, move: str, resource: Resource) -> Operation:
    return await done(tx, pool.account_id, f"{resource.name}.{move}", {resource.parameter: str(pool.id)})


async def open_pool(
    tx: Tx, account_id: int, pool_id: str, policy: Policy, resource: Resource = POOL
) -> Operation | None:
    """Open a closed pool; None when it is open already.

    Raises:
        NotFound; Conflict: EMPTY_POOL, POOL_INAPPROPRIATE_STATUS, PROJECT_INAPPROPRIATE_STATUS, CONFLICT_STATE,
        POOL_ASSIGNMENTS_COUNT_EXCEEDED;
        TalkaError: NOT_ENOUGH_BALANCE, CONFLICT_STATE until an operator has approved what has to be.
    """
    if (await pool_usecases.find(tx, account_id, pool_id)).status == "OPEN":
        return None  # and whoever uploads to it need not wait for the pages that are being issued
    pool = await _locked(tx, account_id, pool_id)
    if pool.status == "OPEN":
        return None
    if pool.status != "CLOSED":
        raise pool_usecases.wrong_status(pool, "CLOSED")
    project = await projects.get(tx, account_id, pool.project_id)
    if project is not None:
        project_usecases.require_active(project)
    if not await tasks.has_tasks(tx, pool.id):
        raise Conflict("EMPTY_POOL", "Upload tasks before you open the pool")
    if pool.will_expire <= tx.now:
        raise Conflict("CONFLICT_STATE", "The pool's will_expire is in the past: set a later one first")
    if not await _has_room(tx, pool, policy.max_pool_assignments):
        text = f"{policy.max_pool_assignments} pages were issued from the pool, as many as may be: clone it"
        raise Conflict("POOL_ASSIGNMENTS_COUNT_EXCEEDED", text)
    await moderation.require_approval(tx, policy.moderation, pool.id)
    if not await _can_pay(tx, pool, policy.fee_percent):
        raise TalkaError("NOT_ENOUGH_BALANCE", "The account does not have enough for one page")
    await _open(tx, pool)
    return await _moved(tx, pool, "OPEN", resource)


async def _can_pay(tx: Tx, pool: Pool, fee_percent: Decimal) -> bool:
    cost: Decimal = pool.reward + fee_of(pool.reward, fee_percent)
    return cost == 0 or await ledger.balance(tx, pool.account_id) >= cost


async def _open(tx: Tx, pool: Pool) -> None:
    await pools.set_status(tx, pool.id, "OPEN", started=tx.now)
    if await store.is_complete(tx, pool.id):
        await pools.set_complete_at(tx, pool.id, tx.now + timedelta(seconds=pool.close_delay))


async def close_pool(
    tx: Tx, account_id: int, pool_id: str, resource: Resource = POOL, *, for_update: bool = False
) -> Operation | None:
    """Close an open pool; None when it is closed already.

    `for_update` opens it again after 15 minutes. Closing by hand ends a pause for an update.

    Raises:
        NotFound; Conflict: POOL_INAPPROPRIATE_STATUS.
    """
    pool = await _locked(tx, account_id, pool_id)
    if pool.status == "CLOSED" and (for_update or pool.reopen_at is None):
        return None
    if pool.status not in {"OPEN", "CLOSED"}:
        raise pool_usecases.wrong_status(pool, "OPEN")
    reason = CloseReason.FOR_UPDATE if for_update else CloseReason.MANUAL
    await _close(tx, pool, reason)
    return await _moved(tx, pool, "CLOSE", resource)


async def _close(tx: Tx, pool: Pool, reason: CloseReason) -> None:
    reopen_at = tx.now + UPDATE_PAUSE if reason is CloseReason.FOR_UPDATE else None
    stopped = tx.now if pool.status == "OPEN" else None
    await pools.set_status(tx, pool.id, "CLOSED", stopped=stopped, reason=reason, reopen_at=reopen_at)
    await ledger.drop_stripes(tx, pool.id, pool.account_id)
    if pool.status == "OPEN":
        tx.record(PoolClosed(pool.id, reason, tx.now))


async def archive_pool(tx: Tx, account_id: int, pool_id: str, resource: Resource = POOL) -> Operation | None:
    """Archive a closed pool for good; None when it is archived already.

    Raises:
        NotFound; Conflict: POOL_INAPPROPRIATE_STATUS, THERE_IS_ACTIVE_ASSIGNMENT, SUBMITTED_ASSIGNMENTS_CONFLICT,
        THERE_IS_REJECTED_ASSIGNMENT, TRAINING_ARCHIVE_CONFLICT.
    """
    pool = await _locked(tx, account_id, pool_id)
    if pool.status == "ARCHIVED":
        return None
    if pool.status != "CLOSED":
        raise pool_usecases.wrong_status(pool, "CLOSED")
    await _require_archivable(tx, pool)
    await pools.set_status(tx, pool.id, "ARCHIVED")
    return await _moved(tx, pool, "ARCHIVE", resource)


async def _require_archivable(tx: Tx, pool: Pool) -> None:
    if pool.type == "TRAINING" and await pools.unarchived_linked(tx, pool.id):
        raise Conflict("TRAINING_ARCHIVE_CONFLICT", "Archive all pools that ask for this training first")
    left = await assignments.counts_for_archive(tx, pool.id, tx.now - APPEAL)
    if left["active"]:
        raise Conflict("THERE_IS_ACTIVE_ASSIGNMENT", "Workers still hold pages of this pool")
    if left["submitted"]:
        raise Conflict("SUBMITTED_ASSIGNMENTS_CONFLICT", "Accept or reject the submitted assignments first")
    if left["rejected"]:
        text = "An assignment was rejected less than 9 days ago; its worker may still appeal"
        raise Conflict("THERE_IS_REJECTED_ASSIGNMENT", text)


async def archive_idle(tx: Tx, pool_id: int) -> None:
    """Archive a pool with which nothing has happened for long enough; else look again when that may be so."""
    await pools.lock_pool(tx, pool_id, exclusive=True)
    pool = await pools.get(tx, pool_id, lock=True)
    idleness = await pools.idleness(tx, pool_id)
    if pool is None or idleness is None:
        return
    worked = await store.last_submitted(tx, pool.id)
    general = (await store.counters(tx, pool.id))["general"] > 0
    period = idle_period(training=pool.type == "TRAINING", general=general, cloned=idleness.cloned)
    over = max(filter(None, (idleness.touched, worked))) + period
    if over > tx.now:
        await pools.set_archive_at(tx, pool.id, over)
        return
    try:
        await _require_archivable(tx, pool)
    except Conflict:
        await pools.set_archive_at(tx, pool.id, tx.now + timedelta(days=1))
        return
    await pools.set_status(tx, pool.id, "ARCHIVED")
    await _moved(tx, pool, "ARCHIVE", TRAINING if pool.type == "TRAINING" else POOL)


async def clone_pool(tx: Tx, account_id: int, pool_id: str) -> Operation:
    """A new pool with the same settings, collectors and project in its newest version, without tasks.

    Raises:
        NotFound; Conflict: PROJECT_INAPPROPRIATE_STATUS, POOL_IS_TRAINING, SYNC_POOL_CLONE_ERROR.
    """
    pool = await pool_usecases.find(tx, account_id, pool_id)
    pool_usecases.refuse_training(pool)
    project = await projects.get(tx, account_id, pool.project_id, lock=True)
    if project is None:
        raise LookupError(f"no project {pool.project_id}")
    project_usecases.require_active(project)
    body = PoolBody.model_validate(pool.body)
    lost = output_errors(body, (await versions.newest(tx, project.id, project.major)).outputs)
    if lost:
        text = f"The newest version of the project does not have what the pool names: {', '.join(lost)}"
        raise Conflict("SYNC_POOL_CLONE_ERROR", text)
    copy = await pool_usecases.add(
        tx, account_id, project.id, project.major, "REGULAR", pool.body, issue_plan(body), pool.tie, cloned=True
    )
    return await done(tx, account_id, "POOL.CLONE", {"pool_id": str(pool.id)}, {"pool_id": str(copy.id)})


async def validate_pool(tx: Tx, account_id: int, pool_id: str, policy: Policy) -> list[Finding]:
    """What keeps a pool or training from opening, and what is doubtful about it.

    Raises:
        NotFound.
    """
    pool = await pool_usecases.find(tx, account_id, pool_id)
    project = await project_usecases.find(tx, account_id, str(pool.project_id))
    counts = await store.summary(tx, pool.id)
    training = await pools.get(tx, pool.training_pool_id) if pool.training_pool_id is not None else None
    return findings(
        Facts(
            body=pool.body,
            archived=pool.status == "ARCHIVED",
            project_archived=project.status == "ARCHIVED",
            newest_version=pool.project_major == project.major,
            expired=pool.will_expire <= tx.now,
            has_tasks=await tasks.has_tasks(tx, pool.id),
            control=counts["control"],
            training=counts["training"],
            finite_answers=pool.mixed and await store.has_finite_answers(tx, pool.id),
            open_slots=max(0, counts["slots"] - counts["done"]),
            page_cost=pool.reward + fee_of(pool.reward, policy.fee_percent),
            balance=await ledger.balance(tx, account_id),
            training_status=training.status if training is not None else None,
            moderation=(await moderation.standing(tx, policy.moderation, pool.id)).status,
        )
    )


async def versions_of(tx: Tx, pool: Pool) -> tuple[str, str]:
    """The version of its project that a pool is on, and the newest that there is."""
    project = await project_usecases.find(tx, pool.account_id, str(pool.project_id))
    minor = await projects.newest_minor(tx, pool.project_id, pool.project_major)
    return f"{pool.project_major}.{minor}", f"{project.major}.{project.minor}"


async def archive_project(tx: Tx, account_id: int, project_id: str) -> Operation:
    """Archive a project whose pools and trainings are all archived; doing it again is done at once.

    Raises:
        NotFound; Conflict: UNARCHIVED_POOLS_CONFLICT.
    """
    project = await project_usecases.find(tx, account_id, project_id, lock=True)
    if project.status == "ACTIVE":
        left = await pools.unarchived_of_project(tx, project.id)
        if left:
            raise Conflict("UNARCHIVED_POOLS_CONFLICT", f"{left} pools of the project are not archived")
        await projects.set_status(tx, project.id, "ARCHIVED")
    return await done(tx, account_id, "PROJECT.ARCHIVE", {"project_id": str(project.id)})


async def close_expired(tx: Tx, pool_id: int) -> None:
    """Close a pool whose time is over, if that is so now that no page can be issued from it."""
    await pools.lock_pool(tx, pool_id, exclusive=True)
    pool = await pools.get(tx, pool_id, lock=True)
    if pool is not None and pool.status == "OPEN" and pool.will_expire <= tx.now:
        await _close(tx, pool, CloseReason.EXPIRED)


async def close_completed(tx: Tx, pool_id: int) -> None:
    """Close a pool that has been complete for long enough, if that is so now that no page can be issued from it."""
    trainings = await _lock_to_complete(tx, pool_id)
    pool = await pools.get(tx, pool_id, lock=True)
    if pool is None or pool.status != "OPEN" or pool.complete_at is None or pool.complete_at > tx.now:
        return
    if await store.is_complete(tx, pool.id):
        await _close(tx, pool, CloseReason.COMPLETED)
        await _close_trainings(tx, trainings)
    else:
        await pools.set_complete_at(tx, pool.id, None)


async def close_noted(tx: Tx, closing: Closing, most: int) -> None:
    """Close a pool that was noted for it, if the reason holds now that no page can be issued from it.

    The note goes first: what makes for a new one from now on is seen here, or noted again.
    """
    await store.drop_closing(tx, closing)
    if closing.reason is CloseReason.COMPLETED:
        await _note_complete(tx, closing.pool_id)
        return
    await pools.lock_pool(tx, closing.pool_id, exclusive=True)
    pool = await pools.get(tx, closing.pool_id, lock=True)
    if pool is not None and pool.status == "OPEN" and not await _has_room(tx, pool, most):
        await _close(tx, pool, closing.reason)


async def _has_room(tx: Tx, pool: Pool, most: int) -> bool:
    return most == 0 or await store.issued(tx, pool.id) < most


async def _note_complete(tx: Tx, pool_id: int) -> None:
    """Start the wait for closing of a pool that is complete; with no wait it closes at once."""
    trainings = await _lock_to_complete(tx, pool_id)
    pool = await pools.get(tx, pool_id, lock=True)
    if pool is None or pool.status != "OPEN" or pool.complete_at is not None:
        return
    if not await store.is_complete(tx, pool.id):
        return
    if pool.close_delay:
        await pools.set_complete_at(tx, pool.id, tx.now + timedelta(seconds=pool.close_delay))
        return
    await _close(tx, pool, CloseReason.COMPLETED)
    await _close_trainings(tx, trainings)


async def _lock_to_complete(tx: Tx, pool_id: int) -> list[int]:
    """Lock a pool that may be complete with the training it asks for, which may then be done, too; that training.

    Both before any account: whoever is given a page holds the lock of a pool and waits for the money.
    """
    trainings = await pools.trainings_of(tx, [pool_id])
    for number in sorted({pool_id, *trainings}):
        await pools.lock_pool(tx, number, exclusive=True)
    return trainings


async def _close_trainings(tx: Tx, training_pool_ids: Sequence[int]) -> None:
    """Close those trainings of whose pools none has anything left to do."""
    for number in training_pool_ids:
        training = await pools.get(tx, number, lock=True)
        if training is not None and training.status == "OPEN" and not await pools.linked_unfinished(tx, number):
            await _close(tx, training, CloseReason.COMPLETED)


async def close_without_money(tx: Tx, pool_id: int, fee_percent: Decimal) -> None:
    """Close a pool that could not pay for a page, unless money came meanwhile."""
    await pools.lock_pool(tx, pool_id, exclusive=True)
    pool = await pools.get(tx, pool_id, lock=True)
    if pool is not None and pool.status == "OPEN" and not await _can_pay(tx, pool, fee_percent):
        await _close(tx, pool, CloseReason.NOT_ENOUGH_BALANCE)


async def reopen(tx: Tx, pool_id: int) -> None:
    """Open a pool after its pause for an update, without the checks of opening."""
    await pools.lock_pool(tx, pool_id, exclusive=True)
    pool = await pools.get(tx, pool_id, lock=True)
    if pool is None or pool.status != "CLOSED" or pool.reopen_at is None or pool.reopen_at > tx.now:
        return
    await _open(tx, pool)
