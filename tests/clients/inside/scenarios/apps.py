"""Ready solutions: their projects, batches and items, up to results that workers gave."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import toloka.client as toloka
from toloka.client import exceptions
from toloka.client.app import (
    App,
    AppBatch,
    AppBatchCreateRequest,
    AppItem,
    AppItemsCreateRequest,
    AppProject,
    BaseApp,
    SyncBatchCreateRequest,
)

from . import made
from .journal import World, refused, same, scenario
from .searches import every_parameter

APP = "text-classification"
CLASSES = [{"label": word.title(), "value": word, "description": f"A {word}"} for word in made.LABELS]
PARAMETERS = {
    "name": "Animals",
    "default_language": "en",
    "instruction_intro": "Say what you see",
    "instruction_classes": CLASSES,
    "option_overlap": 2,
}
FIVE = AppBatch.PriorityOrder.FIVE


def _texts(*texts: str) -> list[dict[str, str]]:
    return [{"text": text} for text in texts]


def _project(world: World) -> AppProject:
    return world.plain.create_app_project(AppProject(app_id=APP, name="Animals", parameters=PARAMETERS))


@scenario
def apps(world: World) -> None:
    """Ready solutions are found and read"""
    client = world.client
    found = client.get_apps(batch_size=2)
    assert APP in {app.id for app in found}
    assert all(isinstance(app, BaseApp) and isinstance(app.default_item_price, Decimal) for app in found)
    same(client.find_apps(sort=["-id"], limit=1).content, [max(found, key=lambda app: str(app.id))])
    app = client.get_app(APP, lang="EN")
    same((type(app), app.name), (App, "Text classification"))
    assert {"result", "confidence"} <= set(app.output_spec)
    assert app.input_spec["text"].required
    every_parameter(world, "apps", app, lang="EN")


@scenario
def app_projects(world: World) -> None:
    """Projects of solutions are created, read, found, archived and taken back"""
    client = world.client
    created = client.create_app_project(AppProject(app_id=APP, name="Animals", parameters=PARAMETERS))
    assert (created.app_id, created.name, created.status) == (APP, "Animals", AppProject.Status.READY)
    assert {name: created.parameters[name] for name in PARAMETERS} == PARAMETERS
    same((created.app.id, type(created.item_price), created.read_only), (APP, Decimal, False))
    same(client.get_app_project(created.id), created)
    other = client.create_app_project(AppProject(app_id=APP, name="Others", parameters=PARAMETERS))
    same(client.find_app_projects(after_id=created.id, limit=5).content, [other])
    same(client.get_app_projects(id_gte=created.id, batch_size=1), [created, other])
    every_parameter(world, "app_projects", other, app_id=APP, status="READY", scope="MY", after_id=created.id)
    archived = client.archive_app_project(created.id)
    assert (archived.status, archived.read_only) == (AppProject.Status.ARCHIVED, True)
    same(client.unarchive_app_project(created.id), created)
    wrong = AppProject(app_id=APP, name="Animals", parameters={**PARAMETERS, "instruction_classes": []})
    refused(exceptions.ValidationApiError, lambda: client.create_app_project(wrong))


@scenario
def app_batches(world: World) -> None:
    """Batches are created, read, changed, found, archived, started, stopped and gone on with"""
    client, project = world.client, _project(world)
    request = AppBatchCreateRequest(name="first", items=_texts("It barks", "It purrs"), priority_order=FIVE)
    batch = client.create_app_batch(project.id, request)
    assert (batch.name, batch.status, batch.items_count) == ("first", AppBatch.Status.NEW, 2)
    assert (batch.priority_order, batch.cost, type(batch.cost)) == (FIVE, 2 * batch.item_price, Decimal)
    found = client.get_app_batch(project.id, batch.id)
    same((found.id, found.created_at, found.items_per_state["NEW"]), (batch.id, batch.created_at, 2))
    one = AppBatch.PriorityOrder.ONE
    changed = client.patch_app_batch(project.id, batch.id, name="renamed", priority_order=one)
    same((changed.name, changed.priority_order), ("renamed", one))
    other = client.create_app_batch(project.id, name="second", items=_texts("It sings"))
    same([each.id for each in client.find_app_batches(project.id, sort=["-id"], limit=1).content], [other.id])
    same([each.id for each in client.get_app_batches(project.id, batch_size=1)], [batch.id, other.id])
    every_parameter(world, "app_batches", other, project.id, status="NEW", after_id=batch.id)

    def status() -> AppBatch.Status:
        return world.plain.get_app_batch(project.id, batch.id).status

    statuses = AppBatch.Status
    client.archive_app_batch(project.id, batch.id)
    same(status(), statuses.ARCHIVE)
    client.unarchive_app_batch(project.id, batch.id)
    same(status(), statuses.NEW)
    client.start_app_batch(project.id, batch.id)
    assert status() in {statuses.QUEUED, statuses.PROCESSING}
    client.stop_app_batch(project.id, batch.id)
    world.until(lambda: status() is statuses.STOPPED, "a batch stops")
    client.resume_app_batch(project.id, batch.id)
    assert status() in {statuses.QUEUED, statuses.PROCESSING}


@scenario
def app_items(world: World) -> None:
    """Items are added one by one and together, read and found"""
    client, project = world.client, _project(world)
    batch = world.plain.create_app_batch(project.id, name="items")
    item = client.create_app_item(project.id, batch_id=batch.id, input_data={"text": "It barks"})
    same((type(item), item.status, item.input_data), (AppItem, AppItem.Status.NEW, {"text": "It barks"}))
    same((item.app_project_id, item.batch_id), (project.id, batch.id))
    same(client.get_app_item(project.id, item.id), item)
    request = AppItemsCreateRequest(batch_id=batch.id, items=_texts("one", "two"), force_new_original=True)
    numbers = client.create_app_items(project.id, request)
    same([each.id for each in client.get_app_items(project.id, batch_id=batch.id, batch_size=2)], [item.id, *numbers])
    last = client.find_app_items(project.id, sort=["-id"], limit=1).content[0]
    same((last.id, last.input_data), (max(numbers), {"text": "two"}))
    every_parameter(world, "app_items", last, project.id, batch_id=batch.id, status="NEW", after_id=item.id)
    wrong = AppItemsCreateRequest(batch_id=batch.id, items=[{"txet": "x"}])
    refused(exceptions.ValidationApiError, lambda: client.create_app_items(project.id, wrong))


@scenario
def app_results(world: World) -> None:
    """A batch is created and started in one go, workers do it, and its items have results"""
    client, project = world.client, _project(world)
    before = world.plain.find_pools(sort=["-id"], limit=1).items
    request = SyncBatchCreateRequest(name="at once", items=_texts("It barks", "It howls"))
    batch = client.start_sync_batch_processing(project.id, request)
    same((type(batch), batch.items_count), (AppBatch, 2))

    def pool() -> Any:
        newest = world.plain.find_pools(sort=["-id"], limit=1).items
        return newest[0] if newest != before and newest[0].status is toloka.Pool.Status.OPEN else None

    open_pool = world.until(pool, "a pool of the batch opens")
    for _ in range(2):
        worker = made.Worker(world)
        done = 0
        while done < 2:
            page = worker.take(open_pool.id)
            worker.answer(page, {"result": "dog"})
            done += len(page["tasks"])

    def completed() -> bool:
        return world.plain.get_app_batch(project.id, batch.id).status is AppBatch.Status.COMPLETED

    world.until(completed, "a batch is completed")
    finished = client.get_app_batch(project.id, batch.id)
    same((finished.items_processed_count, finished.cost_of_processed), (2, finished.cost))
    for item in client.get_app_items(project.id, batch_id=batch.id, status="COMPLETED"):
        same(item.output_data["result"], ["dog"])
        assert item.finished_at >= item.started_at >= item.created_at
        every_parameter(world, "app_items", item, project.id, status="COMPLETED")
