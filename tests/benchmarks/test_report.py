"""Figures, percentiles and the table of the benchmarks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.report import Figure, Target, number, percentile, table, write_json
from rich.console import Console

FAST = Figure(
    "issuing", "pool of 10,000", "take + submit", "cycles/s", (900.0, 1100.0, 1000.0), (2500.0, 1.0, 9000.0),
    (Target("share", 0.35), Target("least", 1001)),
)  # fmt: skip


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.99, 10), (0.1, 1), (0.0, 1), (1.0, 10), (0.51, 6)])
def test_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile(range(1, 11), share) == expected


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="No values"):
        percentile([], 0.5)


def test_figure_is_its_median_beside_the_floors_median() -> None:
    assert (FAST.value, FAST.floor_value, FAST.share) == (1000.0, 2500.0, 0.4)


def test_targets_are_judged_one_by_one() -> None:
    assert [FAST.meets(target) for target in FAST.targets] == [True, False]
    slow = Figure("x", "", "time", "times", (1.3,), (), (Target("most", 1.2), Target("share", 0.1)))
    assert [slow.meets(target) for target in slow.targets] == [False, False]


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (123.4, "123"), (12.34, "12.3"), (1.234, "1.23"), (0, "0"), (-250, "-250")]
)
def test_number_shows_what_can_be_used(value: float, text: str) -> None:
    assert number(value) == text


def test_table_names_benchmark_and_case_once() -> None:
    other = Figure("issuing", "pool of 10,000", "take, p50", "ms", (4.0,))
    console = Console(width=150, record=True, file=None, force_terminal=False, quiet=True)
    console.quiet = False
    with console.capture() as shown:
        console.print(table([FAST, other]))
    text = shown.get()
    assert text.count("pool of 10,000") == 1
    assert "1,000" in text
    assert "40%" in text
    assert "≥ 35% of the floor: met" in text
    assert "≥ 1,001: missed" in text


def test_json_holds_every_run_and_replaces_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")
    write_json(path, [FAST], full=True)
    document = json.loads(path.read_text())
    assert document["full"] is True
    [figure] = document["figures"]
    assert figure["runs"] == [900.0, 1100.0, 1000.0]
    assert figure["value"] == 1000.0
    assert [target["met"] for target in figure["targets"]] == [True, False]
    assert list(tmp_path.iterdir()) == [path]
