"""Defining proxies, and who may reach what through them."""

from __future__ import annotations

from typing import Any

from talka.assignments import store as assignments
from talka.assignments.model import Assignment
from talka.assignments.usecases import find_own
from talka.infra.db import Tx
from talka.kit.errors import NotFound, TalkaError, ValidationError, field_error
from talka.kit.ids import parse_number, parse_work_id, work_id
from talka.kit.wire import parse
from talka.projects import versions
from talka.proxies import rules, store
from talka.proxies.model import Access, Proxy
from talka.proxies.wire import ProxyBody
from talka.tasks import store as tasks

_NAMING = frozenset({"string", "url", "array_string", "array_url"})


def _taken() -> ValidationError:
    return field_error("name", "VALUE_NOT_ALLOWED", "The name is taken")


async def find(tx: Tx, account_id: int, proxy_id: str, *, lock: bool = False) -> Proxy:
    """A proxy of the account.

    Raises:
        NotFound.
    """
    number = parse_number(proxy_id)
    found = await store.get(tx, number, lock=lock) if number is not None else None
    if found is None or found.account_id != account_id:
        raise NotFound("proxy", proxy_id)
    return found


async def create(tx: Tx, account_id: int, body: ProxyBody) -> Proxy:
    """A new proxy.

    Raises:
        ValidationError: the name is taken, by whomever.
    """
    document = body.stored()
    made = await store.insert(tx, account_id, document["name"], document["params"])
    if made is None:
        raise _taken()
    return made


async def edit(tx: Tx, account_id: int, proxy_id: str, changes: Any) -> Proxy:
    """Change what `changes` names of a proxy; a null removes it.

    Raises:
        NotFound; ValidationError.
    """
    found = await find(tx, account_id, proxy_id, lock=True)
    if not isinstance(changes, dict):
        raise field_error("body", "OBJECT_EXPECTED", "Must be an object")
    params = changes.get("params", {})
    merged = {**found.params, **params} if isinstance(params, dict) else params
    document = parse(ProxyBody, {"name": changes.get("name", found.name), "params": merged}).stored()
    changed = await store.update(tx, found.id, document["name"], document["params"])
    if changed is None:
        raise _taken()
    return changed


async def remove(tx: Tx, account_id: int, proxy_id: str) -> None:
    """Remove a proxy; its name is free for others.

    Raises:
        NotFound.
    """
    found = await find(tx, account_id, proxy_id, lock=True)
    await store.delete(tx, found.id)


async def named(tx: Tx, name: str) -> Proxy:
    """The proxy of that name, whoever it belongs to: the caller decides who may use it.

    Raises:
        NotFound.
    """
    found = await store.named(tx, name) if rules.NAME.fullmatch(name) else None
    if found is None:
        raise NotFound("proxy", name[:64])
    return found


async def holder(tx: Tx, assignment_id: str) -> int | None:
    """The worker whose page it is."""
    parts = parse_work_id(assignment_id)
    page = await assignments.get(tx, parts.pool_id, parts.number) if parts is not None else None
    return page.worker_id if page is not None else None


async def may_use(tx: Tx, proxy: Proxy, worker_id: int, path: str, assignment_id: str | None, public_url: str) -> bool:
    """Whether a worker may fetch `path`; `assignment_id` is the page from which they say they call."""
    if proxy.access is Access.PUBLIC:
        return assignment_id is None or await _owns(tx, worker_id, assignment_id)
    held = await assignments.active(tx, worker_id, proxy.account_id)
    if assignment_id is not None:
        held = [page for page in held if work_id(page.pool_id, page.id) == assignment_id]
    if proxy.access is Access.PRIVATE:
        return bool(held)
    ways = rules.written(proxy.name, path, public_url)
    for page in held:
        if await _names(tx, page, ways):
            return True
    return False


async def _owns(tx: Tx, worker_id: int, assignment_id: str) -> bool:
    try:
        await find_own(tx, worker_id, assignment_id)
    except TalkaError:
        return False
    return True


async def _names(tx: Tx, page: Assignment, ways: frozenset[str]) -> bool:
    """Whether an input that the worker sees names the file."""
    version = await versions.version(tx, page.project_id, page.project_major, page.project_minor)
    fields = [name for name, spec in version.inputs.items() if spec.type in _NAMING and not spec.hidden]
    rows = await tasks.tasks(tx, page.pool_id, page.task_ids)
    return any(rules.names(row["input_values"].get(field), ways) for row in rows.values() for field in fields)
