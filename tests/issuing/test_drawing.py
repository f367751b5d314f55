"""Many draw money for pages at once: nobody waits in a circle, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg.rows import DictRow, dict_row

from talka.infra.functions import SEARCH_PATH

DRAWS = 150
WORKERS = 12
ROUNDS = 4


def _connected(database_url: str) -> psycopg.Connection[DictRow]:
    options = f"-c search_path={SEARCH_PATH}"
    return psycopg.connect(database_url, autocommit=True, options=options, row_factory=dict_row)


def _draw(database_url: str, worker: int) -> int:
    """Draw one cent again and again, each time in a transaction; how often there was one."""
    got = 0
    with _connected(database_url) as connection:
        for _ in range(DRAWS):
            found: bool | None = None
            for drawing in (False, True):
                query = "select issue_draw(1, 1, %s, 0.01, %s) as drawn"
                row = connection.execute(query, (worker % 3, drawing)).fetchone()
                assert row
                found = row["drawn"]
                if found is not None:
                    break
            assert found is not None
            got += found
    return got


def test_draws_do_not_wait_in_a_circle(database_url: str) -> None:
    with _connected(database_url) as connection:
        # Only money is of interest here: no account, project or pool around it.
        connection.execute("alter table account_balance drop constraint account_balance_account_id_fkey")
    for _ in range(ROUNDS):
        with _connected(database_url) as connection:
            connection.execute("delete from pool_stripe")
            connection.execute(
                "insert into account_balance (account_id, free) values (1, 10)"
                " on conflict (account_id) do update set free = 10"
            )
        with ThreadPoolExecutor(WORKERS) as threads:
            got = sum(threads.map(lambda worker: _draw(database_url, worker), range(WORKERS)))
        assert got == 1000
    with _connected(database_url) as connection:
        row = connection.execute(
            "select (select free from account_balance where account_id = 1) as free,"
            " (select sum(amount) from pool_stripe) as drawn,"
            " (select deadlocks from pg_stat_database where datname = current_database()) as deadlocks"
        ).fetchone()
    assert row == {"free": 0, "drawn": 0, "deadlocks": 0}
