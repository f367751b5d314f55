"""A Talka of the benchmark's own: `talka up` on a fresh data folder, gone without a trace at the end."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from benchmarks.api import Address
from talka.infra.embedded import EmbeddedPostgres

_HOST = "127.0.0.1"
_TALKA = str(Path(sys.executable).with_name("talka"))
_START_PATIENCE = 90.0
_STOP_PATIENCE = 60.0


class ProductError(Exception):
    """Talka could not be started or used; the message says why."""


@dataclass(frozen=True)
class Product:
    """A running Talka: its address, its database, the roots of its process groups, the database's log."""

    address: Address
    conninfo: str
    groups: Mapping[str, int]
    database_log: Path


@contextmanager
def product() -> Iterator[Product]:
    """Start Talka as an operator would (not in test mode) and give it money; everything is removed at the end.

    Raises ProductError with what Talka said when it does not become ready.
    """
    # The system user of the database must reach the folder; what is in it stays closed.
    directory = Path(tempfile.mkdtemp(prefix="talka-bench-"))
    directory.chmod(0o755)
    database = EmbeddedPostgres(directory)
    process: subprocess.Popen[bytes] | None = None
    try:
        port = _free_port()
        log = directory / "talka.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [_TALKA, "up", "--data", str(directory), "--host", _HOST, "--port", str(port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # What is measured is how many there can be.
                env={**os.environ, "TALKA_REQUESTS_PER_SECOND": "0"},
                start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
            )
        _await_ready(process, port, log)
        yield _described(directory, port, process.pid, database)
    finally:
        database.stop()
        if process is not None:
            _stop(process)
        database.destroy()
        shutil.rmtree(directory, ignore_errors=True)


def _described(directory: Path, port: int, server: int, database: EmbeddedPostgres) -> Product:
    credentials = json.loads((directory / "credentials.json").read_text(encoding="utf-8"))
    _deposit(directory, credentials["requester_id"])
    conninfo = database.start()
    with psycopg.connect(conninfo) as connection:
        postmaster = psutil.Process(connection.info.backend_pid).ppid()
    return Product(
        address=Address(_HOST, port, credentials["api_key"]),
        conninfo=conninfo,
        groups={"server": server, "database": postmaster},
        database_log=directory / "postgres.log",
    )


def _deposit(directory: Path, requester_id: str) -> None:
    command = [_TALKA, "account", "deposit", "--data", str(directory), "--account", requester_id, "--amount", "1000000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ProductError(f"talka account deposit failed: {done.stderr.strip() or done.stdout.strip()}")


def _await_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _START_PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if _healthy(port):
            return
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace").strip()
    raise ProductError(f"talka up did not become ready. It said:\n{said[-2000:] or 'nothing'}")


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(_HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        return int(listener.getsockname()[1])
