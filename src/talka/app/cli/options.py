"""Options that commands share, and the database they work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from talka.infra import settings as configuration
from talka.infra.embedded import EmbeddedPostgres
from talka.infra.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def data_options(command: Command) -> Command:
    """`--data` and `--database-url`."""
    command = click.option(
        "--database-url", metavar="URL", help="Use this PostgreSQL (15 or newer) instead of the embedded one."
    )(command)
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Where data lie. Default: $TALKA_DATA, else ./talka-data.",
    )(command)


def load(**flags: Any) -> Settings:
    """The settings in force for a command."""
    return configuration.load(**flags)


@contextmanager
def database(settings: Settings, *, take_over: bool = False) -> Iterator[str]:
    """The conninfo of the command's database; an embedded one that was not running is stopped again."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.data)
    url = server.start(lambda text: click.echo(text, err=True), take_over=take_over)
    try:
        yield url
    finally:
        server.stop()
