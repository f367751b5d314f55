"""Creating, editing and archiving projects."""

from __future__ import annotations

import uuid

from talka.infra.db import Tx
from talka.kit.errors import Conflict, NotFound
from talka.kit.ids import parse_number
from talka.kit.wire import parse
from talka.projects import store
from talka.projects.rules import Difference, change, parse_version
from talka.projects.store import Project, VersionMark
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
    match change(project.body, stored):
        case "BREAKING_CHANGE":
            await store.update(tx, project.id, stored, body.max_active(), project.major + 1, 0)
        case "NON_BREAKING_CHANGE":
            await store.update(tx, project.id, stored, body.max_active(), project.major, project.minor + 1)
    return await find(tx, account_id, project_id)


async def check(tx: Tx, account_id: int, project_id: str, body: ProjectBody) -> Difference:
    """What an edit would mean; nothing is saved."""
    project = await find(tx, account_id, project_id)
    return change(project.body, body.with_uuids(uuid.uuid4).stored())


async def find_version(tx: Tx, account_id: int, project_id: str, version: str) -> tuple[Project, VersionMark]:
    """A project of the account and one of its versions.

    Raises:
        NotFound: there is no such project or version.
    """
    project = await find(tx, account_id, project_id)
    parts = parse_version(version)
    found = await store.version_mark(tx, project.id, *parts) if parts is not None else None
    if found is None:
        raise NotFound("project version", version)
    return project, found


async def restore(tx: Tx, account_id: int, project_id: str, version: str) -> Project:
    """Edit a project into what it was in one of its versions; this is a new version, or none if nothing differs.

    Raises:
        NotFound; ValidationError: it is no longer valid; Conflict: PROJECT_INAPPROPRIATE_STATUS.
    """
    project, found = await find_version(tx, account_id, project_id, version)
    body = await store.version_body(tx, project.id, found.major, found.minor)
    return await edit(tx, account_id, project_id, parse(ProjectBody, body))


def require_active(project: Project) -> None:
    """Refuse to change an archived project."""
    if project.status != "ACTIVE":
        raise Conflict("PROJECT_INAPPROPRIATE_STATUS", f"Project {project.id} is archived", appropriate=["ACTIVE"])
