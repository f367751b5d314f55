"""Apps and their projects on the wire: what there is, what is made, what is refused, lists, archiving."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.apps import support
from tests.support.app import Talka

from talka.apps.solutions import APPS

APP_IDS = ["image-classification", "side-by-side", "text-classification", "transcription"]
FULL: dict[str, Any] = {
    **support.PARAMETERS["image-classification"],
    "instruction_question": "Which one?",
    "instruction_examples": [
        {"label": "Cat", "description": "<b>x</b>", "text": "purr", "image_url": "https://example.org/cat.png"}
    ],
    "option_overlap": 5,
    "option_other": True,
    "option_multiple_choice": True,
    "option_adult_content": True,
    "control_items": [{"input_data": {"image_url": "https://example.org/1.png"}, "result": ["cat", "other"]}],
}


async def test_apps_are_listed_and_described(talka: Talka) -> None:
    found = await support.get(talka, "/apps")
    assert [app["id"] for app in found["content"]] == APP_IDS
    assert found["has_more"] is False
    for short in found["content"]:
        app = await support.get(talka, f"/apps/{short['id']}", lang="en")
        assert {name: app[name] for name in short} == short
        assert short["image"].startswith("data:image/svg+xml;base64,")
        assert short["default_item_price"] > 0
        fields = app["param_spec"]["fields"]
        assert {"name", "default_language", "instruction_intro"} <= set(fields["required"]) <= set(fields["properties"])
        assert "$ref" not in json.dumps(app)
        assert app["input_spec"]["id"] == {"type": "string", "required": False, "hidden": False}
        assert app["output_spec"]["result"]["required"] is True
        assert {each["name"] for each in app["input_format_info"]["input_fields"]} == set(app["input_spec"])
    first = await support.get(talka, "/apps", sort="-id", limit=1)
    assert (first["content"][0]["id"], first["has_more"]) == ("transcription", True)
    rest = await support.get(talka, "/apps", sort="-id", after_id="text-classification")
    assert [app["id"] for app in rest["content"]] == APP_IDS[1::-1]
    assert [a["id"] for a in (await support.get(talka, "/apps", id_gt="s", id_lte="t"))["content"]] == ["side-by-side"]
    named = await support.get(talka, "/apps", name_gte="Text", name_lt="Tp")
    assert [app["id"] for app in named["content"]] == ["text-classification"]
    for params in ({"after_id": "x"}, {"limit": 1001}, {"limit": 0}, {"sort": "price"}):
        answer = await talka.requester.get(f"{support.BASE}/apps", params=params)
        assert (answer.status_code, list(answer.json()["payload"])) == (400, list(params))
    missing = await talka.requester.get(f"{support.BASE}/apps/x")
    assert (missing.status_code, missing.json()["code"]) == (404, "DOES_NOT_EXIST")


async def test_a_project_on_the_wire(talka: Talka) -> None:
    body = {"app_id": "image-classification", "name": "First", "parameters": {**FULL, "own": {"kept": [1]}}}
    made = await support.created(talka.requester, "/app-projects", {**body, "id": "1", "status": "ERROR", "x": 1})
    assert made == {
        **body,
        "id": made["id"],
        "parent_app_project_id": "",
        "status": "READY",
        "created": made["created"],
        "item_price": 0.05,
        "errors": [],
        "read_only": False,
        "app": {"id": "image-classification", "name": "Image classification"},
    }
    assert len(made["id"]) == 24
    assert await support.get(talka, f"/app-projects/{made['id']}") == made
    [work] = (await talka.requester.get("/api/v1/projects")).json()["items"]
    assert work["public_name"] == "Animals"
    assert "<b>Cat</b>: &lt;b&gt;x&lt;/b&gt;" in work["public_instructions"]
    assert list(work["task_spec"]["input_spec"]) == ["image_url"]
    assert list(work["task_spec"]["output_spec"]) == ["class_1", "class_2", "class_3", "class_4"]
    assert work["localization_config"]["default_language"] == "EN"
    copy = await support.created(talka.requester, "/app-projects", {**body, "parent_app_project_id": made["id"]})
    assert copy["parent_app_project_id"] == made["id"]
    kit = await support.created(talka.requester, "/app-projects", {**body, "parent_app_project_id": ""})
    assert kit["parent_app_project_id"] == ""


@pytest.mark.parametrize("app", APP_IDS)
async def test_interfaces_are_made_of_components_that_workers_can_see(talka: Talka, app: str) -> None:
    parameters = support.PARAMETERS[app]
    others = [{**parameters, "option_multiple_choice": True}] if "classification" in app else []
    if app == "side-by-side":
        others.append({**parameters, "option_content_type": "image"})
    for each in [parameters, *others]:
        found = APPS.get(app)
        assert found is not None
        body = found.view(found.parameters.model_validate(each))
        types = set(_types(body))
        drawn = {kind for kind in types if kind.startswith(("view.", "field.", "layout."))}
        assert drawn <= {
            "field.button-radio-group", "field.checkbox-group", "field.radio-group", "field.textarea",
            "layout.columns", "view.image", "view.list", "view.text",
        }  # fmt: skip
        project = await support.project(talka, app, **each)
        assert project["status"] == "READY"
    work = (await talka.requester.get("/api/v1/projects")).json()["items"][0]
    view = work["task_spec"]["view_spec"]
    assert set(view["lock"]) - {"core"} == {kind for kind in _types(json.loads(view["config"])) if kind[:5] != "data."}


def _types(node: Any) -> list[str]:
    if isinstance(node, list):
        return [kind for part in node for kind in _types(part)]
    if not isinstance(node, dict):
        return []
    return ([node["type"]] if isinstance(node.get("type"), str) else []) + _types(list(node.values()))


BROKEN: list[tuple[str, Any, dict[str, str]]] = [
    ("app_id", None, {"app_id": "VALUE_REQUIRED"}),
    ("app_id", "x", {"app_id": "ENTITY_DOES_NOT_EXIST"}),
    ("app_id", 1.5, {"app_id": "STRING_EXPECTED"}),
    ("name", None, {"name": "VALUE_REQUIRED"}),
    ("name", " ", {"name": "BLANK_STRING_NOT_ALLOWED"}),
    ("name", "x" * 256, {"name": "STRING_LENGTH_GREATER_THAN_MAX"}),
    ("parameters", None, {"parameters": "VALUE_REQUIRED"}),
    ("parameters", [], {"parameters": "OBJECT_EXPECTED"}),
    ("parent_app_project_id", "0" * 24, {"parent_app_project_id": "ENTITY_DOES_NOT_EXIST"}),
    ("parent_app_project_id", "x", {"parent_app_project_id": "ENTITY_DOES_NOT_EXIST"}),
]
BROKEN_PARAMETERS: list[tuple[str, Any, dict[str, str]]] = [
    ("name", None, {"name": "VALUE_REQUIRED"}),
    ("name", 5, {"name": "STRING_EXPECTED"}),
    ("default_language", None, {"default_language": "VALUE_REQUIRED"}),
    ("default_language", "english", {"default_language": "UNKNOWN_ENUM_VALUE"}),
    ("instruction_intro", None, {"instruction_intro": "VALUE_REQUIRED"}),
    ("instruction_intro", "x" * 10_001, {"instruction_intro": "STRING_LENGTH_GREATER_THAN_MAX"}),
    ("instruction_question", {}, {"instruction_question": "STRING_EXPECTED"}),
    ("instruction_classes", None, {"instruction_classes": "VALUE_REQUIRED"}),
    ("instruction_classes", "x", {"instruction_classes": "ARRAY_EXPECTED"}),
    (
        "instruction_classes",
        [],
        {"instruction_classes": "ARRAY_SIZE_LESS_THAN_MIN", "control_items.0.result.0": "VALUE_NOT_ALLOWED"},
    ),
    (
        "instruction_classes",
        [{"label": str(n), "value": str(n) if n else "cat"} for n in range(13)],
        {"instruction_classes": "ARRAY_SIZE_GREATER_THAN_MAX"},
    ),
    (
        "instruction_classes",
        [
            {"label": "A", "value": "cat"},
            {"label": "B", "value": "cat"},
            {"label": "C"},
            {"label": "D", "value": "other"},
        ],
        {
            "instruction_classes.1.value": "DUPLICATE_VALUE_IN_ARRAY",
            "instruction_classes.2.value": "VALUE_REQUIRED",
            "instruction_classes.3.value": "DUPLICATE_VALUE_IN_ARRAY",
        },
    ),
    ("instruction_examples", [{"text": "x"}], {"instruction_examples.0.label": "VALUE_REQUIRED"}),
    ("option_overlap", 0, {"option_overlap": "VALUE_LESS_THAN_MIN"}),
    ("option_overlap", 31, {"option_overlap": "VALUE_GREATER_THAN_MAX"}),
    ("option_overlap", "3", {"option_overlap": "INTEGER_EXPECTED"}),
    (
        "option_other",
        "yes",
        {"option_other": "BOOLEAN_EXPECTED", "control_items.0.result.1": "VALUE_NOT_ALLOWED"},
    ),
    ("option_adult_content", 1, {"option_adult_content": "BOOLEAN_EXPECTED"}),
    ("control_items", {}, {"control_items": "ARRAY_EXPECTED"}),
    ("control_items", [1], {"control_items.0": "OBJECT_EXPECTED"}),
    (
        "control_items",
        [{}],
        {"control_items.0.input_data": "VALUE_REQUIRED", "control_items.0.result": "VALUE_REQUIRED"},
    ),
    (
        "control_items",
        [{"input_data": {"image_url": "x", "y": 1}, "result": ["cat"]}],
        {
            "control_items.0.input_data.image_url": "INVALID_URL_SYNTAX",
            "control_items.0.input_data.y": "VALUE_NOT_ALLOWED",
        },
    ),
    (
        "control_items",
        [{"input_data": {"image_url": "https://x"}, "result": ["cow"]}],
        {"control_items.0.result.0": "VALUE_NOT_ALLOWED"},
    ),
]  # fmt: skip


async def test_every_wrong_field_is_named(talka: Talka) -> None:
    before = len((await talka.requester.get("/api/v1/projects")).json()["items"])
    good = {"app_id": "image-classification", "name": "First", "parameters": FULL}
    for field, value, expected in BROKEN:
        answer = await talka.requester.post(f"{support.BASE}/app-projects", json={**good, field: value})
        assert (answer.status_code, _codes(answer.json())) == (400, expected), (field, value)
    for field, value, expected in BROKEN_PARAMETERS:
        body = {**good, "parameters": {**FULL, field: value}}
        answer = await talka.requester.post(f"{support.BASE}/app-projects", json=body)
        below = {f"parameters.{path}": code for path, code in expected.items()}
        assert (answer.status_code, _codes(answer.json())) == (400, below), (field, value)
    body = {"app_id": "x", "parameters": {}, "parent_app_project_id": "y"}
    answer = await talka.requester.post(f"{support.BASE}/app-projects", json={**body, "name": "x"})
    assert set(_codes(answer.json())) == {"app_id", "parent_app_project_id"}
    for raw in (b"[]", b"1", b"{", b"\xff", b'{"name":"\\u0000"}', b"[" * 300 + b"]" * 300):
        answer = await talka.requester.post(
            f"{support.BASE}/app-projects", content=raw, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400, raw
    sides = {"app_id": "side-by-side", "name": "x", "parameters": support.PARAMETERS["transcription"]}
    answer = await talka.requester.post(f"{support.BASE}/app-projects", json=sides)
    assert _codes(answer.json()) == {"parameters.option_content_type": "VALUE_REQUIRED"}
    known = {"input_data": support.ITEMS["side-by-side"], "result": "equal"}
    sides["parameters"] = {**support.PARAMETERS["side-by-side"], "option_equal": None, "control_items": [known]}
    answer = await talka.requester.post(f"{support.BASE}/app-projects", json=sides)
    assert _codes(answer.json()) == {"parameters.control_items.0.result": "VALUE_NOT_ALLOWED"}
    assert len((await talka.requester.get("/api/v1/projects")).json()["items"]) == before


def _codes(body: dict[str, Any]) -> dict[str, str]:
    assert body["code"] == "VALIDATION_ERROR", body
    return {path: error["code"] for path, error in body["payload"].items()}


async def test_lists_of_projects(talka: Talka) -> None:
    made = [await support.project(talka, app) for app in ("transcription", "side-by-side", "transcription")]
    ids = [each["id"] for each in made]
    body = {"app_id": "transcription", "name": "AAA", "parameters": support.PARAMETERS["transcription"]}
    copy = await support.created(talka.requester, "/app-projects", {**body, "parent_app_project_id": ids[0]})
    ids.append(copy["id"])
    assert ids == sorted(ids)
    archived = await talka.requester.post(f"{support.BASE}/app-projects/{ids[1]}/archive")
    assert (archived.status_code, archived.json()["status"], archived.json()["read_only"]) == (200, "ARCHIVED", True)
    me = talka.account["requester_id"]
    for params, expected in (
        ({}, [0, 1, 2, 3]),
        ({"app_id": "transcription"}, [0, 2, 3]),
        ({"parent_app_project_id": ids[0]}, [3]),
        ({"status": "READY"}, [0, 2, 3]),
        ({"status": "ARCHIVED"}, [1]),
        ({"status": "CREATING"}, []),
        ({"scope": "MY"}, [0, 1, 2, 3]),
        ({"scope": "COMPANY"}, [0, 1, 2, 3]),
        ({"scope": "REQUESTER_LIST", "requester_ids": me}, [0, 1, 2, 3]),
        ({"scope": "REQUESTER_LIST", "requester_ids": f"{'0' * 32},{me}"}, [0, 1, 2, 3]),
        ({"scope": "REQUESTER_LIST", "requester_ids": "0" * 32}, []),
        ({"id_gt": ids[0], "id_lt": ids[3]}, [1, 2]),
        ({"id_gte": ids[1], "id_lte": ids[2], "sort": "-id"}, [2, 1]),
        ({"name_gte": "AAA", "name_lt": "B"}, [3]),
        ({"sort": "name"}, [3, 1, 0, 2]),
        ({"sort": "-name,-id"}, [2, 0, 1, 3]),
        ({"sort": "created", "after_id": ids[1]}, [2, 3]),
        ({"sort": "-name", "after_id": ids[0]}, [2, 1, 3]),
        ({"sort": "name", "after_id": ids[1], "limit": 1}, [0]),
        ({"created_gt": made[0]["created"]}, [1, 2, 3]),
        ({"created_lte": made[0]["created"]}, [0]),
        ({"limit": 5000}, [0, 1, 2, 3]),
    ):
        found = await support.get(talka, "/app-projects", **params)
        assert [ids.index(each["id"]) for each in found["content"]] == expected, params
        assert found["has_more"] is (params.get("limit") == 1)
    for params, wrong in (
        ({"status": "x"}, "status"), ({"scope": "x"}, "scope"), ({"scope": "REQUESTER_LIST"}, "requester_ids"),
        ({"requester_ids": "x"}, "requester_ids"), ({"after_id": "0" * 24}, "after_id"),
        ({"after_id": "x"}, "after_id"),
        ({"limit": 5001}, "limit"), ({"sort": "status"}, "sort"), ({"id_gt": "x"}, "id_gt"),
        ({"created_gt": "x"}, "created_gt"), ({"parent_app_project_id": "x"}, "parent_app_project_id"),
    ):  # fmt: skip
        answer = await talka.requester.get(f"{support.BASE}/app-projects", params=params)
        assert (answer.status_code, list(_codes(answer.json()))) == (400, [wrong]), params


async def test_archiving_projects(talka: Talka) -> None:
    project = await support.project(talka)
    where = f"{support.BASE}{support.path(project)}"
    batch = await support.batch(talka, project, [{"text": "a"}])
    await support.done(talka, project, batch, "start")
    refused = await talka.requester.post(f"{where}/archive")
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT_STATE")
    await support.done(talka, project, batch, "stop")
    await support.created(talka.requester, support.path(project, "items"), {"input_data": {"text": "b"}})
    await talka.drain()
    for _ in range(2):
        assert (await talka.requester.post(f"{where}/archive")).json()["status"] == "ARCHIVED"
    assert {pool["status"] for pool in await support.pools(talka)} == {"CLOSED"}
    for path, body in (
        ("/batches", {}), ("/batches/sync", {"items": [{"text": "x"}]}), ("/items", {"input_data": {"text": "x"}}),
        ("/items/bulk", {"items": [{"text": "x"}]}), (f"/batches/{batch['id']}/resume", None),
        (f"/batches/{batch['id']}/stop", None), (f"/batches/{batch['id']}/start", None),
    ):  # fmt: skip
        answer = await talka.requester.post(f"{where}{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "PROJECT_INAPPROPRIATE_STATUS"), path
        assert answer.json()["payload"] == {"appropriate_statuses": ["READY"]}
    assert (await support.shown(talka, project, batch))["read_only"] is True
    for _ in range(2):
        assert (await talka.requester.post(f"{where}/unarchive")).json()["status"] == "READY"
    await talka.drain()
    assert sorted(pool["status"] for pool in await support.pools(talka)) == ["CLOSED", "OPEN"]
    assert (await support.done(talka, project, batch, "resume"))["status"] == "PROCESSING"
