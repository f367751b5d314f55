"""The movements of money: deposit, release, payment, payout. The hold at issue stands in the issuing function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from talka.infra.db import Tx
from talka.kit.errors import TalkaError, field_error
from talka.kit.money import SCALE
from talka.ledger import store
from talka.ledger.model import LedgerKind, TransferKind, ledger_account

STRIPES = 16
LARGEST_DEPOSIT = Decimal(1_000_000_000_000)


@dataclass(frozen=True, slots=True)
class Work:
    """What money of one assignment moves between: `reward` to the worker, `fee` to the platform."""

    assignment_id: int
    pool_id: int
    account_id: int
    worker_id: int
    reward: Decimal
    fee: Decimal

    @property
    def cost(self) -> Decimal:
        """What the requester pays in all."""
        return self.reward + self.fee


@dataclass(frozen=True, slots=True)
class Gift:
    """Money of one bonus: `amount` to the worker, `fee` to the platform."""

    bonus_id: int
    worker_id: int
    amount: Decimal
    fee: Decimal


async def deposit(tx: Tx, account_id: int, amount: Decimal) -> None:
    """Put money on a requester's account.

    Raises:
        ValidationError: the amount is not positive, too large, or has more than six decimals.
    """
    _check_deposit(amount)
    subject = await store.next_deposit(tx)
    outside, available = ledger_account(LedgerKind.OUTSIDE), ledger_account(LedgerKind.AVAILABLE, account_id)
    await store.insert_transfer(tx, subject, TransferKind.DEPOSIT, outside, available, amount)
    await store.add_free(tx, account_id, amount)


async def deposit_once(tx: Tx, account_id: int, reference: str, amount: Decimal) -> bool:
    """Put money on a requester's account unless that was done under this reference; whether it was new.

    Raises:
        ValidationError: as `deposit`; TalkaError: CONFLICT_STATE when the reference stands for another amount.
    """
    _check_deposit(amount)
    before = await store.insert_deposit(tx, account_id, reference, amount)
    if before is None:
        await deposit(tx, account_id, amount)
    elif before != amount:
        raise TalkaError("CONFLICT_STATE", f"{reference} is a deposit of {before} US dollars")
    return before is None


def _check_deposit(amount: Decimal) -> None:
    fits = amount.is_finite() and 0 < amount <= LARGEST_DEPOSIT
    if not fits or amount != amount.quantize(SCALE):
        text = f"Must be positive, at most {LARGEST_DEPOSIT}, with at most six decimals"
        raise field_error("amount", "VALUE_OUT_OF_BOUNDS", text)


async def release(tx: Tx, work: Work) -> None:
    """Give a hold back to the requester: the page was skipped, expired or rejected."""
    await release_all(tx, [work])


async def release_all(tx: Tx, works: Sequence[Work]) -> None:
    """Give back what is held for pages of one pool, to one place: with one lock nobody waits in a circle."""
    paid = [work for work in works if work.cost > 0]
    if not paid:
        return
    held, available = _requester(paid[0].account_id)
    lines = [(work.assignment_id, TransferKind.RELEASE, held, available, work.cost) for work in paid]
    await store.insert_transfers(tx, lines)
    total = sum((work.cost for work in paid), Decimal(0))
    if not await store.release_to_pool(tx, paid[0].pool_id, paid[0].worker_id % STRIPES, total):
        await store.add_free(tx, paid[0].account_id, total)


async def pay(tx: Tx, work: Work) -> None:
    """Pay what was held for a page: reward to the worker, fee to the platform."""
    await store.pay(tx, work.assignment_id, work.account_id, work.worker_id, work.reward, work.fee)


async def hold_again(tx: Tx, work: Work) -> None:
    """Hold the price of a rejected page that is now accepted after all.

    Raises:
        TalkaError: NOT_ENOUGH_BALANCE.
    """
    if work.cost == 0:
        return
    await draw(tx, work.account_id, work.cost)
    held, available = _requester(work.account_id)
    await _move_once(tx, work.assignment_id, TransferKind.HOLD_AGAIN, available, held, work.cost)


async def draw(tx: Tx, account_id: int, amount: Decimal) -> None:
    """Take from what an account can spend, drawing back from its pools when need be.

    Raises:
        TalkaError: NOT_ENOUGH_BALANCE.
    """
    await spendable(tx, account_id, amount)
    if not await store.take_free(tx, account_id, amount):
        raise TalkaError("NOT_ENOUGH_BALANCE", f"The account has less than {amount} US dollars to spend")


async def spendable(tx: Tx, account_id: int, wanted: Decimal) -> Decimal:
    """What an account can spend, locked until commit; drawn back from its pools when it is less than `wanted`."""
    free = await store.lock_free(tx, account_id)
    if free >= wanted:
        return free
    await store.gather(tx, account_id)
    return await store.lock_free(tx, account_id)


async def give(tx: Tx, account_id: int, gifts: Sequence[Gift]) -> None:
    """Pay bonuses out of what an account can spend.

    Raises:
        TalkaError: NOT_ENOUGH_BALANCE.
    """
    await draw(tx, account_id, sum((gift.amount + gift.fee for gift in gifts), Decimal(0)))
    available, platform = ledger_account(LedgerKind.AVAILABLE, account_id), ledger_account(LedgerKind.PLATFORM)
    lines = []
    for gift in gifts:
        worker = ledger_account(LedgerKind.WORKER, gift.worker_id)
        lines.append((gift.bonus_id, TransferKind.BONUS, available, worker, gift.amount))
        if gift.fee > 0:
            lines.append((gift.bonus_id, TransferKind.BONUS_FEE, available, platform, gift.fee))
    await store.insert_transfers(tx, lines)
    earned: dict[int, Decimal] = {}
    for gift in gifts:
        earned[gift.worker_id] = earned.get(gift.worker_id, Decimal(0)) + gift.amount
    await store.add_earned(tx, sorted(earned.items()))


async def withhold(tx: Tx, payout_id: int, worker_id: int, amount: Decimal) -> None:
    """Hold what a worker asks to be paid out.

    Raises:
        TalkaError: NOT_ENOUGH_BALANCE.
    """
    if not await store.block(tx, worker_id, amount):
        raise TalkaError("NOT_ENOUGH_BALANCE", f"You have less than {amount} US dollars to withdraw")
    own, withheld = _worker(worker_id)
    await _move_once(tx, payout_id, TransferKind.WITHHOLD, own, withheld, amount)


async def pay_out(tx: Tx, payout_id: int, worker_id: int, amount: Decimal) -> None:
    """What was held for a payout has left the platform."""
    _, withheld = _worker(worker_id)
    await _move_once(tx, payout_id, TransferKind.PAY_OUT, withheld, ledger_account(LedgerKind.OUTSIDE), amount)
    await store.unblock(tx, worker_id, amount, Decimal(0))


async def give_back(tx: Tx, payout_id: int, worker_id: int, amount: Decimal) -> None:
    """What was held for a payout is the worker's again."""
    own, withheld = _worker(worker_id)
    await _move_once(tx, payout_id, TransferKind.GIVE_BACK, withheld, own, amount)
    await store.unblock(tx, worker_id, amount, amount)


async def _move_once(tx: Tx, subject: int, kind: TransferKind, debit: int, credit: int, amount: Decimal) -> None:
    if not await store.insert_transfer(tx, subject, kind, debit, credit, amount):
        raise LookupError(f"the movement {kind.name} of {subject} was made before")


def _worker(worker_id: int) -> tuple[int, int]:
    return ledger_account(LedgerKind.WORKER, worker_id), ledger_account(LedgerKind.WITHHELD, worker_id)


def _requester(account_id: int) -> tuple[int, int]:
    return ledger_account(LedgerKind.HELD, account_id), ledger_account(LedgerKind.AVAILABLE, account_id)
