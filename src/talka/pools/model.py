"""Events of pools."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefaultOverlapChanged:
    """An event: what is uploaded without an overlap of its own has another one from now on."""

    pool_id: int
    overlap: int
