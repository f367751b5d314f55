"""Which region lies in which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# Parts of countries that are known; every other region stands for itself.
PARENTS: Mapping[int, int] = {1: 225, 213: 1, 87: 84}


def around(region: int | None) -> Iterator[int]:
    """The region and those that it lies in, innermost first."""
    while region is not None:
        yield region
        region = PARENTS.get(region)


def within(region: int) -> set[int]:
    """The region and all that lie in it."""
    return {region} | {part for part in PARENTS if region in around(part)}
