"""SQL of projects and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Json

from talka.infra.db import Row, Tx
from talka.infra.http.listing import COMPANIES, Column, Listing, ListSpec, choices, integers, moments, numbers, owners
from talka.projects.rules import parse_version

_SELECT: LiteralString = (
    "select p.id, p.account_id, p.status, p.body, p.max_active, p.major, p.minor, p.created, a.requester_id"
    " from project p join account a on a.id = p.account_id"
)
STATUSES = ("ACTIVE", "ARCHIVED")
# Owners are requesters; the account's own list holds nobody else's projects.
_OWNER = owners("p.account_id")
LIST = ListSpec(
    filters={
        "status": choices("p.status", {name: name for name in STATUSES}),
        "owner": _OWNER,
        "owner_id": _OWNER,
        "owner_company_id": COMPANIES,
    },
    ranges={"id": numbers("p.id"), "created": moments("p.created")},
    sorts={
        "id": ("p.id",),
        "created": ("p.created",),
        "public_name": ("p.public_name",),
        "private_comment": ("p.private_comment",),
    },
    nullable=("private_comment",),
    max_limit=300,
)

VERSIONS = ListSpec(
    filters={"major": integers("v.major")},
    ranges={
        "id": Column("(v.major, v.minor)", parse_version, placeholders="(%s, %s)"),
        "created": moments("v.created"),
    },
    sorts={"id": ("v.major", "v.minor"), "created": ("v.created",)},
)


@dataclass(frozen=True, slots=True)
class Project:
    """A stored project; `body` is the canonical document that clients sent."""

    id: int
    account_id: int
    requester_id: str
    status: str
    body: Mapping[str, Any]
    max_active: int
    major: int
    minor: int
    created: datetime


@dataclass(frozen=True, slots=True)
class VersionMark:
    """Which version of a project, and since when; its document (`version_body`) never changes."""

    major: int
    minor: int
    created: datetime


def _project(row: Row) -> Project:
    return Project(**{**row, "requester_id": row["requester_id"].hex})


async def get(tx: Tx, account_id: int, project_id: int, *, lock: bool = False) -> Project | None:
    """A project of the account; `lock` keeps its state until commit."""
    query: LiteralString = _SELECT + " where p.id = %s and p.account_id = %s"
    row = await tx.row(query + (" for update of p" if lock else ""), (project_id, account_id))
    return _project(row) if row else None


async def exists(tx: Tx, project_id: int) -> bool:
    """Whether anybody has a project of that id."""
    value: bool = await tx.value("select exists (select 1 from project where id = %s)", (project_id,))
    return value


async def listed(tx: Tx, account_id: int, listing: Listing) -> tuple[list[Project], bool]:
    """A page of the account's projects."""
    rows, more = await listing.fetch(tx, _SELECT, ("p.account_id = %s", account_id))
    return [_project(row) for row in rows], more


async def insert(tx: Tx, account_id: int, body: Mapping[str, Any], max_active: int) -> int:
    """A new project at version 1.0."""
    project_id: int = await tx.value(
        "insert into project (account_id, status, body, public_name, private_comment, max_active, major, minor,"
        " created) values (%s, 'ACTIVE', %s, %s, %s, %s, 1, 0, %s) returning id",
        (account_id, Json(body), body["public_name"], body.get("private_comment"), max_active, tx.now),
    )
    await _insert_version(tx, project_id, 1, 0, body)
    return project_id


async def update(tx: Tx, project_id: int, body: Mapping[str, Any], max_active: int, major: int, minor: int) -> None:
    """Replace a project's document and keep it as a version."""
    await tx.execute(
        "update project set body = %s, public_name = %s, private_comment = %s, max_active = %s, major = %s, minor = %s"
        " where id = %s",
        (Json(body), body["public_name"], body.get("private_comment"), max_active, major, minor, project_id),
    )
    await _insert_version(tx, project_id, major, minor, body)


async def _insert_version(tx: Tx, project_id: int, major: int, minor: int, body: Mapping[str, Any]) -> None:
    await tx.execute(
        "insert into project_version (project_id, major, minor, body, created) values (%s, %s, %s, %s, %s)",
        (project_id, major, minor, Json(body), tx.now),
    )


async def set_status(tx: Tx, project_id: int, status: str) -> None:
    """Archive a project."""
    await tx.execute("update project set status = %s where id = %s", (status, project_id))


async def newest_minor(tx: Tx, project_id: int, major: int) -> int:
    """The newest minor version under a major one."""
    value: int = await tx.value(
        "select max(minor) from project_version where project_id = %s and major = %s", (project_id, major)
    )
    return value


async def version_body(tx: Tx, project_id: int, major: int, minor: int) -> Mapping[str, Any]:
    """The document of one version; versions never change."""
    value: Mapping[str, Any] = await tx.value(
        "select body from project_version where project_id = %s and major = %s and minor = %s",
        (project_id, major, minor),
    )
    return value


_VERSION: LiteralString = "select v.major, v.minor, v.created from project_version v"


async def listed_versions(tx: Tx, project_id: int, listing: Listing) -> tuple[list[VersionMark], bool]:
    """A page of a project's versions."""
    rows, more = await listing.fetch(tx, _VERSION, ("v.project_id = %s", project_id))
    return [VersionMark(**row) for row in rows], more


async def version_mark(tx: Tx, project_id: int, major: int, minor: int) -> VersionMark | None:
    """One version of a project."""
    row = await tx.row(
        _VERSION + " where v.project_id = %s and v.major = %s and v.minor = %s", (project_id, major, minor)
    )
    return VersionMark(**row) if row else None


async def body_for_workers(tx: Tx, project_id: int) -> Mapping[str, Any]:
    """The newest document of anybody's project."""
    value: Mapping[str, Any] = await tx.value("select body from project where id = %s", (project_id,))
    return value


async def active_limits(tx: Tx, project_ids: list[int]) -> dict[int, int]:
    """How many pages a worker may hold at once, by project."""
    rows = await tx.rows("select id, max_active from project where id = any(%s)", (project_ids,))
    return {row["id"]: row["max_active"] for row in rows}
