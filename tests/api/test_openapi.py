"""The OpenAPI document: it has every route, its examples fit, its answers are closed, and what is not so is caught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from tests.support.answers import document, problem
from tests.support.app import Talka

from talka.app.openapi.document import routes
from talka.app.openapi.table import CALLS
from talka.app.routes import include_routes
from talka.infra.settings import Settings


def _application() -> FastAPI:
    app = FastAPI(openapi_url=None)
    include_routes(app, sandbox=True)
    return app


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_has_its_answers_described_and_nothing_else_has() -> None:
    known = {route.key for route in routes(_application())}
    assert sorted(known - set(CALLS)) == []
    assert sorted(set(CALLS) - known) == []
    assert {key for key, _ in _operations()} == known
    served = {
        f"{method} {route.path_format}"
        for route in iter_route_contexts(_application().routes)
        for method in route.methods or ()
        if str(route.path_format).startswith("/api/") and "{path}" not in str(route.path_format) and method != "HEAD"
    }
    assert served <= known


def test_the_document_keeps_to_the_standard() -> None:
    found = document()
    assert found["openapi"] == "3.1.0"
    for name, schema in found["components"]["schemas"].items():
        jsonschema_rs.meta.validate(schema)
        assert jsonschema_rs.validator_for({**schema, "components": found["components"]}), name
    names = Counter(operation["operationId"] for _, operation in _operations())
    assert [name for name, count in names.items() if count > 1] == []
    tags = {tag["name"] for tag in found["tags"]}
    for key, operation in _operations():
        assert operation["summary"], key
        assert set(operation["tags"]) <= tags, key
        parameters = [(p["in"], p["name"]) for p in operation.get("parameters", ())]
        assert len(parameters) == len(set(parameters)), key


def test_examples_fit_what_they_are_examples_of() -> None:
    count = 0
    for key, operation in _operations():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "example" in content:
                schema = {**content["schema"], "components": document()["components"]}
                errors = list(jsonschema_rs.validator_for(schema).iter_errors(content["example"]))
                assert not errors, f"{key}: {errors[0]}"
                count += 1
    assert count > 30


def test_what_is_given_is_closed() -> None:
    """No object in an answer may have keys that are not named, except where free keys are kept."""
    free = []
    for key, operation in _operations():
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values():
                for name in _open_objects(content["schema"], set()):
                    free.append((key, status, name))
    named = {name for _, _, name in free}
    assert named <= {"Parameters", "view", "ViewSettings", "Assets"}, free


def _open_objects(schema: Any, seen: set[str]) -> Iterator[str]:
    if isinstance(schema, list):
        for part in schema:
            yield from _open_objects(part, seen)
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        name = reference.rsplit("/", 1)[1]
        target = document()["components"]["schemas"][name]
        if target.get("type") == "object" and target.get("additionalProperties") is not False:
            # Parameters of rules and interfaces keep what nobody knows.
            short = "Parameters" if name.split("-")[0].endswith("Parameters") else name.split("_")[0].split("-")[0]
            yield "Parameters" if short == "Windowed" else short
        yield from _open_objects(target, seen)
    for key, part in schema.items():
        if key != "$ref":
            yield from _open_objects(part, seen)


def test_errors_of_every_call_have_their_status_and_code() -> None:
    for key, operation in _operations():
        if "/api/" not in key:
            continue
        codes = {
            status: answer["content"]["application/json"]["schema"]["properties"]["code"]["enum"]
            for status, answer in operation["responses"].items()
            if int(status) >= 400
        }
        assert codes["500"] == ["INTERNAL_ERROR"], key
        assert codes["503"] == ["REMOTE_SERVICE_UNAVAILABLE"], key
        if operation["security"]:
            assert "AUTHENTICATION_ERROR" in codes["401"], key
            assert "ACCESS_DENIED" in codes["403"], key
        if "{" in key:
            assert "DOES_NOT_EXIST" in codes["404"], key
        if "requestBody" in operation:
            assert "VALIDATION_ERROR" in codes["400"], key
            assert "ENTITY_TOO_LARGE" in codes["413"], key


def _answer(method: str, path: str, status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, json=body, request=httpx.Request(method, f"http://talka.test{path}"))


_REQUESTER = {"id": "9f2b1c0de4a5b6c7d8e9f00112233445", "balance": 5, "public_name": {}}
_REFUSED = {"request_id": "0" * 32, "code": "DOES_NOT_EXIST", "message": "There is no pool", "payload": None}


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (_answer("GET", "/api/v1/requester", 200, _REQUESTER), False),
        (_answer("GET", "/api/v1/requester", 200, {**_REQUESTER, "secret": 1}), True),
        (_answer("GET", "/api/v1/requester", 200, {**_REQUESTER, "balance": "5"}), True),
        (_answer("GET", "/api/v1/requester", 200, {"id": _REQUESTER["id"], "balance": 5}), True),
        (_answer("GET", "/api/v1/requester", 201, _REQUESTER), True),
        (_answer("GET", "/api/v1/pools/1/", 404, _REFUSED), False),
        (_answer("GET", "/api/v1/pools/1", 404, {**_REFUSED, "code": "EMPTY_POOL"}), True),
        (_answer("GET", "/api/v1/pools/1", 404, {**_REFUSED, "more": 1}), True),
        (_answer("GET", "/api/v1/pools", 200, {"items": [], "has_more": False}), False),
        (_answer("GET", "/api/v1/pools", 200, {"items": [{"id": "1"}], "has_more": False}), True),
        (_answer("DELETE", "/api/v1/user-skills/1", 204, {}), True),
    ],
)
def test_what_the_clients_of_tests_refuse(answer: httpx.Response, wrong: bool) -> None:
    assert (problem(answer) is not None) == wrong


async def test_it_is_served_whole_and_without_the_sandbox_where_there_is_none(
    talka: Talka, database_url: str, tmp_path: Any
) -> None:
    answer = await talka.anonymous().get("/openapi.json")
    assert answer.status_code == 200
    served = answer.json()
    assert served["paths"] == document()["paths"]
    assert served["components"] == document()["components"]
    async with Talka.start(database_url, Settings(data=tmp_path / "other", sandbox=False)) as other:
        paths = (await other.anonymous().get("/openapi.json")).json()["paths"]
    assert set(served["paths"]) - set(paths) == {path for path in served["paths"] if path.startswith("/api/sandbox/")}


async def test_the_reference_is_served_under_the_policy_of_pages(talka: Talka) -> None:
    answer = await talka.anonymous().get("/docs")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "http://" not in answer.text
    assert "https://" not in answer.text
