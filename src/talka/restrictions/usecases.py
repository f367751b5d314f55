"""Keeping workers out and letting them in again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from talka.accounts import store as accounts
from talka.infra.db import Tx
from talka.kit.errors import Conflict, FieldError, FieldErrors, NotFound, TalkaError, ValidationError
from talka.kit.ids import parse_number
from talka.pools import store as pools
from talka.projects import store as projects
from talka.restrictions import store
from talka.restrictions.model import BanChanged, Restriction, Scope, Target
from talka.restrictions.wire import RestrictionBody

_PLATFORM = Target(None, Scope.SYSTEM)


async def find(tx: Tx, account_id: int, restriction_id: str, *, lock: bool = False) -> Restriction:
    """A restriction in force that the account can see.

    Raises:
        NotFound.
    """
    number = parse_number(restriction_id)
    found = await store.get(tx, account_id, number, lock=lock) if number is not None else None
    if found is None:
        raise NotFound("user restriction", restriction_id)
    return found


async def put(tx: Tx, account_id: int, body: RestrictionBody) -> tuple[Restriction, bool]:
    """Restrict a worker by hand; whether they were not restricted so before.

    Raises:
        Conflict: SYSTEM_SCOPE_MODIFICATION; ValidationError: worker, project or pool do not exist or belong to somebody
            else, or the end has passed.
    """
    if body.scope == Scope.SYSTEM:
        raise _of_the_platform()
    worker_id = await accounts.worker_id_of(tx, body.user_id)
    target, errors = await _target(tx, account_id, body)
    if worker_id is None:
        errors["user_id"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such worker")
    if body.will_expire is not None and body.will_expire <= tx.now:
        errors["will_expire"] = FieldError("DATE_OUT_OF_RANGE", "Must be in the future")
    if worker_id is None or errors:
        raise ValidationError(errors)
    return await restrict(tx, worker_id, target, body.private_comment, body.will_expire)


async def restrict(
    tx: Tx, worker_id: int, target: Target, comment: str | None, until: datetime | None
) -> tuple[Restriction, bool]:
    """Keep a worker out of a target until a moment, or for good; whether they were not kept out before.

    A restriction in force stays the same one, with a new comment and end.
    """
    while True:
        old = await store.current(tx, worker_id, target, lock=True)
        if old is not None and old.will_expire is not None and old.will_expire <= tx.now:
            await store.end(tx, old.id, old.will_expire)
            old = None
        if old is not None:
            await store.change(tx, old.id, comment, until)
            break
        if await store.insert(tx, worker_id, target, comment, until):
            break
        # Somebody else restricted the worker at this moment: look again, it is there now (or gone once more).
    found = await store.current(tx, worker_id, target)
    if found is None:
        raise LookupError(f"worker {worker_id} is not restricted")
    return found, old is None


async def lift(tx: Tx, account_id: int, restriction_id: str) -> None:
    """Let a worker in again.

    Raises:
        NotFound; Conflict: SYSTEM_SCOPE_MODIFICATION.
    """
    found = await find(tx, account_id, restriction_id, lock=True)
    if found.target.scope is Scope.SYSTEM:
        raise _of_the_platform()
    await store.end(tx, found.id, tx.now)


async def ban(tx: Tx, user_id: str, comment: str | None, until: datetime | None) -> tuple[Restriction, bool]:
    """Keep a worker out of the whole platform; whether they were not kept out before.

    Raises:
        NotFound; ValidationError: the end has passed.
    """
    worker_id = await accounts.worker_id_of(tx, user_id)
    if worker_id is None:
        raise NotFound("user", user_id)
    if until is not None and until <= tx.now:
        raise ValidationError({"will_expire": FieldError("DATE_OUT_OF_RANGE", "Must be in the future")})
    found, new = await restrict(tx, worker_id, _PLATFORM, comment, until)
    if new:
        tx.record(BanChanged(worker_id, found.user_id, until))
    return found, new


async def lift_ban(tx: Tx, user_id: str) -> None:
    """Let a worker in again whom the platform has kept out.

    Raises:
        NotFound.
    """
    worker_id = await accounts.worker_id_of(tx, user_id)
    found = await store.current(tx, worker_id, _PLATFORM, lock=True) if worker_id is not None else None
    if worker_id is None or found is None or (found.will_expire is not None and found.will_expire <= tx.now):
        raise NotFound("ban of user", user_id)
    await store.end(tx, found.id, tx.now)
    tx.record(BanChanged(worker_id, found.user_id, lifted=True))


async def refuse_banned(tx: Tx, worker_id: int) -> None:
    """Let nobody pass whom the platform keeps out.

    Raises:
        TalkaError: ACCESS_DENIED.
    """
    found = await store.ban_of(tx, worker_id)
    if found is not None:
        raise kept_out("You are banned from this platform", found.will_expire)


def kept_out(text: str, until: datetime | None) -> TalkaError:
    """What a worker is told who is kept out: until when, not why."""
    payload: dict[str, Any] = {"reason": "RESTRICTION"}
    return TalkaError("ACCESS_DENIED", text, payload if until is None else {**payload, "until": until})


def _of_the_platform() -> Conflict:
    return Conflict("SYSTEM_SCOPE_MODIFICATION", "Restrictions with the scope SYSTEM are the platform's")


async def _target(tx: Tx, account_id: int, body: RestrictionBody) -> tuple[Target, FieldErrors]:
    if body.project_id is not None:
        number = parse_number(body.project_id)
        if number is not None and await projects.get(tx, account_id, number) is not None:
            return Target(account_id, Scope.PROJECT, project_id=number), {}
        somebody = number is not None and await projects.exists(tx, number)
        key, kind = "project_id", "project"
    elif body.pool_id is not None:
        number = parse_number(body.pool_id)
        pool = await pools.get(tx, number) if number is not None else None
        if pool is not None and pool.account_id == account_id:
            return Target(account_id, Scope.POOL, pool_id=pool.id), {}
        somebody = pool is not None
        key, kind = "pool_id", "pool"
    else:
        return Target(account_id, Scope.ALL_PROJECTS), {}
    if somebody:
        error = FieldError("ENTITY_ACCESS_DENIED", f"The {kind} belongs to somebody else")
    else:
        error = FieldError("ENTITY_DOES_NOT_EXIST", f"There is no such {kind}")
    return Target(account_id, Scope(body.scope)), {key: error}
