"""What POST /tasks and POST /task-suites have in common: parameters, limits, both modes, repeated requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import Request

from talka.accounts.auth import database, requester
from talka.infra.db import Tx
from talka.infra.http.body import decode, read_bytes
from talka.infra.http.responses import Json
from talka.kit.errors import (
    BatchValidationError,
    FieldError,
    FieldErrors,
    TalkaError,
    ValidationError,
    as_payload,
)
from talka.operations import store as operations
from talka.operations.model import Operation, Outcome
from talka.operations.usecases import already_exists, chosen_id, enqueue, record_batch
from talka.operations.wire import operation_json
from talka.tasks.logs import created_numbers
from talka.tasks.model import BatchOptions
from talka.tasks.usecases import TASKS, check_pools, create_now, empty_batch, too_many

SYNC_LIMIT = 5_000
MAX_INPUT_BYTES = 1_048_576
MAX_OUTPUT_BYTES = 4_194_304
Loader = Callable[[Tx, int, list[int]], Awaitable[Mapping[int, dict[str, Any]]]]
# Numbers of what was created and errors of what was not, each by index.
Result = tuple[dict[int, tuple[int, int]], dict[str, Any]]
_BOOLEANS = {"true": True, "false": False}


def flags(params: QueryParams, *names: str) -> dict[str, bool]:
    """Query parameters that are true or false; absent ones are false.

    Raises:
        ValidationError: naming every wrong one.
    """
    wrong = {
        name: FieldError("BOOLEAN_EXPECTED", "Must be true or false")
        for name in names
        if name in params and params[name] not in _BOOLEANS
    }
    if wrong:
        raise ValidationError(wrong)
    return {name: _BOOLEANS[params.get(name, "false")] for name in names}


async def batch_answer(request: Request, kind: str, load: Loader) -> Json:
    """Create the items of the request's body and answer as its mode wants."""
    caller = await requester(request)
    given = flags(request.query_params, "async_mode", "skip_invalid_items", "allow_defaults", "open_pool")
    asynchronous = given.pop("async_mode")
    options = BatchOptions(**given)
    operation_id = chosen_id(request.query_params.get("operation_id"))
    body = await read_bytes(request)
    value = _decoded(body)
    single = not isinstance(value, list)
    items = [value] if single else value
    if not items:
        raise empty_batch()
    if asynchronous:
        async with database(request).transaction() as tx:
            if await operations.get(tx, caller.account_id, operation_id) is not None:
                raise already_exists(operation_id)
            await check_pools(tx, caller.account_id, kind, items)
            operation = await enqueue(tx, caller.account_id, operation_id, kind, options.parameters(), body)
        return Json(operation_json(operation), 202)
    _check_size(items, kind)

    async def work(tx: Tx) -> dict[str, Any]:
        result = await _create(tx, caller.account_id, operation_id, kind, items, options)
        return await _load_all(tx, result, load)

    try:
        answer = await database(request).retrying(work)
    except BatchValidationError as error:
        if single:
            raise ValidationError({path or "body": found for path, found in error.items[0].items()}) from None
        raise
    return Json(next(iter(answer["items"].values())) if single else answer, 201)


def _decoded(body: bytes) -> Any:
    """The value of the body; what cannot be stored of an array's items is told by item, as other errors are."""
    try:
        return decode(body)
    except ValidationError as error:
        items: dict[int, FieldErrors] = {}
        for path, found in error.fields.items():
            index, _, below = path.partition(".")
            if not index.isdigit():
                raise
            items.setdefault(int(index), {})[below] = found
        raise BatchValidationError(items) from None


def _check_size(items: list[Any], kind: str) -> None:
    tasks = [item for item in items if isinstance(item, dict)]
    if kind != TASKS:
        inner = [item["tasks"] for item in tasks if isinstance(item.get("tasks"), list)]
        tasks = [task for group in inner for task in group if isinstance(task, dict)]
    if len(items) > SYNC_LIMIT or len(tasks) > SYNC_LIMIT:
        raise too_many("tasks", SYNC_LIMIT)
    for name, limit in (("input_values", MAX_INPUT_BYTES), ("known_solutions", MAX_OUTPUT_BYTES)):
        if sum(len(orjson.dumps(task[name])) for task in tasks if task.get(name)) > limit:
            message = f"The {name} of one request must not exceed {limit} bytes; use async_mode=true"
            raise TalkaError("ENTITY_TOO_LARGE", message, {"limit": limit})


async def _create(
    tx: Tx, account_id: int, operation_id: str, kind: str, items: list[Any], options: BatchOptions
) -> Result:
    """Create at once, or find what a first request with the same operation id created."""
    # A retry may arrive while the first request is still at work: it waits here and then finds its result.
    await tx.rows("select pg_advisory_xact_lock(3, hashtext(%s))", (f"{account_id} {operation_id}",))
    before = await operations.get(tx, account_id, operation_id)
    if before is not None:
        return await _replayed(tx, before, kind)
    outcome = Outcome("SUCCESS", {})
    await record_batch(tx, account_id, operation_id, kind, options.parameters(), outcome)
    operation = await operations.get(tx, account_id, operation_id)
    number = operation.number if operation else None
    batch, created = await create_now(tx, account_id, kind, items, options, number)
    if number is not None:
        await operations.mark_finished(tx, number, "SUCCESS", batch.details(created=True), created.ranges)
        await operations.insert_failures(tx, number, batch.failures(kind))
    return created.numbers, {str(index): as_payload(errors) for index, errors in batch.errors.items()}


async def _replayed(tx: Tx, operation: Operation, kind: str) -> Result:
    if operation.asynchronous or operation.type != kind:
        raise already_exists(operation.id)
    failures = await operations.failures(tx, operation.number)
    return await created_numbers(tx, operation), {failure.input["__item_idx"]: failure.output for failure in failures}


async def _load_all(tx: Tx, result: Result, load: Loader) -> dict[str, Any]:
    """The answer to an array: created objects by index, and what was wrong with the others."""
    numbers, errors = result
    by_pool: dict[int, list[int]] = {}
    for pool_id, number in numbers.values():
        by_pool.setdefault(pool_id, []).append(number)
    objects = {pool_id: await load(tx, pool_id, wanted) for pool_id, wanted in by_pool.items()}
    items = {str(index): objects[pool_id][number] for index, (pool_id, number) in sorted(numbers.items())}
    return {"items": items, "validation_errors": errors}
