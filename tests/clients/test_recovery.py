"""What the published client does when answers get lost: nothing is created twice, nothing is missed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from tests.support.bodies import pool_body, project_body
from tests.support.kit import INSIDE, Kit, KitScript, of
from tests.support.server import RunningServer

UNAVAILABLE = b'{"code": "REMOTE_SERVICE_UNAVAILABLE", "message": "The answer got lost"}'


@contextmanager
def losing_creations(server: RunningServer, lost: int) -> Iterator[tuple[str, list[int]]]:
    """The address of a gateway that answers 503 in place of the first `lost` answers to a POST, and those answers."""
    statuses: list[int] = []

    class Gateway(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # the client cannot retry over 1.0

        protocol_version = "HTTP/1.1"  # the client's retries know no other

        def do_POST(self) -> None:
            self._forward(self.rfile.read(int(self.headers.get("content-length", 0))))

        def do_GET(self) -> None:
            self._forward(b"")

        def _forward(self, body: bytes) -> None:
            headers = {name: self.headers[name] for name in ("authorization", "content-type") if name in self.headers}
            answer = httpx.request(self.command, server.url + self.path, content=body, headers=headers, timeout=60)
            status, content = answer.status_code, answer.content
            if self.command == "POST":
                statuses.append(status)
                if len(statuses) <= lost:
                    status, content = 503, UNAVAILABLE
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
            """Say nothing."""

    gateway = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    thread = Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{gateway.server_port}", statuses
    finally:
        gateway.shutdown()
        thread.join()
        gateway.server_close()


@pytest.fixture
def pool(kit: Kit) -> dict[str, Any]:
    project = kit("create_project", of("Project", project_body()))
    created: dict[str, Any] = kit("create_pool", of("Pool", pool_body(project["id"])))
    return created


def tasks(pool: dict[str, Any], count: int) -> list[Any]:
    return [of("Task", {"pool_id": pool["id"], "input_values": {"item": f"item {n}"}}) for n in range(count)]


@pytest.mark.parametrize("async_mode", [True, False], ids=["asynchronous", "synchronous"])
def test_a_lost_answer_is_recovered(
    kit: Kit, python: Path, served: RunningServer, pool: dict[str, Any], tmp_path: Path, async_mode: bool
) -> None:
    with (
        losing_creations(served, lost=1) as (url, statuses),
        KitScript.start(python, INSIDE / "bridge.py", tmp_path / "kit.log", url, served.api_key) as script,
    ):
        result = Kit(script)("create_tasks", tasks(pool, 30), allow_defaults=True, async_mode=async_mode)
    assert statuses == ([202, 409] if async_mode else [201, 201])
    stored = kit("get_tasks", pool_id=pool["id"])
    assert len(stored) == 30
    assert {created["id"] for created in stored} == {created["id"] for created in result["items"].values()}
    assert {index: created["input_values"]["item"] for index, created in result["items"].items()} == {
        str(n): f"item {n}" for n in range(30)
    }


def test_the_same_call_again_gives_the_same_tasks(kit: Kit, pool: dict[str, Any]) -> None:
    mine = str(uuid.uuid4())
    wrong = of("Task", {"pool_id": pool["id"], "input_values": {}})
    options = {"operation_id": mine, "allow_defaults": True, "skip_invalid_items": True}
    first = kit("create_tasks", [*tasks(pool, 5), wrong], **options)
    again = kit("create_tasks", [*tasks(pool, 5), wrong], **options)
    assert again == first
    assert list(first["validation_errors"]) == ["5"]
    assert len(kit("get_tasks", pool_id=pool["id"])) == 5
    one = kit("create_task", tasks(pool, 1)[0], operation_id=str(uuid.uuid4()), allow_defaults=True)
    assert kit("get_task", one["id"]) == one


def test_the_id_of_another_kind_of_operation_is_not_taken_for_ours(kit: Kit, pool: dict[str, Any]) -> None:
    kit("create_tasks", tasks(pool, 1), allow_defaults=True)
    opening = kit("open_pool_async", pool["id"])
    error = kit.refused("create_tasks", tasks(pool, 1), allow_defaults=True, operation_id=opening["id"])
    assert (error.kind, error.status, error.code) == ("IncorrectActionsApiError", 409, "OPERATION_ALREADY_EXISTS")
    assert len(kit("get_tasks", pool_id=pool["id"])) == 1
