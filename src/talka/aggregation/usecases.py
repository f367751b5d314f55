"""Aggregating the answers of a pool or to one task, and reading what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import numpy as np
import orjson

from talka.aggregation import rules, store
from talka.aggregation.columns import columns
from talka.aggregation.model import Algorithm, Output, Plan, Presumed, Said, Solution, Solutions
from talka.aggregation.wire import PoolRequest, TaskRequest
from talka.infra.db import Database, Tx
from talka.infra.exports import Column
from talka.infra.http.listing import Listing
from talka.kit.errors import Conflict, FieldError, FieldErrors, NotFound, ValidationError
from talka.kit.ids import parse_number, parse_work_id
from talka.kit.wire import parse
from talka.operations import usecases as operations
from talka.operations.model import Operation, Outcome
from talka.pools import store as pools
from talka.pools.store import Pool
from talka.pools.usecases import wrong_status
from talka.projects import versions
from talka.running import store as running
from talka.skills import store as skills
from talka.tasks import store as tasks

AGGREGATE: Final = "SOLUTION.AGGREGATE"
KEPT: Final = timedelta(days=30)
"""How long solutions can be had."""
MOST_AT_ONCE: Final = 1_000_000
"""More answers than these are not aggregated while somebody waits for one task's."""


async def plan(tx: Tx, account_id: int, body: PoolRequest) -> Plan:
    """The request with what it refers to.

    Raises:
        ValidationError: naming everything that does not exist or cannot be aggregated;
        Conflict: UNSUPPORTED_ALGORITHM, ONLY_FOR_POOL_WITH_MIXER.
    """
    errors: FieldErrors = {}
    pool = await _pool(tx, account_id, body.pool_id, errors)
    by_skill = body.algorithm is Algorithm.WEIGHTED_DYNAMIC_OVERLAP
    skill_id = await _skill(tx, account_id, body.answer_weight_skill_id, errors) if by_skill else None
    if pool is None:
        raise ValidationError(errors)
    version = await versions.newest(tx, pool.project_id, pool.project_major)
    usable = {name: spec.options for name, spec in version.outputs.items() if spec.aggregatable}
    for index, field in enumerate(body.fields_):
        if field.name not in usable:
            code = "VALUE_NOT_ALLOWED" if field.name in version.outputs else "ENTITY_DOES_NOT_EXIST"
            message = "Must be an output whose values are few and known beforehand"
            errors[f"fields.{index}.name"] = FieldError(code, message, tuple(sorted(usable)))
    if not body.fields_ and not usable:
        errors["fields"] = FieldError("VALUE_NOT_ALLOWED", "The project has no output that can be aggregated")
    if errors:
        raise ValidationError(errors)
    if by_skill and pool.type == "TRAINING":
        raise Conflict("UNSUPPORTED_ALGORITHM", "A training has no general tasks: use DAWID_SKENE")
    if by_skill and not pool.mixed:
        raise Conflict("ONLY_FOR_POOL_WITH_MIXER", f"Pool {pool.id} has no mixer_config: use DAWID_SKENE")
    names = [field.name for field in body.fields_] or list(usable)
    outputs = [Output(name, usable[name]) for name in names]
    return Plan(pool, body.algorithm, outputs, skill_id, list(version.inputs), list(version.outputs))


async def _pool(tx: Tx, account_id: int, pool_id: str, errors: FieldErrors) -> Pool | None:
    number = parse_number(pool_id)
    pool = await pools.get(tx, number) if number is not None and number < 2**31 else None
    if pool is None:
        errors["pool_id"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such pool")
    elif pool.account_id != account_id:
        errors["pool_id"] = FieldError("ENTITY_ACCESS_DENIED", "The pool belongs to somebody else")
        return None
    return pool


async def _skill(tx: Tx, account_id: int, skill_id: str | None, errors: FieldErrors) -> int | None:
    number = parse_number(skill_id or "")
    skill = await skills.get(tx, number) if number is not None else None
    if skill is None:
        errors["answer_weight_skill_id"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such skill")
    elif skill.account_id not in (account_id, None):
        errors["answer_weight_skill_id"] = FieldError("ENTITY_ACCESS_DENIED", "The skill belongs to somebody else")
    else:
        return skill.id
    return None


async def start(tx: Tx, account_id: int, body: PoolRequest, operation_id: str) -> Operation:
    """Queue the aggregation of a pool that is not open.

    Raises:
        ValidationError; Conflict: as `plan`, POOL_INAPPROPRIATE_STATUS, ASSIGNMENTS_AGGREGATION_DENIED,
            OPERATION_ALREADY_EXISTS.
    """
    found = await plan(tx, account_id, body)
    if found.pool.status not in {"CLOSED", "ARCHIVED"}:
        raise wrong_status(found.pool, "CLOSED", "ARCHIVED")
    if (await running.counters(tx, found.pool.id))["accepted"] <= 0:
        raise _denied(f"Pool {found.pool.id} has no accepted assignments")
    stored = orjson.dumps(body.stored())
    return await operations.enqueue(tx, account_id, operation_id, AGGREGATE, _parameters(found, body), stored)


def _parameters(found: Plan, body: PoolRequest) -> dict[str, Any]:
    names = [output.name for output in found.outputs]
    parameters: dict[str, Any] = {
        "pool_id": str(found.pool.id),
        "algorithm": found.algorithm.value,
        "pool_name": found.pool.body["private_name"],
        "project_id": str(found.pool.project_id),
        "requester_id": found.pool.requester_id,
    }
    if found.algorithm is Algorithm.WEIGHTED_DYNAMIC_OVERLAP:
        fields = [{"name": name} for name in names]
        return {**parameters, "aggregated_fields": fields, "answer_weight_skill_id": body.answer_weight_skill_id}
    return {
        **parameters,
        "input_fields": found.inputs,
        "aggregated_output_fields": names,
        "missing_output_fields": [name for name in found.others if name not in names],
    }


def aggregated(parameters: Mapping[str, Any]) -> Sequence[str]:
    """The outputs that an operation with these parameters has aggregated, in the order of their confidences."""
    fields = parameters.get("aggregated_fields")
    names: list[str] = parameters["aggregated_output_fields"] if fields is None else [field["name"] for field in fields]
    return names


async def execute(db: Database, tx: Tx, operation: Operation, body: bytes) -> Outcome:
    """Carry out a queued aggregation, telling its progress: reading is half of it, writing what comes last."""
    tell = operations.Progress(db, operation)
    found = await plan(tx, operation.account_id, parse(PoolRequest, orjson.loads(body)))
    pages = (await running.counters(tx, found.pool.id))["accepted"]
    said = await store.answers(tx, found, tell.of(max(pages, 1), 0, 50))
    if said is None or not len(said.tasks):
        raise _denied(f"Pool {found.pool.id} has no accepted answers")
    solutions = await _solve(tx, found, said, tell.of(len(found.outputs), 50, 90))
    if not len(solutions.tasks):
        raise _denied(f"Pool {found.pool.id} has no accepted answers to what is asked for")
    await store.insert(tx, operation.number, tx.now + KEPT)
    parts = len(solutions.tasks) // rules.LINES + 1
    lines = rules.copy_lines(found, solutions, operation.number)
    await store.copy_solutions(tx, lines, tell.of(parts, 90, 99))
    return Outcome("SUCCESS", {})


async def aggregate_task(tx: Tx, account_id: int, body: TaskRequest) -> Solution:
    """The aggregated solution of one task, whatever the status of its pool.

    By DAWID_SKENE it is the task's part of the whole pool's: what one worker means shows in their other answers.

    Raises:
        ValidationError; Conflict: as `plan`, ASSIGNMENTS_AGGREGATION_DENIED, UNSUPPORTED_ALGORITHM.
    """
    found = await plan(tx, account_id, body)
    parts = parse_work_id(body.task_id)
    known = parts is not None and parts.pool_id == found.pool.id
    if parts is None or not known or await tasks.task(tx, parts.pool_id, parts.number) is None:
        raise ValidationError({"task_id": FieldError("ENTITY_DOES_NOT_EXIST", "The pool has no such task")})
    if found.general_only:
        said: Said | None = await store.answers_to(tx, found, parts.number)
    else:
        said = await store.answers(tx, found, _nobody, MOST_AT_ONCE)
    if said is None:
        text = f"The pool has more than {MOST_AT_ONCE} answers: aggregate it as a whole"
        raise Conflict("UNSUPPORTED_ALGORITHM", text)
    solution = rules.solution(found, await _solve(tx, found, said, _nobody, parts.number), parts.number)
    if solution is None:
        raise _denied(f"Task {body.task_id} has no accepted answers")
    return solution


async def _solve(tx: Tx, found: Plan, said: Said, tell: store.Tell, task_id: int | None = None) -> Solutions:
    """In threads, so that whoever else is served by this process does not wait; `tell` hears of each output."""
    presumed, accuracy = Presumed(said.tasks[:0], said.tasks[:0].astype(float), said.options[:0]), None
    if found.skill_id is not None:
        presumed = await store.presumptions(tx, found, task_id)
        values = await skills.values_of(tx, found.skill_id, np.unique(said.workers).tolist())
        accuracy = await asyncio.to_thread(rules.accuracy_of, said, values)
    solved = []
    for column in range(len(found.outputs)):
        solved.append(await asyncio.to_thread(rules.consensus, found, said, presumed, accuracy, column))
        await tell(column + 1)
    return await asyncio.to_thread(rules.together, solved)


async def _nobody(_count: int) -> None:
    """Hears nothing: the answer comes at once."""


async def finished(tx: Tx, account_id: int, operation_id: str) -> Operation:
    """An aggregation of the account whose solutions can be had.

    Raises:
        NotFound; Conflict: CONFLICT_STATE before it has succeeded, RESULTS_EXPIRED.
    """
    operation = await operations.find(tx, account_id, operation_id)
    if operation.type != AGGREGATE:
        raise NotFound("aggregation", operation_id)
    if operation.status != "SUCCESS":
        raise Conflict("CONFLICT_STATE", f"The aggregation is {operation.status}")
    if not await store.is_kept(tx, operation.number):
        raise Conflict("RESULTS_EXPIRED", f"Results are kept for {KEPT.days} days: aggregate again")
    return operation


async def listed(tx: Tx, account_id: int, operation_id: str, listing: Listing) -> tuple[list[Solution], bool]:
    """A page of what an aggregation gave.

    Raises:
        NotFound; Conflict: as `finished`.
    """
    operation = await finished(tx, account_id, operation_id)
    return await store.listed(tx, operation.number, listing)


async def file_of(tx: Tx, account_id: int, operation_id: str) -> tuple[Operation, Sequence[Column]]:
    """An aggregation and the columns of its file.

    Raises:
        NotFound; Conflict: as `finished`.
    """
    operation = await finished(tx, account_id, operation_id)
    pool = await pools.get(tx, int(operation.parameters["pool_id"]))
    if pool is None:
        raise NotFound("pool", operation.parameters["pool_id"])
    version = await versions.newest(tx, pool.project_id, pool.project_major)
    return operation, columns(version.inputs, version.outputs, aggregated(operation.parameters))


def _denied(message: str) -> Conflict:
    return Conflict("ASSIGNMENTS_AGGREGATION_DENIED", message)
