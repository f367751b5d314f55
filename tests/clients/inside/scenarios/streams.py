"""Streaming: cursors of every kind, observers, pipelines and their storages."""

from __future__ import annotations

import asyncio
import functools
import tempfile
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import toloka.client as toloka
from toloka.async_client import AsyncTolokaClient
from toloka.streaming import AssignmentsObserver, Pipeline, PoolStatusObserver, cursor
from toloka.streaming.event import AssignmentEvent
from toloka.streaming.locker import FileLocker
from toloka.streaming.storage import JSONLocalStorage, S3Storage
from toloka.util.async_utils import ComplexException

from . import made
from .journal import World, refused, same, scenario

AT_ONCE = {"time_lag": timedelta(0)}
"""What happened up to now, not up to a minute ago."""
STATUSES = ("SUBMITTED", "ACCEPTED", "REJECTED", "SKIPPED", "EXPIRED")
Acts = Callable[[], str]
"""Makes something that a cursor must find; its id."""


def _follows(
    world: World, name: str, kind: Any, parameters: dict[str, Any], act: Acts, seen: Callable[[Any], str]
) -> None:
    """A cursor finds each thing once: blocking, awaited, again after a failure, and carried on by another."""
    found = kind(toloka_client=world.plain, **parameters, **AT_ONCE)
    first = act()
    same([seen(event) for event in found], [first])
    same(list(found), [])
    second = act()
    try:
        with found.try_fetch_all() as events:
            same([seen(event) for event in events], [second])
            raise InterruptedError
    except InterruptedError:
        pass
    with found.try_fetch_all() as events:
        same([seen(event) for event in events], [second])
    world.journal.note(f"streaming.cursor.{name}.try_fetch_all")
    third = act()
    other = kind(toloka_client=AsyncTolokaClient.from_sync_client(world.plain), **parameters, **AT_ONCE)
    other.inject(found)

    async def read() -> list[str]:
        return [seen(event) async for event in other]

    same(world.run(read()), [third])
    same(world.run(read()), [])
    world.journal.note(f"streaming.cursor.{name}.inject")
    world.journal.note(f"streaming.cursor.{name}")


def _moved(world: World, pool_id: str, status: str) -> str:
    """The page of a new worker, brought into a status."""
    worker = made.Worker(world)
    page = worker.take(pool_id)
    if status == "SKIPPED":
        worker.skip(page)
    elif status == "EXPIRED":
        worker.leave(page)
    elif status != "CREATED":
        worker.submit(page, "dog")
    if status == "ACCEPTED":
        world.plain.accept_assignment(page["id"], "Good")
    elif status == "REJECTED":
        world.plain.reject_assignment(page["id"], "Bad")
    return str(page["id"])


def _reviewed(world: World) -> toloka.Pool:
    """A pool under review for many workers."""
    return made.opened(world, overlap=30, auto_accept_solutions=False, auto_accept_period_day=7)


@scenario
def assignment_cursor(world: World) -> None:
    """Assignments are followed by each of their events, once each"""
    for kind in AssignmentEvent.Type:
        pool = _reviewed(world)
        _follows(
            world, "AssignmentCursor", cursor.AssignmentCursor, {"pool_id": pool.id, "event_type": kind},
            functools.partial(_moved, world, pool.id, kind.value), lambda event: str(event.assignment.id),
        )  # fmt: skip


@scenario
def task_cursor(world: World) -> None:
    """New tasks are followed, once each"""
    pool = world.plain.create_pool(made.pool(world.plain.create_project(made.project()).id))

    def act() -> str:
        return str(world.plain.create_task(made.task(pool.id, overlap=1), async_mode=False).id)

    _follows(world, "TaskCursor", cursor.TaskCursor, {"pool_id": pool.id}, act, lambda event: str(event.task.id))


@scenario
def user_bonus_cursor(world: World) -> None:
    """New bonuses are followed, once each"""
    worker = made.Worker(world)

    def act() -> str:
        bonus = toloka.UserBonus(user_id=worker.user_id, amount=Decimal("0.5"), without_message=True)
        return str(world.plain.create_user_bonus(bonus, async_mode=False).id)

    _follows(
        world, "UserBonusCursor", cursor.UserBonusCursor, {"user_id": worker.user_id}, act,
        lambda event: str(event.user_bonus.id),
    )  # fmt: skip


@scenario
def user_skill_cursor(world: World) -> None:
    """New and changed skills of workers are followed, once each"""
    for kind in ("CREATED", "MODIFIED"):
        skill = world.plain.create_skill(name=f"stream {uuid.uuid4().hex}")

        def act(skill: Any = skill) -> str:
            value = {"skill_id": skill.id, "user_id": made.Worker(world).user_id, "value": Decimal(5)}
            return str(world.plain.set_user_skill(**value).id)

        parameters = {"skill_id": skill.id, "event_type": kind}
        _follows(
            world, "UserSkillCursor", cursor.UserSkillCursor, parameters, act, lambda event: str(event.user_skill.id)
        )
    again = cursor.UserSkillCursor(toloka_client=world.plain, **parameters, **AT_ONCE)
    last = list(again)[-1].user_skill
    world.plain.set_user_skill(skill_id=last.skill_id, user_id=last.user_id, value=Decimal(7))
    fresh = cursor.UserSkillCursor(toloka_client=world.plain, modified_gt=last.modified, **parameters, **AT_ONCE)
    same([event.user_skill.value for event in fresh], [7])


@scenario
def user_restriction_cursor(world: World) -> None:
    """New restrictions are followed, once each"""
    pool = world.plain.create_pool(made.pool(world.plain.create_project(made.project()).id))

    def act() -> str:
        restriction = toloka.user_restriction.PoolUserRestriction(user_id=made.Worker(world).user_id, pool_id=pool.id)
        return str(world.plain.set_user_restriction(restriction).id)

    _follows(
        world, "UserRestrictionCursor", cursor.UserRestrictionCursor, {"pool_id": pool.id}, act,
        lambda event: str(event.user_restriction.id),
    )  # fmt: skip


@scenario
def message_thread_cursor(world: World) -> None:
    """New message threads are followed, once each"""
    worker = made.Worker(world)
    worker.take(made.opened(world, overlap=1).id)

    def act() -> str:
        words = {"EN": "Hello"}
        return str(
            world.plain.compose_message_thread(
                recipients_select_type="DIRECT", recipients_ids=[worker.user_id], topic=words, text=words
            ).id
        )

    before = act()
    start = next(thread for thread in world.plain.get_message_threads(id_gte=before)).created
    _follows(
        world, "MessageThreadCursor", cursor.MessageThreadCursor, {"created_gt": start, "folder": ["OUTBOX"]}, act,
        lambda event: str(event.message_thread.id),
    )  # fmt: skip


def _pipeline(**options: Any) -> Pipeline:
    """A pipeline that looks often."""
    pipeline = Pipeline(period=timedelta(milliseconds=100), **options)
    pipeline.MIN_SLEEP_SECONDS = 0.1  # its ten seconds are for several machines at one lock
    return pipeline


NAMES = {"SUBMITTED": "on_submitted", "ACCEPTED": "on_accepted", "REJECTED": "on_rejected", "SKIPPED": "on_skipped",
         "EXPIRED": "on_expired", "CREATED": "on_created"}  # fmt: skip


@scenario
def pipelines(world: World) -> None:
    """A pipeline hands every event of a pool to its callbacks, and ends with the pool"""
    pool = _reviewed(world)
    happened: dict[str, list[str]] = {kind: [] for kind in NAMES}
    any_event: list[str] = []
    statuses: list[str] = []
    observer = AssignmentsObserver(
        AsyncTolokaClient.from_sync_client(world.plain), pool.id, cursor_time_lag=timedelta(0)
    )
    for kind, method in NAMES.items():

        def keep(events: list[Any], kind: str = kind) -> None:
            assert {event.event_type.value for event in events} == {kind}
            happened[kind] += [event.assignment.id for event in events]

        getattr(observer, method)(keep)
    observer.on_any_event(lambda events: any_event.extend(event.event_type.value for event in events))
    watcher = PoolStatusObserver(world.plain, pool.id)
    watcher.on_open(lambda found: statuses.append(found.status.value))
    watcher.on_closed(lambda found: statuses.append(found.status.value))
    pipeline = _pipeline()
    same(pipeline.register(observer), observer)
    pipeline.register(watcher)
    refused(ValueError, lambda: pipeline.register(watcher))
    same(list(pipeline.observers_iter()), [observer, watcher])
    expected = {kind: [_moved(world, pool.id, kind)] for kind in STATUSES}

    async def run() -> None:
        running = asyncio.ensure_future(pipeline.run())
        while not all(happened[kind] for kind in STATUSES) or "OPEN" not in statuses:
            await asyncio.sleep(0.1)
            assert not running.done() or running.result()
        await asyncio.to_thread(world.plain.close_pool, pool.id)
        await running

    world.run(asyncio.wait_for(run(), 60))
    same(set(happened.pop("CREATED")), {page for pages in expected.values() for page in pages})
    reviewed = expected["ACCEPTED"] + expected["REJECTED"]
    same(set(happened.pop("SUBMITTED")), {*expected.pop("SUBMITTED"), *reviewed})
    same(happened, expected)
    same(len(any_event), 5 + 3 + 4)
    same(statuses, ["OPEN", "CLOSED"])
    for name in ("register", "observers_iter", "run"):
        world.journal.note(f"streaming.pipeline.Pipeline.{name}")
    world.journal.note("streaming.pipeline.Pipeline")
    for name in (*NAMES.values(), "on_any_event", "register_callback", "get_unique_key", "should_resume"):
        world.journal.note(f"streaming.observer.AssignmentsObserver.{name}")
    for name in ("on_open", "on_closed", "register_callback", "get_unique_key", "should_resume"):
        world.journal.note(f"streaming.observer.PoolStatusObserver.{name}")
    world.journal.note("streaming.observer.AssignmentsObserver")
    world.journal.note("streaming.observer.PoolStatusObserver")


class Kept:
    """A callback that keeps what it was told, in the storage of its pipeline, and may fail."""

    def __init__(self, fails: bool) -> None:
        self.fails = fails
        self.pages: list[str] = []

    def __call__(self, events: list[Any]) -> None:
        if self.fails:
            raise InterruptedError
        self.pages += [event.assignment.id for event in events]

    def inject(self, injection: Kept) -> None:
        self.pages = injection.pages


class NotFoundError(Exception):
    """What a bucket says of a key that it has not."""

    response: ClassVar[dict[str, Any]] = {"Error": {"Code": "404", "Message": "Not Found"}}


class Bucket:
    """A bucket of S3 in memory, as far as the client's storage uses one."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.objects = self

    def upload_fileobj(self, stream: BinaryIO, key: str, **_: Any) -> None:
        self.kept[key] = stream.read()

    def download_fileobj(self, key: str, stream: BinaryIO) -> None:
        if key not in self.kept:
            raise NotFoundError
        stream.write(self.kept[key])

    def filter(self, Prefix: str) -> Bucket:  # noqa: N803 - the name in the client's call
        self._chosen = [key for key in self.kept if key.startswith(Prefix)]
        return self

    def delete(self) -> None:
        for key in self._chosen:
            del self.kept[key]


@scenario
def pipelines_that_stop(world: World) -> None:
    """A pipeline that failed is carried on from its storage, without missing or repeating an event"""
    with tempfile.TemporaryDirectory() as folder:
        _carried_on(world, JSONLocalStorage(folder, locker=FileLocker(folder)))
        same([path for path in Path(folder).iterdir() if path.is_dir()], [])
    bucket = Bucket()
    _carried_on(world, S3Storage(bucket))
    same(bucket.kept, {})
    world.journal.note("streaming.pipeline.Pipeline.run_manually")
    world.journal.note("streaming.observer.AssignmentsObserver.inject")
    for name in ("", ".save", ".load", ".lock", ".cleanup"):
        world.journal.note(f"streaming.storage.JSONLocalStorage{name}")
        world.journal.note(f"streaming.storage.S3Storage{name}")
    for name in ("", ".cleanup"):
        world.journal.note(f"streaming.locker.FileLocker{name}")


def _carried_on(world: World, storage: JSONLocalStorage | S3Storage) -> None:
    pool = _reviewed(world)

    def go_on(fails: bool = False, count: int = 9) -> list[str]:
        pipeline = _pipeline(storage=storage, name="carried on")
        observer = AssignmentsObserver(world.plain, pool.id, cursor_time_lag=timedelta(0))
        kept = observer.on_submitted(Kept(fails))
        pipeline.register(observer)

        async def run() -> None:
            async for _ in pipeline.run_manually():
                if len(kept.pages) >= count:
                    return

        try:
            world.run(asyncio.wait_for(run(), 30))
            assert not fails
        except ComplexException as error:
            same([type(each) for each in error.exceptions], [InterruptedError])
        return list(kept.pages)

    first = _moved(world, pool.id, "SUBMITTED")
    same(go_on(count=1), [first])
    second = _moved(world, pool.id, "SUBMITTED")
    same(go_on(fails=True), [first])
    third = _moved(world, pool.id, "SUBMITTED")
    world.plain.close_pool(pool.id)
    same(go_on(), [first, second, third])


@scenario
def observers_alone(world: World) -> None:
    """Observers run without a pipeline, and are switched off, on and taken out of one"""
    pool = made.opened(world, overlap=2)
    statuses: list[str] = []
    watcher = PoolStatusObserver(world.plain, pool.id)
    watcher.on_locked(lambda found: statuses.append("locked"))
    watcher.on_status_change(lambda found: statuses.append(found.status.value))
    pages: list[str] = []
    observer = AssignmentsObserver(world.plain, pool.id, cursor_time_lag=timedelta(0))
    observer.on_accepted(lambda events: pages.extend(event.assignment.id for event in events))
    twin = PoolStatusObserver(world.plain, pool.id)
    twin.on_locked(lambda found: statuses.append("locked"))
    twin.on_status_change(lambda found: statuses.append(found.status.value))
    twin.inject(watcher)

    async def run() -> None:
        watching = asyncio.ensure_future(watcher.run(timedelta(milliseconds=100)))
        observing = asyncio.ensure_future(observer.run(timedelta(milliseconds=100)))
        page = await asyncio.to_thread(_moved, world, pool.id, "SUBMITTED")
        await asyncio.to_thread(world.until, lambda: page in pages and "OPEN" in statuses, "events reach observers")
        await asyncio.to_thread(world.plain.close_pool, pool.id)
        await asyncio.gather(watching, observing)
        await watcher()  # which may have ended before it could tell of the end
        await twin()

    world.run(asyncio.wait_for(run(), 30))
    same(statuses, ["OPEN", "CLOSED", "CLOSED"])
    for one, name in ((observer, "AssignmentsObserver"), (twin, "PoolStatusObserver")):
        pipeline = _pipeline()
        pipeline.register(one)
        one.disable()
        before = len(pages), len(statuses)
        world.run(asyncio.wait_for(pipeline.run(), 30))
        same((len(pages), len(statuses)), before)
        one.enable()
        one.delete()
        world.run(asyncio.wait_for(pipeline.run(), 30))
        same(list(pipeline.observers_iter()), [])
        for method in ("run", "disable", "enable", "delete"):
            world.journal.note(f"streaming.observer.{name}.{method}")
    for method in ("on_locked", "on_status_change", "inject"):
        world.journal.note(f"streaming.observer.PoolStatusObserver.{method}")
