"""Schemathesis calls everything as the document says, and as it does not: no 5xx, every answer as described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api.owned import one_of_everything
from tests.support.answers import document
from tests.support.app import Talka

import requests

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_EXAMPLES = 6
# Signing out, deleting keys and travelling in time would leave little to those that come after.
_LAST = ("DELETE /api/requester/v1/keys", "POST /api/worker/v1/logout", "DELETE /api/requester/v1/session")
# An hour at most: a century has a lot of background work.
_UNSENT = {"POST /api/sandbox/v1/clock/advance"}
# What goes through a proxy is not ours to describe.
_UNKNOWN = ("/api/proxy/",)


def _operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(document())
    schema.config.update(base_url="http://talka.test")
    results: Any = schema.get_all_operations()
    found = [result.ok() for result in results]
    kept = [one for one in found if one.label not in _UNSENT and not one.path.startswith(_UNKNOWN)]
    return sorted(kept, key=lambda one: (one.label.startswith(_LAST), one.path))


def _cases(operation: Any, ids: Mapping[str, str]) -> Iterator[Any]:
    """Cases with ids that there are and with made up ones, of bodies and parameters that fit and that do not."""
    names = [
        parameter["name"] for parameter in operation.definition.raw.get("parameters", ()) if parameter["in"] == "path"
    ]
    known = {name: ids[name] for name in names if name in ids}
    strategies = [operation.as_strategy(generation_mode=mode) for mode in _modes(operation)]
    if known and len(known) == len(names):
        strategies += [
            operation.as_strategy(generation_mode=mode, path_parameters=known) for mode in _modes(operation)
        ] * 2
    drawn: list[Any] = []

    @seed(1)
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(strategies))
    def collect(case: Any) -> None:
        drawn.append(case)

    collect()
    yield from drawn


def _modes(operation: Any) -> list[GenerationMode]:
    can_be_wrong = operation.body or operation.query or operation.headers
    return [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if can_be_wrong else [GenerationMode.POSITIVE]


async def _sent(client: httpx.AsyncClient, case: Any) -> httpx.Response:
    given = case.as_transport_kwargs()
    kept = {name: given[name] for name in ("method", "url", "params", "json", "data", "files") if name in given}
    headers = {name: value for name, value in (given.get("headers") or {}).items() if name.lower() != "authorization"}
    prepared: Any = requests.Request(**kept, headers=headers).prepare()
    sent = {**prepared.headers, "authorization": client.headers["authorization"]}
    return await client.request(prepared.method, prepared.url, headers=sent, content=prepared.body)


async def test_nothing_breaks_the_server_and_every_answer_is_as_described(talka: Talka) -> None:
    ids = await one_of_everything(talka)
    worker, operator = (await talka.worker("schemathesis")).client, await talka.operator()
    for client in (talka.requester, worker, operator):
        client.event_hooks = {}
    wrong: dict[str, str] = {}
    count: dict[int, int] = {}
    for operation in _operations():
        client = talka.requester
        if operation.path.startswith("/api/worker/"):
            client = worker
        elif operation.path.startswith("/api/operator/"):
            client = operator
        for case in _cases(operation, ids):
            answer = await _sent(client, case)
            count[answer.status_code // 100] = count.get(answer.status_code // 100, 0) + 1
            try:
                case.validate_response(answer, checks=_CHECKS)
            except FailureGroup as failures:
                [first, *_] = failures.exceptions
                wrong.setdefault(
                    operation.label, f"{operation.label} {answer.status_code}: {first}\n{answer.text[:600]}"
                )
    assert not wrong, "\n\n".join(wrong.values())
    # It gets through to what calls do, and is refused where it should be.
    assert count[2] > 300
    assert count[4] > 300
