"""SQL of tasks and suites: their payload; their places in the queue stand in `queue`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString

from psycopg.types.json import Json

from talka.infra.db import Row, Tx
from talka.infra.http.listing import COMPANIES, Column, Listing, ListSpec, integers, moments, users, work_ids
from talka.kit.ids import parse_work_id
from talka.kit.times import format_time

_TASK: LiteralString = (
    "select t.pool_id, t.id, t.kind, t.item_index, t.suite_id, t.created, t.input_values, t.details,"
    " q.overlap, q.taken from task t join queue q on q.pool_id = t.pool_id and q.unit_id = coalesce(t.suite_id, t.id)"
)
# Suites that were mixed for one worker are not stored: they are read off their assignments.
_SUITE: LiteralString = (
    "select s.pool_id, s.id, s.item_index, s.mixed, s.task_ids, s.created, s.details, s.issuing_order_override,"
    " s.latitude, s.longitude, q.overlap, q.taken"
    " from suite s join queue q on q.pool_id = s.pool_id and q.unit_id = s.id"
)
# Whose a pool is, for lists that are of one pool.
_OWNS: LiteralString = (
    "exists (select 1 from pool o join account c on c.id = o.account_id"
    " where o.id = {}.pool_id and c.requester_id = %s)"
)


def owners(table: LiteralString) -> dict[str, Column]:
    """Filters by owner of a list within one pool; `table` has `pool_id`."""
    owner = Column("null", lambda text: users("").read(text), condition=_OWNS.format(table))
    return {"owner_id": owner, "owner_company_id": COMPANIES}


TASKS = ListSpec(
    filters={"overlap": integers("q.overlap"), **owners("t")},
    ranges={"id": work_ids("t.pool_id", "t.id"), "created": moments("t.created"), "overlap": integers("q.overlap")},
    sorts={"id": ("t.id",), "created": ("t.created",)},
    max_limit=100_000,
)
SUITES = ListSpec(
    filters={
        "overlap": integers("q.overlap"),
        "task_id": Column(
            "s.id", parse_work_id, condition="s.id = (select t.suite_id from task t where (t.pool_id, t.id) = (%s, %s))"
        ),
        **owners("s"),
    },
    ranges={"id": work_ids("s.pool_id", "s.id"), "created": moments("s.created"), "overlap": integers("q.overlap")},
    sorts={"id": ("s.id",), "created": ("s.created",)},
    max_limit=100_000,
    required=("pool_id", "task_id"),
)


def copy_text(json: bytes | None) -> bytes:
    """JSON as a field of a COPY line (JSON has no raw control characters, so backslashes are all)."""
    return b"\\N" if json is None else json.replace(b"\\", b"\\\\")


async def next_task_ids(tx: Tx, count: int) -> list[int]:
    """Fresh, ascending task numbers."""
    rows = await tx.rows("select nextval('task_id_seq') as id from generate_series(1, %s)", (count,))
    return [row["id"] for row in rows]


async def next_suite_ids(tx: Tx, count: int) -> list[int]:
    """Fresh, ascending suite numbers."""
    rows = await tx.rows("select nextval('page_id_seq') as id from generate_series(1, %s)", (count,))
    return [row["id"] for row in rows]


def task_line(
    pool_id: int,
    number: int,
    kind: int,
    index: int,
    batch: int | None,
    suite_id: int | None,
    created: str,
    inputs: bytes,
    details: bytes | None,
) -> bytes:
    """One COPY line of `task`."""
    batch_text = "\\N" if batch is None else batch
    suite_text = "\\N" if suite_id is None else suite_id
    head = f"{pool_id}\t{number}\t{kind}\t{index}\t{batch_text}\t{suite_text}\t{created}\t".encode()
    return head + copy_text(inputs) + b"\t" + copy_text(details) + b"\n"


def moment_text(tx: Tx) -> str:
    """The transaction's time as COPY text."""
    return format_time(tx.now) + "+00"


async def copy_tasks(tx: Tx, lines: Iterable[bytes]) -> None:
    """Append ready-made lines to `task`."""
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy(
            "copy task (pool_id, id, kind, item_index, batch, suite_id, created, input_values, details) from stdin"
        ) as copy,
    ):
        await copy.write(b"".join(lines))


async def copy_suites(tx: Tx, rows: Sequence[Sequence[Any]]) -> None:
    """Append rows to `suite`."""
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy(
            "copy suite (pool_id, id, item_index, batch, mixed, task_ids, issuing_order_override, latitude, longitude,"
            " created, details) from stdin"
        ) as copy,
    ):
        for row in rows:
            await copy.write_row(row)


async def task(tx: Tx, pool_id: int, number: int) -> Row | None:
    """One task with its overlap."""
    return await tx.row(_TASK + " where t.pool_id = %s and t.id = %s", (pool_id, number))


async def tasks(tx: Tx, pool_id: int, numbers: Sequence[int]) -> dict[int, Row]:
    """Tasks by number."""
    rows = await tx.rows(_TASK + " where t.pool_id = %s and t.id = any(%s)", (pool_id, list(numbers)))
    return {row["id"]: row for row in rows}


async def listed_tasks(tx: Tx, pool_id: int, listing: Listing) -> tuple[list[Row], bool]:
    """A page of a pool's tasks."""
    return await listing.fetch(tx, _TASK, ("t.pool_id = %s", pool_id))


async def batch_tasks(tx: Tx, pool_id: int, low: int, high: int, batch: int) -> list[Row]:
    """What a batch created in a pool, in the order of its items."""
    return await tx.rows(
        _TASK + " where t.pool_id = %s and t.id between %s and %s and t.batch = %s order by t.id",
        (pool_id, low, high, batch),
    )


async def batch_suites(tx: Tx, pool_id: int, low: int, high: int, batch: int) -> list[Row]:
    """What a batch of suites created in a pool, in the order of its items."""
    return await tx.rows(
        _SUITE + " where s.pool_id = %s and s.id between %s and %s and s.batch = %s order by s.id",
        (pool_id, low, high, batch),
    )


async def suite(tx: Tx, pool_id: int, number: int) -> Row | None:
    """One stored suite with its overlap."""
    return await tx.row(_SUITE + " where s.pool_id = %s and s.id = %s", (pool_id, number))


async def suites(tx: Tx, pool_id: int, numbers: Sequence[int]) -> list[Row]:
    """Stored suites with their overlap."""
    return await tx.rows(_SUITE + " where s.pool_id = %s and s.id = any(%s)", (pool_id, list(numbers)))


async def listed_suites(tx: Tx, pool_id: int, listing: Listing) -> tuple[list[Row], bool]:
    """A page of a pool's stored suites."""
    return await listing.fetch(tx, _SUITE, ("s.pool_id = %s", pool_id))


async def has_tasks(tx: Tx, pool_id: int) -> bool:
    """Whether anything was ever uploaded to a pool."""
    value: bool = await tx.value("select exists (select 1 from task where pool_id = %s)", (pool_id,))
    return value


async def set_details(tx: Tx, pool_id: int, number: int, kind: int, details: Mapping[str, Any]) -> None:
    """Replace what is kept beside a task's input."""
    await tx.execute(
        "update task set kind = %s, details = %s where pool_id = %s and id = %s",
        (kind, Json(details) if details else None, pool_id, number),
    )


async def set_override(tx: Tx, pool_id: int, number: int, override: Any) -> None:
    """Change a suite's issuing order."""
    await tx.execute(
        "update suite set issuing_order_override = %s where pool_id = %s and id = %s", (override, pool_id, number)
    )


async def note_counts(
    tx: Tx, pool_id: int, *, general: int = 0, control: int = 0, training: int = 0, slots: int = 0
) -> None:
    """Append changes of a pool's task counts and of the overlap of its general tasks."""
    await tx.execute(
        "insert into outbox (pool_id, general, control, training, slots, happened) values (%s, %s, %s, %s, %s, %s)",
        (pool_id, general, control, training, slots, tx.now),
    )
