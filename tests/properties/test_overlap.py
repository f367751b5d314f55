"""Issued and remaining make the overlap, after every command of random histories of pools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.properties.history import WORKERS, Run, histories
from tests.properties.product import Product, explore

from talka.kit.ids import work_id


class CountedRun(Run):
    """A history whose overlaps are counted, by what the API shows and in the tables."""

    def check(self) -> None:
        """What is shown fits the pages of the reference; slots taken are those of live claims."""
        shown = {item["id"]: item for item in self._listed(self.what)}
        for unit in self.reference.units:
            item = shown[work_id(self.number, unit.number)]
            remaining = None if unit.overlap is None else unit.overlap - len(unit.slots)
            assert (item["overlap"], item["infinite_overlap"]) == (unit.overlap, unit.overlap is None)
            assert item["remaining_overlap"] == remaining
        wrong = self.product.rows(
            "select q.unit_id, q.taken from queue q where q.pool_id = %s and q.taken <> case when q.overlap is null"
            " then 0 else (select count(*) from claim c where c.unit_id = q.unit_id and c.slot) end",
            self.number,
        )
        assert wrong == []

    def check_at_the_end(self) -> None:
        """The assignments that hold a slot, as they are listed, and what remains make the overlap."""
        issued = Counter(unit for page in self._listed("assignments", status=_HOLDING) for unit in self._units(page))
        for item in self._listed(self.what):
            if not item.get("mixed") and not item["infinite_overlap"]:
                assert issued[item["id"]] + item["remaining_overlap"] == item["overlap"]
        assert issued.total() == sum(len(unit.slots) for unit in self.reference.units)

    def _listed(self, what: str, **params: str) -> list[dict[str, Any]]:
        body = self.product.done("GET", f"/{what}", pool_id=self.pool_id, limit="100000", **params)
        assert body["has_more"] is False
        items: list[dict[str, Any]] = body["items"]
        return items

    def _units(self, page: dict[str, Any]) -> list[str]:
        return [task["id"] for task in page["tasks"]] if self.history.mixed else [page["task_suite_id"]]


_HOLDING = "ACTIVE,SUBMITTED,ACCEPTED,REJECTED"


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """Talka on a database of the test's own, for all examples."""
    with Product.start(database_url, tmp_path, WORKERS) as started:
        yield started


def test_issued_and_remaining_make_the_overlap(product: Product) -> None:
    explore(lambda history: CountedRun(product, history).play(), histories(largest=4, longest=16), 150)
