"""What the Java SDK relies on: exact statuses, forms of values, slashes, streams, what is there and what is absent.

Its Jackson objects read each field by name, with closed enums in places, and its calls accept one status each.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.app import Talka, Worker
from tests.support.bodies import pool_body, project_body

from talka.infra.settings import Settings

DATES = {"created", "submitted", "accepted", "rejected", "skipped", "expired", "started", "finished", "will_expire",
         "last_started", "last_stopped", "modified", "responseReceivedAt"}  # fmt: skip
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?")
MONEY = {"amount", "balance", "reward", "reward_per_assignment"}
ABSENT = {"POOL": "9999999", "PROJECT": "9999999", "UUID": "281073ea-ab34-416e-a028-47421ff1b166",
          "TASK": "0000000001--000000000000000000000001"}  # fmt: skip
HOOKS = "/v1/webhook-subscriptions/"


@pytest.fixture
async def talka(database_url: str, tmp_path: Path) -> AsyncIterator[Talka]:
    """The application, allowed to reach this machine."""
    settings = Settings(data=tmp_path, sandbox=True, outbound_allowed="127.0.0.0/8")
    async with Talka.start(database_url, settings) as started:
        yield started


class Java:
    """Calls as the SDK makes them: the root with `/api`, a content type on every POST, one status that is right."""

    def __init__(self, talka: Talka) -> None:
        self._client = talka.requester
        self._client.headers["user-agent"] = "toloka-java-sdk/0.0.1"

    async def __call__(self, method: str, path: str, status: int, body: Any = None, /, **params: Any) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if method != "GET" else {}
        answer = await self._client.request(
            method, f"/api{path}", content=content, headers=headers, params=_texts(params)
        )
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        if status == 204:
            assert not answer.content
            return None
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        found = answer.json()
        if status >= 400:
            assert isinstance(found["code"], str)
            return found
        assert not list(_wrong(found, "")), found
        return found

    async def stream(self, path: str, items: list[Any], **params: Any) -> httpx.Response:
        """A batch, sent in pieces without a length."""

        async def pieces() -> AsyncIterator[bytes]:
            yield b"["
            for number, item in enumerate(items):
                yield (b"," if number else b"") + json.dumps(item).encode()
            yield b"]"

        headers = {"content-type": "application/json"}
        return await self._client.post(f"/api{path}", content=pieces(), headers=headers, params=_texts(params))


def _texts(params: dict[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in params.items()}


def _wrong(value: Any, path: str) -> Iterator[str]:
    """Where a value has not the form that the SDK parses."""
    if isinstance(value, list):
        for number, element in enumerate(value):
            yield from _wrong(element, f"{path}.{number}")
    elif isinstance(value, dict):
        for name, element in value.items():
            yield from _wrong_field(name, element, f"{path}.{name}")


def _wrong_field(name: str, value: Any, path: str) -> Iterator[str]:
    if name in DATES:
        fits = value is None or (isinstance(value, str) and DATE.fullmatch(value) is not None)
    elif name in MONEY:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        fits = isinstance(value, str) or not (name == "id" or name.endswith("_id"))
    if not fits:
        yield path
    if name not in {"input_values", "output_values", "validation_errors", "input", "output"}:
        yield from _wrong(value, path)


@pytest.fixture
def java(talka: Talka) -> Java:
    return Java(talka)


def task(pool: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 1, **more}


async def submitted(worker: Worker, pool: dict[str, Any]) -> dict[str, Any]:
    """A page of the pool that the worker has submitted."""
    page: dict[str, Any] = (await worker.take(pool)).json()
    answer = await worker.submit(page)
    assert answer.status_code == 200, answer.text
    return page


async def test_the_life_of_a_project_and_its_pools(talka: Talka, java: Java) -> None:
    project = await java("POST", "/v1/projects", 201, project_body())
    assert (await java("GET", f"/v1/projects/{project['id']}", 200)) == project
    edited = await java("PUT", f"/v1/projects/{project['id']}", 200, {**project, "public_name": "Edited"})
    assert (edited["public_name"], edited["id"]) == ("Edited", project["id"])
    pool = await java("POST", "/v1/pools", 201, pool_body(project["id"]))
    assert (await java("GET", f"/v1/pools/{pool['id']}", 200)) == pool
    await java("PUT", f"/v1/pools/{pool['id']}", 200, {**pool, "private_name": "renamed"})
    patched = await java("PATCH", f"/v1/pools/{pool['id']}", 200, {"priority": 7})
    assert (patched["priority"], patched["private_name"]) == (7, "renamed")
    refused = await java("POST", f"/v1/pools/{pool['id']}/open", 409)
    assert refused["code"] == "EMPTY_POOL"
    await java("POST", "/v1/tasks", 201, task(pool))
    place = f"/v1/pools/{pool['id']}"
    for action, kind in (
        ("open", "POOL.OPEN"),
        ("close-for-update", "POOL.CLOSE"),
        ("open", "POOL.OPEN"),
        ("close", "POOL.CLOSE"),
        ("archive", "POOL.ARCHIVE"),
    ):
        operation = await java("POST", f"{place}/{action}", 202)
        assert (operation["type"], operation["parameters"]) == (kind, {"pool_id": pool["id"]})
        assert (await java("GET", f"/v1/operations/{operation['id']}", 200))["id"] == operation["id"]
        assert await java("POST", f"{place}/{action}", 204) is None
    clone = await java("POST", f"{place}/clone", 202)
    assert clone["type"] == "POOL.CLONE"
    await java("POST", f"/v1/pools/{clone['details']['pool_id']}/archive", 202)
    archived = await java("POST", f"/v1/projects/{project['id']}/archive", 202)
    assert (archived["type"], archived["parameters"]) == ("PROJECT.ARCHIVE", {"project_id": project["id"]})
    kinds = {found["type"] for found in (await java("GET", "/v1/operations", 200))["items"]}
    assert kinds - {"TASK.BATCH_CREATE"} == {"POOL.OPEN", "POOL.CLOSE", "POOL.ARCHIVE", "POOL.CLONE", "PROJECT.ARCHIVE"}


async def test_the_life_of_a_training(talka: Talka, java: Java) -> None:
    project = await talka.project()
    body = {
        "project_id": project["id"],
        "private_name": "training",
        "private_comment": "known to the SDK alone",
        "public_description": "so is this",
        "training_tasks_in_task_suite_count": 1,
        "inherited_instructions": True,
    }
    training = await java("POST", "/v1/trainings", 201, body)
    assert {name: training[name] for name in body} == body
    place = f"/v1/trainings/{training['id']}"
    assert (await java("GET", place, 200)) == training
    await java("PUT", place, 200, {**training, "private_name": "renamed"})
    known = [{"output_values": {"label": "a"}}]
    more = {"known_solutions": known, "message_on_unknown_solution": "Look", "infinite_overlap": True, "overlap": None}
    await java("POST", "/v1/tasks", 201, task(training, **more))
    for action, kind in (("open", "OPEN"), ("close", "CLOSE"), ("archive", "ARCHIVE")):
        operation = await java("POST", f"{place}/{action}", 202)
        assert (operation["type"], operation["parameters"]) == (f"TRAINING.{kind}", {"training_id": training["id"]})
        await java("POST", f"{place}/{action}", 204)
    clone = await java("POST", f"{place}/clone", 202)
    assert (await java("GET", f"/v1/trainings/{clone['details']['training_id']}", 200))["status"] == "CLOSED"


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/projects/{ABSENT['PROJECT']}",
        f"/v1/pools/{ABSENT['POOL']}",
        f"/v1/trainings/{ABSENT['POOL']}",
        f"/v1/tasks/{ABSENT['TASK']}",
        f"/v1/task-suites/{ABSENT['TASK']}",
        f"/v1/assignments/{ABSENT['TASK']}",
        f"/v1/attachments/{ABSENT['UUID']}",
        f"/v1/attachments/{ABSENT['UUID']}/download",
        f"/v1/operations/{ABSENT['UUID']}",
        f"/v1/operations/{ABSENT['UUID']}/log",
        "/v1/operations/PSEUDO_ID",
        f"/v1/skills/{ABSENT['POOL']}",
        f"/v1/user-skills/{ABSENT['POOL']}",
        f"/v1/user-restrictions/{ABSENT['POOL']}",
        f"/v1/user-bonuses/{ABSENT['POOL']}",
        f"/v1/webhook-subscriptions/{'0' * 24}",
        f"/v1/aggregated-solutions/{ABSENT['UUID']}",
    ],
)
async def test_what_is_absent_is_404_with_a_code(java: Java, path: str) -> None:
    assert (await java("GET", path, 404))["code"] == "DOES_NOT_EXIST"
    assert (await java("GET", f"{path}/", 404))["code"] == "DOES_NOT_EXIST"


async def test_every_refusal_has_a_code(talka: Talka, java: Java) -> None:
    anonymous = await talka.anonymous().get("/api/v1/pools")
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "AUTHENTICATION_ERROR")
    assert (await java("GET", "/v1/nothing", 404))["code"] == "NOT_FOUND"
    assert (await java("DELETE", "/v1/pools", 405))["code"] == "METHOD_NOT_ALLOWED"
    assert (await java("POST", "/v1/pools", 400, []))["code"] == "VALIDATION_ERROR"
    assert (await java("POST", "/v1/pools", 400, {}))["payload"].keys() >= {"project_id", "private_name"}
    plain = await talka.requester.post("/api/v1/pools", content=b"{}", headers={"content-type": "text/plain"})
    assert (plain.status_code, plain.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("secret", ["bare", "ApiKey", "OAuth"])
async def test_secrets_come_with_or_without_their_scheme(talka: Talka, secret: str) -> None:
    key = talka.account["api_key"]
    assert (key.count("."), 22 <= key.index(".") <= 24) == (2, True)
    scheme = "ApiKey" if secret == "bare" else secret
    answer = await talka.anonymous().get("/api/v1/requester", headers={"authorization": f"{scheme} {key}"})
    assert answer.json()["id"] == talka.account["requester_id"]


LISTS = ("projects", "pools", "trainings", "skills", "tasks", "task-suites", "assignments", "attachments")


@pytest.mark.parametrize("kind", LISTS)
async def test_lists_by_owner(talka: Talka, java: Java, kind: str) -> None:
    project = await talka.project()
    pool = await talka.pool(project)
    await talka.tasks(pool, 4)
    await submitted(await talka.worker(), pool)
    await java("POST", "/v1/skills", 201, {"name": "skill"})
    training = {"project_id": project["id"], "private_name": "t", "training_tasks_in_task_suite_count": 1}
    await java("POST", "/v1/trainings", 201, {**training, "inherited_instructions": True})
    need = {"pool_id": pool["id"]} if kind in {"tasks", "task-suites", "assignments", "attachments"} else {}
    everything = (await java("GET", f"/v1/{kind}", 200, **need))["items"]
    assert bool(everything) == (kind != "attachments")
    if kind != "assignments":
        mine = await java("GET", f"/v1/{kind}", 200, **need, owner_id=talka.account["requester_id"])
        assert mine["items"] == everything
        assert (await java("GET", f"/v1/{kind}", 200, **need, owner_id="0" * 32))["items"] == []
        assert (await java("GET", f"/v1/{kind}", 200, **need, owner_company_id="1"))["items"] == []
    if kind == "skills":
        assert (await java("GET", "/v1/skills", 200, **{"global": True}))["items"] == []
        assert [one["id"] for one in (await java("GET", "/v1/skills", 200, **{"global": False}))["items"]] == [
            one["id"] for one in everything
        ]
    for found in everything:
        if kind in {"projects", "pools", "trainings", "skills", "assignments"}:
            assert found["owner"] == {"id": talka.account["requester_id"], "myself": True}


async def test_fields_and_interfaces_have_all_that_is_read_from_them(java: Java) -> None:
    body = project_body()
    body["task_spec"]["input_spec"] = {"item": {"type": "string", "pattern": "[a-z]+"}, "at": {"type": "URL"}}
    body["task_spec"]["view_spec"] = {"markup": "<b>{{item}}</b>", "settings": {"showSkip": False, "own": 1}}
    project = await java("POST", "/v1/projects", 201, body)
    spec = project["task_spec"]
    for fields in (spec["input_spec"], spec["output_spec"]):
        assert all({"required", "hidden"} <= field.keys() for field in fields.values())
    assert spec["input_spec"]["item"] == {"type": "string", "required": True, "hidden": False, "pattern": "[a-z]+"}
    assert spec["input_spec"]["at"]["type"] == "url"
    assert (spec["view_spec"]["type"], spec["view_spec"]["settings"]) == ("classic", {"showSkip": False, "own": 1})
    view = {
        "type": "tb",
        "config": json.dumps({"view": {"type": "view.text", "content": {"type": "helper.translate", "key": "k"}}}),
        "localizationConfig": {"keys": [{"key": "k", "defaultValue": "text"}]},
        "inferDataSpec": False,
    }
    body["task_spec"]["view_spec"] = view
    built = (await java("POST", "/v1/projects", 201, body))["task_spec"]["view_spec"]
    assert built == {**view, "lock": None}


async def test_pools_have_all_that_is_read_from_them(talka: Talka, java: Java) -> None:
    body = pool_body((await talka.project())["id"], mixer_config={"real_tasks_count": 3}, defaults=None)
    pool = await java("POST", "/v1/pools", 201, {**body, "quality_control": None, "filter": None, "training": None})
    mixer = pool["mixer_config"]
    counts = [mixer[f"{kind}_tasks_count"] for kind in ("real", "golden", "training")]
    assert (counts, {type(count) for count in counts}) == ([3, 0, 0], {int})
    assert pool["type"] == "REGULAR"
    assert "last_close_reason" not in pool or pool["last_close_reason"] is None
    for balance in (
        {"type": "TOP_PERCENTAGE_BY_QUALITY", "percent": 90},
        {"type": "BEST_CONCURRENT_USERS_BY_QUALITY", "count": 5},
    ):
        edited = await java("PUT", f"/v1/pools/{pool['id']}", 200, {**pool, "speed_quality_balance": balance})
        assert edited["speed_quality_balance"] == balance
    other = {**pool, "speed_quality_balance": {"type": "OTHER"}}  # the SDK knows these two and no more
    assert (await java("PUT", f"/v1/pools/{pool['id']}", 400, other))["code"] == "VALIDATION_ERROR"


async def test_batches_in_every_mode(talka: Talka, java: Java) -> None:
    pool, plain = await talka.pool(), await talka.pool(mixer_config=None)
    worker = await talka.worker()
    texts = {"public_title": {"EN": "Good"}, "public_message": {"EN": "Work"}}

    def suite() -> dict[str, Any]:
        return {"pool_id": plain["id"], "tasks": [{"input_values": {"item": "x"}}], "overlap": 1}

    makers: tuple[tuple[str, Any, dict[str, Any], str], ...] = (
        ("/v1/tasks", lambda: task(pool), {**task(pool), "overlap": 0}, "TASK"),
        ("/v1/task-suites", suite, {"pool_id": plain["id"], "tasks": [], "overlap": 1}, "TASK_SUITE"),
        ("/v1/user-bonuses", lambda: {"user_id": worker.user_id, "amount": round(0.5 + next(CENTS) / 100, 2), **texts},
         {"user_id": worker.user_id, "amount": 0.001, **texts}, "USER_BONUS"),
    )  # fmt: skip
    for path, make, wrong, kind in makers:
        one = await java("POST", path, 201, make())
        assert isinstance(one["id"], str)
        several = await java("POST", path, 201, [make(), wrong, make()], skip_invalid_items=True)
        assert sorted(int(key) for key in several["items"]) == [0, 2]
        assert [int(key) for key in several["validation_errors"]] == [1]
        whole = await java("POST", path, 201, [make()])
        assert (list(whole["items"]), whole["validation_errors"]) == (["0"], {})
        strict = await java("POST", path, 400, [make(), wrong])
        assert (strict["code"], list(strict["payload"])) == ("VALIDATION_ERROR", ["1"])
        mine = str(uuid.uuid4())
        answer = await java.stream(path, [make() for _ in range(3)], async_mode=True, operation_id=mine)
        assert answer.status_code == 202, answer.text
        assert (answer.json()["id"], answer.json()["type"]) == (mine, f"{kind}.BATCH_CREATE")
        await talka.drain()
        done = await java("GET", f"/v1/operations/{mine}", 200)
        assert (done["status"], done["progress"], done["details"]["success_count"]) == ("SUCCESS", 100, 3)
        log = await java("GET", f"/v1/operations/{mine}/log", 200)
        assert [(item["success"], isinstance(item["input"], dict)) for item in log] == [(True, True)] * 3
        single = await java("POST", path, 202, make(), async_mode=True)
        assert single["type"] == f"{kind}.BATCH_CREATE"
        again = await java("POST", path, 409, [make()], async_mode=True, operation_id=mine)
        assert again["code"] == "OPERATION_ALREADY_EXISTS"
        await talka.drain()


CENTS = iter(range(1, 100))


async def test_tasks_and_suites_keep_traits_and_translated_hints(talka: Talka, java: Java) -> None:
    pool, plain = await talka.pool(), await talka.pool(mixer_config=None)
    traits = {"traits_all_of": ["a"], "traits_any_of": ["b", "c"], "traits_none_of_any": ["d"]}
    hint = {"language": "FR", "message_on_unknown_solution": {"value": "Non", "source": "REQUESTER"}}
    more = {
        "known_solutions": [{"output_values": {"label": "a"}, "correctness_weight": 0.5}],
        "message_on_unknown_solution": "No",
        "localization_config": {"default_language": "EN", "additional_languages": [hint]},
    }
    made = await java("POST", "/v1/tasks", 201, task(pool, **traits, **more))
    assert {name: made[name] for name in (*traits, *more)} == {**traits, **more}
    suite = {"pool_id": plain["id"], "tasks": [{"input_values": {"item": "x"}}], "overlap": 1, **traits}
    whole = await java("POST", "/v1/task-suites", 201, suite)
    assert {name: whole[name] for name in traits} == traits
    assert all(isinstance(one["id"], str) for one in whole["tasks"])


async def test_overlap_is_a_number_or_infinite(talka: Talka, java: Java) -> None:
    pool = await talka.pool()
    finite = await java("POST", "/v1/tasks", 201, task(pool, overlap=3))
    assert (finite["overlap"], finite["infinite_overlap"], finite["remaining_overlap"]) == (3, False, 3)
    place = f"/v1/tasks/{finite['id']}"
    endless = await java("PATCH", place, 200, {"overlap": None, "infinite_overlap": True})
    assert (endless.get("overlap"), endless["infinite_overlap"], endless.get("remaining_overlap")) == (None, True, None)
    least = await java("PATCH", f"{place}/set-overlap-or-min", 200, {"overlap": 0, "infinite_overlap": False})
    assert (least["overlap"], least["infinite_overlap"]) == (0, False)


async def test_assignments_and_bonuses(talka: Talka, java: Java) -> None:
    pool = await talka.pool(auto_accept_solutions=False, auto_accept_period_day=7, reward_per_assignment=0.005)
    await talka.tasks(pool, 4)
    page = await submitted(await talka.worker(), pool)
    [found] = (await java("GET", "/v1/assignments", 200, pool_id=pool["id"], status="SUBMITTED,ACCEPTED"))["items"]
    assert (found["reward"], found["mixed"], found["automerged"]) == (0.005, True, False)
    assert len(found["solutions"]) == len(found["tasks"]) == 4
    assert not {"accepted", "rejected", "skipped", "expired"} & {name for name in found if found[name] is not None}
    place = f"/v1/assignments/{page['id']}"
    rejected = await java("PATCH", place, 200, {"status": "REJECTED", "public_comment": "No"})
    assert (rejected["status"], rejected["public_comment"]) == ("REJECTED", "No")
    assert (await java("PATCH", place, 200, {"status": "ACCEPTED", "public_comment": "Yes"}))["status"] == "ACCEPTED"
    wrong = await java("PATCH", place, 409, {"status": "REJECTED", "public_comment": "No"})
    assert wrong["code"] == "INAPPROPRIATE_STATUS"
    body = {"user_id": found["user_id"], "amount": 1.25, "without_message": True, "public_title": None,
            "public_message": None, "private_comment": "March", "assignment_id": page["id"]}  # fmt: skip
    bonus = await java("POST", "/v1/user-bonuses", 201, body)
    assert (bonus["amount"], bonus["without_message"]) == (1.25, True)
    assert (await java("GET", f"/v1/user-bonuses/{bonus['id']}", 200)) == bonus
    assert (await java("GET", "/v1/user-bonuses", 200, private_comment="March"))["items"] == [bonus]
    small = await java("POST", "/v1/user-bonuses", 400, {**body, "amount": 0.001})
    assert small["payload"]["amount"]["code"] == "VALUE_LESS_THAN_MIN"
    assert (await java("GET", place, 200))["bonus_ids"] == [bonus["id"]]


async def test_files_are_downloaded_with_their_type_and_as_attachments(talka: Talka, java: Java) -> None:
    body = project_body()
    body["task_spec"]["output_spec"] = {"photo": {"type": "file"}}
    pool = await talka.pool(await java("POST", "/v1/projects", 201, body))
    await talka.tasks(pool, 1)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    files = {"file": ("a b.png", b"\x89PNG", "image/png")}
    upload = await worker.client.post("/api/worker/v1/attachments", data={"assignment_id": page["id"]}, files=files)
    solutions = [{"output_values": {"photo": upload.json()["id"]}}]
    await worker.post(f"/assignments/{page['id']}/submit", {"solutions": solutions})
    [found] = (await java("GET", "/v1/attachments", 200, assignment_id=page["id"], type="ASSIGNMENT_ATTACHMENT"))[
        "items"
    ]
    assert (found["attachment_type"], found["media_type"]) == ("ASSIGNMENT_ATTACHMENT", "image/png")
    answer = await talka.requester.get(f"/api/v1/attachments/{found['id']}/download")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"\x89PNG", "image/png")
    assert answer.headers["content-length"] == "4"
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_aggregation(talka: Talka, java: Java) -> None:
    pool = await talka.pool()
    [first, *_] = await talka.tasks(pool, 4)
    skill = await java("POST", "/v1/skills", 201, {"name": "accuracy"})
    for _ in range(3):
        await submitted(await talka.worker(), pool)
    await java("POST", f"/v1/pools/{pool['id']}/close", 202)
    body = {"type": "WEIGHTED_DYNAMIC_OVERLAP", "pool_id": pool["id"], "fields": [{"name": "label"}],
            "answer_weight_skill_id": skill["id"]}  # fmt: skip
    operation = await java("POST", "/v1/aggregated-solutions/aggregate-by-pool", 202, body)
    assert operation["type"] == "SOLUTION.AGGREGATE"
    await talka.drain()
    found = await java("GET", f"/v1/aggregated-solutions/{operation['id']}", 200)
    assert (len(found["items"]), found["has_more"]) == (4, False)
    one = await java("POST", "/v1/aggregated-solutions/aggregate-by-task", 200, {**body, "task_id": first["id"]})
    assert (one["task_id"], one["output_values"]) == (first["id"], {"label": "a"})
    assert 0 <= one["confidence"] <= 1


async def test_skills_of_workers_and_restrictions(talka: Talka, java: Java) -> None:
    worker = await talka.worker()
    skill = await java("POST", "/v1/skills", 201, {"name": "skill", "public_name": {"EN": "Skill"}, "hidden": None})
    assert (await java("PUT", f"/v1/skills/{skill['id']}", 200, {**skill, "name": "renamed"}))["name"] == "renamed"
    body = {"id": None, "skill_id": skill["id"], "user_id": worker.user_id, "value": 85.5, "reason": None}
    put = await java("PUT", "/v1/user-skills", 201, body)
    assert (put["value"], put["exact_value"]) == (86, 85.5)
    changed = await java("PUT", "/v1/user-skills", 200, {**put, "value": 40})
    assert (changed["id"], changed["value"]) == (put["id"], 40)
    assert await java("DELETE", f"/v1/user-skills/{put['id']}", 204) is None
    ban = {"scope": "ALL_PROJECTS", "user_id": worker.user_id, "project_id": None, "pool_id": None, "will_expire": None}
    made = await java("PUT", "/v1/user-restrictions", 201, ban)
    again = await java("PUT", "/v1/user-restrictions", 200, {**ban, "private_comment": "again"})
    assert (again["id"], again["private_comment"]) == (made["id"], "again")
    assert await java("DELETE", f"/v1/user-restrictions/{made['id']}", 204) is None


async def test_messages(talka: Talka, java: Java) -> None:
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    await submitted(worker, pool)
    words = {"EN": "Hello"}
    body = {"recipients_select_type": "DIRECT", "recipients_ids": [worker.user_id], "topic": words, "text": words,
            "answerable": True, "recipients_filter": None}  # fmt: skip
    thread = await java("POST", "/v1/message-threads/compose", 201, body)
    place = f"/v1/message-threads/{thread['id']}"
    assert len((await java("POST", f"{place}/reply", 200, {"text": {"EN": "More"}}))["messages"]) == 2
    assert "IMPORTANT" in (await java("POST", f"{place}/add-to-folders", 200, {"folders": ["IMPORTANT"]}))["folders"]
    filed = await java("POST", f"{place}/remove-from-folders", 200, {"folders": ["IMPORTANT"]})
    assert filed["folders"] == ["OUTBOX"]
    mine = [one for one in thread["interlocutors"] if one.get("myself")]
    assert [one["role"] for one in mine] == ["REQUESTER"]


async def test_webhook_subscriptions_end_with_a_slash(talka: Talka, java: Java) -> None:
    pool = await talka.pool()
    body = {"event_type": "POOL_CLOSED", "webhook_url": "http://127.0.0.1:9/hook", "pool_id": pool["id"]}
    other = {**body, "event_type": "ASSIGNMENT_CREATED", "secret_key": None}
    single = await java("PUT", HOOKS, 200, body)
    assert {name: single[name] for name in body} == body
    assert "secret_key" not in single
    several = await java("PUT", HOOKS, 200, [body, other, {**other, "webhook_url": "nowhere"}])
    assert ({int(key) for key in several["items"]}, list(several["validation_errors"])) == ({0, 1}, ["2"])
    assert several["items"]["0"]["id"] == single["id"]
    listed = await java("GET", HOOKS, 200, pool_id=pool["id"])
    assert [one["id"] for one in listed["items"]] == [several["items"][key]["id"] for key in ("0", "1")]
    tried = await java("POST", f"{HOOKS}{single['id']}/test", 200)
    assert set(tried) >= {"success", "errorType", "uuids"}
    assert (tried["success"], tried["errorType"]) == (False, "CONNECTION_ERROR")
    assert await java("DELETE", f"{HOOKS}{single['id']}", 204) is None
    await java("GET", f"{HOOKS}{single['id']}", 404)
    assert (await java("PUT", HOOKS, 400, [{**body, "event_type": "TEST_EVENT"}]))["code"] == "VALIDATION_ERROR"


async def test_numbers_about_pools(talka: Talka, java: Java) -> None:
    pool = await talka.pool()
    asked = [{"subject": "POOL", "subject_id": pool["id"], "name": "completion_percentage"}]
    operation = await java("POST", "/staging/analytics-2", 202, asked)
    assert (operation["type"], operation["parameters"]) == ("ANALYTICS", {"value": asked})
    await talka.drain()
    [answer] = (await java("GET", f"/v1/operations/{operation['id']}", 200))["details"]["value"]
    assert answer["request"] == asked[0]


async def test_unknown_and_read_only_fields_are_left_aside(talka: Talka, java: Java) -> None:
    pool = await talka.pool()
    sent = {**pool, "id": "1", "owner": {"id": "x"}, "status": "OPEN", "created": "yesterday", "ownUnknownField": [1]}
    made = await java("POST", "/v1/pools", 201, sent)
    assert made["id"] not in {"1", pool["id"]}
    assert (made["status"], made["owner"]["myself"]) == ("CLOSED", True)
    assert "ownUnknownField" not in made


async def test_dates_come_in_in_every_form_and_find_their_rows(talka: Talka, java: Java) -> None:
    project = await talka.project()
    for text, read in (
        ("2100-01-01T00:00:00", "2100-01-01T00:00:00"),
        ("2100-01-01T00:00:00.250", "2100-01-01T00:00:00.250"),
        ("2100-01-01T00:00:00.000Z", "2100-01-01T00:00:00"),
        ("2100-01-01T02:00:00+02:00", "2100-01-01T00:00:00"),
    ):
        pool = await java("POST", "/v1/pools", 201, pool_body(project["id"], will_expire=text))
        assert pool["will_expire"] == read
        found = await java("GET", "/v1/pools", 200, created_gte=pool["created"], created_lte=pool["created"])
        assert pool["id"] in [one["id"] for one in found["items"]]
