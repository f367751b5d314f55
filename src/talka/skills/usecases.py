"""Defining skills, giving them to workers and taking them away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal

from talka.accounts import store as accounts
from talka.infra.db import Database, Tx
from talka.kit.errors import Conflict, FieldError, FieldErrors, NotFound, TalkaError, ValidationError
from talka.kit.ids import parse_number
from talka.skills import store
from talka.skills.model import Action, Cause, Change, Origin, Skill, SkillGiven, SkillTaken, UserSkill
from talka.skills.wire import SkillBody, UserSkillBody


async def find(tx: Tx, account_id: int, skill_id: str, *, lock: bool = False) -> Skill:
    """A skill of the account or of the platform.

    Raises:
        NotFound: the account can see none of that id.
    """
    number = parse_number(skill_id)
    skill = await store.get(tx, number, lock=lock) if number is not None else None
    if skill is None or skill.account_id not in (account_id, None):
        raise NotFound("skill", skill_id)
    return skill


async def create(tx: Tx, account_id: int, body: SkillBody, *, training: bool = False) -> Skill:
    """A new skill; with `training` one whose definition belongs to a training."""
    skill_id = await store.insert(tx, account_id, body.stored(), training=training)
    return await find(tx, account_id, str(skill_id))


async def edit(tx: Tx, account_id: int, skill_id: str, body: SkillBody) -> Skill:
    """Replace a skill.

    Raises:
        NotFound; TalkaError: ACCESS_DENIED for a skill of the platform; Conflict: SKILL_IS_TRAINING.
    """
    skill = await find(tx, account_id, skill_id, lock=True)
    if skill.account_id is None:
        raise TalkaError("ACCESS_DENIED", f"Skill {skill.id} is the platform's")
    if skill.training:
        raise Conflict("SKILL_IS_TRAINING", f"Skill {skill.id} belongs to a training")
    await store.update(tx, skill.id, body.stored())
    return await find(tx, account_id, skill_id)


async def find_value(tx: Tx, account_id: int, user_skill_id: str, *, lock: bool = False) -> UserSkill:
    """What a worker has of one of the account's skills.

    Raises:
        NotFound.
    """
    number = parse_number(user_skill_id)
    found = await store.get_value(tx, account_id, number, lock=lock) if number is not None else None
    if found is None:
        raise NotFound("user skill", user_skill_id)
    return found


async def put_value(tx: Tx, account_id: int, body: UserSkillBody) -> tuple[UserSkill, bool]:
    """Set a worker's value of a skill by hand; whether they did not have the skill before.

    Raises:
        ValidationError: skill or worker do not exist, or the skill belongs to somebody else.
    """
    number = parse_number(body.skill_id)
    skill = await store.get(tx, number) if number is not None else None
    worker_id = await accounts.worker_id_of(tx, body.user_id)
    errors: FieldErrors = {}
    if skill is None:
        errors["skill_id"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such skill")
    elif skill.account_id != account_id:
        errors["skill_id"] = FieldError("ENTITY_ACCESS_DENIED", "The skill belongs to somebody else")
    if worker_id is None:
        errors["user_id"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such worker")
    if skill is None or worker_id is None or errors:
        raise ValidationError(errors)
    return await set_value(tx, skill, worker_id, body.exact(), Origin(Cause.REQUESTER, message=body.reason))


async def set_value(tx: Tx, skill: Skill, worker_id: int, value: Decimal, origin: Origin) -> tuple[UserSkill, bool]:
    """Set a worker's value of a skill, 0 to 100; whether they did not have the skill before.

    The same value again starts its lifetime anew; the history notes it only when a reason is given.
    """
    while True:
        old = await store.held(tx, worker_id, skill.id, lock=True)
        if old is not None:
            await store.change_value(tx, old.id, value)
            break
        if await store.insert_value(tx, skill, worker_id, value):
            break
        # Somebody else gave it at this moment: look again, it is there now (or gone once more).
    found = await store.held(tx, worker_id, skill.id)
    if found is None:
        raise LookupError(f"worker {worker_id} has no skill {skill.id}")
    if old is None or old.value != value or origin.message is not None:
        await store.note(tx, found, Action.CREATE if old is None else Action.MODIFY, value, origin)
    if old is None:
        tx.record(SkillGiven(skill, worker_id, found.user_id))
    return found, old is None


async def remove_value(tx: Tx, account_id: int, user_skill_id: str) -> None:
    """Take a skill away by hand.

    Raises:
        NotFound.
    """
    found = await find_value(tx, account_id, user_skill_id, lock=True)
    await _remove(tx, [found], Cause.REQUESTER)


async def expire_values(tx: Tx, limit: int) -> int:
    """Take away what was not set for longer than its skill allows; how many."""
    found = await store.expired(tx, limit)
    await _remove(tx, found, Cause.EXPIRY)
    return len(found)


async def take_away(tx: Tx, found: UserSkill, cause: Cause) -> None:
    """Take a skill (its value locked by the caller) away from a worker."""
    await _remove(tx, [found], cause)


async def _remove(tx: Tx, found: list[UserSkill], cause: Cause) -> None:
    await store.delete_values(tx, [value.id for value in found])
    for value in found:
        tx.record(SkillTaken(value.skill_id, value.worker_id))
    await store.note_gone(tx, found, Origin(cause))


async def known_worker(tx: Tx, account_id: int, user_id: str) -> int:
    """The internal id of a worker who has worked for an account.

    Raises:
        NotFound.
    """
    found = await accounts.known_worker(tx, account_id, user_id)
    if found is None:
        raise NotFound("user", user_id)
    return found.id


async def history(
    db: Database, account_id: int, worker_id: int, skill_id: int | None, since: datetime
) -> AsyncIterator[Change]:
    """What happened to a worker's skills of an account since a moment; no connection is held between two batches."""
    last = 0
    while True:
        async with db.reading() as tx:
            found = await store.history(tx, account_id, worker_id, skill_id, since, last)
        if not found:
            return
        for change in found:
            yield change
        last = found[-1].id
