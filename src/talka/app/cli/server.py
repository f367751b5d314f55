"""Commands that serve: everything in one go, or its parts one by one."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

import click
import uvicorn
import uvloop

from talka.accounts.quotas import quotas_of
from talka.app.asgi import create_app, open_blobs, open_database
from talka.app.background import run_forever
from talka.app.cli.options import data_options, database, load
from talka.app.owner import ensure_owner
from talka.infra.embedded import EmbeddedPostgres
from talka.infra.http.protocol import OnePacketProtocol
from talka.infra.migrations import migrate as run_migrations
from talka.infra.outbound import Outbound
from talka.infra.processes import Supervisor, die_with_parent
from talka.infra.settings import Settings
from talka.infra.telemetry import configure_logs

_storage_option = click.option(
    "--attachments-url",
    metavar="URL",
    help="Bucket for files (s3://, gs://, az://). Default: DIR/attachments.",
)


def _serving_options(command: Any) -> Any:
    for option in (
        click.option("--sandbox/--no-sandbox", default=None, help="Test mode: time travel and play money."),
        _storage_option,
        click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 finds a free one."),
        click.option("--host", help="Address to listen on. Default: 127.0.0.1."),
    ):
        command = option(command)
    return command


@click.command()
@data_options
@_serving_options
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that serve. Default: 1.")
def up(**flags: Any) -> None:
    """Everything in one go: database, migrations, API, web apps, background work.

    The first start creates the owner's account and writes its key to DIR/credentials.json.
    """
    settings = load(**flags)
    quotas_of(settings)  # what cannot be read is told here, not by a child
    configure_logs(settings.log_format, settings.log_level)
    run_up(settings)


def run_up(settings: Settings, *, tick: Callable[[], bool] = lambda: False, announce: bool = True) -> None:
    """Serve until SIGINT or SIGTERM, or until `tick` (called some times a second) says True; see `talka up`."""
    settings = _with_free_port(settings)
    with Supervisor(settings.data) as supervisor, ExitStack() as stack:
        server, url = _database(settings, stack)
        run_migrations(url)
        asyncio.run(ensure_owner(settings, url))
        environment = settings.as_environment() | {"TALKA_DATABASE_URL": url}
        if settings.workers > 1:
            environment["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        program = [sys.executable, "-m", "talka"]
        for number in range(settings.workers):
            supervisor.start(f"serve {number + 1}", [*program, "serve"], environment=environment)
        supervisor.start("jobs", [*program, "jobs"], environment=environment)
        if announce:
            click.echo(f"Talka: {settings.public_url()} (sign-in data: {settings.data / 'credentials.json'})")
        supervisor.run(lambda: _still_there(server) or tick())


def _still_there(server: EmbeddedPostgres | None) -> bool:
    """Raise when our database ended by itself; never a reason to stop in order."""
    if server is not None:
        server.check()
    return False


def _database(settings: Settings, stack: ExitStack) -> tuple[EmbeddedPostgres | None, str]:
    if settings.database_url is not None:
        return None, settings.database_url
    connections = 40 + settings.hot_connections + settings.connections * (settings.workers + 1)
    server = EmbeddedPostgres(settings.data, settings={"max_connections": str(max(100, connections))})
    stack.callback(server.stop)
    return server, server.start(lambda text: click.echo(text, err=True), take_over=True)


def _with_free_port(settings: Settings) -> Settings:
    """The settings with a port that is free now (or chosen, for port 0).

    Raises:
        ClickException: somebody else listens there.
    """
    with _listening_socket(settings.host, settings.port, shared=False) as probe:
        return replace(settings, port=probe.getsockname()[1])


def _listening_socket(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that the server turns off the delay of small packets on what it accepts.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        text = f"Cannot listen on {host}:{port} ({error.strerror}): choose another --host or --port"
        raise click.ClickException(text) from None
    return listener


@click.command()
@data_options
@_serving_options
@click.option("--workers", type=click.IntRange(1, 64), help="How many such processes share the port.")
def serve(**flags: Any) -> None:
    """The API and the web apps, one process; start as many as you like on one database."""
    die_with_parent()
    settings = load(**flags)
    configure_logs(settings.log_format, settings.log_level)
    with database(settings) as url, _listening_socket(settings.host, settings.port, shared=settings.workers > 1) as s:
        config = uvicorn.Config(
            create_app(settings, url),
            http=OnePacketProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            # Longer than clients and proxies keep idle connections: who closes first must not be us, for a request
            # that is on its way at that moment would be lost.
            timeout_keep_alive=75,
            backlog=2048,
        )
        uvloop.run(uvicorn.Server(config).serve(sockets=[s]))


@click.command()
@data_options
@click.option("--sandbox/--no-sandbox", default=None, help="Follow the sandbox clock.")
@_storage_option
def jobs(**flags: Any) -> None:
    """Background work, one process: batches, expiry, automatic acceptance, closing, counters."""
    die_with_parent()
    settings = load(**flags)
    configure_logs(settings.log_format, settings.log_level)
    with database(settings) as url:
        uvloop.run(_run_jobs(settings, url))


async def _run_jobs(settings: Settings, url: str) -> None:
    db = open_database(settings, url)
    await db.open()
    outbound = Outbound(settings.outbound_allowed)
    work = asyncio.create_task(run_forever(db, settings, open_blobs(settings), outbound))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await work
    finally:
        await db.close()


@click.command()
@data_options
def migrate(**flags: Any) -> None:
    """Bring the database to the newest schema; safe beside running servers and other migrations."""
    settings = load(**flags)
    with database(settings) as url:
        run_migrations(url)
    click.echo("The database has the newest schema.")
