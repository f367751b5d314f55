"""Processes of the benchmarks: whose CPU is whose, and functions in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys

import pytest
from benchmarks.own_process import in_own_process

from benchmarks import accounting


def test_a_process_belongs_to_the_nearest_root() -> None:
    parents = {5: 4, 4: 3, 3: 1, 9: 3, 1: 0}
    roots = {3: "server", 4: "database"}
    named = {pid: accounting.nearest(pid, roots, parents) for pid in (1, 3, 4, 5, 9)}
    assert named == {1: None, 3: "server", 4: "database", 5: "database", 9: "server"}


def test_cpu_of_ended_children_stays_with_their_parent() -> None:
    groups = {"us": os.getpid()}
    before = accounting.cpu_seconds(groups)
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"], check=True)
    assert 0.4 <= accounting.since(before, groups)["us"] < 5  # the system counts in hundredths and rounds down


def _double(value: int) -> tuple[int, int]:
    return value * 2, os.getpid()


def _fail(value: int) -> None:
    raise ValueError(f"not {value}")


def test_a_function_runs_in_another_process_that_is_gone_afterwards() -> None:
    result, pid = in_own_process(_double, 21)
    assert result == 42
    assert pid != os.getpid()
    assert multiprocessing.active_children() == []


def test_its_error_is_raised_here() -> None:
    with pytest.raises(ValueError, match="not 3"):
        in_own_process(_fail, 3)
