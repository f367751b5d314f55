"""64 workers spend an account to its last page: none of its money lies idle in a pool while another one has none."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from tests.races.people import Habits, World
from tests.races.run import Run, general
from tests.support.server import RunningServer

SEED = int(os.environ.get("TALKA_SOAK", "1"))
PRICE = Decimal("0.07")
# Nobody gives a page up, so that no money ever comes back: what is left in the end was never spent.
DILIGENT = Habits(skip=0, leave=0, forget=0, clash=0)


@pytest.mark.parametrize(
    ("pools", "pages"),
    [(5, 97), (3, 200)],
    ids=["a page at a time", "tranches of several pages"],
)
async def test_all_money_is_spent(database_url: str, tmp_path: Path, pools: int, pages: int) -> None:
    rest = PRICE - Decimal("0.000001")
    with RunningServer.start(tmp_path, database_url, "--workers", "2") as server:
        made = json.loads(
            server.talka(
                *("account", "create", "--email", "poor@example.org", "--database-url", database_url),
                *("--balance", str(PRICE * pages + rest)),
            )
        )
        world = World(server.url, SEED + 400, DILIGENT)
        print(f"seed {world.seed}")
        async with Run.start(world, made["api_key"], database_url) as run:
            made_pools = [await run.pool(await run.project(), reward_per_assignment=float(PRICE)) for _ in range(pools)]
            for pool in made_pools:
                await run.upload(general(pool, 350))
            await run.until_done()
            await run.settle(complete=False)
            found = [(await run.requester.get(f"/api/v1/pools/{pool}")).json() for pool in made_pools]
            assert [(pool["status"], pool["last_close_reason"]) for pool in found] == [
                ("CLOSED", "NOT_ENOUGH_BALANCE")
            ] * pools
            assert world.counts["submitted"] == pages
            async with run.connection.transaction():
                query = "select free, (select sum(amount) from pool_stripe) as drawn from account_balance b"
                query += " join account a on a.id = b.account_id where a.email = 'poor@example.org'"
                rows = await (await run.connection.execute(query)).fetchall()
            assert rows == [{"free": rest, "drawn": None}]
