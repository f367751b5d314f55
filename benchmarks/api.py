"""A requester's and a worker's view of a running Talka: the few calls that the benchmarks need to set the scene."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

BATCH = 5000
"""Tasks in one asynchronous POST."""
PAGE = 5
SOLUTION = {"output_values": {"label": "ENTAILMENT"}}
_POLL = 0.02
_PATIENCE = 300.0


class ApiError(Exception):
    """Talka answered otherwise than it must; the message says how."""


@dataclass(frozen=True)
class Address:
    """Where Talka listens and the requester's key."""

    host: str
    port: int
    api_key: str


@contextmanager
def connected(address: Address) -> Iterator[http.client.HTTPConnection]:
    """One connection that stays open."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=_PATIENCE)
    try:
        yield connection
    finally:
        connection.close()


def call(
    connection: http.client.HTTPConnection, address: Address, method: str, path: str, body: bytes | None = None
) -> Any:
    """The JSON answer to a call with the requester's key, None where it has no body.

    Raises ApiError for any status that is not 2xx.
    """
    headers = {"Authorization": f"ApiKey {address.api_key}", "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    if not 200 <= response.status < 300:
        raise ApiError(f"{method} {path} was answered {response.status}: {answer[:500].decode(errors='replace')}")
    return json.loads(answer) if answer else None


def create_project(address: Address) -> str:
    """A project with two texts to read and one label to choose; returns its id."""
    choice = {
        "type": "field.radio-group",
        "data": {"type": "data.output", "path": "label"},
        "options": [{"value": value, "label": value} for value in ("ENTAILMENT", "NEUTRAL")],
    }
    texts = [
        {"type": "view.text", "content": {"type": "data.input", "path": path}} for path in ("premise", "hypothesis")
    ]
    config = {"view": {"type": "view.list", "items": [*texts, choice]}}
    project = {
        "public_name": "Does it follow?",
        "public_description": "Read two sentences and say whether the second follows from the first",
        "assignments_issuing_type": "AUTOMATED",
        "task_spec": {
            "input_spec": {
                "premise": {"type": "string", "required": True, "hidden": False},
                "hypothesis": {"type": "string", "required": True, "hidden": False},
            },
            "output_spec": {
                "label": {
                    "type": "string",
                    "required": True,
                    "hidden": False,
                    "allowed_values": ["ENTAILMENT", "NEUTRAL"],
                }
            },
            "view_spec": {"type": "tb", "settings": {}, "config": json.dumps(config), "lock": {"core": "1.0.0"}},
        },
    }
    with connected(address) as connection:
        return str(call(connection, address, "POST", "/api/v1/projects", json.dumps(project).encode())["id"])


def create_pool(address: Address, project_id: str) -> str:
    """A pool with pages of five general tasks, paid at once; returns its id."""
    pool = {
        "project_id": project_id,
        "private_name": "benchmark",
        "may_contain_adult_content": False,
        "will_expire": "2099-01-01T00:00:00",
        "reward_per_assignment": 0.05,
        "assignment_max_duration_seconds": 3600,
        "auto_accept_solutions": True,
        "auto_close_after_complete_delay_seconds": 0,
        "mixer_config": {"real_tasks_count": PAGE, "golden_tasks_count": 0, "training_tasks_count": 0},
        "defaults": {"default_overlap_for_new_tasks": 1, "default_overlap_for_new_task_suites": 1},
    }
    with connected(address) as connection:
        return str(call(connection, address, "POST", "/api/v1/pools", json.dumps(pool).encode())["id"])


def open_pool(address: Address, pool_id: str) -> None:
    """Open the pool and wait until it is."""
    with connected(address) as connection:
        operation = call(connection, address, "POST", f"/api/v1/pools/{pool_id}/open")
        if operation is not None:
            _succeed(connection, address, operation["id"])


def register_workers(address: Address, prefix: str, count: int) -> list[str]:
    """New workers with logins that start with `prefix`; returns their tokens."""
    with connected(address) as connection:
        return [
            call(
                connection,
                address,
                "POST",
                "/api/worker/v1/register",
                json.dumps({"login": f"{prefix}-{number}", "password": f"secret-{prefix}-{number}"}).encode(),
            )["token"]
            for number in range(count)
        ]


@dataclass(frozen=True)
class Upload:
    """Tasks to send: so many into one pool, each to be issued `overlap` times."""

    address: Address
    pool_id: str
    tasks: int
    overlap: int


@dataclass(frozen=True)
class Uploaded:
    """From the first byte to the last operation's success, and the CPU of the sender."""

    seconds: float
    cpu_seconds: float


def upload(order: Upload) -> Uploaded:
    """Send the tasks as asynchronous POSTs of 5,000, one after another, and wait until all are created.

    Raises ApiError when an operation fails or creates fewer tasks than it was given.
    """
    bodies = [_tasks(order, start, min(start + BATCH, order.tasks)) for start in range(0, order.tasks, BATCH)]
    address = order.address
    with connected(address) as connection:
        connection.connect()
        cpu, began = time.process_time(), time.perf_counter()
        operations = [call(connection, address, "POST", "/api/v1/tasks?async_mode=true", body)["id"] for body in bodies]
        done = [_succeed(connection, address, operation) for operation in operations]
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    created = sum(operation["details"]["success_count"] for operation in done)
    if created != order.tasks:
        raise ApiError(f"{created} of {order.tasks} tasks were created")
    return Uploaded(seconds, cpu)


def _tasks(order: Upload, start: int, end: int) -> bytes:
    return json.dumps(
        [
            {
                "pool_id": order.pool_id,
                "overlap": order.overlap,
                "input_values": {
                    "premise": f"The ship number {number} left the harbour before noon and came back three days later.",
                    "hypothesis": f"The ship number {number} was away for more than two days.",
                },
            }
            for number in range(start, end)
        ]
    ).encode()


def _succeed(connection: http.client.HTTPConnection, address: Address, operation_id: str) -> Any:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        operation = call(connection, address, "GET", f"/api/v1/operations/{operation_id}")
        if operation["status"] == "SUCCESS":
            return operation
        if operation["status"] == "FAIL":
            raise ApiError(f"An operation failed: {operation}")
        time.sleep(_POLL)
    raise ApiError(f"Operation {operation_id} did not end within {_PATIENCE:.0f} s")


@dataclass(frozen=True)
class Download:
    """Whose results to fetch."""

    address: Address
    pool_id: str


@dataclass(frozen=True)
class Downloaded:
    """How many rows (without the heading) came, in which time, and the CPU of the receiver."""

    rows: int
    seconds: float
    cpu_seconds: float


def download(order: Download) -> Downloaded:
    """Fetch the results file as a stream.

    Raises ApiError for any status but 200.
    """
    headers = {"Authorization": f"ApiKey {order.address.api_key}"}
    path = f"/api/new/requester/pools/{order.pool_id}/assignments.tsv?status=APPROVED&addRowDelimiter=false"
    with connected(order.address) as connection:
        cpu, began = time.process_time(), time.perf_counter()
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise ApiError(f"GET {path} was answered {response.status}: {response.read(500)!r}")
        lines = 0
        while chunk := response.read1(1024 * 1024):
            lines += chunk.count(b"\n")
        return Downloaded(lines - 1, time.perf_counter() - began, time.process_time() - cpu)
