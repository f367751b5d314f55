"""Asking for a payout, and carrying it out or refusing it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

from talka.infra.db import Database, Tx
from talka.infra.http.listing import Listing
from talka.kit.errors import Conflict, NotFound, TalkaError, ValidationError
from talka.kit.ids import parse_number
from talka.ledger import usecases as ledger
from talka.payouts import rules, store
from talka.payouts.model import Payout, PayoutEnded, Status
from talka.restrictions import usecases as restrictions


async def ask(tx: Tx, worker_id: int, amount: Decimal, destination: str, minimum: Decimal) -> Payout:
    """Ask for money; it is held until the request is paid or refused.

    Raises:
        ValidationError: the amount is too small or not whole cents; TalkaError: ACCESS_DENIED when the worker is
            banned; NOT_ENOUGH_BALANCE; CONFLICT_STATE while another request of the worker is open, with
            `payload.withdrawal_id`.
    """
    await restrictions.refuse_banned(tx, worker_id)
    problem = rules.amount_problem(amount, minimum)
    if problem is not None:
        raise ValidationError({"amount": problem})
    number = await store.insert(tx, worker_id, amount, destination)
    if number is None:
        found = await store.open_of(tx, worker_id)
        payload = {"withdrawal_id": str(found.id)} if found is not None else None
        raise TalkaError("CONFLICT_STATE", "You have asked for a payout already; wait for it or cancel it", payload)
    await ledger.withhold(tx, number, worker_id, amount)
    return await _find(tx, number, worker_id=worker_id)


async def every(db: Database, listing: Listing) -> AsyncIterator[Payout]:
    """All requests that meet the conditions of a list, oldest first; no connection is held between two batches."""
    last = 0
    while True:
        async with db.reading() as tx:
            found = await store.after(tx, listing, last)
        if not found:
            return
        for payout in found:
            yield payout
        last = found[-1].id


async def move(
    tx: Tx, payout_id: str, status: Status, *, comment: str | None = None, worker_id: int | None = None
) -> Payout:
    """Move a request (of that worker, if one is given) on; nothing happens when it is there already.

    Raises:
        NotFound; Conflict: INAPPROPRIATE_STATUS.
    """
    found = await _find(tx, parse_number(payout_id), worker_id=worker_id, lock=True, name=payout_id)
    if found.status is status:
        return found
    if found.status not in rules.BEFORE[status]:
        text = f"The payout is {found.status.value}"
        raise Conflict("INAPPROPRIATE_STATUS", text, appropriate=[before.value for before in rules.BEFORE[status]])
    await store.set_status(tx, found.id, status, comment)
    if status is Status.PAID:
        await ledger.pay_out(tx, found.id, found.worker_id, found.amount)
    elif status in {Status.REJECTED, Status.CANCELLED}:
        await ledger.give_back(tx, found.id, found.worker_id, found.amount)
    moved = await _find(tx, found.id)
    if status is not Status.APPROVED:
        tx.record(PayoutEnded(moved))
    return moved


async def _find(
    tx: Tx, number: int | None, *, worker_id: int | None = None, lock: bool = False, name: object = None
) -> Payout:
    found = await store.get(tx, number, worker_id=worker_id, lock=lock) if number is not None else None
    if found is None:
        raise NotFound("payout", number if name is None else name)
    return found
