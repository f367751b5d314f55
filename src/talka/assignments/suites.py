"""All task suites of a pool: the stored ones, and those that were mixed at the moment of issue.

A mixed suite is not stored: its number is that of its assignment less one, its tasks are the assignment's.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, LiteralString

from starlette.datastructures import QueryParams

from talka.infra.db import Row, Tx
from talka.infra.http.listing import Column, ListSpec, integers, moments, parse_listing
from talka.kit.ids import parse_work_id
from talka.tasks import store as tasks

_MIXED: LiteralString = "select a.pool_id, a.suite_id as id, a.task_ids, a.created, a.automerged from assignment a"


def _assignment_number(text: str) -> tuple[Any, ...] | None:
    parts = parse_work_id(text)
    return None if parts is None else (parts.pool_id, parts.number + 1)


def _task(text: str) -> tuple[Any, ...] | None:
    parts = parse_work_id(text)
    return None if parts is None else (parts.number, parts.number)


_OVERLAP = integers("1")
_LIST = ListSpec(
    filters={
        "overlap": _OVERLAP,
        "task_id": Column(
            "a.id",
            _task,
            condition="a.id in (select assignment_id from claim where unit_id = %s"
            " union all select assignment_id from claim_expired where unit_id = %s)",
        ),
        **tasks.owners("a"),
    },
    ranges={
        "id": Column("(a.pool_id, a.id)", _assignment_number, placeholders="(%s, %s)"),
        "created": moments("a.created"),
        "overlap": _OVERLAP,
    },
    sorts={"id": ("a.id",), "created": ("a.created",)},
    max_limit=100_000,
    required=("pool_id", "task_id"),
)


def _as_suite(row: Row) -> Row:
    fixed = {"mixed": True, "overlap": 1, "taken": 1, "details": None, "issuing_order_override": Decimal(0)}
    return {**row, **fixed, "latitude": None, "longitude": None}


async def listed(tx: Tx, pool_id: int, params: QueryParams) -> tuple[list[Row], bool]:
    """A page of a pool's suites of both origins, in the order asked for.

    Raises:
        ValidationError: naming every wrong parameter.
    """
    stored, more_stored = await tasks.listed_suites(tx, pool_id, parse_listing(params, tasks.SUITES))
    listing = parse_listing(params, _LIST)
    mixed, more_mixed = await listing.fetch(tx, _MIXED, ("a.pool_id = %s", pool_id), ("a.mixed = %s", True))
    rows = _ordered([*stored, *map(_as_suite, mixed)], params.get("sort", "id"))
    return rows[: listing.limit], more_stored or more_mixed or len(rows) > listing.limit


def _ordered(rows: Sequence[Row], sort: str) -> list[Row]:
    ordered = sorted(rows, key=lambda row: row["id"])
    for name in reversed([part.strip() for part in sort.split(",") if part.strip()]):
        field = name.removeprefix("-")
        ordered.sort(key=lambda row, field=field: row[field], reverse=name.startswith("-"))  # type: ignore[misc]
    return ordered


async def get(tx: Tx, pool_id: int, number: int) -> Row | None:
    """One suite of either origin."""
    stored = await tasks.suite(tx, pool_id, number)
    if stored is not None:
        return stored
    row = await tx.row(_MIXED + " where a.pool_id = %s and a.id = %s and a.mixed", (pool_id, number + 1))
    return _as_suite(row) if row else None
