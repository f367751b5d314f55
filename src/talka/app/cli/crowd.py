"""Commands of the crowd: simulated and replayed workers over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from talka.app.cli.options import load
from talka.app.cli.watch import watched
from talka.crowd.access import find_access
from talka.crowd.model import Access, CrowdError, ProgressCallback
from talka.crowd.replay import Replay, register_people, replay_labels
from talka.crowd.run import CrowdRun, run_crowd

Result = TypeVar("Result")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def access_options(command: Any) -> Any:
    """`--data`, `--url` and `--api-key`."""
    for option in (
        click.option("--api-key", help="The requester's key. Default: from DIR/credentials.json."),
        click.option("--url", help="Address of the server. Default: from DIR/credentials.json."),
        click.option(
            "--data",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help="Data folder of the server. Default: $TALKA_DATA, else ./talka-data.",
        ),
    ):
        command = option(command)
    return command


def _field_options(command: Any) -> Any:
    command = click.option("--output-field", default="label", show_default=True, help="Output that is answered.")(
        command
    )
    return click.option("--item-field", default="item", show_default=True, help="Input that names the item.")(command)


def _go(title: str, work: Callable[[ProgressCallback], Coroutine[Any, Any, Result]]) -> Result:
    try:
        with watched(title) as progress:
            return asyncio.run(work(progress))
    except CrowdError as error:
        raise click.ClickException(str(error)) from None


def find(data: Path | None, url: str | None, api_key: str | None) -> Access:
    """Where the server is and the requester's key."""
    try:
        return find_access(load(data=data).data, url, api_key)
    except CrowdError as error:
        raise click.ClickException(str(error)) from None


@click.group()
def crowd() -> None:
    """Simulated workers, and real people's labels replayed."""


@crowd.command("run")
@access_options
@click.option("--pool", "pool_id", required=True, metavar="ID", help="Pool to work on.")
@click.option("--workers", default=20, show_default=True, help="How many workers.")
@click.option("--truth", type=_FILE, metavar="FILE.csv", help="Right answers, header item,truth.")
@_field_options
@click.option("--accuracy", default=0.8, show_default=True, help="Mean share of right answers.")
@click.option("--skip-rate", default=0.0, show_default=True, help="Share of pages that are skipped.")
@click.option("--seed", default=1, show_default=True, help="Same seed: same workers and answers.")
def run(data: Path | None, url: str | None, api_key: str | None, **choices: Any) -> None:
    """Let simulated workers work on a pool until nobody is offered anything."""
    access = find(data, url, api_key)
    tally = _go("Crowd", lambda progress: run_crowd(access, CrowdRun(**choices), progress))
    click.echo(json.dumps(tally.as_json()))


@crowd.command("register")
@access_options
@click.option("--labels", type=_FILE, required=True, metavar="FILE.csv", help="Labels, header item,worker,label.")
def register(data: Path | None, url: str | None, api_key: str | None, labels: Path) -> None:
    """Register one worker per person of a file; again: the same ones."""
    address = url or find(data, url, api_key).base_url
    people = _go("Registering", lambda progress: register_people(address, labels, progress))
    click.echo(json.dumps(people))


@crowd.command("replay")
@access_options
@click.option("--pool", "pool_id", required=True, metavar="ID", help="Pool to work on.")
@click.option("--labels", type=_FILE, required=True, metavar="FILE.csv", help="Labels, header item,worker,label.")
@_field_options
def replay(data: Path | None, url: str | None, api_key: str | None, **choices: Any) -> None:
    """Replay real people's labels; fails when labels remain that the pool still wanted."""
    access = find(data, url, api_key)
    tally = _go("Replaying", lambda progress: replay_labels(access, Replay(**choices), progress))
    click.echo(json.dumps(tally.as_json()))
    if tally.missing:
        raise click.ClickException(f"{tally.missing} labels were not submitted although the pool still wanted them")
