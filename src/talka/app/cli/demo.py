"""`talka demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from talka.app.cli.options import load
from talka.app.demo import run_demo
from talka.infra.telemetry import configure_logs


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default=Path("talka-demo"),
    show_default=True,
    help="Where the demo's data lie.",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on. Default: 8080, or a free one.")
@click.option("--once", is_flag=True, help="End after printing the result.")
def demo(once: bool, **flags: Any) -> None:
    """A labelling job from end to end: digits, control tasks, twenty simulated workers, results.

    Needs the extra packages of `pip install talka[demo]`.
    """
    settings = load(**{"log_level": "warning", **flags})
    configure_logs(settings.log_format, settings.log_level)
    run_demo(settings, once=once)
