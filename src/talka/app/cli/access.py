"""Commands for an account's keys and members."""

from __future__ import annotations

from typing import Any

import click

from talka.accounts import store
from talka.accounts import usecases as accounts
from talka.accounts.model import Role
from talka.accounts.wire import NewKeyBody, key_json, member_json
from talka.app.cli.accounts import run
from talka.app.cli.options import data_options, load
from talka.infra.db import Tx
from talka.kit.wire import parse

_account = click.option("--account", "account", required=True, metavar="ID", help="The account (32 hex digits).")
_member = click.option("--member", "member", required=True, metavar="ID", help="The member's account (32 hex digits).")
_role = click.option(
    "--role",
    type=click.Choice([role.value.lower() for role in Role]),
    required=True,
    help="viewer reads; editor also works; admin also manages keys and members.",
)


@click.group()
def key() -> None:
    """API keys of an account."""


@key.command("create")
@data_options
@_account
@click.option("--name", required=True, help="What it is for; need not be unique.")
def create_key(account: str, name: str, **flags: Any) -> None:
    """Create a further key. Its text is printed once and cannot be shown again."""

    async def work(tx: Tx) -> dict[str, Any]:
        body = parse(NewKeyBody, {"name": name})
        made, text = await accounts.create_key(tx, await accounts.find_account(tx, account), body.name)
        return {**key_json(made), "api_key": text}

    run(load(**flags), work)


@key.command("list")
@data_options
@_account
def list_keys(account: str, **flags: Any) -> None:
    """List names, first characters and last use of the keys."""

    async def work(tx: Tx) -> dict[str, Any]:
        found = await store.keys(tx, await accounts.find_account(tx, account))
        return {"items": [key_json(one) for one in found]}

    run(load(**flags), work)


@key.command("delete")
@data_options
@_account
@click.option("--key", "key_id", required=True, metavar="ID", help="The key's id, as in `key list`.")
def delete_key(account: str, key_id: str, **flags: Any) -> None:
    """Delete a key; it and the browser sessions that it opened are refused from now on."""

    async def work(tx: Tx) -> dict[str, Any]:
        await accounts.delete_key(tx, await accounts.find_account(tx, account), key_id)
        return {"id": key_id}

    run(load(**flags), work)


@click.group()
def member() -> None:
    """Who else may act under an account."""


@member.command("add")
@data_options
@_account
@_member
@_role
def add_member(account: str, member: str, role: str, **flags: Any) -> None:
    """Let another account act under this one."""

    async def work(tx: Tx) -> dict[str, Any]:
        account_id = await accounts.find_account(tx, account)
        return member_json(await accounts.add_member(tx, account_id, member, Role(role.upper())))

    run(load(**flags), work)


@member.command("list")
@data_options
@_account
def list_members(account: str, **flags: Any) -> None:
    """List the members and their roles."""

    async def work(tx: Tx) -> dict[str, Any]:
        found = await store.members(tx, await accounts.find_account(tx, account))
        return {"items": [member_json(one) for one in found]}

    run(load(**flags), work)


@member.command("role")
@data_options
@_account
@_member
@_role
def change_role(account: str, member: str, role: str, **flags: Any) -> None:
    """Give a member another role."""

    async def work(tx: Tx) -> dict[str, Any]:
        account_id = await accounts.find_account(tx, account)
        return member_json(await accounts.change_role(tx, account_id, member, Role(role.upper())))

    run(load(**flags), work)


@member.command("remove")
@data_options
@_account
@_member
def remove_member(account: str, member: str, **flags: Any) -> None:
    """Take a member's access back."""

    async def work(tx: Tx) -> dict[str, Any]:
        await accounts.remove_member(tx, await accounts.find_account(tx, account), member)
        return {"requester_id": member}

    run(load(**flags), work)
