"""Answering questions about pools: by counters where something is counted, else by a bounded look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from math import ceil
from typing import Any, Final

from talka.analytics import store
from talka.analytics.wire import PoolQuestion
from talka.infra.db import Row, Tx
from talka.kit.errors import FieldError, FieldErrors, ValidationError
from talka.kit.ids import parse_number
from talka.kit.money import to_json
from talka.kit.times import format_time
from talka.operations import usecases as operations
from talka.operations.model import Operation
from talka.pools import store as pools
from talka.pools.store import Pool
from talka.running import store as running
from talka.selection.matching import Candidate, matches
from talka.selection.tree import skill_references
from talka.skills import store as skills

ANALYTICS: Final = "ANALYTICS"
Counters = Mapping[str, Any]
Measure = Callable[[Tx, Pool, Counters, PoolQuestion], Awaitable[Any]]


def _counted(*names: str) -> Measure:
    async def measure(_tx: Tx, _pool: Pool, counters: Counters, _question: PoolQuestion) -> Any:
        return sum(counters[name] for name in names)

    return measure


async def _completion(tx: Tx, pool: Pool, counters: Counters, _question: PoolQuestion) -> Any:
    total = counters["slots"]
    percent = 100 * min(counters["done"], total) // total if total > 0 else 0
    return {
        "type": "NORMAL",
        "value": int(percent),
        "infinite": await store.has_unlimited(tx, pool.id),
        "approximate": "dynamic_overlap_config" in pool.body,
    }


async def _estimated_assignments(tx: Tx, pool: Pool, counters: Counters, _question: PoolQuestion) -> Any:
    infinite = await store.has_unlimited(tx, pool.id)
    page = (pool.body.get("mixer_config") or {}).get("real_tasks_count") or 1
    return {
        "type": "NORMAL",
        "value": ceil(max(counters["slots"], 0) / page),
        "infinite": infinite,
        # A page may hold fewer tasks, and overlap may grow.
        "approximate": infinite or pool.mixed or "dynamic_overlap_config" in pool.body,
    }


async def _mean_millis(tx: Tx, pool: Pool, _counters: Counters, _question: PoolQuestion) -> Any:
    return round((await store.mean_seconds(tx, pool.id) or 0) * 1000)


async def _workers(tx: Tx, pool: Pool, _counters: Counters, _question: PoolQuestion) -> Any:
    return await store.count_workers(tx, pool.id)


async def _submitters(tx: Tx, pool: Pool, _counters: Counters, _question: PoolQuestion) -> Any:
    return await store.count_submitters(tx, pool.id)


async def _active_workers(tx: Tx, pool: Pool, _counters: Counters, question: PoolQuestion) -> Any:
    since = tx.now - timedelta(hours=question.interval_hours or 0)
    tree = pool.body.get("filter")
    if tree is None:
        return await store.count_active_workers(tx, since)
    found = await store.active_workers(tx, since)
    workers = [row["id"] for row in found]
    named = {parse_number(text) for _, text in skill_references(tree)}
    values = {skill_id: await skills.values_of(tx, skill_id, workers) for skill_id in named if skill_id is not None}
    return await asyncio.to_thread(_passing, tree, found, values)


def _passing(tree: Mapping[str, Any], found: Sequence[Row], values: Mapping[int, Mapping[int, Any]]) -> int:
    """In a thread: there may be many."""
    count = 0
    for row in found:
        held = {skill_id: of_worker[row["id"]] for skill_id, of_worker in values.items() if row["id"] in of_worker}
        count += matches(tree, Candidate(row["profile"], row["computed"], held))
    return count


_MEASURES: Mapping[str, Measure] = {
    "real_tasks_count": _counted("general"),
    "submitted_assignments_count": _counted("submitted", "accepted", "rejected"),
    "skipped_assignments_count": _counted("skipped"),
    "rejected_assignments_count": _counted("rejected"),
    "approved_assignments_count": _counted("accepted"),
    "completion_percentage": _completion,
    "avg_submit_assignment_millis": _mean_millis,
    "spent_budget": _counted("spent"),
    "unique_workers_count": _workers,
    "unique_submitters_count": _submitters,
    "active_workers_by_filter_count": _active_workers,
    "estimated_assignments_count": _estimated_assignments,
}


async def answer(tx: Tx, account_id: int, questions: Sequence[PoolQuestion]) -> Operation:
    """The operation that holds the answers, in the order of the questions.

    Raises:
        ValidationError: naming every pool that the account has not got.
    """
    subjects = await _subjects(tx, account_id, questions)
    counters = {pool_id: await running.counters(tx, pool_id) for pool_id in sorted({pool.id for pool in subjects})}
    answers = []
    for question, pool in zip(questions, subjects, strict=True):
        result = await _MEASURES[question.name](tx, pool, counters[pool.id], question)
        answers.append({"request": question.stored(), "result": _plain(result), "finished": format_time(tx.now)})
    asked = [question.stored() for question in questions]
    return await operations.done(tx, account_id, ANALYTICS, {"value": asked}, {"value": answers})


async def _subjects(tx: Tx, account_id: int, questions: Sequence[PoolQuestion]) -> list[Pool]:
    numbers = [parse_number(question.subject_id) for question in questions]
    found = await pools.many(tx, sorted({number for number in numbers if number is not None and number < 2**31}))
    errors: FieldErrors = {}
    subjects: list[Pool] = []
    for index, number in enumerate(numbers):
        pool = found.get(number) if number is not None else None
        if pool is None:
            errors[f"{index}.subject_id"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such pool")
        elif pool.account_id != account_id:
            errors[f"{index}.subject_id"] = FieldError("ENTITY_ACCESS_DENIED", "The pool belongs to somebody else")
        else:
            subjects.append(pool)
    if errors:
        raise ValidationError(errors)
    return subjects


def _plain(result: Any) -> Any:
    """A decimal as the number that it is on the wire."""
    return to_json(result) if isinstance(result, Decimal) else result
