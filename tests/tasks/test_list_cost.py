"""A page of a list costs the same wherever in a pool it lies."""

from __future__ import annotations

from psycopg import sql
from starlette.datastructures import QueryParams
from tests.support.app import Talka

from talka.infra.db import Tx
from talka.infra.http.listing import parse_listing
from talka.kit.ids import work_id
from talka.tasks.store import TASKS

_POOL = 77


async def _pages_read(tx: Tx, **asked: str) -> int:
    """How many pages of the database a list of tasks looks at."""
    listing = parse_listing(QueryParams({"pool_id": str(_POOL), "limit": "10", **asked}), TASKS)
    query = sql.SQL(
        "explain (analyze, buffers, format json)"
        " select t.id from task t where t.pool_id = %s and {} order by {} limit 10"
    ).format(sql.SQL(" and ").join(listing.conditions), listing.order)
    [plan] = await tx.value(query, [_POOL, *listing.values])
    read: int = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return read


async def test_the_end_of_a_pool_is_as_near_as_its_start(talka: Talka) -> None:
    async with talka.db.transaction() as tx:
        await tx.execute(
            "insert into task (pool_id, id, kind, created, input_values) select %s, n, 0, %s, '{}'"
            " from generate_series(1, 40000) n",
            (_POOL, tx.now),
        )
        await tx.execute("analyze task")
        for near, far in (
            ({"id_gt": work_id(_POOL, 1)}, {"id_gt": work_id(_POOL, 39_900)}),
            ({"id_lt": work_id(_POOL, 39_999), "sort": "-id"}, {"id_lt": work_id(_POOL, 100), "sort": "-id"}),
        ):
            assert await _pages_read(tx, **far) <= await _pages_read(tx, **near) + 5
