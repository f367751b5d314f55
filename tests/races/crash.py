"""Killing a whole installation, its database included, and finding it again."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from tests.support.server import RunningServer

from talka.infra.embedded import EmbeddedPostgres


@contextmanager
def data_folder() -> Iterator[Path]:
    """A data folder that the database's own user can reach, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="talka-races-"))
    folder.chmod(0o755)
    yield folder
    EmbeddedPostgres(folder).destroy()
    shutil.rmtree(folder)


def database_url(data: Path) -> str:
    """Where the running server's database is."""
    attached = EmbeddedPostgres(data)
    try:
        return attached.start()
    finally:
        attached.stop()


def kill(server: RunningServer) -> None:
    """SIGKILL for every process of `talka up`, its database's included, in the order in which they are found."""
    found = psutil.Process(server.process.pid)
    everything = [found, *found.children(recursive=True)]
    assert any("postgres" in process.name() for process in everything), "the database is not among them"
    for process in everything:
        with contextlib.suppress(psutil.NoSuchProcess):  # gone with its parent
            process.kill()
    server.process.wait(10)
    psutil.wait_procs(everything, timeout=10)
