"""Bonuses before and after they are paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from talka.kit.ids import WorkId

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewBonus:
    """A valid bonus that is not paid yet; without a message it has neither title nor message."""

    index: int
    user_id: str
    worker_id: int
    amount: Decimal
    assignment: WorkId | None
    project_id: int | None
    private_comment: str | None
    title: Texts | None
    message: Texts | None


@dataclass(frozen=True, slots=True)
class Bonus:
    """A bonus that was paid."""

    id: int
    account_id: int
    user_id: str
    amount: Decimal
    assignment: WorkId | None
    private_comment: str | None
    title: Texts | None
    message: Texts | None
    item_index: int
    created: datetime


@dataclass(frozen=True, slots=True)
class Earned:
    """What a worker was paid: for an accepted page, or as a bonus."""

    amount: Decimal
    created: datetime
    # When the page was taken, or the bonus was paid: the order of the list.
    moment: datetime
    assignment: WorkId | None
    project_id: int | None
    project_name: str | None
    bonus: Bonus | None = None


@dataclass(frozen=True, slots=True)
class BonusNote:
    """What a worker is to be told of a bonus."""

    user_id: str
    worker_id: int
    title: Texts
    message: Texts
    assignment: WorkId | None
    project_id: int | None


@dataclass(frozen=True, slots=True)
class BonusesPaid:
    """An event: workers are to be told of their bonuses."""

    account_id: int
    notes: tuple[BonusNote, ...]
