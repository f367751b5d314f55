"""SQL of payouts."""

from __future__ import annotations

from decimal import Decimal
from typing import LiteralString

from psycopg import sql

from talka.infra.db import Row, Tx
from talka.infra.http.listing import Listing, ListSpec, choices, moments, numbers, users
from talka.payouts.model import Payout, Status

_SELECT: LiteralString = (
    "select p.id, p.worker_id, w.user_id, w.login, p.amount, p.destination, p.status, p.comment, p.created, p.modified"
    " from payout p join worker w on w.id = p.worker_id"
)
_STATUSES = choices("p.status", {status.value: status.value for status in Status}, many=True)
_RANGES = {"id": numbers("p.id"), "created": moments("p.created")}
_SORTS: dict[str, tuple[LiteralString, ...]] = {"id": ("p.id",), "created": ("p.created",)}
LIST = ListSpec(filters={"status": _STATUSES, "user_id": users("w.user_id")}, ranges=_RANGES, sorts=_SORTS)
OWN = ListSpec(filters={"status": _STATUSES}, ranges=_RANGES, sorts=_SORTS)
_BATCH = 500


def _payout(row: Row) -> Payout:
    return Payout(**{**row, "user_id": row["user_id"].hex, "status": Status(row["status"])})


async def insert(tx: Tx, worker_id: int, amount: Decimal, destination: str) -> int | None:
    """The new request's id; None when the worker has an open one (once a transaction that just made it is over)."""
    value: int | None = await tx.value(
        "insert into payout (worker_id, amount, destination, status, created, modified)"
        " values (%s, %s, %s, 'NEW', %s, %s) on conflict do nothing returning id",
        (worker_id, amount, destination, tx.now, tx.now),
    )
    return value


async def get(tx: Tx, payout_id: int, *, worker_id: int | None = None, lock: bool = False) -> Payout | None:
    """A request (of that worker, if one is given); `lock` keeps it until commit."""
    query: LiteralString = f"{_SELECT} where p.id = %s and (%s::int is null or p.worker_id = %s)"
    row = await tx.row(query + (" for update of p" if lock else ""), (payout_id, worker_id, worker_id))
    return _payout(row) if row else None


async def open_of(tx: Tx, worker_id: int) -> Payout | None:
    """The worker's request that is neither paid nor refused."""
    row = await tx.row(f"{_SELECT} where p.worker_id = %s and p.status in ('NEW', 'APPROVED')", (worker_id,))
    return _payout(row) if row else None


async def set_status(tx: Tx, payout_id: int, status: Status, comment: str | None) -> None:
    """Move a request; without a comment the old one stays."""
    await tx.execute(
        "update payout set status = %s, comment = coalesce(%s, comment), modified = %s where id = %s",
        (status.value, comment, tx.now, payout_id),
    )


async def listed(tx: Tx, listing: Listing, *, worker_id: int | None = None) -> tuple[list[Payout], bool]:
    """A page of requests (of that worker, if one is given)."""
    where: list[tuple[LiteralString, int]] = [] if worker_id is None else [("p.worker_id = %s", worker_id)]
    rows, more = await listing.fetch(tx, _SELECT, *where)
    return [_payout(row) for row in rows], more


async def after(tx: Tx, listing: Listing, last: int) -> list[Payout]:
    """The next requests that meet the conditions of a list, oldest first, whatever its order and limit."""
    walk = Listing(listing.conditions, listing.values, sql.SQL("{}").format(sql.SQL("p.id")), _BATCH)
    rows, _ = await walk.fetch(tx, _SELECT, ("p.id > %s", last))
    return [_payout(row) for row in rows]
