"""A worker's request for money and how it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """NEW → APPROVED → PAID; REJECTED by the operator or CANCELLED by the worker gives the money back."""

    NEW = "NEW"
    APPROVED = "APPROVED"
    PAID = "PAID"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Payout:
    """A request; `comment` is the operator's, for the worker."""

    id: int
    worker_id: int
    user_id: str
    login: str
    amount: Decimal
    destination: str
    status: Status
    comment: str | None
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class PayoutEnded:
    """An event: a request was paid, refused or taken back."""

    payout: Payout
