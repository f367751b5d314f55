"""Defining trainings, giving their skill to those who pass, and letting them begin again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from talka.assignments.model import TrainingPageDone, TrainingPageLeft
from talka.infra.db import Tx
from talka.issuing import store as issuing
from talka.kit.errors import NotFound, field_error
from talka.kit.wire import parse
from talka.operations.model import Operation
from talka.operations.usecases import done
from talka.pools import store as pools
from talka.pools import usecases as pool_usecases
from talka.pools.rules import TrainingTie, issue_plan
from talka.pools.store import Pool
from talka.projects import store as projects
from talka.projects import usecases as project_usecases
from talka.projects.store import Project
from talka.running.rules import TRAINING
from talka.skills import store as skills
from talka.skills import usecases as skill_usecases
from talka.skills.model import Cause, Origin, SkillTaken
from talka.skills.wire import SkillBody
from talka.tasks import queue
from talka.trainings import rules, store
from talka.trainings.model import Holder, Progress
from talka.trainings.wire import TrainingBody, as_pool

Training = tuple[Pool, Mapping[str, Any]]
"""The pool that a training is, and the document that clients sent."""


async def find(tx: Tx, account_id: int, training_id: str, *, lock: bool = False) -> Training:
    """A training of the account.

    Raises:
        NotFound: it has none of that id.
    """
    try:
        pool = await pool_usecases.find(tx, account_id, training_id, lock=lock)
    except NotFound:
        raise NotFound("training", training_id) from None
    if pool.type != "TRAINING":
        raise NotFound("training", training_id)
    return pool, (await store.bodies(tx, [pool.id]))[pool.id]


async def create(tx: Tx, account_id: int, body: TrainingBody) -> Training:
    """A new, closed training on the newest version of its project; the first one makes the project's skill.

    Raises:
        ValidationError: the project does not exist; Conflict: PROJECT_INAPPROPRIATE_STATUS.
    """
    project = await pool_usecases.project_of(tx, account_id, body.project_id)
    return await _add(tx, project, body)


async def _add(tx: Tx, project: Project, body: TrainingBody) -> Training:
    skill_id = await pools.skill_of_project(tx, project.id)
    if skill_id is None:
        name = rules.skill_name(project.body["public_name"])
        skill = parse(SkillBody, {"name": name, "hidden": False})
        skill_id = (await skill_usecases.create(tx, project.account_id, skill, training=True)).id
    view = as_pool(body, skill_id, uuid.uuid4())
    pool = await pool_usecases.add(
        tx,
        project.account_id,
        project.id,
        project.major,
        "TRAINING",
        view.stored(),
        issue_plan(view),
        TrainingTie(skill_id),
    )
    stored = body.stored()
    await store.insert(tx, pool.id, stored)
    return pool, stored


async def edit(tx: Tx, account_id: int, training_id: str, body: TrainingBody) -> Training:
    """Replace a closed training's settings.

    Raises:
        NotFound; Conflict: POOL_INAPPROPRIATE_STATUS; ValidationError: another project.
    """
    pool, _ = await find(tx, account_id, training_id, lock=True)
    if pool.status != "CLOSED":
        raise pool_usecases.wrong_status(pool, "CLOSED")
    if body.project_id != str(pool.project_id):
        raise field_error("project_id", "VALUE_NOT_ALLOWED", "A training stays in its project")
    if pool.skill_id is None:
        raise LookupError(f"training {pool.id} has no skill")
    collector = pool.body["quality_control"]["configs"][0]["collector_config"]["uuid"]
    view = as_pool(body, pool.skill_id, uuid.UUID(collector))
    await pools.update(tx, pool.id, view.stored(), issue_plan(view), pool.tie)
    await store.update(tx, pool.id, body.stored())
    return await find(tx, account_id, training_id)


async def clone(tx: Tx, account_id: int, training_id: str) -> Operation:
    """A new training with the same settings on the newest version of the project, without tasks.

    Raises:
        NotFound; Conflict: PROJECT_INAPPROPRIATE_STATUS.
    """
    pool, body = await find(tx, account_id, training_id)
    project = await projects.get(tx, account_id, pool.project_id, lock=True)
    if project is None:
        raise LookupError(f"no project {pool.project_id}")
    project_usecases.require_active(project)
    copy, _ = await _add(tx, project, parse(TrainingBody, body))
    named = TRAINING.parameter
    return await done(tx, account_id, f"{TRAINING.name}.CLONE", {named: str(pool.id)}, {named: str(copy.id)})


async def page_done(tx: Tx, event: TrainingPageDone) -> None:
    """Count a page of training tasks; after the last one that is needed its worker has the skill."""
    await _count(tx, event.pool_id, event.worker_id, event.assignment_id)


async def page_left(tx: Tx, event: TrainingPageLeft) -> None:
    """A page that was skipped may have been the last one that there was."""
    await _count(tx, event.pool_id, event.worker_id, None)


async def _count(tx: Tx, pool_id: int, worker_id: int, assignment_id: int | None) -> None:
    """Once given, the skill stays as it is until it is taken away. Training tasks in other pools give none.

    Pages of one worker that end at once are counted one after the other, so that the last of them sees all.
    """
    pool = await pools.get(tx, pool_id)
    if pool is None or pool.type != "TRAINING" or pool.skill_id is None:
        return
    # The skill before the progress, as when it is taken away.
    held = await skills.held(tx, worker_id, pool.skill_id, lock=True)
    progress = await store.add_page(tx, pool.id, worker_id, assignment_id)
    if held is not None or progress.answers == 0 or not await _is_over(tx, pool, worker_id, progress):
        return
    if await skills.held(tx, worker_id, pool.skill_id) is not None:
        return  # given for a page that was counted while this one waited
    skill = await skills.get(tx, pool.skill_id)
    if skill is None:
        raise LookupError(f"no skill {pool.skill_id}")
    origin = Origin(Cause.TRAINING, pool.id)
    await skill_usecases.set_value(tx, skill, worker_id, rules.value_of(progress), origin)
    await store.set_active(tx, pool.id, worker_id, tx.now)


async def _is_over(tx: Tx, pool: Pool, worker_id: int, progress: Progress) -> bool:
    """Whether enough pages were handed in, or there is none left for this worker and none at work."""
    if rules.is_over(progress, await store.required_suites(tx, pool.id)):
        return True
    if await store.holds_page(tx, pool.id, worker_id):
        return False
    return not await issuing.has_work(tx, [pool.id], worker_id)


async def retire(tx: Tx, holder: Holder) -> None:
    """Take the skill from a worker who has not worked in a linked pool for long, so that they can be trained again."""
    held = await skills.held(tx, holder.worker_id, holder.skill_id, lock=True)
    if not await store.still_idle(tx, holder):
        return
    worked = await store.last_work(tx, holder)
    if worked is not None:
        await store.set_active(tx, holder.pool_id, holder.worker_id, worked)
    elif held is not None:
        await skill_usecases.take_away(tx, held, Cause.EXPIRY)
    else:
        await _begin_again(tx, [holder.pool_id], holder.worker_id)


async def skill_taken(tx: Tx, event: SkillTaken) -> None:
    """Let a worker who no longer has the skill of trainings begin them anew."""
    trainings = await store.of_skill(tx, event.skill_id)
    if trainings:
        await _begin_again(tx, trainings, event.worker_id)


async def _begin_again(tx: Tx, pool_ids: list[int], worker_id: int) -> None:
    """What the worker has had stays readable, but no longer counts; it is issued to them again."""
    await store.forget(tx, pool_ids, worker_id)
    for page in await store.ended_pages(tx, pool_ids, worker_id):
        await queue.move_claims(tx, page["id"], page["unit_ids"], worker_id)
    await queue.forget_cursors(tx, pool_ids, worker_id)
