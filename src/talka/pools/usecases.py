"""Creating and editing pools; what moves them stands in `running`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from talka.infra.db import Repeat, Tx
from talka.kit.errors import Conflict, FieldError, NotFound, TalkaError, ValidationError, field_error
from talka.kit.ids import parse_number
from talka.pools import store
from talka.pools.model import DefaultOverlapChanged
from talka.pools.rules import IssuePlan, TrainingTie, default_overlap, issue_plan, output_errors
from talka.pools.store import Pool
from talka.pools.wire import PoolBody
from talka.projects import store as projects
from talka.projects import usecases as project_usecases
from talka.projects import versions
from talka.projects.store import Project


async def find(tx: Tx, account_id: int, pool_id: str, *, lock: bool = False) -> Pool:
    """A pool or training of the account.

    Raises:
        NotFound: it has none of that id.
    """
    number = parse_number(pool_id)
    pool = await store.get(tx, number, lock=lock) if number is not None and number < 2**31 else None
    if pool is None or pool.account_id != account_id:
        raise NotFound("pool", pool_id)
    return pool


async def create(tx: Tx, account_id: int, body: PoolBody) -> Pool:
    """A new, closed pool on the newest version of its project.

    Raises:
        ValidationError: project or other references do not exist; Conflict: PROJECT_INAPPROPRIATE_STATUS.
    """
    project = await project_of(tx, account_id, body.project_id)
    tie = await _checked(tx, account_id, body, project.id, project.major)
    stored = body.with_uuids(uuid.uuid4).stored()
    plan = issue_plan(body)
    return await add(tx, account_id, project.id, project.major, "REGULAR", stored, plan, tie)


async def project_of(tx: Tx, account_id: int, project_id: str) -> Project:
    """The active project in which a pool or training is to be created, locked until commit.

    Raises:
        ValidationError: it does not exist; Conflict: PROJECT_INAPPROPRIATE_STATUS.
    """
    number = parse_number(project_id)
    project = await projects.get(tx, account_id, number, lock=True) if number is not None else None
    if project is None:
        if number is not None and await projects.exists(tx, number):
            raise field_error("project_id", "ENTITY_ACCESS_DENIED", "The project belongs to somebody else")
        raise field_error("project_id", "ENTITY_DOES_NOT_EXIST", "There is no such project")
    project_usecases.require_active(project)
    return project


async def add(
    tx: Tx,
    account_id: int,
    project_id: int,
    major: int,
    kind: str,
    stored: Mapping[str, Any],
    plan: IssuePlan,
    tie: TrainingTie | None,
    *,
    cloned: bool = False,
) -> Pool:
    """A new, closed pool of settings that were checked before."""
    pool_id = await store.insert(tx, account_id, project_id, major, kind, stored, plan, tie, cloned=cloned)
    pool = await store.get(tx, pool_id)
    if pool is None:
        raise LookupError(f"no pool {pool_id}")
    return pool


async def edit(tx: Tx, account_id: int, pool_id: str, body: PoolBody) -> tuple[Pool, Pool]:
    """Replace a closed pool's settings: the pool before and after.

    What has the default overlap follows it when that changes; nobody uploads or takes pages meanwhile.

    Raises:
        Conflict: POOL_INAPPROPRIATE_STATUS, POOL_IS_TRAINING; ValidationError: another project;
        Repeat: it was edited by somebody else at this moment.
    """
    stored = body.with_uuids(uuid.uuid4).stored()
    overlap = default_overlap(stored)
    alone = default_overlap((await find(tx, account_id, pool_id)).body) != overlap
    if alone:
        await store.lock_pool(tx, int(pool_id), exclusive=True)
    pool = await find(tx, account_id, pool_id, lock=True)
    refuse_training(pool)
    if pool.status != "CLOSED":
        raise wrong_status(pool, "CLOSED")
    if body.project_id != str(pool.project_id):
        raise field_error("project_id", "VALUE_NOT_ALLOWED", "A pool stays in its project")
    if pool.filled and pool.mixed and body.mixer_config is None:
        raise field_error("mixer_config", "VALUE_REQUIRED", "Tasks were uploaded to be mixed")
    if pool.filled and not pool.mixed and body.mixer_config is not None:
        raise field_error("mixer_config", "VALUE_NOT_ALLOWED", "The pool has ready-made task suites")
    if default_overlap(pool.body) != overlap:
        if not alone:
            raise Repeat
        tx.record(DefaultOverlapChanged(pool.id, overlap))
    tie = await _checked(tx, account_id, body, pool.project_id, pool.project_major)
    await store.update(tx, pool.id, stored, issue_plan(body), tie)
    return pool, await find(tx, account_id, pool_id)


async def _checked(tx: Tx, account_id: int, body: PoolBody, project_id: int, major: int) -> TrainingTie | None:
    """What only the project can tell of a pool: its outputs, and its training."""
    version = await versions.newest(tx, project_id, major)
    errors = output_errors(body, version.outputs)
    required = body.quality_control.training_requirement if body.quality_control else None
    tie = None
    if required is not None:
        number = parse_number(required.training_pool_id)
        found = await store.get(tx, number) if number is not None and number < 2**31 else None
        problem = training_problem(found, account_id, project_id)
        if problem is not None:
            errors["quality_control.training_requirement.training_pool_id"] = problem
        elif found is not None and found.skill_id is not None:
            tie = TrainingTie(found.skill_id, found.id, int(required.training_passing_skill_value))
    if errors:
        raise ValidationError(errors)
    return tie


def training_problem(found: Pool | None, account_id: int, project_id: int) -> FieldError | None:
    """Why a pool of the project cannot ask for this training."""
    if found is None or (found.account_id == account_id and found.type != "TRAINING"):
        return FieldError("ENTITY_DOES_NOT_EXIST", "There is no such training")
    if found.account_id != account_id:
        return FieldError("ENTITY_ACCESS_DENIED", "The training belongs to somebody else")
    if found.project_id != project_id:
        return FieldError("INVALID_VALUE", "Must be a training of the same project")
    return None


async def patch(tx: Tx, account_id: int, pool_id: str, priority: int | None) -> Pool:
    """Change the priority of an open or closed pool.

    Raises:
        Conflict: POOL_INAPPROPRIATE_STATUS, POOL_IS_TRAINING.
    """
    pool = await find(tx, account_id, pool_id, lock=True)
    refuse_training(pool)
    if pool.status == "ARCHIVED":
        raise wrong_status(pool, "OPEN", "CLOSED")
    if priority is not None:
        await store.set_priority(tx, pool, priority)
    return await find(tx, account_id, pool_id)


async def is_closed(tx: Tx, account_id: int, pool_id: int) -> bool:
    """Whether a pool of the account is closed at this moment."""
    pool = await store.get(tx, pool_id)
    return pool is not None and pool.account_id == account_id and pool.status == "CLOSED"


def refuse_training(pool: Pool) -> None:
    """Trainings are changed through their own resource."""
    if pool.type == "TRAINING":
        raise TalkaError("POOL_IS_TRAINING", f"{pool.id} is a training: use /v1/trainings/{pool.id}")


def wrong_status(pool: Pool, *appropriate: str) -> Conflict:
    """The answer to an action that the pool's status does not allow."""
    message = f"Pool {pool.id} is {pool.status}; this needs {' or '.join(appropriate)}"
    return Conflict("POOL_INAPPROPRIATE_STATUS", message, appropriate=appropriate)
