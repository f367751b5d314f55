"""Everything public in the published client, called on a running server, and the page that says so."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.clients.table import NOT_SHOWN, Report, document
from tests.support.kit import INSIDE
from tests.support.postgres import fresh_database
from tests.support.server import RunningServer

from talka.accounts.quotas import QUOTAS, Action

DOCUMENT = Path(__file__).parents[2] / "docs" / "compatibility.md"
WRITE = "TALKA_WRITE_COMPATIBILITY"
"""Set to write the document instead of comparing it."""


@pytest.fixture(scope="module")
def server(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of its own, with one quota: one message to everybody a day."""
    lifted = [
        f"{action}/{period.name}=0"
        for action, limits in QUOTAS.items()
        for period, _ in limits
        if action is not Action.MESSAGE_EVERYBODY
    ]
    with pytest.MonkeyPatch.context() as patch, fresh_database(postgres_url) as url:
        patch.setenv("TALKA_QUOTAS", "true")
        patch.setenv("TALKA_QUOTA_LIMITS", ",".join(lifted))
        with RunningServer.start(tmp_path_factory.mktemp("compatibility"), url) as started:
            yield started


@pytest.fixture(scope="module")
def report(python: Path, server: RunningServer) -> Report:
    """What all scenarios have shown, in one run."""
    done = subprocess.run(
        [str(python), "-W", "ignore", str(INSIDE / "everything.py"), server.url, server.api_key],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    return Report(lines[0]["surface"], lines[1:])


def test_every_scenario_succeeds(report: Report) -> None:
    failures = [f"{one['module']}.{one['function']}:\n{one['failure']}" for one in report.runs if one["failure"]]
    assert not failures, "\n\n".join(failures)


def test_everything_public_is_called(report: Report) -> None:
    assert sorted(report.missing()) == sorted(NOT_SHOWN)
    assert not report.unknown()


def test_the_document_says_so(report: Report) -> None:
    written = document(report)
    if os.environ.get(WRITE):
        DOCUMENT.write_text(written, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == written, f"Write it anew with {WRITE}=1"
