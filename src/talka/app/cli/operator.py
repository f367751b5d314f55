"""Commands of the operator: keys for the operator's API, settings, payouts, bans."""

from __future__ import annotations

from typing import Any

import click
from starlette.datastructures import QueryParams

from talka.accounts import store as accounts_store
from talka.accounts import usecases as accounts
from talka.accounts.wire import NewKeyBody, key_json
from talka.app.cli.accounts import run, run_on
from talka.app.cli.options import data_options, load
from talka.app.operator import BanBody, PolicyBody, decide, policy_json
from talka.infra.db import Database, Tx
from talka.infra.http.listing import parse_listing
from talka.kit.wire import parse
from talka.payouts import store as payouts
from talka.payouts import usecases as payout_usecases
from talka.payouts.model import Status
from talka.payouts.wire import COLUMNS, DecisionBody, csv_line, payout_json, payout_line
from talka.restrictions import store as restrictions
from talka.restrictions import usecases as restriction_usecases
from talka.restrictions.wire import restriction_json


@click.group()
def operator() -> None:
    """The operator's keys and settings."""


@operator.group("key")
def operator_key() -> None:
    """Keys for the operator's API (/api/operator/v1)."""


@operator_key.command("create")
@data_options
@click.option("--name", required=True, help="What it is for; need not be unique.")
def create_key(name: str, **flags: Any) -> None:
    """Create a key. Its text is printed once and cannot be shown again."""

    async def work(tx: Tx) -> dict[str, Any]:
        made, text = await accounts.create_operator_key(tx, parse(NewKeyBody, {"name": name}).name)
        return {**key_json(made), "api_key": text}

    run(load(**flags), work)


@operator_key.command("list")
@data_options
def list_keys(**flags: Any) -> None:
    """List names, first characters and last use of the keys."""

    async def work(tx: Tx) -> dict[str, Any]:
        return {"items": [key_json(one) for one in await accounts_store.operator_keys(tx)]}

    run(load(**flags), work)


@operator_key.command("delete")
@data_options
@click.option("--key", "key_id", required=True, metavar="ID", help="The key's id, as in `operator key list`.")
def delete_key(key_id: str, **flags: Any) -> None:
    """Delete a key; it is refused from now on."""

    async def work(tx: Tx) -> dict[str, Any]:
        await accounts.delete_operator_key(tx, key_id)
        return {"id": key_id}

    run(load(**flags), work)


@operator.command("settings")
@data_options
@click.option("--fee-percent", type=float, help="Platform fee on every reward, 0 to 100.")
@click.option("--registration", type=click.Choice(["open", "closed"]), help="Whether anybody may register to work.")
@click.option("--minimum-payout", type=float, help="The least that workers can ask for, in US dollars.")
@click.option(
    "--moderation",
    type=click.Choice(["off", "first-run", "every-major-version"]),
    help="When an operator has to approve a project before its pools can be opened.",
)
@click.option(
    "--reset",
    type=click.Choice(list(PolicyBody.model_fields)),
    multiple=True,
    help="Leave this one to talka.toml, TALKA_… and flags again.",
)
def change_settings(
    fee_percent: float | None,
    registration: str | None,
    minimum_payout: float | None,
    moderation: str | None,
    reset: tuple[str, ...],
    **flags: Any,
) -> None:
    """Show what is in force; with options, change it. Running servers follow within two seconds."""
    given: dict[str, Any] = {"fee_percent": fee_percent, "minimum_payout": minimum_payout}
    if registration is not None:
        given["open_registration"] = registration == "open"
    if moderation is not None:
        given["moderation"] = moderation.upper().replace("-", "_")
    chosen = {name: value for name, value in given.items() if value is not None}
    both = sorted(chosen.keys() & set(reset))
    if both:
        raise click.UsageError(f"{both[0]} cannot be set and reset at once")
    changes = {**chosen, **dict.fromkeys(reset)}
    settings = load(**flags)

    async def work(tx: Tx) -> dict[str, Any]:
        return policy_json(await decide(tx, settings, parse(PolicyBody, changes)))

    run(settings, work)


@click.group()
def payout() -> None:
    """The queue of workers' payouts."""


@payout.command("list")
@data_options
@click.option(
    "--status",
    type=click.Choice([status.value.lower() for status in Status]),
    multiple=True,
    help="Only payouts in this state; may be given several times.",
)
@click.option("--csv", "as_csv", is_flag=True, help="A table instead of JSON.")
def list_payouts(status: tuple[str, ...], as_csv: bool, **flags: Any) -> None:
    """List payouts, oldest first."""
    given = {"status": ",".join(status).upper()} if status else {}

    async def work(db: Database) -> dict[str, Any] | str:
        listing = parse_listing(QueryParams(given), payouts.LIST)
        found = [one async for one in payout_usecases.every(db, listing)]
        if as_csv:
            return (csv_line(COLUMNS) + "".join(payout_line(one) for one in found)).rstrip("\n")
        return {"items": [payout_json(one) for one in found]}

    run_on(load(**flags), work)


def _decision(name: str, status: Status, text: str) -> None:
    @payout.command(name, help=text)
    @data_options
    @click.option("--payout", "payout_id", required=True, metavar="ID", help="The payout's id, as in `payout list`.")
    @click.option("--comment", help="What the worker is told.")
    def decide(payout_id: str, comment: str | None, **flags: Any) -> None:
        async def work(tx: Tx) -> dict[str, Any]:
            body = parse(DecisionBody, {"comment": comment})
            return payout_json(await payout_usecases.move(tx, payout_id, status, comment=body.comment))

        run(load(**flags), work)


_decision("approve", Status.APPROVED, "Put a payout on its way; the worker can no longer cancel it.")
_decision("pay", Status.PAID, "Note that a payout was paid.")
_decision("reject", Status.REJECTED, "Refuse a payout; the money is the worker's again.")


@click.group()
def ban() -> None:
    """Workers who are kept out of everything: they take no pages, send no answers and withdraw no money."""


_user = click.option("--user", "user_id", required=True, metavar="ID", help="The worker's id (32 hex digits).")


@ban.command("add")
@data_options
@_user
@click.option("--comment", help="Why; shown to requesters whom the worker worked for.")
@click.option("--until", help="Date-time at which it ends, in UTC. Default: never.")
def add_ban(user_id: str, comment: str | None, until: str | None, **flags: Any) -> None:
    """Ban a worker from now on, also from pages at work, or replace comment and end of the ban."""

    async def work(tx: Tx) -> dict[str, Any]:
        body = parse(BanBody, {"private_comment": comment, "will_expire": until})
        found, _ = await restriction_usecases.ban(tx, user_id, body.private_comment, body.will_expire)
        return restriction_json(found)

    run(load(**flags), work)


@ban.command("list")
@data_options
def list_bans(**flags: Any) -> None:
    """List the bans in force (the newest 1,000)."""

    async def work(tx: Tx) -> dict[str, Any]:
        params = QueryParams({"sort": "-id", "limit": "1000"})
        found, more = await restrictions.bans(tx, parse_listing(params, restrictions.BANS))
        return {"items": [restriction_json(one) for one in found], "has_more": more}

    run(load(**flags), work)


@ban.command("lift")
@data_options
@_user
def lift_ban(user_id: str, **flags: Any) -> None:
    """Let a worker in again."""

    async def work(tx: Tx) -> dict[str, Any]:
        await restriction_usecases.lift_ban(tx, user_id)
        return {"user_id": user_id}

    run(load(**flags), work)
