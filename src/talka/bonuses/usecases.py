"""Paying bonuses, at once or as a queued batch."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from talka.accounts import store as accounts
from talka.assignments import store as assignments
from talka.bonuses import rules, store
from talka.bonuses.model import Bonus, BonusesPaid, BonusNote, Earned, NewBonus
from talka.bonuses.wire import BonusBody
from talka.infra.db import Row, Tx
from talka.infra.http.body import decode
from talka.kit.errors import (
    BatchValidationError,
    FieldError,
    FieldErrors,
    NotFound,
    TalkaError,
    ValidationError,
    as_payload,
)
from talka.kit.ids import WorkId, parse_number, parse_user_id, parse_work_id
from talka.kit.money import fee_of
from talka.kit.wire import parse
from talka.ledger import usecases as ledger
from talka.operations.batches import item_indexes
from talka.operations.model import Batch, Operation, Outcome

BONUSES = "USER_BONUS.BATCH_CREATE"
_RANGE = "bonuses"
"""Under which name an operation keeps the lowest and highest id that it created."""
_NOBODY = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such worker")
_NO_PAGE = FieldError("ENTITY_DOES_NOT_EXIST", "The worker has no such assignment of yours")
_REPEATED = FieldError("ENTITY_CONFLICT", "The same bonus stands in the request before")
_POOR = FieldError("NOT_ENOUGH_BALANCE", "There is not enough money for it and those before it")


async def find(tx: Tx, account_id: int, bonus_id: str) -> Bonus:
    """A bonus of the account.

    Raises:
        NotFound.
    """
    number = parse_number(bonus_id)
    found = await store.get(tx, account_id, number) if number is not None else None
    if found is None:
        raise NotFound("bonus", bonus_id)
    return found


async def created(tx: Tx, operation: Operation) -> list[Bonus]:
    """What a batch created, in the order of its items."""
    if _RANGE not in operation.created:
        return []
    low, high = operation.created[_RANGE]
    return await store.of_batch(tx, low, high, operation.number)


async def earned(
    tx: Tx, worker_id: int, limit: int, before: int | None, before_bonus: int | None
) -> tuple[list[Earned], bool]:
    """What a worker was paid for pages and as bonuses, latest first, and whether there is more.

    Both kinds have an order of their own, and each goes on after the last one that was seen of it.
    """
    pages = [
        Earned(row["reward"], row["accepted"], row["created"], WorkId(row["pool_id"], row["id"]), row["project_id"],
               row["title"])
        for row in await assignments.earnings(tx, worker_id, limit + 1, before)
    ]  # fmt: skip
    bonuses = await store.earned(tx, worker_id, limit + 1, before_bonus)
    merged = list(heapq.merge(bonuses, pages, key=lambda one: one.moment, reverse=True))
    return merged[:limit], len(merged) > limit


async def pay_now(tx: Tx, operation: Operation, items: Sequence[Any], fee_percent: Decimal) -> Outcome:
    """Pay a batch within this transaction.

    Raises:
        BatchValidationError: nothing is valid, or something is not and invalid items are not to be skipped;
        TalkaError: NOT_ENOUGH_BALANCE, or CONFLICT_STATE for repeated bonuses, when nothing else is wrong.
    """
    batch = await _settled(tx, operation, items, range(len(items)), fee_percent)
    if not _refused(operation, batch):
        return await _pay(tx, operation, batch, fee_percent)
    wrong = {error for errors in batch.errors.values() for error in errors.values()}
    if wrong == {_POOR}:
        raise TalkaError("NOT_ENOUGH_BALANCE", "The account has not enough money for these bonuses and their fee")
    if wrong == {_REPEATED}:
        raise TalkaError("CONFLICT_STATE", "A bonus stands in the request twice", as_payload({"user_id": _REPEATED}))
    raise BatchValidationError(batch.errors)


async def execute(tx: Tx, operation: Operation, body: bytes, fee_percent: Decimal) -> Outcome:
    """Carry out a queued batch."""
    value = decode(body)
    items = value if isinstance(value, list) else [value]
    batch = await _settled(tx, operation, items, item_indexes(items), fee_percent)
    if _refused(operation, batch):
        return Outcome("FAIL", batch.details(created=False), failures=batch.failures("USER_BONUS_VALIDATE"))
    return await _pay(tx, operation, batch, fee_percent)


def _refused(operation: Operation, batch: Batch) -> bool:
    return batch.refused(skip_invalid_items=operation.parameters["skip_invalid_items"])


async def _settled(
    tx: Tx, operation: Operation, items: Sequence[Any], indexes: Sequence[int], fee_percent: Decimal
) -> Batch:
    """What is to be paid, and what is wrong with the rest; with locked money, unless nothing is to be paid."""
    # In a thread, so that whoever else is served by this process does not wait for a large batch.
    bodies, errors = await asyncio.to_thread(_read_all, items, indexes)
    new = await _resolved(tx, operation.account_id, bodies, errors)
    repeated = rules.repeated(new)
    for index in repeated:
        errors[index] = {"user_id": _REPEATED}
    batch = Batch([bonus for bonus in new if bonus.index not in repeated], errors)
    if not _refused(operation, batch):
        costs = [bonus.amount + fee_of(bonus.amount, fee_percent) for bonus in batch.new]
        money = await ledger.spendable(tx, operation.account_id, sum(costs, Decimal(0)))
        beyond = rules.beyond(costs, money)
        errors |= {batch.new[position].index: {"amount": _POOR} for position in beyond}
        batch.new = [bonus for position, bonus in enumerate(batch.new) if position not in beyond]
    given = dict(zip(indexes, items, strict=True))
    batch.rejected = {index: given[index] for index in sorted(errors)}
    batch.errors = dict(sorted(errors.items()))
    return batch


def _read_all(items: Sequence[Any], indexes: Sequence[int]) -> tuple[dict[int, BonusBody], dict[int, FieldErrors]]:
    bodies: dict[int, BonusBody] = {}
    errors: dict[int, FieldErrors] = {}
    for index, item in zip(indexes, items, strict=True):
        try:
            bodies[index] = parse(BonusBody, item)
        except ValidationError as error:
            errors[index] = {"" if path == "body" else path: found for path, found in error.fields.items()}
    return bodies, errors


async def _resolved(
    tx: Tx, account_id: int, bodies: Mapping[int, BonusBody], errors: dict[int, FieldErrors]
) -> list[NewBonus]:
    """The bonuses whose worker and assignment exist; errors of the others are added."""
    users = {body.user_id: parse_user_id(body.user_id) for body in bodies.values()}
    workers = await accounts.worker_ids(tx, [user for user in users.values() if user is not None])
    pages = await _pages(tx, account_id, (body.assignment_id for body in bodies.values()))
    new = []
    for index, body in bodies.items():
        worker_id = _worker(users[body.user_id], workers)
        page = pages.get(body.assignment_id or "")
        wrong: FieldErrors = {}
        if worker_id is None:
            wrong["user_id"] = _NOBODY
        if body.assignment_id is not None and (page is None or page["worker_id"] != worker_id):
            wrong["assignment_id"] = _NO_PAGE
        if worker_id is None or wrong:
            errors[index] = wrong
            continue
        new.append(_new_bonus(index, body, worker_id, page))
    return new


def _worker(user: UUID | None, workers: Mapping[UUID, int]) -> int | None:
    return workers.get(user) if user is not None else None


async def _pages(tx: Tx, account_id: int, ids: Iterable[str | None]) -> dict[str, Row]:
    """The account's assignments among ids, by id."""
    parsed = {text: parse_work_id(text) for text in ids if text is not None}
    rows = await assignments.owned(tx, account_id, [parts for parts in parsed.values() if parts is not None])
    return {str(WorkId(row["pool_id"], row["id"])): row for row in rows}


def _new_bonus(index: int, body: BonusBody, worker_id: int, page: Row | None) -> NewBonus:
    told = not body.without_message
    return NewBonus(
        index=index,
        user_id=body.user_id,
        worker_id=worker_id,
        amount=body.amount,
        assignment=WorkId(page["pool_id"], page["id"]) if page is not None else None,
        project_id=page["project_id"] if page is not None else None,
        private_comment=body.private_comment,
        title=body.public_title if told else None,
        message=body.public_message if told else None,
    )


async def _pay(tx: Tx, operation: Operation, batch: Batch, fee_percent: Decimal) -> Outcome:
    new: Sequence[NewBonus] = batch.new
    numbers = await store.next_ids(tx, len(new))
    fees = [fee_of(bonus.amount, fee_percent) for bonus in new]
    await store.insert(tx, operation.account_id, operation.number, list(zip(numbers, new, strict=True)), fees)
    gifts = [
        ledger.Gift(number, bonus.worker_id, bonus.amount, fee)
        for number, bonus, fee in zip(numbers, new, fees, strict=True)
    ]
    await ledger.give(tx, operation.account_id, gifts)
    notes = tuple(
        BonusNote(bonus.user_id, bonus.worker_id, bonus.title, bonus.message, bonus.assignment, bonus.project_id)
        for bonus in new
        if bonus.title is not None and bonus.message is not None
    )
    if notes:
        tx.record(BonusesPaid(operation.account_id, notes))
    failures = batch.failures("USER_BONUS_VALIDATE")
    return Outcome("SUCCESS", batch.details(created=True), {_RANGE: [numbers[0], numbers[-1]]}, failures)
