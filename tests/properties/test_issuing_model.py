"""Issuing against the brute-force reference of what is documented, over random histories of pools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.properties.history import WORKERS, History, Item, Run, SetOverlap, Take, Upload, Wait, histories
from tests.properties.product import Product, explore
from tests.properties.reference import Kind, Mixing


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """Talka on a database of the test's own, for all examples."""
    with Product.start(database_url, tmp_path, WORKERS) as started:
        yield started


def test_every_page_is_what_the_documentation_promises(product: Product) -> None:
    explore(lambda history: Run(product, history).play(), histories(largest=25, longest=30), 150)


def test_unlimited_overlap_set_again_is_no_raise_that_delays_the_last_page(product: Product) -> None:
    nobody = frozenset[int]()
    items = (Item(Kind.GENERAL, 1, nobody, nobody), Item(Kind.GENERAL, None, nobody, nobody))
    mixing = Mixing((3, 0, 0), (3, 0, 0), delay=1_000)
    commands = (Wait(3), SetOverlap(1, None, or_min=False), Take(0))
    Run(product, History(True, mixing, True, 1, Upload(items), commands)).play()
