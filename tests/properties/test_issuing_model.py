"""Issuing against the brute-force reference of what is documented, over random histories of pools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.properties.history import WORKERS, Run, histories
from tests.properties.product import Product, explore


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """Talka on a database of the test's own, for all examples."""
    with Product.start(database_url, tmp_path, WORKERS) as started:
        yield started


def test_every_page_is_what_the_documentation_promises(product: Product) -> None:
    explore(lambda history: Run(product, history).play(), histories(largest=25, longest=30), 150)
