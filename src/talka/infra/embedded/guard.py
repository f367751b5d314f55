"""Runs one PostgreSQL program and sees to it that it ends when the process that wanted it is gone.

`guard.py JSON` is started in a session of its own with a pipe as standard input, held open by the process that
wants the program. `stop` on the pipe ends the server in order; the end of the pipe, which is what a SIGKILL of
that process causes, ends it within a second. The guard also holds the lock that says a server of the folder is
being looked after, so the lock is free exactly when the server is gone.

The module imports nothing of Talka, so that it starts in a few hundredths of a second.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import psutil  # it ships no types

LOG_LIMIT = 16 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_HEARTBEAT = 0.25
# Signals to the server and the seconds it is given for each: in order (a checkpoint may take long), and at once.
_IN_ORDER = ((signal.SIGINT, 90.0), (signal.SIGQUIT, 5.0))
_AT_ONCE = ((signal.SIGINT, 0.4), (signal.SIGQUIT, 0.3))


class Order(TypedDict):
    """What a guard is told: the program, its user (None: as we are), its data folder, its log, who wants it."""

    argv: list[str]
    uid: int | None
    gid: int | None
    folder: str
    log: str
    parent: int


def servers_of(folder: str) -> list[Any]:
    """Living PostgreSQL processes (as psutil gives them) whose working directory is the data folder.

    The postmaster goes there when it starts and its children inherit it, so orphans are found too. Processes of
    other users cannot be ours and are passed over.
    """
    return [process for process in psutil.process_iter() if _serves(process, folder)]


def end_servers(folder: str, postmaster: int | None, patience: float = 5.0) -> list[int]:
    """End every PostgreSQL process of the folder, the postmaster in order first; return who would not go.

    Orphans of a killed postmaster are never sent SIGINT: for some of them it means something else.
    """
    if not servers_of(folder):
        return []
    for sign in (signal.SIGINT, signal.SIGQUIT):
        _end([process for process in servers_of(folder) if process.pid == postmaster], sign, patience)
    _end(servers_of(folder), signal.SIGQUIT, 1.0)
    _end(servers_of(folder), signal.SIGKILL, patience)
    return [process.pid for process in servers_of(folder)]


def alive(pid: int) -> bool:
    """Say whether the process is there and has not ended (a zombie has)."""
    try:
        return _alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def _serves(process: Any, folder: str) -> bool:
    try:
        if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()).samefile(folder)
    except (psutil.Error, OSError):
        return False


def _end(processes: list[Any], sign: signal.Signals, patience: float) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(sign)
    until = time.monotonic() + patience
    while any(map(_alive, processes)) and time.monotonic() < until:
        time.sleep(0.02)


def _alive(process: Any) -> bool:
    try:
        # A zombie has ended; where nobody reaps it, it stays in the process table for good.
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class Guard:
    """The loop around one program."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._wake, wake = os.pipe()
        for end in (self._wake, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        # Handlers that do nothing, rather than ignoring: what is ignored stays ignored in the program.
        for sign in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda *_: None)
        self._steps: Iterator[tuple[signal.Signals, float]] = iter(())
        self._deadline = math.inf
        self._orphaned = False
        self._program = self._start()

    def run(self) -> int:
        """Wait for the program's end or bring it about; returns its exit code, negative for a signal."""
        while self._program.poll() is None:
            heard = self._listen(min(_HEARTBEAT, max(self._deadline - time.monotonic(), 0)))
            if heard:
                self._steps = iter(_AT_ONCE if heard == "gone" else _IN_ORDER)
            if heard or time.monotonic() >= self._deadline:
                self._bring_down()
            self._bound_log()
        if self._program.returncode != 0:
            end_servers(self._order["folder"], None, patience=1.0)
        return self._program.returncode

    def _start(self) -> subprocess.Popen[bytes]:
        order = self._order
        libc = ctypes.CDLL(None) if sys.platform == "linux" else None
        guard = os.getpid()

        def tie() -> None:
            # For the case that the guard itself is killed. After the change of user, which would undo it.
            if libc is not None:
                libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
            if os.getppid() != guard:
                os._exit(1)

        switch: dict[str, Any] = {}
        if order["uid"] is not None:
            switch = {"user": order["uid"], "group": order["gid"], "extra_groups": []}
        return subprocess.Popen(
            order["argv"],
            stdin=subprocess.DEVNULL,
            cwd="/",
            preexec_fn=tie,  # noqa: PLW1509  # the guard has no threads
            **switch,
        )

    def _listen(self, seconds: float) -> str:
        """Sleep until the program's end or a word from the parent: `stop` or `gone`, each heard once."""
        ready, _, _ = select.select([self._wake] if self._orphaned else [self._wake, 0], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 4096)
        if self._orphaned:
            return ""
        if 0 in ready and os.read(0, 4096):
            return "stop"
        # The parent's process id counts too: a forked child of the dead process may still hold the pipe.
        self._orphaned = 0 in ready or os.getppid() != self._order["parent"]
        return "gone" if self._orphaned else ""

    def _bring_down(self) -> None:
        """Go one step further in ending the program: the next signal, in the end one that nobody survives."""
        sign, patience = next(self._steps, (signal.SIGKILL, 5.0))
        self._deadline = time.monotonic() + patience
        if sign is signal.SIGKILL:
            _end(servers_of(self._order["folder"]), sign, 0.0)
        self._program.send_signal(sign)

    def _bound_log(self) -> None:
        """Keep one older part of a log that has grown too long; the server appends, so it goes on at the start."""
        if os.fstat(1).st_size > LOG_LIMIT:
            older = Path(self._order["log"] + ".1")
            with contextlib.suppress(OSError):
                older.unlink(missing_ok=True)
                with Path(self._order["log"]).open("rb") as log, older.open("xb") as copy:
                    shutil.copyfileobj(log, copy)
            os.ftruncate(1, 0)


def main() -> int:
    """Carry out the order given as the one argument."""
    order: Order = json.loads(sys.argv[1])
    if os.getppid() != order["parent"]:
        return 1
    os.umask(0o077)
    code = Guard(order).run()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
