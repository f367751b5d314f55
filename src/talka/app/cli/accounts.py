"""Commands for accounts and workers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from talka.accounts import usecases as accounts
from talka.accounts.wire import AccountBody, Registration
from talka.app.asgi import open_database
from talka.app.cli.options import data_options, database, load
from talka.infra.db import Database, Tx
from talka.infra.http.responses import to_bytes
from talka.infra.migrations import migrate
from talka.infra.settings import Settings
from talka.kit.errors import ValidationError
from talka.kit.languages import FALLBACK
from talka.kit.wire import parse
from talka.ledger import store as ledger_store
from talka.ledger import usecases as ledger

_TOO_MUCH = Decimal(10**12)


class Amount(click.ParamType[Decimal]):
    """A positive amount of US dollars."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The amount as a decimal."""
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number of US dollars", param, ctx)
        if not amount.is_finite() or amount <= 0:
            self.fail("must be a positive number of US dollars", param, ctx)
        if amount >= _TOO_MUCH:
            self.fail("must be below a trillion US dollars", param, ctx)
        return amount


Result = dict[str, Any] | str


def run(settings: Settings, work: Callable[[Tx], Awaitable[Result]]) -> None:
    """Do `work` in one transaction on the command's database and print the result: a JSON line, or text as it is."""

    async def in_one(db: Database) -> Result:
        async with db.transaction() as tx:
            return await work(tx)

    run_on(settings, in_one)


def run_on(settings: Settings, work: Callable[[Database], Awaitable[Result]]) -> None:
    """The same for work that has transactions of its own."""
    with database(settings) as url:
        migrate(url)
        result = asyncio.run(_once(settings, url, work))
    click.echo(result if isinstance(result, str) else to_bytes(result).decode())


async def _once(settings: Settings, url: str, work: Callable[[Database], Awaitable[Result]]) -> Result:
    db = open_database(settings, url)
    await db.open()
    try:
        return await work(db)
    except ValidationError as error:
        wrong = "; ".join(f"{path}: {field.message}" for path, field in error.fields.items())
        raise click.ClickException(wrong) from None
    finally:
        await db.close()


@click.group()
def account() -> None:
    """Requesters' accounts."""


@account.command("create")
@data_options
@click.option("--email", required=True, help="Address of the requester; one account per address.")
@click.option("--balance", type=Amount(), help="Money to start with, in US dollars.")
def create_account(email: str, balance: Decimal | None, **flags: Any) -> None:
    """Create an account with its first API key."""
    if "@" not in email.strip("@") or len(email) > 254:
        raise click.BadParameter(f"{email!r} is not an e-mail address", param_hint="--email")

    async def work(tx: Tx) -> dict[str, Any]:
        account_id, key = await accounts.create_account(tx, email)
        if balance is not None:
            await ledger.deposit(tx, account_id, balance)
        return {"requester_id": key.requester_id, "api_key": key.api_key}

    run(load(**flags), work)


@account.command("rename")
@data_options
@click.option("--account", "requester_id", required=True, metavar="ID", help="The requester's id (32 hex digits).")
@click.option("--name", required=True, help="The name under which workers know the requester, in English.")
def rename(requester_id: str, name: str, **flags: Any) -> None:
    """Give an account a name, which no other may have; names in further languages are replaced."""

    async def work(tx: Tx) -> dict[str, Any]:
        names = parse(AccountBody, {"public_name": {FALLBACK: name}}).public_name
        await accounts.rename_account(tx, await accounts.find_account(tx, requester_id), names)
        return {"requester_id": requester_id, "public_name": names}

    run(load(**flags), work)


@account.command("deposit")
@data_options
@click.option("--account", "requester_id", required=True, metavar="ID", help="The requester's id (32 hex digits).")
@click.option("--amount", type=Amount(), required=True, help="US dollars to add.")
def deposit(requester_id: str, amount: Decimal, **flags: Any) -> None:
    """Put money on an account."""

    async def work(tx: Tx) -> dict[str, Any]:
        account_id = await accounts.find_account(tx, requester_id)
        await ledger.deposit(tx, account_id, amount)
        balance = await ledger_store.balance(tx, account_id)
        return {"requester_id": requester_id, "balance": balance}

    run(load(**flags), work)


@click.group()
def worker() -> None:
    """Workers."""


@worker.command("create")
@data_options
@click.option("--login", required=True, help="3 to 64 of A-Z a-z 0-9 . _ @ -")
@click.option("--password", required=True, help="At least 8 characters.")
@click.option(
    "--profile",
    "profile_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Profile as in the worker API.",
)
def create_worker(login: str, password: str, profile_path: Path | None, **flags: Any) -> None:
    """Register a worker."""
    profile = None
    if profile_path is not None:
        try:
            profile = json.loads(profile_path.read_text())
        except ValueError as error:
            raise click.BadParameter(f"{profile_path} is not valid JSON: {error}", param_hint="--profile") from None

    async def work(db: Database) -> dict[str, Any]:
        body = parse(Registration, {"login": login, "password": password, "profile": profile})
        given, computed = body.profile.given() if body.profile else ({}, {})
        clean = [{name: value for name, value in part.items() if value is not None} for part in (given, computed)]
        created, token = await accounts.register_worker(db, login, password, clean[0], clean[1])
        return {"user_id": created.user_id, "token": token}

    run_on(load(**flags), work)
