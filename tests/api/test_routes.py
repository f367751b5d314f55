"""Every route of the OpenAPI document: without credentials, with those of somebody else, with garbage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from tests.api.full_bodies import full_project, full_training
from tests.api.owned import one_of_everything
from tests.api.snapshot import contents
from tests.support.app import Talka

OPEN = {
    ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("POST", "/api/worker/v1/register"),
    ("POST", "/api/worker/v1/login"), ("POST", "/api/worker/v1/logout"), ("POST", "/api/requester/v1/session"),
    ("DELETE", "/api/requester/v1/session"),
}  # fmt: skip
OPERATOR = "/api/operator/"
APPS = "/api/app/v0/apps/"  # the same for everybody
GARBAGE = (
    "%00", "%ff", "%c3%28", "a" * 5000, "\u0661\u0662", "-1", "0", "1e3", "99999999999999999999", "2147483648",
    "4294967296", "999999999999999999", "..%2f..%2fetc", "%F0%9F%98%80", "'; drop table pool; --", "null", "true",
    "00000f4241--ffffffffffffffffffffffff", "ffffffffff--000000000000000000000001", "0000000000--0", "%0a", "[]",
    "38830d4b-930b-43ab-a98f-f52e992fd11a", "00000000000000000000000000000000", " ", "*", "%25", "\u202e",
)  # fmt: skip
QUERIES = (
    "status", "sort", "limit", "id_gt", "id_lte", "created_gte", "submitted_lt", "finished_gt", "last_started_gt",
    "overlap", "overlap_gt", "pool_id", "project_id", "task_id", "task_suite_id", "user_id", "owner_id", "type",
    "owner_company_id", "async_mode", "skip_invalid_items", "open_pool", "operation_id", "storage_key", "field",
    "startTimeFrom", "addRowDelimiter", "before", "expired_gte", "owner", "name", "global", "modified_lt", "skill_id",
    "scope", "folder", "folder_ne", "private_comment", "unread",
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """A method and path of the document."""

    method: str
    path: str

    def fill(self, ids: dict[str, str]) -> str:
        """The path with real ids in it."""
        path = self.path
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, f"{self.path} has a parameter that the test does not know"
        return path


async def _routes(talka: Talka) -> list[Route]:
    document = (await talka.anonymous().get("/openapi.json")).json()
    found = [Route(method.upper(), path) for path, methods in document["paths"].items() for method in methods]
    assert len(found) > 50
    return found


def _is_error(answer: httpx.Response) -> bool:
    body = answer.json()
    return set(body) == {"request_id", "code", "message", "payload"} and body["code"].isupper()


async def test_nobody_and_strangers_get_nothing_of_the_owner(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    stranger, other = await talka.stranger(), await talka.worker("other")
    before = await contents(talka.db)
    wrong: list[str] = []
    for route in await _routes(talka):
        if (route.method, route.path) in OPEN:
            continue
        path = route.fill(ids)
        answer = await talka.anonymous().request(route.method, path)
        if answer.status_code != 401 or answer.json()["code"] != "AUTHENTICATION_ERROR":
            wrong.append(f"nobody: {route.method} {path} {answer.status_code} {answer.text[:100]}")
        if "{" not in route.path or path.startswith(("/api/worker/v1/p", OPERATOR, APPS)):
            continue
        client = other.client if path.startswith("/api/worker") else stranger
        body: Any = {
            "status": "ACCEPTED",
            "overlap": 1,
            "priority": 1,
            "solutions": [],
            "name": "x",
            "role": "EDITOR",
            "text": {"EN": "x"},
            "folders": ["UNREAD"],
            "items": [{}],
            "input_data": {},
            "event_time_from": "2020-01-01T00:00:00",
        }
        if "/projects" in path:
            body = full_project()
        elif "trainings" in path:
            body = full_training(ids["project_id"])
        elif path.endswith("/complaints"):
            body = {"reason": "BROKEN"}
        elif "poolModeration" in path:
            body = {"status": "READY"}
        # Pieces of files say where they begin.
        answer = await client.request(route.method, path, json=body, headers={"upload-offset": "0"})
        expected = 400 if route.path == "/api/v1/pools/{pool_id}" and route.method == "PUT" else 404
        if answer.status_code != expected:
            wrong.append(f"stranger: {route.method} {path} {answer.status_code} {answer.text[:100]}")
    assert not wrong, "\n".join(wrong)
    assert await contents(talka.db) == before


async def test_lists_hold_nothing_of_others(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    stranger = await talka.stranger()
    empty = {"items": [], "has_more": False}
    for path in (
        "projects", "pools", "operations", "assignments", "skills", "user-skills", "user-restrictions",
        "user-bonuses", "message-threads", "attachments",
        f"tasks?pool_id={ids['pool_id']}",
        f"task-suites?pool_id={ids['pool_id']}", f"task-suites?task_id={ids['task_id']}",
        f"assignments?pool_id={ids['pool_id']}", f"assignments?task_id={ids['task_id']}",
    ):  # fmt: skip
        assert (await stranger.get(f"/api/v1/{path}")).json() == empty, path
        assert (await talka.requester.get(f"/api/v1/{path}")).json()["items"], path
    other = await talka.worker("other")
    assert (await other.get("/assignments")).json() == empty
    assert (await other.get("/earnings")).json() == empty
    assert (await other.get("/skills")).json() == empty
    assert (await other.get("/bonuses")).json() == empty
    assert (await other.get("/message-threads")).json() == empty


async def test_a_browser_session_reads_and_never_writes(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    browser = talka.anonymous()
    signed = await browser.post("/api/requester/v1/session", json={"api_key": talka.account["api_key"]})
    assert signed.json() == {"requester_id": talka.account["requester_id"], "public_name": {}}
    cookie = signed.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    before = await contents(talka.db)
    for route in await _routes(talka):
        if (route.method, route.path) in OPEN or route.path.startswith(("/api/worker", OPERATOR)):
            continue
        path = route.fill(ids)
        params = {"pool_id": ids["pool_id"]}
        answer = await browser.request(route.method, path, params=params)
        if route.method == "GET":
            expected = 404 if route.path.startswith("/api/proxy/") else 200
            assert answer.status_code == expected, f"{path} {answer.text[:200]}"
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "ACCESS_DENIED"), f"{route} {answer.text[:200]}"
    assert await contents(talka.db) == before
    assert (await browser.get("/api/requester/v1/session")).json()["balance"] == 1_000_000 - 0.6
    assert (await browser.delete("/api/requester/v1/session")).status_code == 204
    browser.cookies.clear()
    browser.cookies.set("talka_requester", cookie.split("=", 1)[1].split(";")[0], domain="talka.test")
    assert (await browser.get("/api/v1/requester")).status_code == 401


def _garbled(route: Route, ids: dict[str, str]) -> Iterator[str]:
    for name in ids:
        if f"{{{name}}}" in route.path:
            for garbage in GARBAGE:
                yield route.fill({**ids, name: garbage if "%" in garbage else quote(garbage, safe="")})


async def test_garbage_in_paths_is_refused(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    holder = talka.anonymous()
    await holder.post("/api/worker/v1/login", json={"login": "holder", "password": "long enough"})
    operator = await talka.operator()
    before = await contents(talka.db)
    wrong: list[str] = []
    for route in await _routes(talka):
        client = holder if route.path.startswith("/api/worker") else talka.requester
        client = operator if route.path.startswith(OPERATOR) else client
        for raw in _garbled(route, ids):
            answer = await client.request(route.method, raw)
            if answer.status_code not in (400, 404) or not _is_error(answer):
                wrong.append(f"{route.method} {raw[:120]} {answer.status_code} {answer.text[:100]}")
    assert not wrong, "\n".join(wrong)
    assert await contents(talka.db) == before


async def test_garbage_in_queries_is_refused_or_ignored(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    wrong: list[str] = []
    for route in await _routes(talka):
        if route.path.startswith(("/api/worker", "/api/sandbox", OPERATOR)) or (route.method, route.path) in OPEN:
            continue
        if route.method not in {"GET", "PATCH"} and route.path not in {"/api/v1/tasks", "/api/v1/task-suites"}:
            continue
        path = route.fill(ids)
        tries = [dict.fromkeys(QUERIES, garbage) for garbage in GARBAGE if len(garbage) < 100]
        if route.method == "GET" and path.count("/") == 3:
            tries += [{name: garbage} for name in QUERIES for garbage in GARBAGE[::4]]
        for params in tries:
            pairs = {"pool_id": ids["pool_id"], **params}.items()
            text = "&".join(f"{name}={value if '%' in value else quote(value, safe='')}" for name, value in pairs)
            answer = await talka.requester.request(route.method, f"{path}?{text}")
            if answer.status_code >= 500 or (answer.status_code >= 400 and not _is_error(answer)):
                wrong.append(f"{route.method} {path}?{text[:120]} {answer.status_code} {answer.text[:100]}")
    assert not wrong, "\n".join(wrong)
