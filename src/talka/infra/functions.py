"""SQL functions of the capabilities, kept per version of the code: old and new servers may run side by side.

Each set of `functions.sql` files has a schema of its own, named after their content. A process calls the set that
it was shipped with, so neither a rolling update nor a changed signature gets in anybody's way.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

_FILES = sorted(Path(__file__).parents[1].glob("*/functions.sql"))
SCHEMA = "code_" + hashlib.sha256(b"".join(path.read_bytes() for path in _FILES)).hexdigest()[:12]
SEARCH_PATH = f"{SCHEMA},public"


def install(connection: Connection[Any]) -> None:
    """Create this version's functions unless they are there."""
    found = connection.execute("select 1 from pg_namespace where nspname = %s", (SCHEMA,)).fetchone()
    if found is None:
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(SCHEMA)))
        connection.execute(sql.SQL("set local search_path to {}, public").format(sql.Identifier(SCHEMA)))
        for path in _FILES:
            connection.execute(path.read_bytes())
