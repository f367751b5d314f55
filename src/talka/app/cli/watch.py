"""Progress bars for long commands, on standard error so that output stays machine-readable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from talka.crowd.model import Progress as CrowdProgress
from talka.crowd.model import ProgressCallback


@contextmanager
def watched(title: str) -> Iterator[ProgressCallback]:
    """A line that shows how far a crowd is."""
    columns = (
        SpinnerColumn(),
        TextColumn(title),
        BarColumn(),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task(title, total=None, numbers="")

        def show(state: CrowdProgress) -> None:
            expected = f"/{state.expected}" if state.expected is not None else ""
            numbers = f"{state.answers}{expected} answers, {state.pages} pages"
            if state.skips:
                numbers += f", {state.skips} skipped"
            if state.errors:
                numbers += f", {state.errors} errors"
            bar.update(line, total=state.expected, completed=state.answers, numbers=numbers)

        yield show
