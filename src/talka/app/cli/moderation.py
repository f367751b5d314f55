"""Commands of moderation: what waits for approval, and decisions."""

from __future__ import annotations

from typing import Any

import click
from starlette.datastructures import QueryParams

from talka.app.cli.accounts import run
from talka.app.cli.options import data_options, load
from talka.infra import policy
from talka.infra.db import Tx
from talka.infra.http.listing import parse_listing
from talka.infra.policy import Moderation
from talka.kit.wire import parse
from talka.moderation import store, usecases
from talka.moderation.model import Status
from talka.moderation.wire import DecisionBody, case_json, decision_json, project_json

_project = click.option("--project", "project_id", required=True, metavar="ID", help="The project's id.")


@click.group()
def moderation() -> None:
    """Projects that wait for approval, if `talka operator settings --moderation` asks for it."""


@moderation.command("list")
@data_options
def list_waiting(**flags: Any) -> None:
    """List the projects whose pools wait for their first opening (the first 300)."""
    settings = load(**flags)

    async def work(tx: Tx) -> dict[str, Any]:
        mode = (await policy.in_force(tx, settings)).moderation
        if mode is Moderation.OFF:
            return {"items": [], "has_more": False}
        found, more = await store.queue(tx, mode, parse_listing(QueryParams({"limit": "300"}), store.QUEUE))
        return {"items": [case_json(case) for case in found], "has_more": more}

    run(settings, work)


@moderation.command("show")
@data_options
@_project
@click.option("--major", metavar="N", help="As its pools of this major version show it. Default: the newest.")
def show(project_id: str, major: str | None, **flags: Any) -> None:
    """Show a project and what was decided about it."""

    async def work(tx: Tx) -> dict[str, Any]:
        number, version, body = await usecases.project_as_of(tx, project_id, major)
        return project_json(number, version, body, await store.decisions(tx, number))

    run(load(**flags), work)


def _decision(name: str, status: Status, text: str) -> None:
    @moderation.command(name, help=text)
    @data_options
    @_project
    @click.option("--major", type=int, required=True, metavar="N", help="The major version, as in `moderation list`.")
    @click.option("--comment", help="What the requester is told.")
    def decide(project_id: str, major: int, comment: str | None, **flags: Any) -> None:
        async def work(tx: Tx) -> dict[str, Any]:
            body = parse(DecisionBody, {"status": status.value, "major": major, "comment": comment})
            return decision_json(await usecases.decide(tx, project_id, body.major, status, body.comment))

        run(load(**flags), work)


_decision("approve", Status.APPROVED, "Let a project's pools be opened.")
_decision("reject", Status.REJECTED, "Keep a project's pools from being opened; those that are open stay so.")
