"""What all POSTs of batches have in common: parameters, both modes, repeated requests, answers, logs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request

from talka.accounts import quotas
from talka.accounts.auth import database, requester
from talka.infra.db import Tx
from talka.infra.http.body import decode, read_bytes
from talka.infra.http.query import flags
from talka.infra.http.responses import Json
from talka.kit.errors import BatchValidationError, FieldError, FieldErrors, TalkaError, ValidationError
from talka.operations import store
from talka.operations.model import Operation, Outcome
from talka.operations.usecases import already_exists, begin_batch, chosen_id, enqueue
from talka.operations.wire import operation_json

Items = Mapping[int, dict[str, Any]]
"""What was created, as clients see it, by index."""


@dataclass(frozen=True, slots=True)
class BatchKind:
    """How one kind of thing is created in batches.

    `options` are the query parameters, true or false, that become the operation's parameters; `quota` is what its items
    count as, and `over_quota` the error of a synchronous request that does not fit. `check_size` looks at a synchronous
    request, `check` at an asynchronous one before it is queued. `create` raises when nothing is created.
    """

    type: str
    quota: quotas.Action
    over_quota: str
    options: tuple[str, ...]
    check_size: Callable[[list[Any]], None]
    check: Callable[[Tx, int, list[Any]], Awaitable[None]]
    create: Callable[[Tx, Operation, list[Any]], Awaitable[Outcome]]
    created: Callable[[Tx, Operation], Awaitable[Items]]


async def batch_answer(request: Request, kind: BatchKind) -> Json:
    """Create the items of the request's body and answer as its mode wants."""
    caller = await requester(request)
    given = flags(request.query_params, "async_mode", *kind.options)
    asynchronous = given.pop("async_mode")
    operation_id = chosen_id(request.query_params.get("operation_id"))
    body = await read_bytes(request)
    value = _decoded(body)
    single = not isinstance(value, list)
    items = [value] if single else value
    if not items:
        raise BatchValidationError({0: {"": FieldError("ARRAY_SIZE_LESS_THAN_MIN", "The array is empty")}})
    if asynchronous:
        async with database(request).transaction() as tx:
            if await store.get(tx, caller.account_id, operation_id) is not None:
                raise already_exists(operation_id)
            await kind.check(tx, caller.account_id, items)
            await quotas.spend(request, tx, caller.account_id, kind.quota, len(items))
            operation = await enqueue(tx, caller.account_id, operation_id, kind.type, given, body)
        return Json(operation_json(operation), 202)
    kind.check_size(items)

    async def work(tx: Tx) -> dict[str, Any]:
        operation, new = await _carried_out(tx, caller.account_id, operation_id, kind, given, items)
        if new:
            await _spend(request, tx, operation, kind, len(items))
        return await _answer(tx, operation, kind)

    try:
        answer = await database(request).retrying(work)
    except BatchValidationError as error:
        if single:
            raise ValidationError({path or "body": found for path, found in error.items[0].items()}) from None
        raise
    return Json(next(iter(answer["items"].values())) if single else answer, 201)


def too_many(what: str, limit: int) -> TalkaError:
    """The answer to a synchronous batch over the limit."""
    return TalkaError(
        "ENTITY_TOO_LARGE", f"At most {limit} {what} fit into one synchronous request; use async_mode=true"
    )


def item_indexes(items: Sequence[Any]) -> Sequence[int]:
    """The indexes that the client gave its items (`__item_idx`); their positions unless all have one of their own."""
    given = [_given_index(item) for item in items]
    found = [index for index in given if index is not None]
    return found if len(set(found)) == len(items) else range(len(items))


def _given_index(item: Any) -> int | None:
    given = item.get("__item_idx") if isinstance(item, dict) else None
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 10:
        return int(given)
    return None


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


async def _carried_out(
    tx: Tx, account_id: int, operation_id: str, kind: BatchKind, parameters: dict[str, bool], items: list[Any]
) -> tuple[Operation, bool]:
    """Create at once, or find the first request with the same operation id; whether it is new."""
    # A retry may arrive while the first request is still at work: it waits here and then finds its result.
    await tx.rows("select pg_advisory_xact_lock(3, hashtext(%s))", (f"{account_id} {operation_id}",))
    before = await store.get(tx, account_id, operation_id)
    if before is not None:
        if before.asynchronous or before.type != kind.type:
            raise already_exists(operation_id)
        return before, False
    operation = await begin_batch(tx, account_id, operation_id, kind.type, parameters)
    outcome = await kind.create(tx, operation, items)
    await store.mark_finished(tx, operation.number, outcome.status, outcome.details, outcome.created)
    await store.insert_failures(tx, operation.number, outcome.failures)
    return replace(operation, details=outcome.details, created=outcome.created), True


async def _spend(request: Request, tx: Tx, operation: Operation, kind: BatchKind, count: int) -> None:
    try:
        await quotas.spend(request, tx, operation.account_id, kind.quota, count)
    except TalkaError as error:
        if kind.over_quota == error.code:
            raise
        raise TalkaError(kind.over_quota, error.message) from None


async def _answer(tx: Tx, operation: Operation, kind: BatchKind) -> dict[str, Any]:
    """The answer to an array: created objects by index, and what was wrong with the others."""
    created = await kind.created(tx, operation)
    failures = await store.failures(tx, operation.number)
    return {
        "items": {str(index): created[index] for index in sorted(created)},
        "validation_errors": {failure.input["__item_idx"]: failure.output for failure in failures},
    }


def log_item(step: str, success: bool, given: Mapping[str, Any], output: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of the log of a batch."""
    return {"type": step, "success": success, "input": given, "output": output}


async def log_of(tx: Tx, operation: Operation, successes: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The log of a batch in the order of its items: entries of what was created by index, and the stored failures.

    Failed steps that belong to no item stand at the end.
    """
    entries = list(successes.items())
    for failure in await store.failures(tx, operation.number):
        index = failure.input.get("__item_idx")
        place = int(index) if index is not None else 2**31
        entries.append((place, log_item(failure.type, False, failure.input, failure.output)))
    return [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]
