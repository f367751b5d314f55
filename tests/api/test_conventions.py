"""What holds for every call: authentication, error bodies, ids, dates, slashes, sizes of bodies."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.app import Talka
from tests.support.bodies import pool_body, project_body

from talka.infra.settings import Settings

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?")
MIB = 1 << 20


def error(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error body, checked for its documented shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert "retry-after" not in answer.headers
    body: dict[str, Any] = answer.json()
    assert set(body) == {"request_id", "code", "message", "payload"}
    assert body["request_id"] == answer.headers["x-request-id"]
    assert len(body["request_id"]) == 32
    assert body["code"] == code
    assert body["message"]
    return body


def with_authorization(talka: Talka, value: str) -> httpx.AsyncClient:
    """A client that sends this header."""
    client = talka.anonymous()
    client.headers["authorization"] = value
    return client


@pytest.mark.parametrize("scheme", ["ApiKey", "OAuth", "apikey", "OAUTH", "ApiKey  "])
async def test_the_scheme_word_does_not_matter(talka: Talka, scheme: str) -> None:
    client = with_authorization(talka, f"{scheme} {talka.account['api_key']}")
    answer = await client.get("/api/v1/requester")
    assert answer.status_code == 200
    assert answer.json() == {"id": talka.account["requester_id"], "balance": 1_000_000, "public_name": {}}
    key = talka.account["api_key"]
    assert key.count(".") == 2
    assert key.index(".") == 22


@pytest.mark.parametrize("value", ["", "ApiKey", "ApiKey ", "ApiKey wrong", "Basic x", "Bearer x", "ApiKey \xff\x80"])
async def test_bad_credentials_are_refused(talka: Talka, value: str) -> None:
    client = talka.anonymous()
    answer = await client.get("/api/v1/requester", headers=[(b"authorization", value.encode("latin-1"))])
    assert error(answer, 401, "AUTHENTICATION_ERROR")["payload"] is None


async def test_a_key_is_no_worker_and_a_worker_no_requester(talka: Talka) -> None:
    worker = await talka.worker()
    error(await worker.client.get("/api/v1/requester"), 401, "AUTHENTICATION_ERROR")
    error(await talka.requester.get("/api/worker/v1/me"), 401, "AUTHENTICATION_ERROR")


async def test_unknown_routes_and_methods(talka: Talka) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        error(await talka.requester.request(method, "/api/v1/nothing"), 404, "NOT_FOUND")
        error(await talka.anonymous().request(method, "/api/other/v9/x"), 404, "NOT_FOUND")
    error(await talka.requester.delete("/api/v1/projects"), 405, "METHOD_NOT_ALLOWED")
    error(await talka.requester.post("/api/v1/requester"), 405, "METHOD_NOT_ALLOWED")
    error(await talka.requester.put("/api/v1/tasks/x"), 405, "METHOD_NOT_ALLOWED")
    error(await talka.requester.get("/api/v1/pools/1/open"), 405, "METHOD_NOT_ALLOWED")
    error(await talka.requester.post("/tasks"), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "path",
    [
        "projects/1", "projects/x", "pools/999999999", "pools/0", "tasks/x", "task-suites/x", "assignments/x",
        "tasks/00000f4241--000000000000000000000001", "task-suites/00000f4241--000000000000000000000001",
        "assignments/00000f4241--000000000000000000000001", "operations/x",
        "operations/38830d4b-930b-43ab-a98f-f52e992fd11a",
        "operations/38830d4b-930b-43ab-a98f-f52e992fd11a/log",
    ],
)  # fmt: skip
async def test_what_is_not_there(talka: Talka, path: str) -> None:
    assert error(await talka.requester.get(f"/api/v1/{path}"), 404, "DOES_NOT_EXIST")["payload"] is None


async def test_a_trailing_slash_is_the_same_path(talka: Talka) -> None:
    project = await talka.project()
    for path in ("/api/v1/requester/", f"/api/v1/projects/{project['id']}/", "/api/v1/projects/?status=ACTIVE"):
        assert (await talka.requester.get(path)).status_code == 200
    answer = await talka.requester.post("/api/v1/pools/", json=pool_body(project["id"]))
    assert answer.status_code == 201
    archived = await talka.requester.post(f"/api/v1/pools/{answer.json()['id']}/archive/")
    assert archived.status_code == 202
    assert (await talka.requester.get(f"/api/v1/operations/{archived.json()['id']}/")).json() == archived.json()


async def test_ids_dates_and_money_have_their_form(talka: Talka) -> None:
    project = await talka.project()
    pool = await talka.pool(project, reward_per_assignment=0.07)
    tasks = await talka.tasks(pool, 4)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    await worker.submit(page)
    assignment = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
    operation = (await talka.requester.post(f"/api/v1/pools/{pool['id']}/close")).json()
    closed = (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()
    assert re.fullmatch(r"\d{7}", project["id"])
    assert re.fullmatch(r"\d{7}", pool["id"])
    work = re.compile(rf"{int(pool['id']):010x}--[0-9a-f]{{24}}")
    for found in (tasks[0]["id"], page["id"], assignment["task_suite_id"], page["tasks"][0]["id"]):
        assert work.fullmatch(found)
    assert [task["id"] for task in tasks] == sorted(task["id"] for task in tasks)
    assert str(uuid.UUID(operation["id"])) == operation["id"]
    assert re.fullmatch("[0-9a-f]{32}", assignment["user_id"])
    assert assignment["user_id"] == worker.user_id
    dates = [closed[name] for name in ("created", "last_started", "last_stopped")]
    dates += [assignment[name] for name in ("created", "submitted", "accepted")]
    dates += [operation[name] for name in ("submitted", "started", "finished")]
    assert all(DATE.fullmatch(date) for date in dates), dates
    assert assignment["reward"] == page["reward"] == closed["reward_per_assignment"] == 0.07
    text = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).text
    assert '"reward":0.07,' in text


async def test_printed_dates_find_their_rows_again(talka: Talka) -> None:
    created = (await talka.project())["created"]
    for value in (created, created + "Z", created + "000", created + "+00:00"):
        params = {"created_gte": value, "created_lte": value}
        answer = await talka.requester.get("/api/v1/projects", params=params)
        assert [item["created"] for item in answer.json()["items"]] == [created]
    answer = await talka.requester.get("/api/v1/projects", params={"created_gt": created})
    assert answer.json() == {"items": [], "has_more": False}
    assert (await talka.requester.get("/api/v1/projects?created_gt=2022-12-01")).json()["items"] != []


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"limit": "0"}, {"limit": "VALUE_LESS_THAN_MIN"}),
        ({"limit": "301"}, {"limit": "VALUE_GREATER_THAN_MAX"}),
        ({"limit": "ten"}, {"limit": "INTEGER_EXPECTED"}),
        ({"limit": "1.5", "sort": "age", "status": "GONE"},
         {"limit": "INTEGER_EXPECTED", "sort": "UNKNOWN_ENUM_VALUE", "status": "UNKNOWN_ENUM_VALUE"}),
        ({"created_gte": "yesterday", "id_lt": "abc"},
         {"created_gte": "INVALID_DATE_TIME_SYNTAX", "id_lt": "INVALID_VALUE"}),
    ],
)  # fmt: skip
async def test_every_wrong_query_parameter_is_named(talka: Talka, params: dict[str, str], wrong: Any) -> None:
    body = error(await talka.requester.get("/api/v1/projects", params=params), 400, "VALIDATION_ERROR")
    assert {name: found["code"] for name, found in body["payload"].items()} == wrong


async def test_bodies_without_json_type_are_refused_and_empty_ones_are_objects(talka: Talka) -> None:
    pool = await talka.pool()
    path = f"/api/v1/pools/{pool['id']}"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""):
        answer = await talka.requester.patch(path, content=b'{"priority": 1}', headers={"content-type": kind})
        error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    for kind in ("application/json", "application/json; charset=utf-8", "APPLICATION/JSON"):
        answer = await talka.requester.patch(path, content=b'{"priority": 1}', headers={"content-type": kind})
        assert answer.json() == {**pool, "priority": 1}
    assert (await talka.requester.patch(path)).json() == {**pool, "priority": 1}
    assert (await talka.requester.patch(path, content=b" \n")).status_code == 415
    missing = error(await talka.requester.post("/api/v1/tasks"), 400, "VALIDATION_ERROR")
    assert missing["payload"] == {"pool_id": {"code": "VALUE_REQUIRED", "message": "Must be present and not null"}}
    required = set(error(await talka.requester.post("/api/v1/projects"), 400, "VALIDATION_ERROR")["payload"])
    assert required == {"public_name", "public_description", "task_spec"}


class Stream:
    """A body that counts what was read of it."""

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.chunks):
            self.read += 1
            yield b" " * MIB


@pytest.mark.parametrize("path", ["/api/v1/projects", "/api/v1/tasks", "/api/worker/v1/register", "/api/v1/nothing"])
async def test_a_body_that_says_it_is_too_large_is_not_read(talka: Talka, path: str) -> None:
    stream = Stream(100)
    headers = {"content-type": "application/json", "content-length": str(100 * MIB)}
    answer = await talka.requester.post(path, content=stream, headers=headers)
    assert error(answer, 413, "ENTITY_TOO_LARGE")["payload"] == {"limit": 64 * MIB}
    assert stream.read == 0


@pytest.mark.parametrize("path", ["/api/v1/projects", "/api/v1/tasks?async_mode=true", "/api/worker/v1/login"])
async def test_a_stream_is_cut_where_it_becomes_too_large(database_url: str, tmp_path: Path, path: str) -> None:
    settings = Settings(data=tmp_path, sandbox=True, max_body_bytes=3 * MIB)
    async with Talka.start(database_url, settings) as talka:
        stream = Stream(100)
        answer = await talka.requester.post(path, content=stream, headers={"content-type": "application/json"})
        error(answer, 413, "ENTITY_TOO_LARGE")
        assert stream.read <= 4
        fits = {**project_body(), "public_instructions": "x" * MIB, "junk": "x" * (MIB + 1000)}
        assert (await talka.requester.post("/api/v1/projects", json=fits)).status_code == 201


async def test_what_operators_and_readers_see(talka: Talka) -> None:
    anonymous = talka.anonymous()
    assert (await anonymous.get("/healthz")).json() == {"status": "ok"}
    assert (await anonymous.get("/readyz")).json() == {"status": "ok"}
    metrics = (await anonymous.get("/metrics")).text
    assert 'talka_http_requests_total{method="GET",route="/healthz",status="200"}' in metrics
    assert (await anonymous.get("/docs")).status_code == 200
    document = (await anonymous.get("/openapi.json")).json()
    assert document["paths"]["/api/v1/pools/{pool_id}/open"]["post"]["responses"]["202"]


async def test_sandbox_calls_are_absent_without_the_flag(database_url: str, tmp_path: Path) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=False)) as talka:
        assert (await talka.requester.get("/api/v1/requester")).json()["balance"] == 1000
        for method, path in (("GET", "clock"), ("POST", "clock/advance"), ("POST", "drain"), ("POST", "balance")):
            error(await talka.requester.request(method, f"/api/sandbox/v1/{path}"), 404, "NOT_FOUND")
        assert "/api/sandbox/v1/clock" not in (await talka.anonymous().get("/openapi.json")).json()["paths"]
        body = {"login": "ada", "password": "long enough", "profile": {"computed": {"rating": 5}}}
        answer = await talka.anonymous().post("/api/worker/v1/register", json=body)
        assert set(error(answer, 400, "VALIDATION_ERROR")["payload"]) == {"profile.computed"}
