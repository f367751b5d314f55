"""Runs migrations under an advisory lock with lock and statement timeouts (Alembic's environment)."""

from __future__ import annotations

import psycopg
from alembic import context
from sqlalchemy import create_engine, pool

from talka.infra.migrations import LOCK


def run() -> None:
    """Apply what is missing; a second run at the same time waits for the first."""
    database = context.config.attributes["database"]
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("set lock_timeout = '60s'")
        connection.exec_driver_sql(f"select pg_advisory_lock({LOCK})")
        connection.exec_driver_sql("set lock_timeout = '4s'")
        connection.exec_driver_sql("set statement_timeout = '10min'")
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.exec_driver_sql(f"select pg_advisory_unlock({LOCK})")
        connection.commit()


run()
