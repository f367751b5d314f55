"""What workers read, in their language: cards, instructions, the interface of a page, hints."""

from __future__ import annotations

import json
from typing import Any

from tests.support.app import Talka, Worker
from tests.support.bodies import VIEW, project_body

FRENCH = {
    "language": "FR",
    "public_name": {"value": "Lettres", "source": "REQUESTER"},
    "public_description": {"value": "Dites la lettre"},
    "public_instructions": {"value": "<p>Choisissez.</p>"},
    "tb_view_spec": {"keys": [{"key": "ask", "value": "Quelle lettre ?", "source": "REQUESTER"}]},
}
HINT = {
    "default_language": "EN",
    "additional_languages": [{"language": "FR", "message_on_unknown_solution": {"value": "Encore."}}],
}


async def translated(talka: Talka) -> dict[str, Any]:
    """A project in English and French."""
    body = project_body(localization_config={"default_language": "EN", "additional_languages": [FRENCH]})
    keys = {"keys": [{"key": "ask", "defaultValue": "Which letter?"}]}
    body["task_spec"]["view_spec"] = {"type": "tb", "config": json.dumps(VIEW), "localizationConfig": keys}
    created = await talka.requester.post("/api/v1/projects", json=body)
    assert created.status_code == 201, created.text
    project: dict[str, Any] = created.json()
    return project


def question(page: dict[str, Any]) -> str:
    """What the interface of a page asks."""
    [key] = page["view_spec"]["localizationConfig"]["keys"]
    text: str = key["defaultValue"]
    return text


async def test_cards_and_pages_by_profile(talka: Talka) -> None:
    project = await translated(talka)
    pool = await talka.pool(project)
    await talka.tasks(pool, 8)
    for languages, title, asked in ((["FR"], "Lettres", "Quelle lettre ?"), (["EN", "FR"], "Letters", "Which letter?")):
        worker = await talka.worker(profile={"languages": languages})
        [card] = (await worker.get("/task-list")).json()["items"]
        assert card["title"] == title
        page = (await worker.take(pool)).json()
        assert question(page) == asked
        path = f"/assignments/{page['id']}"
        assert question((await worker.get(path)).json()) == asked
        assert question((await worker.submit(page)).json()) == asked
    kept = (await talka.requester.get(f"/api/v1/projects/{project['id']}")).json()
    assert kept["task_spec"]["view_spec"] == project["task_spec"]["view_spec"]


async def test_the_browser_decides_when_the_profile_does_not(talka: Talka) -> None:
    pool = await talka.pool(await translated(talka), public_description="The pool's own")
    await talka.tasks(pool, 8)
    worker = await talka.worker()
    worker.client.headers["accept-language"] = "fr-CA,en;q=0.5"
    [card] = (await worker.get("/task-list")).json()["items"]
    assert (card["title"], card["description"]) == ("Lettres", "The pool's own")
    texts = (await worker.get(f"/projects/{pool['project_id']}/instructions")).json()
    assert texts == {"public_name": "Lettres", "public_instructions": "<p>Choisissez.</p>"}
    assert question((await worker.take(pool)).json()) == "Quelle lettre ?"


async def test_a_pool_left_behind_keeps_its_texts(talka: Talka) -> None:
    project = await talka.project()
    pool = await talka.pool(project)
    await talka.tasks(pool, 4)
    body = project_body(public_name="Characters", public_instructions="<p>New.</p>")
    body["task_spec"]["output_spec"]["label"]["allowed_values"] = ["a"]
    await talka.requester.put(f"/api/v1/projects/{project['id']}", json=body)
    worker = await talka.worker()
    [card] = (await worker.get("/task-list")).json()["items"]
    assert card["title"] == "Letters"
    path = f"/projects/{project['id']}/instructions"
    assert (await worker.get(path, params={"pool_id": pool["id"]})).json() == {
        "public_name": "Letters", "public_instructions": "<p>Choose one.</p>",
    }  # fmt: skip
    assert (await worker.get(path)).json()["public_name"] == "Characters"


async def hinted(talka: Talka, worker: Worker, pool: dict[str, Any]) -> set[str]:
    """The hints that a wrong answer gives, by both doors."""
    page = (await worker.take(pool)).json()
    path, wrong = f"/assignments/{page['id']}", {"output_values": {"label": "b"}}
    [task] = page["tasks"]
    tried = (await worker.post(f"{path}/tasks/{task['id']}/attempts", wrong)).json()
    sent = (await worker.post(f"{path}/submit", {"solutions": [wrong]})).json()
    return {tried["hint"], sent["hints"][task["id"]]}


async def test_hints(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"training_tasks_count": 1}, reward_per_assignment=0)
    known = [{"output_values": {"label": "a"}}]
    more: dict[str, Any] = {"known_solutions": known, "message_on_unknown_solution": "Again.", "infinite_overlap": True}
    [task] = await talka.tasks(pool, 1, overlap=None, localization_config=HINT, **more)
    assert task["localization_config"] == HINT
    assert await hinted(talka, await talka.worker(profile={"languages": ["FR"]}), pool) == {"Encore."}
    assert await hinted(talka, await talka.worker(), pool) == {"Again."}


async def test_translations_of_hints_are_checked(talka: Talka) -> None:
    pool = await talka.pool()
    wrong: list[tuple[Any, str, str]] = [
        (5, "localization_config", "OBJECT_EXPECTED"),
        ({}, "localization_config.default_language", "VALUE_REQUIRED"),
        ({"default_language": "english"}, "localization_config.default_language", "UNKNOWN_ENUM_VALUE"),
        ({"default_language": "EN", "additional_languages": {}}, "localization_config.additional_languages",
         "ARRAY_EXPECTED"),
        ({"default_language": "EN", "additional_languages": [{"message_on_unknown_solution": {"value": 1}}]},
         "localization_config.additional_languages.0.message_on_unknown_solution.value", "STRING_EXPECTED"),
    ]  # fmt: skip
    for config, path, code in wrong:
        item = {"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 1, "localization_config": config}
        answer = await talka.requester.post("/api/v1/tasks", json=item)
        assert answer.status_code == 400, answer.text
        assert answer.json()["payload"][path]["code"] == code
