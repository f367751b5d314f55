"""One browser and one server for all tests of this folder; a fresh browser profile for each person."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.requester import Requester
from tests.browser.visitor import Visitor
from tests.support.postgres import fresh_database
from tests.support.server import RunningServer

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A test machine's network may be closed: the browser looks nothing up by itself. Root has no sandbox.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, else Playwright's own."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="package")
def served(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with (
        fresh_database(postgres_url) as url,
        RunningServer.start(tmp_path_factory.mktemp("served"), url) as server,
    ):
        yield server


@pytest.fixture(scope="package")
def requester(served: RunningServer) -> Iterator[Requester]:
    with served.client() as http:
        yield Requester(http)


@pytest.fixture
def visit(browser: Browser, served: RunningServer) -> Iterator[Callable[..., Visitor]]:
    """Bring somebody to the browser; keywords are those of a browser context."""
    visitors: list[Visitor] = []

    def come(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, served.url, **options))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.leave()


@pytest.fixture
def worker(visit: Callable[..., Visitor]) -> Visitor:
    """A worker who is signed in."""
    person = visit()
    person.enter()
    return person
