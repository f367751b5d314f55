"""Kinds of movements and of ledger accounts."""

from __future__ import annotations

from enum import IntEnum


class TransferKind(IntEnum):
    """Why money moved; together with its subject the key of a movement."""

    DEPOSIT = 1
    HOLD = 2
    RELEASE = 3
    PAY = 4
    FEE = 5
    HOLD_AGAIN = 6
    BONUS = 7
    BONUS_FEE = 8
    WITHHOLD = 10
    PAY_OUT = 11
    GIVE_BACK = 12


class LedgerKind(IntEnum):
    """What a ledger account stands for."""

    OUTSIDE = 1
    PLATFORM = 2
    AVAILABLE = 3
    HELD = 4
    WORKER = 5
    WITHHELD = 6


def ledger_account(kind: LedgerKind, owner: int = 0) -> int:
    """The number of a ledger account: kind in the high half, owner (account or worker) in the low."""
    return (int(kind) << 32) | owner
