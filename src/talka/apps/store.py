"""SQL of app projects and their batches; that of items stands in `items`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, LiteralString

from psycopg import sql
from psycopg.types.json import Json

from talka.apps.model import AppProject, Batch, BatchStatus, Priority
from talka.infra.db import Row, Tx
from talka.infra.http.listing import (
    Column,
    Listing,
    ListSpec,
    conditions,
    moments,
    object_ids,
    texts,
    users,
)

APPS_FROM: LiteralString = "from unnest(%s::text[], %s::text[]) a(id, name)"
_APP_ID: LiteralString = 'a.id collate "C"'
_APP_NAME: LiteralString = 'a.name collate "C"'
APPS = ListSpec(
    ranges={"id": texts(_APP_ID), "name": texts(_APP_NAME)},
    sorts={"id": (_APP_ID,), "name": (_APP_NAME,)},
    max_limit=1_000,
    default_limit=100,
)

PROJECTS_FROM: LiteralString = "from app_project p join account a on a.id = p.account_id"
_PROJECT: LiteralString = (
    "select p.id, p.account_id, p.app_id, p.parent_id, p.project_id, p.name, p.parameters, p.item_price, p.archived,"
    " p.created " + PROJECTS_FROM
)
# Projects are there at once and never fail to be made: none is CREATING or in ERROR.
_PROJECT_STATUS: Mapping[str, LiteralString] = {
    "READY": "not p.archived",
    "ARCHIVED": "p.archived",
    "ARCHIVE": "p.archived",
    "CREATING": "false",
    "ERROR": "false",
}
# An account has no company and sees its own projects only, whoever's it asks for.
_SCOPES: Mapping[str, LiteralString] = {"MY": "true", "COMPANY": "true", "REQUESTER_LIST": "true"}
PROJECTS = ListSpec(
    filters={
        "app_id": texts("p.app_id"),
        "parent_app_project_id": object_ids("p.parent_id"),
        "status": conditions(_PROJECT_STATUS),
        "scope": conditions(_SCOPES),
        "requester_ids": Column("a.requester_id", users("").read, many=True),
    },
    ranges={"id": object_ids("p.id"), "name": texts("p.name"), "created": moments("p.created")},
    sorts={"id": ("p.id",), "name": ("p.name",), "created": ("p.created",)},
    max_limit=5_000,
    default_limit=100,
)

_BUSY: LiteralString = (
    "(b.status = 'STOPPED' and exists (select 1 from assignment a where a.pool_id = b.pool_id and a.status = 0))"
)
SHOWN_STATUS: LiteralString = (
    "case when b.archived then 'ARCHIVE' when " + _BUSY + " then 'STOPPING' else b.status end" + ' collate "C"'
)
BATCHES_FROM: LiteralString = "from app_batch b"
_BATCH: LiteralString = (
    "select b.id, b.app_project_id, b.pool_id, b.stream, b.name, b.status, b.archived, " + _BUSY + " as busy,"
    " b.priority, b.loading, b.item_price, b.items, b.processing, b.completed, b.failed, b.labelled, b.confidence,"
    " b.last_import, b.created, b.started, b.finished " + BATCHES_FROM
)
_BATCH_STATUS: Mapping[str, LiteralString] = {
    "NEW": "b.status = 'NEW' and not b.archived",
    "QUEUED": "b.status = 'QUEUED' and not b.archived",
    "PROCESSING": "b.status = 'PROCESSING' and not b.archived",
    "COMPLETED": "b.status = 'COMPLETED' and not b.archived",
    "NO_MONEY": "b.status = 'NO_MONEY' and not b.archived",
    "ERROR": "b.status = 'ERROR' and not b.archived",
    "STOPPING": "b.status = 'STOPPED' and not b.archived and " + _BUSY,
    "STOPPED": "b.status = 'STOPPED' and not b.archived and not " + _BUSY,
    "ARCHIVE": "b.archived",
    "CANCELLED": "false",
    "LOADING": "false",
}
BATCHES = ListSpec(
    filters={"status": conditions(_BATCH_STATUS)},
    ranges={"id": object_ids("b.id"), "name": texts("b.name"), "created": moments("b.created")},
    sorts={"id": ("b.id",), "name": ("b.name",), "created": ("b.created",), "status": (SHOWN_STATUS,)},
    max_limit=1_000,
    default_limit=100,
)

QUEUE_DUE: LiteralString = (
    "select timestamptz 'epoch' where exists (select 1 from app_batch b where b.status = 'QUEUED' and not exists ("
    "select 1 from app_batch h where h.app_project_id = b.app_project_id and h.priority < b.priority"
    " and h.status in ('QUEUED', 'PROCESSING')))"
)
LOADING_DUE: LiteralString = (
    "select timestamptz 'epoch' where exists (select 1 from app_batch where loading and status = 'PROCESSING')"
)
RETRY_DUE: LiteralString = "select min(retry_at) from app_batch where retry_at is not null"
CLOSING_DUE: LiteralString = "select timestamptz 'epoch' where exists (select 1 from app_closing)"


def _project(row: Row) -> AppProject:
    return AppProject(**row)


def _batch(row: Row) -> Batch:
    return Batch(**{**row, "status": BatchStatus(row["status"]), "priority": Priority(row["priority"])})


async def listed_apps(tx: Tx, apps: Sequence[tuple[str, str]], listing: Listing) -> tuple[list[str], bool]:
    """A page of the ids of apps, which are given with their names."""
    select: LiteralString = "select a.id " + APPS_FROM
    found, more = await listing.fetch(tx, select, values=columns(apps))
    return [row["id"] for row in found], more


def columns(apps: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The ids of apps, and their names."""
    return [[key for key, _ in apps], [name for _, name in apps]]


async def project(tx: Tx, account_id: int, number: int, *, lock: bool = False) -> AppProject | None:
    """An app project of the account; `lock` keeps its row until commit."""
    query: LiteralString = _PROJECT + " where p.id = %s and p.account_id = %s"
    row = await tx.row(query + (" for update of p" if lock else ""), (number, account_id))
    return _project(row) if row else None


async def any_project(tx: Tx, number: int, *, lock: bool = False) -> AppProject:
    """An app project of anybody."""
    query: LiteralString = _PROJECT + " where p.id = %s"
    row = await tx.row(query + (" for update of p" if lock else ""), (number,))
    if row is None:
        raise LookupError(f"no app project {number}")
    return _project(row)


async def listed_projects(tx: Tx, account_id: int, listing: Listing) -> tuple[list[AppProject], bool]:
    """A page of the account's app projects."""
    rows, more = await listing.fetch(tx, _PROJECT, ("p.account_id = %s", account_id))
    return [_project(row) for row in rows], more


@dataclass(frozen=True, slots=True)
class NewProject:
    """An app project that is not stored yet."""

    app_id: str
    parent_id: int | None
    project_id: int
    name: str
    parameters: Mapping[str, Any]
    item_price: Decimal


async def insert_project(tx: Tx, account_id: int, new: NewProject) -> int:
    """A new app project."""
    number: int = await tx.value(
        "insert into app_project (account_id, app_id, parent_id, project_id, name, parameters, item_price, created)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) returning id",
        (
            account_id,
            new.app_id,
            new.parent_id,
            new.project_id,
            new.name,
            Json(new.parameters),
            new.item_price,
            tx.now,
        ),
    )
    return number


async def set_archived(tx: Tx, number: int, archived: bool) -> None:
    """Archive an app project, or take it back."""
    await tx.execute("update app_project set archived = %s where id = %s", (archived, number))


async def has_running(tx: Tx, app_project_id: int, above: int = 6) -> bool:
    """Whether batches that are shown and have a higher priority than `above` are being worked on or wait for that."""
    value: bool = await tx.value(
        "select exists (select 1 from app_batch b where b.app_project_id = %s and b.priority < %s and not b.stream"
        " and (b.status in ('QUEUED', 'PROCESSING')))",
        (app_project_id, above),
    )
    return value


async def batch(tx: Tx, app_project_id: int, number: int, *, lock: bool = False) -> Batch | None:
    """A batch of a project that is shown; `lock` keeps its row until commit."""
    query: LiteralString = _BATCH + " where b.id = %s and b.app_project_id = %s and not b.stream"
    row = await tx.row(query + (" for update of b" if lock else ""), (number, app_project_id))
    return _batch(row) if row else None


async def any_batch(tx: Tx, number: int) -> Batch:
    """A batch of anybody, locked until commit."""
    row = await tx.row(_BATCH + " where b.id = %s for update of b", (number,))
    if row is None:
        raise LookupError(f"no batch {number}")
    return _batch(row)


async def stream(tx: Tx, app_project_id: int) -> Batch | None:
    """The stream of a project, locked until commit."""
    row = await tx.row(_BATCH + " where b.app_project_id = %s and b.stream for update of b", (app_project_id,))
    return _batch(row) if row else None


async def batches_of_pools(tx: Tx, pool_ids: Sequence[int]) -> list[Batch]:
    """The batches that pools work on, locked until commit."""
    rows = await tx.rows(_BATCH + " where b.pool_id = any(%s) order by b.id for update of b", (list(pool_ids),))
    return [_batch(row) for row in rows]


async def listed_batches(tx: Tx, app_project_id: int, listing: Listing) -> tuple[list[Batch], bool]:
    """A page of the batches of a project that are shown."""
    rows, more = await listing.fetch(tx, _BATCH, ("b.app_project_id = %s and not b.stream", app_project_id))
    return [_batch(row) for row in rows], more


async def running(tx: Tx, app_project_id: int) -> list[Batch]:
    """The batches of a project that are worked on or wait for that."""
    rows = await tx.rows(
        _BATCH + " where b.app_project_id = %s and b.status in ('QUEUED', 'PROCESSING') order by b.priority, b.id",
        (app_project_id,),
    )
    return [_batch(row) for row in rows]


async def insert_batch(
    tx: Tx, app_project_id: int, name: str, priority: Priority, price: Decimal, *, is_stream: bool = False
) -> int:
    """A new, empty batch."""
    number: int = await tx.value(
        "insert into app_batch (app_project_id, name, status, priority, item_price, stream, created)"
        " values (%s, %s, %s, %s, %s, %s, %s) returning id",
        (
            app_project_id,
            name,
            "PROCESSING" if is_stream else "NEW",
            int(priority),
            price,
            is_stream,
            tx.now,
        ),
    )
    return number


async def change_batch(tx: Tx, number: int, **changes: Any) -> None:
    """Set columns of a locked batch."""
    values = {
        name: Json(value) if name in {"last_import", "errors"} and value is not None else value
        for name, value in changes.items()
    }
    pairs = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values)
    await tx.execute(sql.SQL("update app_batch set {} where id = %s").format(pairs), [*values.values(), number])


async def count(
    tx: Tx,
    number: int,
    *,
    items: int = 0,
    processing: int = 0,
    completed: int = 0,
    failed: int = 0,
    labelled: int = 0,
    confidence: float = 0.0,
) -> None:
    """Add to the counts of a locked batch."""
    await tx.execute(
        "update app_batch set items = items + %s, processing = processing + %s, completed = completed + %s,"
        " failed = failed + %s, labelled = labelled + %s, confidence = confidence + %s where id = %s",
        (items, processing, completed, failed, labelled, confidence, number),
    )


async def next_queued(tx: Tx) -> tuple[int, int] | None:
    """Project and number of a batch that waits for none of a higher priority; the smallest of the first priority."""
    row = await tx.row(
        "select b.app_project_id, b.id from app_batch b where b.status = 'QUEUED' and not exists ("
        "select 1 from app_batch h where h.app_project_id = b.app_project_id and h.priority < b.priority"
        " and h.status in ('QUEUED', 'PROCESSING')) order by b.priority, b.items, b.id limit 1"
    )
    return (row["app_project_id"], row["id"]) if row else None


async def next_loading(tx: Tx) -> int | None:
    """A batch whose items are to be given to workers; None when there is none."""
    number: int | None = await tx.value(
        "select id from app_batch where loading and status = 'PROCESSING' order by id limit 1"
    )
    return number


async def next_retry(tx: Tx) -> int | None:
    """A stream that is to be tried again, locked until commit."""
    number: int | None = await tx.value(
        "select id from app_batch where retry_at <= %s order by retry_at limit 1 for update skip locked", (tx.now,)
    )
    return number


async def note_closing(tx: Tx, pool_id: int, reason: str) -> None:
    """Note that a pool closed, if it is one of an app."""
    await tx.execute(
        "insert into app_closing (pool_id, reason) select pool_id, %s from app_batch where pool_id = %s",
        (reason, pool_id),
    )


async def take_closing(tx: Tx) -> Row | None:
    """The oldest closing that nobody else is at; it is no longer to be looked at once this transaction ends."""
    return await tx.row(
        "delete from app_closing where number = (select number from app_closing order by number limit 1"
        " for update skip locked) returning pool_id, reason"
    )
