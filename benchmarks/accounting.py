"""CPU time and memory of groups of processes: who paid for a benchmark when all share the machine's cores."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

_QUIET = 0.03  # seconds of CPU in one interval below which a group counts as idle
_INTERVAL = 0.3


def cpu_seconds(groups: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds spent so far by each group: the process with the given id and all that descend from it.

    A process below two of the roots belongs to the nearer one (a database under the server that started it). Time of
    children that ended is kept by their parents, so the figures never go down while the roots live.
    """
    totals = dict.fromkeys(groups, 0.0)
    for process, name in _grouped(groups):
        with contextlib.suppress(psutil.Error):  # ended just now: its parent has its time
            times = process.cpu_times()
            totals[name] += times.user + times.system + times.children_user + times.children_system
    return totals


def members(group: str, groups: Mapping[str, int]) -> list[int]:
    """The ids of the processes that belong to the group now."""
    return [process.pid for process, name in _grouped(groups) if name == group]


def _grouped(groups: Mapping[str, int]) -> list[tuple[Any, str]]:
    """Every process (as psutil gives it) that belongs to a group, with the group's name."""
    parents: dict[int, int] = {}
    processes = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            parents[process.pid] = process.ppid()
            processes.append(process)
    roots = {pid: name for name, pid in groups.items()}
    named = ((process, nearest(process.pid, roots, parents)) for process in processes)
    return [(process, name) for process, name in named if name is not None]


def nearest(pid: int, roots: Mapping[int, str], parents: Mapping[int, int]) -> str | None:
    """The name of the first root on the way from a process up to the top, None where there is none."""
    while pid not in roots:
        if pid not in parents:
            return None
        pid = parents[pid]
    return roots[pid]


def since(before: Mapping[str, float], groups: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds that each group spent after `before` was read."""
    return {name: seconds - before[name] for name, seconds in cpu_seconds(groups).items()}


def settle(groups: Mapping[str, int], patience: float) -> None:
    """Wait until all groups are idle, at most `patience` seconds: work put off belongs to the run that caused it."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        before = cpu_seconds(groups)
        time.sleep(_INTERVAL)
        if all(spent < _QUIET for spent in since(before, groups).values()):
            return


def resident_megabytes(pids: list[int]) -> float:
    """Resident memory of the processes together, now."""
    return sum(_status(pid, "VmRSS") for pid in pids)


def peak_megabytes(pids: list[int]) -> float:
    """The most that each process had resident since `forget_peak`, added up."""
    return sum(_status(pid, "VmHWM") for pid in pids)


def forget_peak(pids: list[int]) -> None:
    """Let the peak of each process start from what it has now."""
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _status(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0
