"""Database migrations: SQL text run by Alembic, then the functions of the current version."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command, op
from alembic.config import Config

from talka.infra.functions import install
from talka.kit.errors import TalkaError

HERE = Path(__file__).parent
# One number per purpose of a session-wide advisory lock; this one is taken by migrations only.
LOCK = 7_214_001
_PATIENCE_SECONDS = 20


def apply_sql(python_file: str) -> None:
    """Run the `.sql` file beside a migration; called by the migrations themselves."""
    statements = Path(python_file).with_suffix(".sql").read_text()
    op.get_bind().exec_driver_sql(statements)


def migrate(database: str) -> None:
    """Bring the database of that conninfo to the newest schema, then add this version's SQL functions.

    Safe to run from several processes at once and while an older version of the code is running.

    Raises:
        TalkaError: REMOTE_SERVICE_UNAVAILABLE, saying why the database cannot be reached.
    """
    _reach(database)
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["database"] = database
    command.upgrade(config, "head")
    with psycopg.connect(database) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        install(connection)


def _reach(database: str) -> None:
    try:
        psycopg.connect(database, connect_timeout=_PATIENCE_SECONDS).close()
    except psycopg.Error as error:
        raise TalkaError("REMOTE_SERVICE_UNAVAILABLE", f"The database cannot be reached: {error}") from error
