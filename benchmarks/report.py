"""Figures and how they are shown: medians, percentiles, the table and the JSON file."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

from rich.table import Table


@dataclass(frozen=True)
class Target:
    """What a figure should reach: a `share` of its floor, a value at `least`, or one at `most`."""

    kind: Literal["share", "least", "most"]
    value: float

    def __str__(self) -> str:
        if self.kind == "share":
            return f"≥ {self.value:.0%} of the floor"
        return f"{'≥' if self.kind == 'least' else '≤'} {number(self.value)}"


@dataclass(frozen=True)
class Figure:
    """One measured quantity: its value in every run, and that of its floor in the same, alternating runs."""

    benchmark: str
    case: str
    name: str
    unit: str
    product: tuple[float, ...]
    floor: tuple[float, ...] = ()
    targets: tuple[Target, ...] = ()

    @property
    def value(self) -> float:
        """Median over the runs."""
        return median(self.product)

    @property
    def floor_value(self) -> float | None:
        """Median of the floor over the runs, None where it has none."""
        return median(self.floor) if self.floor else None

    @property
    def share(self) -> float | None:
        """Value as a part of the floor."""
        return self.value / self.floor_value if self.floor_value else None

    def meets(self, target: Target) -> bool:
        """Say whether the median reaches the target."""
        if target.kind == "share":
            return self.share is not None and self.share >= target.value
        return self.value >= target.value if target.kind == "least" else self.value <= target.value

    def as_json(self) -> dict[str, Any]:
        """Everything known, for programs."""
        return {
            "benchmark": self.benchmark,
            "case": self.case,
            "name": self.name,
            "unit": self.unit,
            "value": self.value,
            "floor": self.floor_value,
            "share": self.share,
            "runs": list(self.product),
            "floor_runs": list(self.floor),
            "targets": [
                {"kind": target.kind, "value": target.value, "met": self.meets(target)} for target in self.targets
            ],
        }


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest of the ascending values that at least `share` (0–1) of them do not exceed.

    Raises ValueError without values.
    """
    if not ordered:
        raise ValueError("No values, no percentile")
    rank = -(-len(ordered) * share // 1)
    return ordered[max(int(rank), 1) - 1]


def number(value: float) -> str:
    """A number with as many digits as a reader can use: `12,345`, `123`, `12.3`, `0.123`."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.3g}"


def table(figures: Iterable[Figure]) -> Table:
    """All figures, a line each; a benchmark and a case are named once."""
    shown = Table(title="Talka beside its floors (medians of alternating runs)", title_justify="left")
    for heading in ("Benchmark", "Case", "Figure"):
        shown.add_column(heading)
    for heading in ("Talka", "Floor", "Of floor"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("Target")
    before = ("", "")
    for figure in figures:
        place = (figure.benchmark, figure.case)
        if place != before and before != ("", ""):
            shown.add_section()
        shown.add_row(
            figure.benchmark if figure.benchmark != before[0] else "",
            figure.case if place != before else "",
            f"{figure.name}, {figure.unit}",
            number(figure.value),
            "" if figure.floor_value is None else number(figure.floor_value),
            "" if figure.share is None else f"{figure.share:.0%}",
            "\n".join(_verdict(figure, target) for target in figure.targets),
        )
        before = place
    return shown


def _verdict(figure: Figure, target: Target) -> str:
    return f"[green]{target}: met[/]" if figure.meets(target) else f"[bold red]{target}: missed[/]"


def write_json(path: Path, figures: Iterable[Figure], *, full: bool) -> None:
    """Write all figures and what machine they come from; the former file stays until the new one is complete."""
    document = {
        "full": full,
        "machine": {
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "python": platform.python_version(),
        },
        "figures": [figure.as_json() for figure in figures],
    }
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)
