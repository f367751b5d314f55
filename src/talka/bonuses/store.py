"""SQL of bonuses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, LiteralString

from psycopg.types.json import Json

from talka.bonuses.model import Bonus, Earned, NewBonus
from talka.infra.db import Row, Tx
from talka.infra.http.listing import Column, Listing, ListSpec, moments, numbers, users, work_ids
from talka.kit.ids import WorkId

_COLUMNS: LiteralString = (
    "b.id, b.account_id, b.amount, b.pool_id, b.assignment_id, b.private_comment, b.public_title, b.public_message,"
    " b.item_index, b.created, w.user_id"
)
_SELECT: LiteralString = f"select {_COLUMNS} from bonus b join worker w on w.id = b.worker_id"


def _comment(text: str) -> tuple[Any, ...] | None:
    return (text, text) if "\0" not in text else None


LIST = ListSpec(
    filters={
        "user_id": users("w.user_id"),
        "assignment_id": work_ids("b.pool_id", "b.assignment_id"),
        # The first condition is the one that an index knows.
        "private_comment": Column(
            "b.private_comment",
            _comment,
            "CHARACTER_NOT_ALLOWED",
            condition="left(b.private_comment, 200) = left(%s, 200) and b.private_comment = %s",
        ),
    },
    ranges={"id": numbers("b.id"), "created": moments("b.created")},
    sorts={"id": ("b.id",), "created": ("b.created",)},
    max_limit=300,
)
OWN = ListSpec(
    ranges={"id": numbers("b.id"), "created": moments("b.created")},
    sorts={"id": ("b.id",), "created": ("b.created",)},
    max_limit=300,
)


def _bonus(row: Row) -> Bonus:
    pool_id, number = row["pool_id"], row["assignment_id"]
    return Bonus(
        id=row["id"],
        account_id=row["account_id"],
        user_id=row["user_id"].hex,
        amount=row["amount"],
        assignment=WorkId(pool_id, number) if number is not None else None,
        private_comment=row["private_comment"],
        title=row["public_title"],
        message=row["public_message"],
        item_index=row["item_index"],
        created=row["created"],
    )


async def next_ids(tx: Tx, count: int) -> list[int]:
    """Fresh, ascending ids."""
    rows = await tx.rows("select nextval('bonus_id_seq') as id from generate_series(1, %s)", (count,))
    return [row["id"] for row in rows]


async def insert(
    tx: Tx, account_id: int, batch: int, bonuses: Sequence[tuple[int, NewBonus]], fees: Sequence[Decimal]
) -> None:
    """Store bonuses with their ids and fees."""
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy(
            "copy bonus (id, account_id, worker_id, amount, fee, pool_id, assignment_id, private_comment, public_title,"
            " public_message, without_message, batch, item_index, created) from stdin"
        ) as copy,
    ):
        for (bonus_id, bonus), fee in zip(bonuses, fees, strict=True):
            pool_id, number = bonus.assignment or (None, None)
            texts = (bonus.title, bonus.message)
            await copy.write_row(
                (
                    bonus_id, account_id, bonus.worker_id, bonus.amount, fee, pool_id, number, bonus.private_comment,
                    *(Json(text) if text is not None else None for text in texts), bonus.title is None, batch,
                    bonus.index, tx.now,
                )
            )  # fmt: skip


async def get(tx: Tx, account_id: int, bonus_id: int) -> Bonus | None:
    """A bonus of an account."""
    row = await tx.row(_SELECT + " where b.id = %s and b.account_id = %s", (bonus_id, account_id))
    return _bonus(row) if row else None


async def listed(tx: Tx, account_id: int, listing: Listing) -> tuple[list[Bonus], bool]:
    """A page of the account's bonuses."""
    rows, more = await listing.fetch(tx, _SELECT, ("b.account_id = %s", account_id))
    return [_bonus(row) for row in rows], more


async def own(tx: Tx, worker_id: int, listing: Listing) -> tuple[list[Bonus], bool]:
    """A page of what a worker was given."""
    rows, more = await listing.fetch(tx, _SELECT, ("b.worker_id = %s", worker_id))
    return [_bonus(row) for row in rows], more


async def earned(tx: Tx, worker_id: int, limit: int, before: int | None) -> list[Earned]:
    """What a worker was given, latest first; `before` is the id of a bonus."""
    rows = await tx.rows(
        f"select {_COLUMNS}, p.project_id, j.public_name from bonus b"
        " join worker w on w.id = b.worker_id left join pool p on p.id = b.pool_id"
        " left join project j on j.id = p.project_id"
        " where b.worker_id = %s and b.id < coalesce(%s::bigint, 9223372036854775807) order by b.id desc limit %s",
        (worker_id, before, limit),
    )
    found = [(_bonus(row), row["project_id"], row["public_name"]) for row in rows]
    return [
        Earned(bonus.amount, bonus.created, bonus.created, bonus.assignment, project_id, name, bonus)
        for bonus, project_id, name in found
    ]


async def of_batch(tx: Tx, low: int, high: int, batch: int) -> list[Bonus]:
    """What a batch created, in the order of its items."""
    rows = await tx.rows(_SELECT + " where b.id between %s and %s and b.batch = %s order by b.id", (low, high, batch))
    return [_bonus(row) for row in rows]
