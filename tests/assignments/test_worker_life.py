"""A page in the hands of its worker: shapes, submit, skip, exit, deadlines, repeated calls."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.support.app import Talka, Worker
from tests.support.bodies import project_body


async def error(answer: Any, status: int, code: str) -> Any:
    """The payload of a refusal."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()["payload"]


async def balance(talka: Talka) -> float:
    """What the requester can spend."""
    value: float = (await talka.requester.get("/api/v1/requester")).json()["balance"]
    return value


async def money(worker: Worker) -> Any:
    """The worker's balance."""
    return (await worker.get("/me")).json()["balance"]


async def taken(talka: Talka, **changes: Any) -> tuple[dict[str, Any], Worker, dict[str, Any]]:
    """A pool of four tasks, a worker, and their page."""
    pool = await talka.pool(**changes)
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    return pool, worker, (await worker.take(pool)).json()


async def test_the_page_shows_no_more_than_it_must(talka: Talka) -> None:
    body = project_body(public_instructions="<b>Do.</b>")
    spec = body["task_spec"]
    spec["input_spec"] |= {"secret": {"type": "string", "hidden": True}, "image": {"type": "url", "required": False}}
    project = await talka.project(**body)
    mixer = {"real_tasks_count": 1, "golden_tasks_count": 1, "shuffle_tasks_in_task_suite": False}
    pool = await talka.pool(project, mixer_config=mixer)
    image, media = "https://example.org/a.png", "http://127.0.0.1:8080/media/a/b.png"
    items = [
        {"input_values": {"item": "x", "secret": "s", "image": image}, "overlap": 1, "reserved_for": []},
        {"input_values": {"item": "/media/c.png?x=1", "secret": "s", "image": media}, "infinite_overlap": True,
         "known_solutions": [{"output_values": {"label": "a"}}]},
    ]  # fmt: skip
    tasks = await talka.requester.post(
        "/api/v1/tasks?open_pool=true", json=[{**item, "pool_id": pool["id"]} for item in items]
    )
    ids = [task["id"] for task in tasks.json()["items"].values()]
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    inputs = [task["input_values"] for task in page["tasks"]]
    stored = (await talka.requester.get(f"/api/v1/projects/{project['id']}")).json()["task_spec"]
    assert page == {
        "id": page["id"], "pool_id": pool["id"], "project_id": project["id"], "status": "ACTIVE", "reward": 0.05,
        "created": page["created"], "expires": page["expires"], "view_spec": stored["view_spec"],
        "input_spec": {name: stored["input_spec"][name] for name in ("item", "image")},
        "output_spec": stored["output_spec"],
        "tasks": [{"id": task_id, "input_values": values} for task_id, values in zip(ids, inputs, strict=True)],
    }  # fmt: skip
    assert inputs[0] == {"item": "x", "image": image}
    assert inputs[1].keys() == {"item", "image"}
    for signed, plain in ((inputs[1]["item"], "/media/c.png"), (inputs[1]["image"], media)):
        address, _, query = signed.partition("?")
        assert address == plain
        assert f"assignment={page['id']}&expires=" in query
        assert "&signature=" in query
    read = (await worker.get(f"/assignments/{page['id']}")).json()
    assert {**read, "tasks": page["tasks"]} == page
    assert [task["id"] for task in read["tasks"]] == ids
    length = datetime.fromisoformat(page["expires"]) - datetime.fromisoformat(page["created"])
    assert length == timedelta(seconds=600)


async def test_signed_media_open_for_the_page_only(talka: Talka, tmp_path: Any) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "a.txt").write_text("hello")
    pool = await talka.pool(mixer_config={"real_tasks_count": 1})
    await talka.tasks(pool, 1, input_values={"item": "/media/a.txt"})
    page = (await (await talka.worker()).take(pool)).json()
    address = page["tasks"][0]["input_values"]["item"]
    anonymous = talka.anonymous()
    assert (await anonymous.get(address)).text == "hello"
    forged = address[:-1] + ("B" if address.endswith("A") else "A")
    for wrong in (forged, address.replace("expires=", "expires=9"), "/media/a.txt", address + "&a=b" * 9):
        answer = await anonymous.get(wrong)
        assert answer.status_code == (200 if wrong.endswith("&a=b") else 403), wrong
    assert (await talka.requester.get("/media/a.txt")).text == "hello"
    for outside in ("/media/../credentials.json", "/media/%2e%2e/credentials.json", "/media/none.txt"):
        assert (await talka.requester.get(outside)).status_code in {403, 404}


async def test_submitting_is_idempotent_and_final(talka: Talka) -> None:
    _, worker, page = await taken(talka)
    path = f"/assignments/{page['id']}/submit"
    body = {"solutions": [{"output_values": {"label": label}} for label in "abab"]}
    first = (await worker.post(path, body)).json()
    assert first["status"] == "ACCEPTED"
    assert first["solutions"] == body["solutions"]
    assert first["submitted"] == first["accepted"]
    assert (await worker.post(path, body)).json() == first
    other = {"solutions": [{"output_values": {"label": "a"}}] * 4}
    assert await error(await worker.post(path, other), 409, "INAPPROPRIATE_STATUS") == {
        "appropriate_statuses": ["ACTIVE"]
    }
    for act in ("skip", "exit"):
        await error(await worker.post(f"/assignments/{page['id']}/{act}"), 409, "INAPPROPRIATE_STATUS")
    assert await money(worker) == {"available": 0.05, "on_review": 0, "blocked": 0}
    assert await balance(talka) == 1_000_000 - 0.05
    shown = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
    assert (shown["status"], shown["solutions"]) == ("ACCEPTED", body["solutions"])


@pytest.mark.parametrize(
    ("solutions", "wrong"),
    [
        (None, {"solutions": "VALUE_REQUIRED"}),
        ({}, {"solutions": "ARRAY_EXPECTED"}),
        ([{"output_values": {"label": "a"}}] * 3, {"solutions": "ARRAY_SIZE_LESS_THAN_MIN"}),
        ([{"output_values": {"label": "a"}}] * 5, {"solutions": "ARRAY_SIZE_GREATER_THAN_MAX"}),
        (
            [{"output_values": {"label": "c"}}, {"output_values": {}}, "a", {"output_values": {"label": "a", "b": 1}}],
            {
                "solutions.0.output_values.label": "VALUE_NOT_ALLOWED",
                "solutions.1.output_values.label": "VALUE_REQUIRED",
                "solutions.2": "OBJECT_EXPECTED",
                "solutions.3.output_values.b": "VALUE_NOT_ALLOWED",
            },
        ),
        (
            [{"output_values": {"label": ["a"]}}, {}, {"output_values": []}, {"output_values": {"label": None}}],
            {
                "solutions.0.output_values.label": "SIMPLE_VALUE_EXPECTED",
                "solutions.1.output_values": "VALUE_REQUIRED",
                "solutions.2.output_values": "OBJECT_EXPECTED",
                "solutions.3.output_values.label": "VALUE_REQUIRED",
            },
        ),
    ],
)
async def test_answers_that_do_not_fit_are_named(talka: Talka, solutions: Any, wrong: dict[str, str]) -> None:
    _, worker, page = await taken(talka)
    answer = await worker.post(f"/assignments/{page['id']}/submit", {"solutions": solutions})
    payload = await error(answer, 400, "VALIDATION_ERROR")
    assert {path: found["code"] for path, found in payload.items()} == wrong
    assert (await worker.get(f"/assignments/{page['id']}")).json()["status"] == "ACTIVE"


@pytest.mark.parametrize(("act", "status", "date"), [("skip", "SKIPPED", "skipped"), ("exit", "EXPIRED", "expired")])
async def test_leaving_a_page_gives_its_money_back(talka: Talka, act: str, status: str, date: str) -> None:
    pool, worker, page = await taken(talka)
    assert await balance(talka) == 1_000_000 - 0.05
    await talka.advance(5)
    left = (await worker.post(f"/assignments/{page['id']}/{act}")).json()
    assert left["status"] == status
    assert page["created"] < left[date] < page["expires"]
    assert await balance(talka) == 1_000_000
    assert (await worker.post(f"/assignments/{page['id']}/{act}")).json() == left
    await error(await worker.submit(page), 409, "INAPPROPRIATE_STATUS")
    other = {"skip": "exit", "exit": "skip"}[act]
    await error(await worker.post(f"/assignments/{page['id']}/{other}"), 409, "INAPPROPRIATE_STATUS")
    shown = (await talka.requester.get(f"/api/v1/assignments/{page['id']}")).json()
    assert (shown["status"], shown[date], "solutions" in shown) == (status, left[date], False)
    again = await worker.take(pool)
    assert again.status_code == (409 if act == "skip" else 201)


async def test_the_deadline(talka: Talka) -> None:
    pool, worker, page = await taken(talka, assignment_max_duration_seconds=60)
    await talka.advance(55)
    assert (await worker.submit(page)).json()["status"] == "ACCEPTED"
    await talka.tasks(pool, 4)
    late = (await worker.take(pool)).json()
    await talka.advance(3600)
    await error(await worker.submit(late), 409, "INAPPROPRIATE_STATUS")
    shown = (await talka.requester.get(f"/api/v1/assignments/{late['id']}")).json()
    assert (shown["status"], shown["expired"]) == ("EXPIRED", late["expires"])
    assert await balance(talka) == 1_000_000 - 0.05


async def test_one_page_at_a_time_unless_the_project_says_otherwise(talka: Talka) -> None:
    for most in (1, 2):
        project = await talka.project(max_active_assignments_count=most)
        pools = [await talka.pool(project) for _ in range(2)]
        for pool in pools:
            await talka.tasks(pool, 8)
        worker = await talka.worker()
        held = [(await worker.take(pools[index % 2])).json()["id"] for index in range(most)]
        payload = await error(await worker.take(pools[1]), 409, "TOO_MANY_ACTIVE_ASSIGNMENTS")
        assert payload == {"active_assignment_ids": held}


async def test_pages_of_others_and_of_nobody(talka: Talka) -> None:
    _, _, page = await taken(talka)
    other = await talka.worker()
    solution = {"solutions": [{"output_values": {"label": "a"}}] * 4}
    for page_id in (page["id"], "x", "00000f4241--000000000000000000000001"):
        await error(await other.get(f"/assignments/{page_id}"), 404, "DOES_NOT_EXIST")
        for act in ("submit", "skip", "exit"):
            await error(await other.post(f"/assignments/{page_id}/{act}", solution), 404, "DOES_NOT_EXIST")
    for pool_id in ("1", "x", "99999999999"):
        await error(await other.take({"id": pool_id}), 404, "DOES_NOT_EXIST")


async def test_own_pages_and_earnings_are_listed(talka: Talka) -> None:
    project = await talka.project(max_active_assignments_count=5)
    high, low = await talka.pool(project), await talka.pool(project)
    high, low = sorted((high, low), key=lambda pool: str(pool["id"]), reverse=True)
    for pool in (high, low):
        await talka.tasks(pool, 12)
    worker = await talka.worker()
    pages = [(await worker.take(pool)).json() for pool in (high, low, high, low)]
    for page in pages[:3]:
        await worker.submit(page)
    ids = sorted(page["id"] for page in pages)
    found: list[str] = []
    more = True
    while more:
        query = f"?limit=1&sort=id&id_gt={found[-1]}" if found else "?limit=1&sort=id"
        answer = (await worker.get(f"/assignments{query}")).json()
        found += [item["id"] for item in answer["items"]]
        more = answer["has_more"]
    assert found == ids
    active = (await worker.get("/assignments?status=ACTIVE")).json()["items"]
    assert [item["id"] for item in active] == [pages[3]["id"]]
    first = (await worker.get("/earnings?limit=2")).json()
    rest = (await worker.get(f"/earnings?limit=2&before={first['items'][-1]['assignment_id']}")).json()
    assert (first["has_more"], rest["has_more"]) == (True, False)
    paid = [item["assignment_id"] for item in first["items"] + rest["items"]]
    assert paid == [page["id"] for page in reversed(pages[:3])]
    assert first["items"][0].keys() == {"assignment_id", "project_id", "title", "amount", "created", "kind"}


async def test_cards_and_instructions(talka: Talka) -> None:
    project = await talka.project()
    first = await talka.pool(project, priority=1)
    second = await talka.pool(project, priority=9)
    dear = await talka.pool(project, reward_per_assignment=0.1, auto_accept_solutions=False)
    for pool in (first, second, dear):
        await talka.tasks(pool, 4)
    worker = await talka.worker()
    card = {
        "project_id": project["id"], "pool_id": second["id"], "title": "Letters",
        "description": "Say which letter it is", "reward_per_assignment": 0.05, "requester": "Requester",
        "may_contain_adult_content": False, "kind": "GENERAL", "acceptance": "AUTO", "available": True,
    }  # fmt: skip
    costly = {**card, "pool_id": dear["id"], "reward_per_assignment": 0.1, "acceptance": "MANUAL"}
    items = (await worker.get("/task-list")).json()["items"]
    assert sorted(items, key=str) == sorted([card, costly], key=str)
    page = (await worker.take(second)).json()
    held = (await worker.get("/task-list")).json()["items"]
    kept = {**card, "active_assignment_id": page["id"]}
    waiting = {**costly, "available": False, "unavailable_reason": "ACTIVE_ASSIGNMENT"}
    assert sorted(held, key=str) == sorted([kept, waiting], key=str)
    shown = await worker.get(f"/projects/{project['id']}/instructions")
    assert shown.json() == {"public_name": "Letters", "public_instructions": "<p>Choose one.</p>"}
    closed = await talka.project()
    await error(await worker.get(f"/projects/{closed['id']}/instructions"), 404, "DOES_NOT_EXIST")


async def test_adult_content_needs_consent(talka: Talka) -> None:
    pool = await talka.pool(may_contain_adult_content=True)
    await talka.tasks(pool, 4)
    worker = await talka.worker()
    assert await error(await worker.take(pool), 403, "ACCESS_DENIED") == {"reason": "ADULT_CONTENT"}
    card = (await worker.get("/task-list")).json()["items"][0]
    assert (card["available"], card["unavailable_reason"]) == (False, "ADULT_CONTENT")
    await worker.client.patch("/api/worker/v1/me", json={"profile": {"adult_allowed": True}})
    assert (await worker.take(pool)).status_code == 201


async def test_instructions_come_in_the_worker_s_language(talka: Talka) -> None:
    def text(value: str) -> dict[str, str]:
        return {"value": value, "source": "REQUESTER"}

    languages = [
        {"language": "FR", "public_name": text("Lettres"), "public_instructions": text("<p>Choisir.</p>")},
        {"language": "PT-BR", "public_name": text("Letras")},
    ]
    project = await talka.project(localization_config={"default_language": "EN", "additional_languages": languages})
    await talka.tasks(await talka.pool(project), 4)
    plain = {"public_name": "Letters", "public_instructions": "<p>Choose one.</p>"}
    french = {"public_name": "Lettres", "public_instructions": "<p>Choisir.</p>"}
    brazilian = {**plain, "public_name": "Letras"}
    path = f"/projects/{project['id']}/instructions"
    stranger = await talka.worker()
    for header, expected in (
        ("", plain), ("de, fr;q=0.5", french), ("pt-BR,pt;q=0.9", brazilian), ("en, fr", plain), ("\xff;;,,=", plain),
    ):  # fmt: skip
        headers = [(b"accept-language", header.encode("latin-1"))]
        assert (await stranger.get(path, headers=headers)).json() == expected, header
    reader = await talka.worker(profile={"languages": ["DE", "FR"]})
    assert (await reader.get(path, headers={"accept-language": "en"})).json() == french
