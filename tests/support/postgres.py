"""The database server of a test run and databases made from a migrated template."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from talka.infra.embedded import EmbeddedPostgres
from talka.infra.migrations import migrate

TEMPLATE = "talka_template"
_numbers = itertools.count(1)
_ROOM = 3 * 2**30  # bytes


def _memory() -> Path | None:
    """A folder in memory, if the machine has one with room: making files is most of what a new database costs."""
    folder = Path("/dev/shm")
    try:
        roomy = shutil.disk_usage(folder).free > _ROOM and psutil.virtual_memory().available > 2 * _ROOM
    except OSError:
        return None
    return folder if roomy and os.access(folder, os.W_OK) else None


class TestServer:
    """A PostgreSQL that forgets when the machine fails, for speed; crash tests run servers of their own."""

    __test__ = False

    def __init__(self) -> None:
        given = os.environ.get("TALKA_TEST_DATABASE_URL")
        self._folder: Path | None = None
        self._server: EmbeddedPostgres | None = None
        if given:
            self.url = given
        else:
            self._folder = Path(tempfile.mkdtemp(prefix="talka-tests-", dir=_memory()))
            self._folder.chmod(0o755)  # root's server runs as another user, who must get in
            self._server = EmbeddedPostgres(self._folder, durable=False, settings={"max_connections": "300"})
            self.url = make_conninfo(self._server.start(), dbname="postgres")
        self._prepare_template()

    def _prepare_template(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"drop database if exists {TEMPLATE} with (force)")
            connection.execute(f"create database {TEMPLATE}")
        migrate(make_conninfo(self.url, dbname=TEMPLATE))

    def stop(self) -> None:
        """Stop the server and remove its data."""
        if self._server is not None:
            self._server.destroy()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """A database like the template, dropped afterwards."""
    name = f"talka_test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
    try:
        yield make_conninfo(server_url, dbname=name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")
