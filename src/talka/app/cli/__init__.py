"""The command line: every command is a thin door to what the packages offer."""

from __future__ import annotations

import sys

import click

from talka import __version__
from talka.app.cli import accounts, crowd, demo, server
from talka.infra.embedded import EmbeddedPostgresError
from talka.infra.processes import ProcessError
from talka.infra.settings import SettingsError
from talka.kit.errors import TalkaError

FAILURES = (TalkaError, SettingsError, EmbeddedPostgresError, ProcessError)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="talka")
def cli() -> None:
    """Talka, a self-hosted crowd platform.

    Start with `talka up`. Settings come from flags, TALKA_… variables and talka.toml, in that order.
    """


for command in (server.up, server.serve, server.jobs, server.migrate, accounts.account, accounts.worker):
    cli.add_command(command)
cli.add_command(crowd.crowd)
cli.add_command(demo.demo)


def main() -> None:
    """Run a command; every failure is one line that says what to do, and a status that is not zero."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except FAILURES as error:
        click.echo(f"talka: {_sentence(error)}", err=True)
        sys.exit(1)


def _sentence(error: Exception) -> str:
    text = error.message if isinstance(error, TalkaError) else str(error)
    return " ".join(text.split())
