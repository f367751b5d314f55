"""The command line: every command is a thin door to what the packages offer, loaded when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

import click

from talka import __version__
from talka.infra.embedded import EmbeddedPostgresError
from talka.infra.processes import ProcessError
from talka.infra.settings import SettingsError
from talka.kit.errors import TalkaError

FAILURES = (TalkaError, SettingsError, EmbeddedPostgresError, ProcessError)
_COMMANDS: Mapping[str, str] = {
    "up": "server",
    "serve": "server",
    "jobs": "server",
    "migrate": "server",
    "account": "accounts",
    "worker": "accounts",
    "key": "access",
    "member": "access",
    "operator": "operator",
    "payout": "operator",
    "ban": "operator",
    "moderation": "moderation",
    "tasks": "files",
    "assignments": "files",
    "results": "files",
    "crowd": "crowd",
    "demo": "demo",
}


class Commands(click.Group):
    """The commands by name; the module of one is imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        found: click.Command = getattr(importlib.import_module(f"talka.app.cli.{module}"), cmd_name)
        return found


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="talka")
def cli() -> None:
    """Talka, a self-hosted crowd platform.

    Start with `talka up`. Settings come from flags, TALKA_… variables and talka.toml, in that order.
    """


def main() -> None:
    """Run a command; every failure is one line that says what to do, and a status that is not zero."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        help_of = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
        hint = f" (see `{help_of} --help`)" if help_of else ""
        click.echo(f"talka: {' '.join(error.format_message().split())}{hint}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except FAILURES as error:
        click.echo(f"talka: {_sentence(error)}", err=True)
        sys.exit(1)


def _sentence(error: Exception) -> str:
    text = error.message if isinstance(error, TalkaError) else str(error)
    return " ".join(text.split())
