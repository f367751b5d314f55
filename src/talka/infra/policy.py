"""What an operator can change while Talka runs: fee, registration, payouts, moderation; kept in the database."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from psycopg import sql

from talka.infra.db import Database, Tx
from talka.infra.settings import Settings


class Moderation(StrEnum):
    """When an operator has to approve a project before its pools can be opened."""

    OFF = "OFF"
    FIRST_RUN = "FIRST_RUN"
    EVERY_MAJOR_VERSION = "EVERY_MAJOR_VERSION"


MINIMUM_PAYOUT = Decimal(1)
"""The least that workers can ask for unless the operator decided otherwise."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is in force."""

    fee_percent: Decimal
    open_registration: bool
    minimum_payout: Decimal
    moderation: Moderation
    max_pool_assignments: int
    """A setting that is not decided on while Talka runs; 0 is no limit."""


async def in_force(tx: Tx, settings: Settings) -> Policy:
    """What the operator decided; the settings of the process where they decided nothing."""
    row = await tx.row(
        "select coalesce(fee_percent, %s) as fee_percent, coalesce(open_registration, %s) as open_registration,"
        " coalesce(minimum_payout, %s) as minimum_payout, coalesce(moderation, 'OFF') as moderation from policy",
        (settings.fee_percent, settings.open_registration, MINIMUM_PAYOUT),
    )
    if row is None:
        raise LookupError("no policy")
    decided = {**row, "moderation": Moderation(row["moderation"])}
    return Policy(**decided, max_pool_assignments=settings.max_pool_assignments)


async def change(tx: Tx, changes: Mapping[str, Any]) -> None:
    """Decide on the fields of `changes`; None leaves one to the settings again."""
    if changes:
        pairs = [sql.SQL("{} = %s").format(sql.Identifier(name)) for name in changes]
        await tx.execute(sql.SQL("update policy set {}").format(sql.SQL(", ").join(pairs)), list(changes.values()))


class Policies:
    """The policy as a process knows it: a decision of another process comes into force within `SECONDS`."""

    SECONDS = 2.0

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: tuple[float, Policy] | None = None

    async def get(self, db: Database) -> Policy:
        """What is in force."""
        if self._known is not None and self._known[0] > time.monotonic():
            return self._known[1]
        async with db.reading() as tx:
            found = await in_force(tx, self._settings)
        self._known = (time.monotonic() + self.SECONDS, found)
        return found

    def forget(self) -> None:
        """Something was decided in this process."""
        self._known = None
