"""SQL of the queue: adding units, giving them back, changing their overlap.

Lock order: rows of `queue` by kind (descending) and unit, then the pool's row, then `pool_seq` as the last lock before
commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from talka.infra.db import Row, Tx
from talka.tasks.model import Kind, Lane


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's row in the queue."""

    unit_id: int
    kind: Kind
    lane: Lane
    pos: int
    overlap: int | None
    taken: int
    open: bool

    @classmethod
    def of(cls, row: Row) -> Place:
        """The place in a row of `queue`."""
        return cls(
            row["unit_id"], Kind(row["kind"]), Lane(row["lane"]), row["pos"], row["overlap"], row["taken"], row["open"]
        )


async def next_positions(tx: Tx, pool_id: int, count: int, *, reserving: bool = False, returned: bool = False) -> int:
    """The first of `count` fresh positions; the pool's counter stays locked until commit (see the schema).

    `reserving`: some are for named workers; `returned`: they are for what comes back.
    """
    value: int = await tx.value(
        "insert into pool_seq as s (pool_id, next_pos, reserving) values (%(pool)s, 1 + %(n)s, %(reserving)s)"
        " on conflict (pool_id) do update set next_pos = s.next_pos + %(n)s,"
        " reserving = s.reserving or excluded.reserving,"
        " returned = case when %(returned)s then s.next_pos + %(n)s - 1 else s.returned end"
        " returning next_pos - %(n)s",
        {"pool": pool_id, "n": count, "reserving": reserving, "returned": returned},
    )
    return value


async def add_places(tx: Tx, lines: Iterable[bytes]) -> None:
    """Append ready-made COPY lines; see `place_line`."""
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy("copy queue (pool_id, unit_id, pos, kind, lane, overlap, guarded, by_default) from stdin") as copy,
    ):
        await copy.write(b"".join(lines))


def place_line(
    pool_id: int,
    unit_id: int,
    pos: int,
    kind: Kind,
    lane: Lane,
    overlap: int | None,
    *,
    guarded: bool,
    by_default: bool,
) -> bytes:
    """One COPY line of a unit's place."""
    shown = "\\N" if overlap is None else overlap
    flags = f"{'t' if guarded else 'f'}\t{'t' if by_default else 'f'}"
    return f"{pool_id}\t{unit_id}\t{pos}\t{int(kind)}\t{int(lane)}\t{shown}\t{flags}\n".encode()


async def reserve(tx: Tx, pool_id: int, rows: Sequence[tuple[int, int, Kind, int]]) -> None:
    """Reserve units for workers: (unit, worker, kind, position) each."""
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy("copy reservation (unit_id, worker_id, pool_id, kind, pos) from stdin") as copy,
    ):
        for unit_id, worker_id, kind, pos in rows:
            await copy.write_row((unit_id, worker_id, pool_id, int(kind), pos))


async def exclude(tx: Tx, rows: Sequence[tuple[int, int]]) -> None:
    """Keep units from workers: (unit, worker) each."""
    async with tx.conn.cursor() as cursor, cursor.copy("copy exclusion (unit_id, worker_id) from stdin") as copy:
        for row in rows:
            await copy.write_row(row)


async def lock(tx: Tx, pool_id: int, unit_ids: Sequence[int]) -> list[Place]:
    """The places of these units, locked until commit.

    Takes that wait for queue rows hold the same advisory lock exclusively, so that the two never wait for each other.
    """
    await tx.rows("select pg_advisory_xact_lock_shared(2, %s)", (pool_id,))
    rows = await tx.rows(
        "select unit_id, kind, lane, pos, overlap, taken, open from queue"
        " where pool_id = %s and unit_id = any(%s) order by kind desc, unit_id for update",
        (pool_id, list(unit_ids)),
    )
    return [Place.of(row) for row in rows]


async def holds_exclusively(tx: Tx, pool_id: int) -> bool:
    """Whether this transaction holds the pool's lock exclusively."""
    value: bool = await tx.value(
        "select exists (select 1 from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted"
        " and mode = 'ExclusiveLock' and classid = 1 and objid = %s and objsubid = 2"
        " and database = (select oid from pg_database where datname = current_database()))",
        (pool_id,),
    )
    return value


async def give_back(tx: Tx, pool_id: int, held: Sequence[tuple[int, Sequence[int]]], *, retry: bool) -> None:
    """Free one slot of each unit that each worker held: (worker, units).

    With `retry` (expiry, exit) the same worker may get the units again. A unit that was closed needs a new
    place, since cursors have passed it; so does every unit of an expiry, since its worker's cursor has. A unit
    that is still open was passed only by workers who have a claim on it.
    """
    counts = Counter(unit for _, units in held for unit in units)
    places = {place.unit_id: place for place in await lock(tx, pool_id, list(counts))}
    finite = [place for place in places.values() if place.overlap is not None]
    await tx.execute(
        "update queue q set taken = q.taken - n.freed from unnest(%s::bigint[], %s::int[]) n(unit_id, freed)"
        " where q.pool_id = %s and q.unit_id = n.unit_id",
        ([place.unit_id for place in finite], [counts[place.unit_id] for place in finite], pool_id),
    )
    for worker_id, units in held:
        if not retry:
            await tx.execute(
                "update claim set slot = false where unit_id = any(%s) and worker_id = %s", (list(units), worker_id)
            )
        for unit in units if retry else ():
            if unit in places and places[unit].overlap is None:
                await rewind(tx, pool_id, worker_id, places[unit])
    await put_back(tx, pool_id, [place for place in finite if retry or not place.open])


async def rewind(tx: Tx, pool_id: int, worker_id: int, place: Place) -> None:
    """Move one worker's own cursor back before a unit of unlimited overlap."""
    await tx.execute(
        "update issue_cursor set"
        " endless = case when %(pos)s > start then least(endless, %(pos)s - 1) else endless end,"
        " endless_wrapped = case when %(pos)s <= start then least(endless_wrapped, %(pos)s - 1)"
        "   else endless_wrapped end, reserved = case when %(lane)s = 2 then 0 else reserved end"
        " where pool_id = %(pool)s and worker_id = %(worker)s and kind = %(kind)s",
        {
            "pos": place.pos,
            "lane": int(place.lane),
            "pool": pool_id,
            "worker": worker_id,
            "kind": int(place.kind),
        },
    )


async def put_back(tx: Tx, pool_id: int, places: Sequence[Place]) -> None:
    """Give units a new place that no cursor has passed (the last lock before commit)."""
    if not places:
        return
    base = await next_positions(tx, pool_id, len(places), returned=True)
    units = [place.unit_id for place in places]
    positions = list(range(base, base + len(places)))
    await tx.execute(
        "update queue q set pos = n.pos, lane = case when q.lane = 2 then 2 when q.overlap is null then 3 else 1 end"
        " from unnest(%s::bigint[], %s::bigint[]) n(unit_id, pos) where q.pool_id = %s and q.unit_id = n.unit_id",
        (units, positions, pool_id),
    )
    if any(place.lane is Lane.RESERVED for place in places):
        await tx.execute(
            "update reservation r set pos = n.pos from unnest(%s::bigint[], %s::bigint[]) n(unit_id, pos)"
            " where r.unit_id = n.unit_id",
            (units, positions),
        )


async def move_claims(tx: Tx, assignment_id: int, unit_ids: Sequence[int], worker_id: int) -> None:
    """Take an expired page's claims out of the way; they stay readable as history."""
    await tx.execute(
        "with gone as (delete from claim where unit_id = any(%s) and worker_id = %s and assignment_id = %s returning *)"
        " insert into claim_expired (unit_id, worker_id, pool_id, assignment_id)"
        " select unit_id, worker_id, pool_id, assignment_id from gone",
        (list(unit_ids), worker_id, assignment_id),
    )


async def forget_cursors(tx: Tx, pool_ids: Sequence[int], worker_id: int) -> None:
    """Let a worker look through pools from the beginning again."""
    await tx.execute("delete from issue_cursor where pool_id = any(%s) and worker_id = %s", (list(pool_ids), worker_id))


async def count(tx: Tx, pool_id: int) -> int:
    """How many units a pool has."""
    value: int = await tx.value("select count(*) from queue where pool_id = %s", (pool_id,))
    return value


async def is_endless(tx: Tx, pool_id: int, unit_id: int) -> bool:
    """Whether a unit has unlimited overlap now."""
    value: bool = await tx.value(
        "select exists (select 1 from queue where pool_id = %s and unit_id = %s and overlap is null)",
        (pool_id, unit_id),
    )
    return value


async def occupied(tx: Tx, unit_id: int) -> int:
    """How many slots of a unit of unlimited overlap are taken (the pool is locked exclusively)."""
    value: int = await tx.value("select count(*) from claim where unit_id = %s and slot", (unit_id,))
    return value


async def set_overlap(tx: Tx, pool_id: int, place: Place, overlap: int | None, taken: int) -> None:
    """Set overlap and taken slots of a locked unit."""
    await tx.execute(
        "update queue set overlap = %s, taken = %s, by_default = false where pool_id = %s and unit_id = %s",
        (overlap, taken, pool_id, place.unit_id),
    )


async def set_default_overlap(tx: Tx, pool_id: int, overlap: int) -> tuple[int, bool]:
    """Give units that have their pool's default overlap another one, but not below what was issued.

    How many more slots general ones have then, and whether any has more. The pool is locked exclusively.
    """
    await tx.rows("select pg_advisory_xact_lock_shared(2, %s)", (pool_id,))
    rows = await tx.rows(
        "with old as (select unit_id, kind, lane, pos, overlap, taken, open from queue"
        "   where pool_id = %(pool)s and by_default and overlap <> greatest(%(overlap)s, taken)"
        "   order by kind desc, unit_id for update),"
        " changed as (update queue q set overlap = greatest(%(overlap)s, q.taken) from old"
        "   where q.pool_id = %(pool)s and q.unit_id = old.unit_id"
        "   returning old.*, q.overlap - old.overlap as more, q.open and not old.open as opened)"
        " select * from changed",
        {"pool": pool_id, "overlap": overlap},
    )
    await put_back(tx, pool_id, [Place.of(row) for row in rows if row["opened"]])
    slots = sum(row["more"] for row in rows if row["kind"] == Kind.GENERAL)
    return slots, any(row["more"] > 0 for row in rows)


async def set_kind(tx: Tx, pool_id: int, unit_id: int, kind: Kind) -> None:
    """Make a locked unit one of another kind."""
    await tx.execute("update queue set kind = %s where pool_id = %s and unit_id = %s", (int(kind), pool_id, unit_id))
    await tx.execute("update reservation set kind = %s where unit_id = %s", (int(kind), unit_id))
