"""One server for all tests of this folder, and the published client in an environment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.kit import INSIDE, Kit, KitScript, kit_python
from tests.support.postgres import fresh_database
from tests.support.server import RunningServer


@pytest.fixture(scope="session")
def python() -> Path:
    return kit_python()


@pytest.fixture(scope="module")
def served(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with (
        fresh_database(postgres_url) as url,
        RunningServer.start(tmp_path_factory.mktemp("served"), url) as server,
    ):
        yield server


@pytest.fixture(scope="module")
def kit(python: Path, served: RunningServer) -> Iterator[Kit]:
    log = served.data / "kit.log"
    with KitScript.start(python, INSIDE / "bridge.py", log, served.url, served.api_key) as script:
        yield Kit(script)
