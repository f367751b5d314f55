"""Projects of apps, and what their requester does with batches and items."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from talka.apps import items, processing, rules, store
from talka.apps.model import AppProject, Batch, BatchStatus, NewItem, Priority
from talka.apps.solutions import APPS
from talka.apps.store import NewProject
from talka.apps.wire import MOST_ITEMS, BatchBody, BatchPatch, ItemBody, ItemsBody, ProjectBody
from talka.infra.db import Row, Tx
from talka.kit.errors import (
    Conflict,
    FieldError,
    FieldErrors,
    NotFound,
    TalkaError,
    ValidationError,
    as_payload,
    field_error,
    prefixed,
)
from talka.kit.ids import object_id, parse_object_id
from talka.kit.wire import parse
from talka.pools import usecases as pool_usecases
from talka.projects import usecases as project_usecases
from talka.projects.fields import Checker, compile_checker, field_specs
from talka.projects.wire import ProjectBody as WorkBody
from talka.running import usecases as running


async def find_project(tx: Tx, account_id: int, project_id: str, *, lock: bool = False) -> AppProject:
    """An app project of the account.

    Raises:
        NotFound: it has none of that id.
    """
    number = parse_object_id(project_id)
    project = await store.project(tx, account_id, number, lock=lock) if number is not None else None
    if project is None:
        raise NotFound("app project", project_id)
    return project


async def find_batch(tx: Tx, project: AppProject, batch_id: str, *, lock: bool = False) -> Batch:
    """A batch of a project.

    Raises:
        NotFound: it has none of that id.
    """
    number = parse_object_id(batch_id)
    batch = await store.batch(tx, project.id, number, lock=lock) if number is not None else None
    if batch is None:
        raise NotFound("batch", batch_id)
    return batch


async def find_item(tx: Tx, project: AppProject, item_id: str) -> Row:
    """An item of a project.

    Raises:
        NotFound: it has none of that id.
    """
    number = parse_object_id(item_id)
    row = await items.one(tx, project.id, number) if number is not None else None
    if row is None:
        raise NotFound("item", item_id)
    return row


async def create_project(tx: Tx, account_id: int, body: ProjectBody, fee_percent: Decimal) -> AppProject:
    """A project of an app, and the project behind it whose pools will do the work.

    Raises:
        ValidationError: naming every wrong field, those of the parameters among them.
    """
    errors: FieldErrors = {}
    app = APPS.get(body.app_id)
    parent_id = await _parent(tx, account_id, body, errors)
    if app is None:
        errors["app_id"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such app", tuple(APPS.names()))
        raise ValidationError(errors)
    try:
        parameters = parse(app.parameters, body.parameters)
    except ValidationError as error:
        raise ValidationError(errors | prefixed("parameters", error.fields)) from None
    errors |= prefixed("parameters", app.control_errors(parameters))
    if errors:
        raise ValidationError(errors)
    work = await project_usecases.create(tx, account_id, parse(WorkBody, rules.project_body(app, parameters)))
    price = rules.item_price(app, parameters, fee_percent)
    new = NewProject(app.id, parent_id, work.id, body.name, parameters.stored(), price)
    return await store.any_project(tx, await store.insert_project(tx, account_id, new))


async def _parent(tx: Tx, account_id: int, body: ProjectBody, errors: FieldErrors) -> int | None:
    """The project of which it is a copy, which has the same app."""
    if not body.parent_app_project_id:
        return None
    number = parse_object_id(body.parent_app_project_id)
    parent = await store.project(tx, account_id, number) if number is not None else None
    if parent is None:
        errors["parent_app_project_id"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such app project")
        return None
    if parent.app_id != body.app_id:
        errors["parent_app_project_id"] = FieldError("INVALID_VALUE", "Must be a project of the same app")
    return parent.id


async def archive_project(tx: Tx, account_id: int, project_id: str) -> AppProject:
    """Put a project away; doing it again changes nothing. What came without a batch is stopped.

    Raises:
        NotFound; Conflict: CONFLICT_STATE while batches are worked on.
    """
    project = await find_project(tx, account_id, project_id, lock=True)
    if not project.archived:
        if await store.has_running(tx, project.id):
            raise Conflict("CONFLICT_STATE", "Stop the batches that are being worked on first")
        stream = await store.stream(tx, project.id)
        if stream is not None and stream.status in {BatchStatus.PROCESSING, BatchStatus.NO_MONEY}:
            await _halt(tx, account_id, stream)
        await store.set_archived(tx, project.id, True)
    return await store.any_project(tx, project.id)


async def unarchive_project(tx: Tx, account_id: int, project_id: str) -> AppProject:
    """Take a project back; what came without a batch goes on.

    Raises:
        NotFound.
    """
    project = await find_project(tx, account_id, project_id, lock=True)
    if project.archived:
        await store.set_archived(tx, project.id, False)
        stream = await store.stream(tx, project.id)
        if stream is not None and stream.status is BatchStatus.STOPPED:
            await store.change_batch(tx, stream.id, status="PROCESSING", loading=True)
    return await store.any_project(tx, project.id)


def _require_ready(project: AppProject) -> None:
    if project.archived:
        raise Conflict("PROJECT_INAPPROPRIATE_STATUS", "The app project is archived", appropriate=["READY"])


@dataclass(frozen=True, slots=True)
class Upload:
    """Items that were sent, of which the valid ones are to be stored."""

    new: Sequence[NewItem]
    errors: FieldErrors
    total: int

    def report(self) -> dict[str, Any]:
        """`last_items_import` of a batch."""
        return {
            "id": uuid.uuid4().hex[:24],
            "records_count": self.total,
            "records_processed": self.total,
            "records_skipped": self.total - len(self.new),
            "errors": as_payload(self.errors),
        }


def _checker(project: AppProject) -> Checker:
    app, parameters = processing.solution(project)
    return compile_checker(field_specs(app.inputs(parameters)))


def _read(project: AppProject, sent: Sequence[Any], *, forced: bool, skip: bool) -> Upload:
    """What was sent as items, by what the project's app says of them.

    Raises:
        ValidationError: something is wrong, or with `skip` everything; TalkaError: ENTITY_TOO_LARGE.
    """
    if len(sent) > MOST_ITEMS:
        text = f"At most {MOST_ITEMS} items fit into one request"
        raise TalkaError("ENTITY_TOO_LARGE", text, {"limit": MOST_ITEMS})
    check = _checker(project)
    errors: FieldErrors = {}
    new: list[NewItem] = []
    for index, values in enumerate(sent):
        found = check(values, f"input_data.{index}")
        errors |= found
        if not found:
            new.append(_new(values, forced))
    if errors and (not skip or not new):
        raise ValidationError(errors)
    return Upload(new, errors, len(sent))


def _new(values: Mapping[str, Any], forced: bool) -> NewItem:
    given = {name: value for name, value in values.items() if value is not None}
    return NewItem(given, rules.fingerprint(given), forced)


async def create_batch(
    tx: Tx, account_id: int, project_id: str, body: BatchBody, fee_percent: Decimal
) -> tuple[AppProject, Batch]:
    """A batch with its items.

    Raises:
        NotFound, ValidationError; TalkaError: ENTITY_TOO_LARGE; Conflict: PROJECT_INAPPROPRIATE_STATUS.
    """
    project = await find_project(tx, account_id, project_id, lock=True)
    _require_ready(project)
    upload = _read(project, body.items or [], forced=body.force_new_original is True, skip=body.ignore_errors is True)
    price = rules.item_price(*processing.solution(project), fee_percent)
    priority = Priority[body.priority_order or "FIVE"]
    number = await store.insert_batch(tx, project.id, body.name or "", priority, price)
    await _add(tx, project, number, upload)
    return project, await store.any_batch(tx, number)


async def _add(tx: Tx, project: AppProject, number: int, upload: Upload) -> list[int]:
    numbers = await items.insert(tx, project.id, number, upload.new) if upload.new else []
    await store.count(tx, number, items=len(numbers))
    if upload.total:
        await store.change_batch(tx, number, last_import=upload.report())
    return numbers


async def start_at_once(
    tx: Tx, account_id: int, project_id: str, body: BatchBody, fee_percent: Decimal
) -> tuple[AppProject, Batch, list[Row]]:
    """A batch that workers get at once, with its items.

    Raises:
        as `create_batch` and `start`.
    """
    project, batch = await create_batch(tx, account_id, project_id, body, fee_percent)
    await _begin(tx, project, batch)
    return project, await store.any_batch(tx, batch.id), await items.of_batch(tx, batch.id)


async def add_items(tx: Tx, account_id: int, project_id: str, body: ItemsBody, fee_percent: Decimal) -> list[int]:
    """Items for a batch, or for workers at once; their numbers.

    Raises:
        NotFound, ValidationError; TalkaError: ENTITY_TOO_LARGE; Conflict: PROJECT_INAPPROPRIATE_STATUS,
        INAPPROPRIATE_STATUS.
    """
    project = await find_project(tx, account_id, project_id, lock=True)
    _require_ready(project)
    if body.ignore_errors and body.batch_id is None:
        raise field_error("ignore_errors", "VALUE_NOT_ALLOWED", "Needs a batch, which tells of the errors")
    upload = _read(project, body.items, forced=body.force_new_original is True, skip=body.ignore_errors is True)
    return await _put(tx, project, body.batch_id, upload, fee_percent)


async def add_item(tx: Tx, account_id: int, project_id: str, body: ItemBody, fee_percent: Decimal) -> Row:
    """One item for a batch, or for workers at once.

    Raises:
        as `add_items`.
    """
    project = await find_project(tx, account_id, project_id, lock=True)
    _require_ready(project)
    errors = _checker(project)(body.input_data, "input_data")
    if errors:
        raise ValidationError(errors)
    new = _new(body.input_data, body.force_new_original is True)
    [number] = await _put(tx, project, body.batch_id, Upload([new], {}, 1), fee_percent)
    return await find_item(tx, project, object_id(number))


async def _put(tx: Tx, project: AppProject, batch_id: str | None, upload: Upload, fee_percent: Decimal) -> list[int]:
    """Store items and see that those of a batch that is being worked on reach workers."""
    if batch_id is None:
        batch = await _stream(tx, project, fee_percent)
        numbers = await _add(tx, project, batch.id, upload)
        started = batch.started or tx.now
        await store.change_batch(
            tx, batch.id, status="PROCESSING", started=started, finished=None, loading=True, retry_at=None
        )
        return numbers
    number = parse_object_id(batch_id)
    found = await store.batch(tx, project.id, number, lock=True) if number is not None else None
    if found is None:
        raise field_error("batch_id", "ENTITY_DOES_NOT_EXIST", "The app project has no such batch")
    if found.archived:
        rules.require(found, *(status.value for status in BatchStatus), "STOPPING")
    numbers = await _add(tx, project, found.id, upload)
    if found.status is BatchStatus.PROCESSING:
        await store.change_batch(tx, found.id, loading=True)
    elif found.status is BatchStatus.COMPLETED:
        await store.change_batch(tx, found.id, status="NEW", finished=None)
    return numbers


async def _stream(tx: Tx, project: AppProject, fee_percent: Decimal) -> Batch:
    """What items go to that come without a batch; made with the first of them."""
    found = await store.stream(tx, project.id)
    if found is not None:
        return found
    price = rules.item_price(*processing.solution(project), fee_percent)
    return await store.any_batch(tx, await store.insert_batch(tx, project.id, "", Priority.ONE, price, is_stream=True))


async def patch_batch(
    tx: Tx, account_id: int, project_id: str, batch_id: str, body: BatchPatch
) -> tuple[AppProject, Batch]:
    """Change name and priority of a batch.

    Raises:
        NotFound; Conflict: INAPPROPRIATE_STATUS, PROJECT_INAPPROPRIATE_STATUS.
    """
    project, batch = await _locked(tx, account_id, project_id, batch_id)
    if batch.archived:
        rules.require(batch, *(status.value for status in BatchStatus), "STOPPING")
    if body.name is not None:
        await store.change_batch(tx, batch.id, name=body.name)
    if body.priority_order is not None:
        priority = Priority[body.priority_order]
        await store.change_batch(tx, batch.id, priority=int(priority))
        if batch.pool_id is not None:
            wanted = rules.pool_priority(batch, priority)
            await pool_usecases.patch(tx, account_id, str(batch.pool_id), wanted)
    return project, await store.any_batch(tx, batch.id)


async def _locked(
    tx: Tx, account_id: int, project_id: str, batch_id: str, *, archived: bool = False
) -> tuple[AppProject, Batch]:
    """A batch whose state is to change, and its project, which `archived` says may be archived."""
    project = await find_project(tx, account_id, project_id, lock=True)
    batch = await find_batch(tx, project, batch_id, lock=True)
    if not archived:
        _require_ready(project)
    return project, batch


async def start(tx: Tx, account_id: int, project_id: str, batch_id: str) -> tuple[AppProject, Batch]:
    """Let workers do a batch; doing it again changes nothing.

    Raises:
        NotFound; Conflict: EMPTY_POOL, INAPPROPRIATE_STATUS, PROJECT_INAPPROPRIATE_STATUS; TalkaError:
        NOT_ENOUGH_BALANCE, when the transaction ends.
    """
    project, batch = await _locked(tx, account_id, project_id, batch_id)
    if batch.shown_status not in {"QUEUED", "PROCESSING"}:
        rules.require(batch, "NEW", "NO_MONEY", "ERROR")
        await _begin(tx, project, batch)
    return project, await store.any_batch(tx, batch.id)


async def _begin(tx: Tx, project: AppProject, batch: Batch) -> None:
    if not batch.items:
        raise Conflict("EMPTY_POOL", "Add items to the batch before you start it")
    await processing.begin(tx, project, batch)


async def resume(tx: Tx, account_id: int, project_id: str, batch_id: str) -> tuple[AppProject, Batch]:
    """Go on with a batch that stopped; doing it again changes nothing.

    Raises:
        as `start`.
    """
    project, batch = await _locked(tx, account_id, project_id, batch_id)
    if batch.shown_status not in {"QUEUED", "PROCESSING"}:
        rules.require(batch, "STOPPING", "STOPPED", "NO_MONEY", "ERROR")
        await _begin(tx, project, batch)
    return project, await store.any_batch(tx, batch.id)


async def stop(tx: Tx, account_id: int, project_id: str, batch_id: str) -> tuple[AppProject, Batch]:
    """Give no more pages of a batch to workers; those that are out can be finished. Again: nothing changes.

    Raises:
        NotFound; Conflict: INAPPROPRIATE_STATUS, PROJECT_INAPPROPRIATE_STATUS.
    """
    project, batch = await _locked(tx, account_id, project_id, batch_id)
    if batch.shown_status not in {"STOPPING", "STOPPED"}:
        rules.require(batch, "PROCESSING", "QUEUED")
        await _halt(tx, account_id, batch)
    return project, await store.any_batch(tx, batch.id)


async def _halt(tx: Tx, account_id: int, batch: Batch) -> None:
    await store.change_batch(tx, batch.id, status="STOPPED", loading=False, retry_at=None)
    if batch.pool_id is not None:
        await running.close_pool(tx, account_id, str(batch.pool_id))


async def archive_batch(tx: Tx, account_id: int, project_id: str, batch_id: str) -> tuple[AppProject, Batch]:
    """Put a batch that nobody works on away; doing it again changes nothing.

    Raises:
        NotFound; Conflict: INAPPROPRIATE_STATUS.
    """
    project, batch = await _locked(tx, account_id, project_id, batch_id, archived=True)
    if not batch.archived:
        rules.require(batch, "NEW", "STOPPED", "COMPLETED", "NO_MONEY", "ERROR")
        await store.change_batch(tx, batch.id, archived=True)
    return project, await store.any_batch(tx, batch.id)


async def unarchive_batch(tx: Tx, account_id: int, project_id: str, batch_id: str) -> tuple[AppProject, Batch]:
    """Take a batch back, as it was; doing it again changes nothing.

    Raises:
        NotFound.
    """
    project, batch = await _locked(tx, account_id, project_id, batch_id, archived=True)
    if batch.archived:
        await store.change_batch(tx, batch.id, archived=False)
    return project, await store.any_batch(tx, batch.id)
