"""How large the benchmarks are: the short form and the full one."""

from __future__ import annotations

from dataclasses import dataclass

ROUNDS = 3
"""Alternating runs of product and floor."""


@dataclass(frozen=True)
class Scale:
    """Sizes and durations of one form."""

    full: bool
    pool_sizes: tuple[int, ...]
    seconds: int
    upload_batches: int
    result_rows: int
    disk_gigabytes: int


SHORT = Scale(full=False, pool_sizes=(10**4, 10**5), seconds=8, upload_batches=20, result_rows=10**5, disk_gigabytes=4)
FULL = Scale(
    full=True, pool_sizes=(10**4, 10**5, 10**6), seconds=10, upload_batches=200, result_rows=10**6, disk_gigabytes=24
)
