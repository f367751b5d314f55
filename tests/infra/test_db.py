"""The database as the application uses it, when connections break."""

from __future__ import annotations

import psycopg
import pytest

from talka.infra.db import Database
from talka.kit.errors import TalkaError


@pytest.mark.parametrize("sandbox", [True, False], ids=["sandbox", "plain"])
@pytest.mark.parametrize("transaction", [True, False], ids=["transaction", "reading"])
async def test_a_broken_connection_is_told_as_such_and_replaced(
    database_url: str, sandbox: bool, transaction: bool
) -> None:
    db = Database(database_url, sandbox=sandbox, connections=1, hot_connections=1)
    await db.open()
    try:
        with psycopg.connect(database_url, autocommit=True) as killer:
            killer.execute(
                "select pg_terminate_backend(pid, 1000) from pg_stat_activity"
                " where datname = current_database() and application_name = 'talka'"
            )
        with pytest.raises(TalkaError) as told:
            async with db.transaction() if transaction else db.reading() as tx:
                await tx.value("select 1")
        assert told.value.code == "REMOTE_SERVICE_UNAVAILABLE"
        async with db.reading() as tx:
            assert await tx.value("select 1") == 1
    finally:
        await db.close()
