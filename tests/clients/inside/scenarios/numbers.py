"""`toloka.metrics`: every class alone and all of them in a collector, while people work."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import toloka.client as toloka
from toloka import metrics

from . import made
from .journal import World, refused, same, scenario

OFTEN = timedelta(milliseconds=300)
AT_ONCE = timedelta(0)
Lines = dict[str, list[Any]]
"""Values by line, in the order in which they came."""


def _collected(world: World, watched: list[Any], act: Callable[[], None], done: Callable[[Lines], bool]) -> Lines:
    """What a collector gathers from its first round on: `act` happens after it, `done` says when to stop."""
    gathered: Lines = defaultdict(list)
    rounds: set[str] = set()

    def keep(points: dict[str, list[tuple[Any, Any]]]) -> None:
        rounds.update(points)
        for name, values in points.items():
            for moment, value in values:
                same(type(moment), datetime)
                same(moment.tzinfo, UTC)
                gathered[name].append(value)

    collector = metrics.MetricCollector(watched, keep)
    metrics.bind_client(collector.metrics, world.plain)
    names = {name for metric in watched for name in metric.get_line_names()}

    async def run() -> None:
        running = asyncio.ensure_future(collector.run())
        while not names <= rounds:
            await asyncio.sleep(0.05)
            assert not running.done() or running.result()
        gathered.clear()
        await asyncio.to_thread(act)
        while not done(gathered):
            await asyncio.sleep(0.05)
            assert not running.done() or running.result()
        running.cancel()

    try:
        world.run(asyncio.wait_for(run(), 60))
    except TimeoutError:
        raise AssertionError(f"Until now only {dict(gathered)} in rounds of {sorted(rounds)}") from None
    return gathered


@scenario
def numbers_of_a_pool(world: World) -> None:
    """Each number about a pool is gathered while people work in it"""
    pool = made.opened(world, ["one", "two"], overlap=4, auto_accept_solutions=False, auto_accept_period_day=7)
    worker = made.Worker(world)
    worker.submit(worker.take(pool.id), "dog")
    often = {"timeout": OFTEN}
    watched = [
        metrics.AssignmentsInPool(
            pool.id, submitted_name="submitted", accepted_name="accepted", rejected_name="rejected",
            skipped_name="skipped", **often,
        ),
        metrics.PoolCompletedPercentage(pool.id, percents_name="percents", **often),
        metrics.SpentBudgetOnPool(pool.id, money_name="spent", **often),
        metrics.TasksInPool(pool.id, tasks_name="tasks", **often),
        metrics.WorkersByFilterOnPool(pool.id, workers_name="workers", interval_hours=1, **often),
    ]  # fmt: skip

    def act() -> None:
        for verdict in ("accept", "reject", "skip"):
            person = made.Worker(world)
            page = person.take(pool.id)
            if verdict == "skip":
                person.skip(page)
                continue
            person.submit(page, "dog")
            getattr(world.plain, f"{verdict}_assignment")(page["id"], "Reviewed")

    expected = {"submitted": 3, "accepted": 1, "rejected": 1, "skipped": 1, "percents": 75, "spent": Decimal("0.05"),
                "tasks": 2}  # fmt: skip

    def done(lines: Lines) -> bool:
        return all(lines[name] and lines[name][-1] == value for name, value in expected.items())

    lines = _collected(world, watched, act, done)
    same({name: lines[name][-1] for name in expected}, expected)
    assert lines["workers"][-1] >= 4
    same(type(lines["spent"][-1]), Decimal)
    same(watched[3].beautiful_name, f"Tasks in pool '{pool.private_name}' ({pool.id})")
    for metric in watched:
        world.journal.note(f"metrics.{type(metric).__name__}")
    for name in ("MetricCollector", "bind_client"):
        world.journal.note(f"metrics.{name}")


@scenario
def events(world: World) -> None:
    """Balance, answers, bans, bonuses, skills and messages are counted as they happen"""
    pool = made.opened(world, ["one", "two"], overlap=9, auto_accept_solutions=False, auto_accept_period_day=7)
    skill = world.plain.create_skill(name=f"metrics {uuid.uuid4().hex}")
    worker = made.Worker(world)
    worker.submit(worker.take(pool.id), "dog")
    # Counts are of joined events: without that the client takes the length of a group of `itertools`, and fails.
    lag = {"timeout": OFTEN, "cursor_time_lag": AT_ONCE}
    watched = [
        metrics.Balance(balance_name="balance", timeout=OFTEN),
        metrics.AssignmentEventsInPool(
            pool.id, created_name="created", submitted_name="submitted", accepted_name="accepted",
            rejected_name="rejected", skipped_name="skipped", expired_name="expired", join_events=True, **lag,
        ),
        metrics.BansInPool(pool.id, count_name="bans", join_events=True, **lag),
        metrics.NewUserBonuses(count_name="bonuses", money_name="money", join_events=True, **lag),
        metrics.NewUserSkills(skill.id, count_name="skills", value_name="values", join_events=True, **lag),
        metrics.NewMessageThreads(
            count_name="threads", projects_name={pool.project_id: "of the project"}, join_events=True, **lag
        ),
    ]  # fmt: skip
    before = world.plain.get_requester().balance

    def act() -> None:
        for what in ("accept", "reject", "skip", "leave", "submit"):
            person = made.Worker(world)
            page = person.take(pool.id)
            if what in {"skip", "leave"}:
                getattr(person, what)(page)
                continue
            person.submit(page, "dog")
            if what != "submit":
                getattr(world.plain, f"{what}_assignment")(page["id"], "Reviewed")
        ban = toloka.user_restriction.PoolUserRestriction(
            user_id=worker.user_id, pool_id=pool.id, private_comment="metrics"
        )
        world.plain.set_user_restriction(ban)
        bonus = toloka.UserBonus(user_id=worker.user_id, amount=Decimal("1.25"), without_message=True)
        world.plain.create_user_bonus(bonus, async_mode=False)
        world.plain.set_user_skill(skill_id=skill.id, user_id=worker.user_id, value=Decimal(64))
        worker.ask(pool.project_id, "A question")

    once = ("accepted", "rejected", "skipped", "expired", "bans", "bonuses", "skills", "of the project")
    sums: dict[str, Any] = {"created": 5, "submitted": 3, "money": Decimal("1.25"), **dict.fromkeys(once, 1)}

    def done(lines: Lines) -> bool:
        return all(sum(lines[name]) >= value for name, value in sums.items()) and lines["balance"][-1:] <= [before - 1]

    lines = _collected(world, watched, act, done)
    same({name: sum(lines[name]) for name in sums}, sums)
    same(lines["values"], [Decimal(64)])
    assert sum(lines["threads"]) >= 1
    same(lines["balance"][-1], world.plain.get_requester().balance)
    refused(TypeError, lambda: metrics.bind_client([pool], world.plain))
    for metric in watched:
        world.journal.note(f"metrics.{type(metric).__name__}")
