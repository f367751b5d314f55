"""64 workers, more pools than money: nobody is paid what is not there, and nothing of what is there lies idle."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from pathlib import Path

import httpx
from tests.races import checks
from tests.races.people import World
from tests.races.run import Run, general, time_flies
from tests.support.server import RunningServer

SEED = int(os.environ.get("TALKA_SOAK", "1"))
PRICE, BUDGET, POOLS = Decimal("0.13"), Decimal("25.05"), 4


async def test_pools_of_one_account_compete_for_the_last_money(database_url: str, tmp_path: Path) -> None:
    with RunningServer.start(tmp_path, database_url) as server:
        made = server.talka(
            "account", "create", "--email", "poor@example.org", "--balance", str(BUDGET), "--database-url", database_url
        )
        key = httpx.Response(200, content=made).json()["api_key"]
        world = World(server.url, SEED + 200, at_once=2)
        async with Run.start(world, key, database_url) as run:
            pools = [await run.pool(await run.project(), reward_per_assignment=float(PRICE)) for _ in range(POOLS)]
            for pool in pools:
                await run.upload(general(pool, 200))
            came = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(_more_money(run, pools, came))
                group.create_task(run.until_done(time_flies, meanwhile=came))
            await run.settle(complete=False)
            await _spent(run, pools)


async def _more_money(run: Run, pools: list[str], came: asyncio.Event) -> None:
    """Play money comes in small amounts while pools close for want of it, and they are opened again and again."""
    for _ in range(10):
        await asyncio.sleep(0.3)
        answer = await run.requester.post("/api/sandbox/v1/balance", json={"amount": float(PRICE * 5)})
        assert answer.status_code == 200, answer.text
        for answer in await asyncio.gather(*(run.requester.post(f"/api/v1/pools/{pool}/open") for pool in pools)):
            assert answer.status_code in {202, 204, 409}, answer.text
    came.set()


async def _spent(run: Run, pools: list[str]) -> None:
    total = BUDGET + 10 * 5 * PRICE
    pages = run.world.counts["submitted"]
    balance = Decimal(str((await run.requester.get("/api/v1/requester")).json()["balance"]))
    assert balance == total - pages * PRICE
    async with run.connection.transaction():
        rows = await (await run.connection.execute("select sum(amount) as amount from pool_stripe")).fetchall()
    assert rows == [{"amount": None}], "closed pools have nothing drawn"
    states = [(await run.requester.get(f"/api/v1/pools/{pool}")).json() for pool in pools]
    reasons = [(state["status"], state["last_close_reason"]) for state in states]
    assert reasons == [("CLOSED", "NOT_ENOUGH_BALANCE")] * POOLS
    await checks.always(run.connection)
