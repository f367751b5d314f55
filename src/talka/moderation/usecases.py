"""Approving projects, rejecting them, and keeping what is not approved from opening."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from talka.infra.db import Tx
from talka.infra.policy import Moderation
from talka.kit.errors import NotFound, TalkaError, field_error
from talka.kit.ids import parse_number
from talka.moderation import store
from talka.moderation.model import Decided, Decision, Standing, Status
from talka.pools import usecases as pools
from talka.projects import versions

_FREE = Standing(Status.APPROVED, None)


async def standing(tx: Tx, mode: Moderation, pool_id: int) -> Standing:
    """How things stand for a pool; everything is approved while nobody asks for it."""
    found = None if mode is Moderation.OFF else await store.standing(tx, mode, pool_id)
    return found or _FREE


async def require_approval(tx: Tx, mode: Moderation, pool_id: int) -> None:
    """Let no pool be opened that an operator has to approve first.

    Raises:
        TalkaError: CONFLICT_STATE, with `payload.moderation`.
    """
    found = await standing(tx, mode, pool_id)
    if found.status is Status.APPROVED:
        return
    payload = {"moderation": found.status.value}
    if found.status is Status.PENDING:
        raise TalkaError("CONFLICT_STATE", "An operator has to approve the project before it starts", payload)
    if found.comment is not None:
        payload["comment"] = found.comment
    raise TalkaError("CONFLICT_STATE", "An operator has rejected the project", payload)


async def ask_again(tx: Tx, mode: Moderation, account_id: int, pool_id: str) -> tuple[int, int, Standing]:
    """Ask operators to look once more at what they have rejected; pool, project and how things stand now.

    Raises:
        NotFound.
    """
    pool = await pools.find(tx, account_id, pool_id)
    if mode is not Moderation.OFF:
        await store.ask_again(tx, mode, pool.id)
    return pool.id, pool.project_id, await standing(tx, mode, pool.id)


async def decide(tx: Tx, project_id: str, major: int, status: Status, comment: str | None) -> Decision:
    """Approve or reject a major version of a project, whatever was decided before; the same again changes nothing.

    Raises:
        NotFound: there is no such project or version.
    """
    number = parse_number(project_id)
    if number is None or not await store.has_version(tx, number, major):
        raise NotFound(f"major version {major} of a project", project_id)
    if await store.decide(tx, number, major, status, comment):
        made = Decision(number, major, status, comment, tx.now)
        tx.record(Decided(*await store.owner(tx, number), made))
        return made
    return next(made for made in await store.decisions(tx, number) if made.major == major)


async def project_as_of(tx: Tx, project_id: str, major: str | None) -> tuple[int, int, Mapping[str, Any]]:
    """A project's number, a major version (the newest, if none is named), and its document there.

    Raises:
        NotFound; ValidationError: this is no version of it (at `major`).
    """
    number = parse_number(project_id)
    newest = await store.newest_major(tx, number) if number is not None else None
    if number is None or newest is None:
        raise NotFound("project", project_id)
    wanted = newest if major is None else parse_number(major)
    if wanted is None or not 1 <= wanted <= newest:
        raise field_error("major", "VALUE_OUT_OF_BOUNDS", f"Must be a version, 1 to {newest}", 1, newest)
    return number, wanted, (await versions.newest(tx, number, wanted)).body
