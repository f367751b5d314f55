"""Creating, editing and archiving projects."""

from __future__ import annotations

import uuid

from talka.infra.db import Tx
from talka.kit.errors import Conflict, NotFound
from talka.kit.ids import parse_number
from talka.projects import store
from talka.projects.rules import difference
from talka.projects.store import Project
from talka.projects.wire import ProjectBody


async def find(tx: Tx, account_id: int, project_id: str, *, lock: bool = False) -> Project:
    """A project of the account.

    Raises:
        NotFound: it has none of that id.
    """
    number = parse_number(project_id)
    project = await store.get(tx, account_id, number, lock=lock) if number is not None else None
    if project is None:
        raise NotFound("project", project_id)
    return project


async def create(tx: Tx, account_id: int, body: ProjectBody) -> Project:
    """A new, active project."""
    project_id = await store.insert(tx, account_id, body.with_uuids(uuid.uuid4).stored(), body.max_active())
    return await find(tx, account_id, str(project_id))


async def edit(tx: Tx, account_id: int, project_id: str, body: ProjectBody) -> Project:
    """Replace a project: a new major version when tasks of the old one would not fit, else a minor one.

    Raises:
        NotFound, Conflict: PROJECT_INAPPROPRIATE_STATUS when it is archived.
    """
    project = await find(tx, account_id, project_id, lock=True)
    require_active(project)
    stored = body.with_uuids(uuid.uuid4).stored()
    change = difference(project.body["task_spec"], stored["task_spec"])
    if change == "BREAKING_CHANGE":
        await store.update(tx, project.id, stored, body.max_active(), project.major + 1, 0)
    elif dict(project.body) != stored:
        await store.update(tx, project.id, stored, body.max_active(), project.major, project.minor + 1)
    return await find(tx, account_id, project_id)


async def check(tx: Tx, account_id: int, project_id: str, body: ProjectBody) -> str:
    """What an edit would mean: EQUAL, NON_BREAKING_CHANGE or BREAKING_CHANGE; nothing is saved."""
    project = await find(tx, account_id, project_id)
    stored = body.with_uuids(uuid.uuid4).stored()
    change: str = difference(project.body["task_spec"], stored["task_spec"])
    if change == "EQUAL" and dict(project.body) != stored:
        return "NON_BREAKING_CHANGE"
    return change


def require_active(project: Project) -> None:
    """Refuse to change an archived project."""
    if project.status != "ACTIVE":
        raise Conflict("PROJECT_INAPPROPRIATE_STATUS", f"Project {project.id} is archived", appropriate=["ACTIVE"])
