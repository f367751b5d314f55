"""What all tests share: one PostgreSQL server, a database per test from a template, Talka on it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from talka.infra.settings import Settings
from tests.support.app import Talka
from tests.support.postgres import TestServer, fresh_database
from tests.support.server import RunningServer

_SERVER = pytest.StashKey[TestServer]()
_VARIABLE = "TALKA_TEST_SERVER"


def pytest_configure(config: pytest.Config) -> None:
    """Start the one server of the run, in the process that hands tests out."""
    if not hasattr(config, "workerinput"):
        server = TestServer()
        os.environ[_VARIABLE] = server.url
        config.stash[_SERVER] = server


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it."""
    server = config.stash.get(_SERVER, None)
    if server is not None:
        server.stop()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The server of the run, as a superuser of its database `postgres`."""
    return os.environ[_VARIABLE]


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture
async def talka(database_url: str, tmp_path: Path) -> AsyncIterator[Talka]:
    """The application in this process, in sandbox mode, with the owner's key."""
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True)) as started:
        yield started


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[RunningServer]:
    """`talka up --sandbox` as processes of its own on a free port."""
    with RunningServer.start(tmp_path, database_url) as started:
        yield started
