"""The movements of money: deposit, release, payment. The hold at issue stands in the issuing function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from talka.infra.db import Tx
from talka.kit.errors import TalkaError, field_error
from talka.ledger import store
from talka.ledger.model import LedgerKind, TransferKind, ledger_account

STRIPES = 16


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


async def deposit(tx: Tx, account_id: int, amount: Decimal) -> None:
    """Put money on a requester's account.

    Raises:
        ValidationError: the amount is not positive or has more than six decimals.
    """
    if amount <= 0 or amount != amount.quantize(Decimal("0.000001")):
        raise field_error("amount", "VALUE_OUT_OF_BOUNDS", "Must be positive, with at most six decimals")
    subject = await store.next_deposit(tx)
    outside, available = ledger_account(LedgerKind.OUTSIDE), ledger_account(LedgerKind.AVAILABLE, account_id)
    await store.insert_transfer(tx, subject, TransferKind.DEPOSIT, outside, available, amount)
    await store.add_free(tx, account_id, amount)


async def release(tx: Tx, work: Work) -> None:
    """Give a hold back to the requester: the page was skipped, expired or rejected."""
    await release_all(tx, [work])


async def release_all(tx: Tx, works: Sequence[Work]) -> None:
    """Give back what is held for pages of one pool, to one place: with one lock nobody waits in a circle."""
    paid = [work for work in works if work.cost > 0]
    if not paid:
        return
    held, available = _requester(paid[0].account_id)
    for work in paid:
        await store.insert_transfer(tx, work.assignment_id, TransferKind.RELEASE, held, available, work.cost)
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
    await store.insert_transfer(tx, work.assignment_id, TransferKind.HOLD_AGAIN, available, held, work.cost)


async def draw(tx: Tx, account_id: int, amount: Decimal) -> None:
    """Take from what an account can spend, drawing back from its pools when need be.

    Raises:
        TalkaError: NOT_ENOUGH_BALANCE.
    """
    if await store.lock_free(tx, account_id) < amount:
        await store.gather(tx, account_id)
    if not await store.take_free(tx, account_id, amount):
        raise TalkaError("NOT_ENOUGH_BALANCE", f"The account has less than {amount} US dollars to spend")


def _requester(account_id: int) -> tuple[int, int]:
    return ledger_account(LedgerKind.HELD, account_id), ledger_account(LedgerKind.AVAILABLE, account_id)
