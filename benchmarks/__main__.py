"""`python -m benchmarks [NAME] [--full]`: measure, show one table, write results.json."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from benchmarks import issuing, report, requests, results, upload
from benchmarks.api import ApiError
from benchmarks.floor import FloorError
from benchmarks.load import LoadError
from benchmarks.product import ProductError
from benchmarks.scale import FULL, SHORT, Scale
from talka.infra.embedded import EmbeddedPostgresError

Measure = Callable[[Scale, Callable[[str], None]], list[report.Figure]]

BENCHMARKS: dict[str, Measure] = {
    "upload": upload.measure,
    "issuing": issuing.measure,
    "results": results.measure,
    "requests": requests.measure,
}
_RESULTS = Path(__file__).with_name("results.json")
_FAILURES = (ApiError, EmbeddedPostgresError, FloorError, LoadError, ProductError)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False, type=click.Choice(list(BENCHMARKS)))
@click.option("--full", is_flag=True, help="The sizes up to a million tasks; takes long and needs free disk.")
def main(name: str | None, full: bool) -> None:
    """Measure Talka beside its floors: all benchmarks, or the one NAMEd."""
    signal.signal(signal.SIGTERM, _interrupted)
    scale = FULL if full else SHORT
    _check_disk(scale)
    console = Console(stderr=True)
    figures: list[report.Figure] = []
    try:
        with console.status("Starting") as status:
            for chosen in [name] if name else BENCHMARKS:
                figures += BENCHMARKS[chosen](scale, lambda doing: _tell(console, status.update, doing))
    except _FAILURES as error:
        raise click.ClickException(str(error)) from error
    report.write_json(_RESULTS, figures, full=full)
    # Where nobody looks, nothing is cut to the width of a window.
    out = Console() if sys.stdout.isatty() else Console(width=150)
    out.print(report.table(figures))
    out.print(f"Written to {_RESULTS}", highlight=False)


def _tell(console: Console, update: Callable[[str], None], doing: str) -> None:
    update(doing)
    if not console.is_terminal:
        console.print(doing, highlight=False)


def _check_disk(scale: Scale) -> None:
    place = tempfile.gettempdir()
    free = shutil.disk_usage(place).free / 2**30
    if free < scale.disk_gigabytes:
        raise click.ClickException(
            f"{place} has {free:.0f} GB free and {scale.disk_gigabytes} GB are needed: free some, or set TMPDIR."
        )


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    # As Ctrl-C: everything that was started is stopped and removed on the way out.
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
