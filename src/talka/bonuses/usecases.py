"""Paying bonuses, at once or as a queued batch."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from talka.accounts import store as accounts
from talka.assignments import store as assignments
from talka.bonuses import rules, store
from talka.bonuses.model import BonusesPaid, Bonus, BonusNote, NewBonus
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
from talka.ledger.usecases import Bonus as Payment
from talka.operations.batches import item_indexes
from talka.operations.model import Batch, Operation, Outcome

BONUSES = "USER_BONUS.BATCH_CREATE"
CREATED = "bonuses"
"""Under which name an operation keeps the range of ids that it created."""
_NOBODY = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such worker")
_NO_PAGE = FieldError("ENTITY_DOES_NOT_EXIST", "The worker has no such assignment of yours")
_REPEATED = FieldError("ENTITY_CONFLICT", "The same bonus stands in the request before")
_POOR = FieldError("NOT_ENOUGH_BALANCE", "The account has not enough money for it and those before it")


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


async def pay_now(tx: Tx, operation: Operation, items: Sequence[Any], fee_percent: Decimal) -> Outcome:
    """Pay a batch within this transaction.

    Raises:
        BatchValidationError: nothing is valid, or something is not and invalid items are not to be skipped;
        TalkaError: CONFLICT_STATE when all that is wrong are repeated bonuses, NOT_ENOUGH_BALANCE.
    """
    batch = await _validated(tx, operation, items, range(len(items)))
    await _pay(tx, operation, batch, fee_percent)
    if _refused(operation, batch):
        _raise_conflict(batch)
        raise BatchValidationError(batch.errors)
    return await _paid(tx, operation, batch, fee_percent)


async def execute(tx: Tx, operation: Operation, body: bytes, fee_percent: Decimal) -> Outcome:
    """Carry out a queued batch."""
    value = decode(body)
    items = value if isinstance(value, list) else [value]
    batch = await _validated(tx, operation, items, item_indexes(items))
