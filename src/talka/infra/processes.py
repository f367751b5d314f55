"""Starts child processes that never outlive their parent, and stops all of them when one of them fails."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import psutil  # it ships no types

_PARENT = "TALKA_PARENT_PID"
_PR_SET_PDEATHSIG = 1
_TICK = 0.2
_KILL_PATIENCE = 5.0
_FORMER_PATIENCE = 1.0


class ProcessError(Exception):
    """Child processes cannot be started or one of them failed; the message is one sentence for people."""


class ChildFailedError(ProcessError):
    """A child ended although nobody asked it to; `exit_code` is negative for a signal, as in subprocess."""

    def __init__(self, name: str, exit_code: int) -> None:
        how = f"with exit code {exit_code}"
        if exit_code < 0:
            how = f"by {signal.Signals(-exit_code).name}"
        super().__init__(f"The process '{name}' ended unexpectedly {how}: see what it said above, then start again.")
        self.name = name
        self.exit_code = exit_code


def die_with_parent() -> None:
    """Make this process die when its parent does, even by SIGKILL; call it first thing in a child.

    Works in children of a Supervisor and in theirs. On Linux the kernel does it, bound to the *thread* that started
    this process, so children are started from threads that last (a Supervisor's: the main one). Elsewhere a thread
    looks for the parent every 0.2 s.
    """
    # Taken out, since our own children have another parent.
    expected = int(os.environ.pop(_PARENT, os.getppid()))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch_parent, args=(expected,), name="die-with-parent", daemon=True).start()
    if os.getppid() != expected:  # it died before we could ask
        os.kill(os.getpid(), signal.SIGKILL)


def _watch_parent(expected: int) -> None:
    while os.getppid() == expected:
        time.sleep(_TICK)
    os.kill(os.getpid(), signal.SIGKILL)


class Supervisor:
    """The child processes of one data folder, which live and end together.

    Used as a context manager in the main thread. Entering ends what is left of the folder's former run and raises
    ProcessError while that run is still alive; leaving stops every child. Children call `die_with_parent()`.
    """

    def __init__(self, directory: Path, *, grace: float = 10.0) -> None:
        """`grace`: seconds that children get to stop in order before they are killed."""
        self._directory = directory
        self._record = directory / "processes.json"
        self._grace = grace
        self._lock: int | None = None
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self._directory / "processes.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._lock, 32).decode().strip() or "another one"
            os.close(self._lock)
            self._lock = None
            raise ProcessError(
                f"Talka already runs on {self._directory} (process {holder}): stop it, or choose another data folder."
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)
        self._end_former_run()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def start(self, name: str, argv: Sequence[str], *, environment: Mapping[str, str] | None = None) -> int:
        """Start a child in a session of its own (Ctrl-C reaches us first); returns its process id.

        `environment` is added to ours. Raises ProcessError where the program cannot be run.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a Supervisor starts its children from the main thread")
        surroundings = {**os.environ, **(environment or {}), _PARENT: str(os.getpid())}
        try:
            child = subprocess.Popen(list(argv), stdin=subprocess.DEVNULL, env=surroundings, start_new_session=True)
        except OSError as error:
            raise ProcessError(
                f"The process '{name}' cannot be started ({error}): mend that and start again."
            ) from error
        self._children[name] = child
        self._write_record()
        return child.pid

    def check(self) -> None:
        """Raise ChildFailedError if a child has ended."""
        for name, child in self._children.items():
            if (code := child.poll()) is not None:
                raise ChildFailedError(name, code)

    def run(self, tick: Callable[[], bool] | None = None) -> signal.Signals | None:
        """Wait until SIGINT or SIGTERM comes or `tick` (called about five times a second) says True; stop the children.

        Returns the signal, None after `tick`. Raises ChildFailedError when a child ends by itself, and what `tick`
        raises; the children are stopped then too. A second signal while they stop kills them at once.
        """
        with _Signals() as signals:
            try:
                while signals.first is None:
                    self.check()
                    if tick is not None and tick():
                        break
                    signals.wait(_TICK)
            finally:
                self._stop(hurry=lambda: signals.count > 1)
            return signals.first

    def stop(self) -> None:
        """Ask all children to stop (SIGTERM), kill those that have not after the grace time. May be repeated."""
        self._stop(hurry=lambda: False)

    def _stop(self, hurry: Callable[[], bool]) -> None:
        living = [child for child in self._children.values() if child.poll() is None]
        for child in living:
            child.terminate()
        until = time.monotonic() + self._grace
        while any(child.poll() is None for child in living) and time.monotonic() < until and not hurry():
            time.sleep(0.02)
        for child in living:
            if child.poll() is None:  # not reaped, so the number of its group is certainly still its own
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self._children.clear()
        self._record.unlink(missing_ok=True)

    def _write_record(self) -> None:
        rows = [
            {"name": name, "pid": child.pid, "started": _started(child.pid)} for name, child in self._children.items()
        ]
        fresh = self._record.with_name(self._record.name + ".new")
        fresh.write_text(json.dumps(rows), encoding="utf-8")
        fresh.replace(self._record)

    def _end_former_run(self) -> None:
        """End children of a run that was cut off; a process that merely has the number of one is left alone."""
        try:
            rows = json.loads(self._record.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return
        for sign, patience in ((signal.SIGTERM, _FORMER_PATIENCE), (signal.SIGKILL, _KILL_PATIENCE)):
            for pid in _still_there(rows):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, sign)
            until = time.monotonic() + patience
            while _still_there(rows) and time.monotonic() < until:
                time.sleep(0.02)
        if left := _still_there(rows):
            raise ProcessError(
                f"Process {left[0]} of the former run on {self._directory} cannot be ended: end it and start again."
            )
        self._record.unlink(missing_ok=True)


class _Signals:
    """Counts SIGINT and SIGTERM while it is entered, and wakes whoever waits; also when a child ends."""

    def __init__(self) -> None:
        self.first: signal.Signals | None = None
        self.count = 0
        self._before: dict[signal.Signals, Any] = {}
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._wakeup_before = -1

    def __enter__(self) -> Self:
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for sign in (signal.SIGINT, signal.SIGTERM):
            self._before[sign] = signal.signal(sign, self._on_signal)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sign, handler in self._before.items():
            signal.signal(sign, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float) -> None:
        """Sleep, at most this long."""
        select.select([self._reader], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._reader, 4096)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        self.first = self.first or signal.Signals(number)


def _still_there(rows: list[dict[str, Any]]) -> list[int]:
    return [row["pid"] for row in rows if row["started"] is not None and _started(row["pid"]) == row["started"]]


def _started(pid: int) -> str | None:
    """What tells this process from others that had or will have its number; None if it is not there or has ended."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if sys.platform == "linux":
            # Ticks since the machine's start: unlike a time of day they do not move when the clock is set.
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            return f"{boot}:{stat.rpartition(')')[2].split()[19]}"
        return f"{process.create_time():.2f}"
    except (psutil.Error, FileNotFoundError, ProcessLookupError):
        return None
