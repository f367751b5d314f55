"""Every body of the API, broken one field at a time: 400 naming the field, never 500, nothing written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.api.breakage import Broken, breakages, raw_breakages
from tests.api.full_bodies import PROFILE, full_pool, full_project, full_skill, full_suite, full_task
from tests.api.snapshot import contents, sizes
from tests.support.app import Talka

ERROR_KEYS = {"request_id", "code", "message", "payload"}
_CODES = """
    ARRAY_EXPECTED ARRAY_SIZE_GREATER_THAN_MAX ARRAY_SIZE_LESS_THAN_MIN ARRAY_SIZE_OUT_OF_BOUNDS
    BLANK_STRING_NOT_ALLOWED BOOLEAN_EXPECTED CHARACTER_NOT_ALLOWED DATE_OUT_OF_RANGE DUPLICATE_VALUE_IN_ARRAY
    EMPTY_OBJECT_NOT_ALLOWED ENTITY_ACCESS_DENIED ENTITY_DOES_NOT_EXIST FLOAT_EXPECTED INTEGER_EXPECTED
    INVALID_COORDINATES_SYNTAX INVALID_DATE_SYNTAX INVALID_DATE_TIME_SYNTAX INVALID_REGEX_SYNTAX INVALID_URL_SYNTAX
    INVALID_VALUE JSON_EXPECTED MAX_ONE_PROPERTY_ALLOWED NAME_LENGTH_LESS_THAN_MIN NOT_NULL_BODY OBJECT_EXPECTED
    OBJECT_SIZE_BYTES_GREATER_THAN_MAX PATTERN_MISMATCH SIMPLE_VALUE_EXPECTED STRING_EXPECTED
    STRING_LENGTH_GREATER_THAN_MAX STRING_LENGTH_LESS_THAN_MIN STRING_LENGTH_OUT_OF_BOUNDS UNKNOWN_ENUM_VALUE
    UUID_EXPECTED VALUES_REQUIRED VALUE_GREATER_THAN_MAX VALUE_LESS_THAN_MIN VALUE_NOT_ALLOWED VALUE_OUT_OF_BOUNDS
    VALUE_REQUIRED MIXER_CONFIG_REQUIRED
"""
FIELD_CODES = frozenset(_CODES.split())


@dataclass(frozen=True)
class Call:
    """A call with a valid body.

    `free` matches places that take JSON of any kind, `numeric` those that take digits as numbers, too; of some
    bodies only what must be refused is tried: their shape was tried elsewhere, or taking one changes the rest.
    """

    client: httpx.AsyncClient
    method: str
    path: str
    body: Any
    free: str = r"$^"
    numeric: str = r"$^"
    certain_only: bool = False


FREE_PROJECT = r"task_spec\.view_spec\.settings\..*|.*\.rules\.\d+\.conditions\.\d+\.value"
FREE_TASK = r"(.*\.)?input_values\.extra(\..*)?|(.*\.)?origin_task_id"


async def _calls(talka: Talka) -> dict[str, Call]:
    project = await talka.requester.post("/api/v1/projects", json=full_project())
    assert project.status_code == 201, project.text
    project_id = project.json()["id"]
    pool = await talka.requester.post("/api/v1/pools", json=full_pool(project_id))
    assert pool.status_code == 201, pool.text
    pool_id = pool.json()["id"]
    ready = await talka.requester.post(
        "/api/v1/pools", json={k: v for k, v in full_pool(project_id).items() if k not in ("mixer_config", "filter")}
    )
    ready_id = ready.json()["id"]
    task = await talka.requester.post("/api/v1/tasks", json=full_task(pool_id))
    assert task.status_code == 201, task.text
    suite = await talka.requester.post("/api/v1/task-suites", json=full_suite(ready_id))
    assert suite.status_code == 201, suite.text
    open_task = {"input_values": {"item": "z"}, "message_on_unknown_solution": "hm"}
    own = {"pool_id": ready_id, "tasks": [open_task, open_task], "overlap": 9}
    await talka.requester.post("/api/v1/task-suites", params={"open_pool": "true"}, json=own)
    worker = await talka.worker("someone")
    page = await worker.take({"id": ready_id})
    assert page.status_code == 201, page.text
    assignment = page.json()
    answers: dict[str, Any] = {"label": "a", "sure": True, "note": "fine", "tags": ["x"]}
    solution = {"output_values": answers}
    skill = await talka.requester.post("/api/v1/skills", json=full_skill())
    assert skill.status_code == 201, skill.text
    skill_id = skill.json()["id"]
    requester, person, nobody = talka.requester, worker.client, talka.anonymous()
    return {
        "create project": Call(requester, "POST", "/api/v1/projects", full_project(), FREE_PROJECT),
        "edit project": Call(
            requester,
            "PUT",
            f"/api/v1/projects/{project_id}",
            full_project(),
            FREE_PROJECT,
            certain_only=True,
        ),
        "check project": Call(
            requester,
            "POST",
            f"/api/staging/projects/{project_id}/check",
            full_project(),
            FREE_PROJECT,
            certain_only=True,
        ),
        "create pool": Call(
            requester, "POST", "/api/v1/pools", full_pool(project_id), FREE_PROJECT, numeric=r"project_id"
        ),
        "edit pool": Call(
            requester,
            "PUT",
            f"/api/v1/pools/{pool_id}",
            full_pool(project_id),
            FREE_PROJECT,
            numeric="project_id",
            certain_only=True,
        ),
        "patch pool": Call(requester, "PATCH", f"/api/v1/pools/{pool_id}", {"priority": 5}),
        "create task": Call(requester, "POST", "/api/v1/tasks", full_task(pool_id), FREE_TASK, numeric="pool_id"),
        "create tasks": Call(
            requester,
            "POST",
            "/api/v1/tasks",
            [full_task(pool_id)],
            FREE_TASK,
            numeric=r"0\.pool_id",
            certain_only=True,
        ),
        "patch task": Call(
            requester,
            "PATCH",
            f"/api/v1/tasks/{task.json()['id']}",
            {
                "overlap": 4,
                "infinite_overlap": False,
                "known_solutions": [{"output_values": {"label": "b"}, "correctness_weight": 1}],
                "baseline_solutions": [{"output_values": {"label": "b"}, "confidence_weight": 0.1}],
                "message_on_unknown_solution": "No.",
            },
        ),
        "set task overlap": Call(
            requester,
            "PATCH",
            f"/api/v1/tasks/{task.json()['id']}/set-overlap-or-min",
            {"overlap": 1, "infinite_overlap": False},
        ),
        "create suite": Call(
            requester, "POST", "/api/v1/task-suites", full_suite(ready_id), FREE_TASK, numeric="pool_id"
        ),
        "patch suite": Call(
            requester,
            "PATCH",
            f"/api/v1/task-suites/{suite.json()['id']}",
            {"overlap": 4, "infinite_overlap": False, "issuing_order_override": 1.5},
        ),
        "set suite overlap": Call(
            requester, "PATCH", f"/api/v1/task-suites/{suite.json()['id']}/set-overlap-or-min", {"overlap": 1}
        ),
        "register": Call(
            nobody,
            "POST",
            "/api/worker/v1/register",
            {"login": "new-one", "password": "long enough", "profile": PROFILE},
            certain_only=True,
        ),
        "sign in": Call(
            nobody, "POST", "/api/worker/v1/login", {"login": "someone", "password": "long enough"}, certain_only=True
        ),
        "change profile": Call(person, "PATCH", "/api/worker/v1/me", {"profile": PROFILE}),
        "submit": Call(
            person,
            "POST",
            f"/api/worker/v1/assignments/{assignment['id']}/submit",
            {"solutions": [solution, solution]},
            certain_only=True,
        ),
        "attempt": Call(
            person,
            "POST",
            f"/api/worker/v1/assignments/{assignment['id']}/tasks/{assignment['tasks'][0]['id']}/attempts",
            {"output_values": {**answers, "data": {"k": [1]}}},
            r"output_values\.data(\..*)?",
            certain_only=True,
        ),
        "review": Call(
            requester,
            "PATCH",
            f"/api/v1/assignments/{assignment['id']}",
            {"status": "ACCEPTED", "public_comment": "thanks"},
        ),
        "create skill": Call(requester, "POST", "/api/v1/skills", full_skill()),
        "edit skill": Call(requester, "PUT", f"/api/v1/skills/{skill_id}", full_skill()),
        "set user skill": Call(
            requester,
            "PUT",
            "/api/v1/user-skills",
            {"skill_id": skill_id, "user_id": worker.user_id, "value": 49.5, "reason": "seen"},
            numeric="skill_id|user_id",
        ),
        "restrict": Call(
            requester,
            "PUT",
            "/api/v1/user-restrictions",
            {
                "scope": "POOL",
                "user_id": worker.user_id,
                "pool_id": pool_id,
                "private_comment": "fast",
                "will_expire": "2100-01-01T00:00:00",
            },
            numeric="pool_id|user_id",
        ),
        "add play money": Call(requester, "POST", "/api/sandbox/v1/balance", {"amount": 1.5}),
        "travel": Call(requester, "POST", "/api/sandbox/v1/clock/advance", {"seconds": 0}),
        "requester session": Call(nobody, "POST", "/api/requester/v1/session", {"api_key": talka.account["api_key"]}),
    }


NAMES = (
    "create project", "edit project", "check project", "create pool", "edit pool", "patch pool", "create task",
    "create tasks", "patch task", "set task overlap", "create suite", "patch suite", "set suite overlap",
    "register", "sign in", "change profile", "submit", "attempt", "review", "create skill", "edit skill",
    "set user skill", "restrict", "add play money", "travel", "requester session",
)  # fmt: skip


def _fields(payload: dict[str, Any], call: Call) -> dict[str, Any]:
    """Field errors by path from the body's root, of a batch, too."""
    if isinstance(call.body, list):
        return {f"{index}.{path}".rstrip("."): e for index, errors in payload.items() for path, e in errors.items()}
    return payload


def _related(error_path: str, way: Broken) -> bool:
    """Whether an error stands at the broken place, above or below it (or beside it, where fields depend on another)."""
    broken = way.dotted
    if not way.must_fail and error_path.startswith(broken.rpartition(".")[0]):
        return True
    return error_path == broken or error_path.startswith(broken + ".") or broken.startswith(error_path + ".")


def _problem(call: Call, broken: Broken, answer: httpx.Response) -> str | None:
    """What is wrong with the answer to a broken body; None when it is as it should be."""
    here = f"{call.method} {call.path} with {broken.what} at {broken.dotted}: {answer.status_code}"
    if answer.status_code >= 500:
        return f"{here} {answer.text[:200]}"
    if answer.status_code < 400:
        tolerated = re.fullmatch(call.free, broken.dotted) or (
            re.fullmatch(call.numeric, broken.dotted) and broken.what == "number for string"
        )
        return f"{here}, accepted" if broken.must_fail and not tolerated else None
    body = answer.json()
    if body.keys() != ERROR_KEYS or answer.headers["x-request-id"] != body["request_id"]:
        return f"{here} without the documented body: {answer.text[:200]}"
    if answer.status_code == 400:
        errors = _fields(body["payload"], call)
        if body["code"] != "VALIDATION_ERROR" or not errors:
            return f"{here} {answer.text[:200]}"
        if not any(_related(path, broken) for path in errors) and broken.what != "300 deep":
            return f"{here} does not name the field: {sorted(errors)}"
        unknown = {error["code"] for error in errors.values()} - FIELD_CODES
        return f"{here} has unknown field codes {unknown}" if unknown else None
    if broken.must_fail and answer.status_code != 413:
        return f"{here} {answer.text[:200]}"
    return None


async def _send(call: Call, body: Any) -> httpx.Response:
    return await call.client.request(call.method, call.path, json=body)


@pytest.mark.parametrize("name", NAMES)
async def test_each_field_broken_is_refused_by_name_and_nothing_is_written(talka: Talka, name: str) -> None:
    calls = await _calls(talka)
    assert set(NAMES) == set(calls)
    call = calls[name]
    ways = list(breakages(call.body))
    certain = [way for way in ways if way.must_fail or (call.certain_only and way.what == "missing")]
    problems = []
    before = await contents(talka.db)
    accepted = False
    for broken in certain:
        answer = await _send(call, broken.body)
        problems.append(_problem(call, broken, answer))
        accepted = accepted or answer.status_code < 400
    if not accepted:
        assert await contents(talka.db) == before
    count = await sizes(talka.db)
    for broken in [] if call.certain_only else [way for way in ways if not way.must_fail]:
        answer = await _send(call, broken.body)
        problems.append(_problem(call, broken, answer))
        after = await sizes(talka.db)
        if answer.status_code >= 400 and after != count:
            problems.append(f"{broken.what} at {broken.dotted} was refused but wrote to the database")
        count = after
    found = [problem for problem in problems if problem]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", NAMES)
async def test_bodies_that_are_no_json_objects_are_refused(talka: Talka, name: str) -> None:
    call = (await _calls(talka))[name]
    before = await contents(talka.db)
    sample = call.body[0] if isinstance(call.body, list) else call.body
    for what, raw in raw_breakages(sample):
        answer = await call.client.request(
            call.method, call.path, content=raw, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400, f"{what}: {answer.status_code} {answer.text[:300]}"
        body = answer.json()
        assert body["code"] == "VALIDATION_ERROR"
        assert body["payload"], what
    plain = await call.client.request(call.method, call.path, content=b"{}", headers={"content-type": "text/plain"})
    assert (plain.status_code, plain.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert await contents(talka.db) == before
