"""Every requester endpoint of the route table, called by those who must not: nothing leaks, nothing changes.

New routes are found by themselves. A path parameter that `one_of_everything` does not know takes the id of the first
item in the list above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
from fastapi.routing import iter_route_contexts
from tests.api.owned import one_of_everything
from tests.api.snapshot import contents
from tests.support.app import Talka

from talka.accounts.rules import new_api_key

# Not a requester's: workers' and operators' endpoints, and signing in and out of the browser session.
_OTHERS = ("/api/worker/", "/api/operator/")
# The same for everybody.
_APP = "/api/app/v0/apps/{app_id}"
_SIGN_IN = {("POST", "/api/requester/v1/session"), ("DELETE", "/api/requester/v1/session")}
_UNKNOWN = "/api/{path:path}"
# What only administrators of the account see.
_ADMINISTRATION = ("/api/requester/v1/keys", "/api/requester/v1/members")
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
# Names the owner's things, and holds nothing of which a stranger could make something of their own.
_POINTERS = ("pool_id", "project_id", "task_id", "assignment_id", "user_id", "skill_id", "task_suite_id")
_CHANGES: dict[str, Any] = {
    "status": "ACCEPTED", "overlap": 1, "priority": 9, "value": 99, "scope": "POOL", "role": "ADMIN",
    "public_comment": "x", "input_values": {"item": "x"}, "tasks": [],
}  # fmt: skip


class Endpoint(NamedTuple):
    """A requester endpoint with the owner's ids in its path."""

    method: str
    template: str
    path: str


def _routes(talka: Talka) -> Iterator[tuple[str, str]]:
    application: Any = talka.app
    for route in iter_route_contexts(application.app.app.routes):
        path = route.path or ""
        if path.startswith("/api/") and path != _UNKNOWN and not path.startswith(_OTHERS):
            for method in sorted(route.methods or ()):
                if (method, path) not in _SIGN_IN and method != "HEAD":
                    yield method, path


async def _first_of(talka: Talka, path: str) -> str:
    """The id of the first item of a list of the owner, be it a page or a bare array; else one that nothing has."""
    items = _items(await talka.requester.get(path))
    return str(items[0]["id"]) if items and "id" in items[0] else "1000001"


def _items(answer: httpx.Response) -> list[dict[str, Any]]:
    """What a list holds; nothing of what is no list."""
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    found = answer.json() if answer.status_code == 200 and is_json else []
    items = found.get("items", []) if isinstance(found, dict) else found
    return [item for item in items if isinstance(item, dict)]


async def _filled(talka: Talka, template: str, ids: dict[str, str]) -> str:
    path = template
    while (found := _PARAMETER.search(path)) is not None:
        value = ids.get(found[1])
        if value is None:
            value = await _first_of(talka, path[: found.start() - 1])
        path = path[: found.start()] + value + path[found.end() :]
    return path


async def _endpoints(talka: Talka, ids: dict[str, str]) -> list[Endpoint]:
    found = [Endpoint(method, path, await _filled(talka, path, ids)) for method, path in _routes(talka)]
    assert len(found) > 55
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} == {endpoint.method for endpoint in found}
    return found


async def _state(talka: Talka) -> tuple[dict[str, str], Any]:
    """All rows, once background work has come to rest."""
    await talka.drain()
    async with talka.db.reading() as tx:
        keys = await tx.rows("select id, account_id, name, hash from api_key order by id")
    return await contents(talka.db), keys


def _refused(answer: httpx.Response, status: int, code: str) -> bool:
    """Refused with the error body and nothing else in it."""
    body = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    return (
        answer.status_code == status and body.keys() == {"request_id", "code", "message", "payload"}
        and (body["code"], body["payload"]) == (code, None)
    )  # fmt: skip


def _described(endpoint: Endpoint, answer: httpx.Response) -> str:
    return f"{endpoint.method} {endpoint.path} {answer.status_code} {answer.text[:150]}"


def _body(ids: dict[str, str]) -> dict[str, Any]:
    known = {**ids, "task_suite_id": ids["suite_id"]}
    return {**{name: known[name] for name in _POINTERS}, **_CHANGES}


async def test_without_a_valid_key_there_is_nothing(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    worker = await talka.worker("somebody")
    token = worker.client.headers["authorization"].removeprefix("Bearer ")
    key = talka.account["api_key"]
    operator = (await talka.operator()).headers["authorization"]
    headers = [
        None,
        operator,
        f"ApiKey {new_api_key()}",
        f"ApiKey {token}",
        f"Bearer {key}",
        key,
        "ApiKey",
        f"ApiKey {key}x",
    ]
    endpoints, before, wrong = await _endpoints(talka, ids), await _state(talka), []
    for value in headers:
        client = talka.anonymous()
        if value is not None:
            client.headers["authorization"] = value
        client.headers["x-act-under-account-id"] = talka.account["requester_id"]
        for endpoint in endpoints:
            answer = await client.request(endpoint.method, endpoint.path, json=_body(ids))
            if not _refused(answer, 401, "AUTHENTICATION_ERROR"):
                wrong.append(f"{value}: {_described(endpoint, answer)}")
    assert not wrong, "\n".join(wrong)
    assert await _state(talka) == before


async def test_another_requester_sees_and_changes_nothing(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    stranger = await talka.stranger()
    endpoints, before = await _endpoints(talka, ids), await _state(talka)
    own = {value for name, value in ids.items() if len(value) >= 7 and name != "app_id"}
    wrong = []
    for endpoint in endpoints:
        answer = await stranger.request(endpoint.method, endpoint.path, json=_body(ids))
        pointed = endpoint.path != endpoint.template and endpoint.template != _APP
        if answer.status_code >= 500 or (pointed and answer.status_code not in (400, 403, 404)):
            wrong.append(_described(endpoint, answer))
        if endpoint.method == "GET" and not pointed:
            listed = await stranger.get(endpoint.path)
            if any(value in listed.text for value in own):
                wrong.append(f"shows the owner's: {_described(endpoint, listed)}")
            params = {**{name: value for name, value in ids.items() if name in _POINTERS}, "limit": "10"}
            filtered = await stranger.get(endpoint.path, params=params)
            if own & {str(item.get("id")) for item in _items(filtered)}:
                wrong.append(f"filters to the owner's: {_described(endpoint, filtered)}")
    assert not wrong, "\n".join(wrong)
    assert await _state(talka) == before


async def test_another_requester_cannot_act_under_the_account(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    stranger = await talka.stranger()
    endpoints, before = await _endpoints(talka, ids), await _state(talka)
    wrong = []
    for wanted in (talka.account["requester_id"], "0" * 32, "nonsense", "%00", talka.account["requester_id"].upper()):
        stranger.headers["x-act-under-account-id"] = wanted
        for endpoint in endpoints:
            answer = await stranger.request(endpoint.method, endpoint.path, json=_body(ids))
            if not _refused(answer, 403, "ACCESS_DENIED"):
                wrong.append(f"{wanted}: {_described(endpoint, answer)}")
    assert not wrong, "\n".join(wrong)
    assert await _state(talka) == before


async def test_a_viewer_reads_what_the_account_reads_and_changes_nothing(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    viewer = await talka.stranger()
    me = (await viewer.get("/api/v1/requester")).json()["id"]
    granted = await talka.requester.post("/api/requester/v1/members", json={"requester_id": me, "role": "VIEWER"})
    assert granted.status_code == 201
    viewer.headers["x-act-under-account-id"] = talka.account["requester_id"]
    endpoints, before = await _endpoints(talka, ids), await _state(talka)
    params = {"pool_id": ids["pool_id"]}
    wrong, read = [], 0
    for endpoint in endpoints:
        answer = await viewer.request(endpoint.method, endpoint.path, params=params, json=_body(ids))
        if endpoint.method != "GET" or endpoint.template.startswith(_ADMINISTRATION):
            if not _refused(answer, 403, "ACCESS_DENIED"):
                wrong.append(_described(endpoint, answer))
            continue
        same = await talka.requester.get(endpoint.path, params=params)
        # Of some things the answer says what time it is.
        timed = endpoint.path.startswith("/api/sandbox/") or "/batches" in endpoint.path
        timeless = timed or same.status_code != 200
        if answer.status_code != same.status_code or not (timeless or answer.content == same.content):
            wrong.append(f"the account reads otherwise: {_described(endpoint, answer)}")
        read += answer.status_code == 200
    assert not wrong, "\n".join(wrong)
    assert read > 20
    assert await _state(talka) == before
