"""`talka up` as processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support import answers

_PATIENCE = 60.0


@dataclass(slots=True)
class RunningServer:
    """A started server; `url` and `api_key` as in its credentials file."""

    data: Path
    process: subprocess.Popen[bytes]
    log: Path
    url: str
    api_key: str

    @classmethod
    @contextmanager
    def start(
        cls, data: Path, database_url: str | None = None, *flags: str, sandbox: bool = True
    ) -> Iterator[RunningServer]:
        """Start and wait until it is healthy; stop it afterwards (embedded database when no URL is given)."""
        server = launch(data, database_url, *flags, sandbox=sandbox)
        try:
            yield server
        finally:
            server.stop()

    def client(self) -> httpx.Client:
        """The owner's client."""
        return httpx.Client(
            base_url=self.url,
            headers={"authorization": f"ApiKey {self.api_key}"},
            timeout=60,
            event_hooks={"response": [answers.check_now]},
        )

    def talka(self, *arguments: str, expect: int = 0) -> str:
        """Run a command of the command line; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "talka", *arguments], capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == expect, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def stop(self) -> None:
        """Stop it in order, within ten seconds or by force."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


def launch(data: Path, database_url: str | None, *flags: str, sandbox: bool = True) -> RunningServer:
    """Start `talka up` and wait until it is healthy."""
    arguments: Sequence[str] = ["up", "--data", str(data), "--port", "0", *flags]
    if sandbox:
        arguments = [*arguments, "--sandbox"]
    if database_url is not None:
        arguments = [*arguments, "--database-url", database_url]
    log = data / "server.log"
    credentials = data / "credentials.json"
    before = credentials.stat().st_mtime_ns if credentials.exists() else None
    surroundings = {**os.environ, "TALKA_LOG_LEVEL": "warning"}
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "talka", *arguments], stdout=file, stderr=file, env=surroundings
        )
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, f"talka up ended with {process.returncode}:\n{log.read_text()}"
        if credentials.exists() and credentials.stat().st_mtime_ns != before:
            found: dict[str, Any] = json.loads(credentials.read_text())
            if _healthy(found["base_url"]):
                return RunningServer(data, process, log, found["base_url"], found["api_key"])
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"talka up was not healthy within {_PATIENCE} s:\n{log.read_text()}")


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False
