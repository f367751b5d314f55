"""Items and batches on the wire: what is made, what is refused, lists, actions, other accounts."""

from __future__ import annotations

from typing import Any

import httpx
from tests.apps import support
from tests.support.app import Talka

STATES = ("NEW", "PROCESSING", "COMPLETED", "ERROR", "CANCELLED", "ARCHIVE", "NO_MONEY", "STOPPED")

VERBS = ("start", "stop", "resume", "archive", "unarchive")


def _codes(answer: httpx.Response) -> dict[str, str]:
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text
    return {path: error["code"] for path, error in answer.json()["payload"].items()}


async def test_a_batch_on_the_wire(talka: Talka) -> None:
    project = await support.project(talka, "image-classification")
    sent = [{"id": str(n), "image_url": f"https://example.org/{n}.png"} for n in range(3)]
    body = {"name": "Test batch", "items": [*sent[:2], {"id": "x"}, sent[2], {"image_url": "x", "y": 1}]}
    refused = await talka.requester.post(f"{support.BASE}{support.path(project, 'batches')}", json=body)
    wrong = {
        "input_data.2.image_url": "VALUE_REQUIRED",
        "input_data.4.image_url": "INVALID_URL_SYNTAX",
        "input_data.4.y": "VALUE_NOT_ALLOWED",
    }
    assert _codes(refused) == wrong
    assert (await support.get(talka, support.path(project, "batches")))["content"] == []
    options = {"ignore_errors": True, "priority_order": "ONE", "force_new_original": False}
    made = await support.created(talka.requester, support.path(project, "batches"), {**body, **options})
    errors = made["validation_errors"]
    assert {path: error["code"] for path, error in errors.items()} == wrong
    assert made == {
        "id": made["id"],
        "app_project_id": project["id"],
        "name": "Test batch",
        "status": "NEW",
        "priority_order": "ONE",
        "items_count": 3,
        "items_processed_count": 0,
        "items_per_state": {**dict.fromkeys(STATES, 0), "NEW": 3},
        "item_price": 0.03,
        "cost": 0.09,
        "cost_of_processed": 0,
        "created_at": made["created_at"],
        "read_only": False,
        "validation_errors": errors,
        "last_items_import": {
            "id": made["last_items_import"]["id"],
            "records_count": 5,
            "records_processed": 5,
            "records_skipped": 2,
            "errors": errors,
        },
        "current_time": made["current_time"],
    }
    again = await support.shown(talka, project, made)
    assert {**again, "current_time": ""} == {**made, "current_time": ""}
    found = await support.items_of(talka, project)
    assert [item["input_data"] for item in found] == sent
    assert found[0] == {
        "id": found[0]["id"],
        "app_project_id": project["id"],
        "batch_id": made["id"],
        "status": "NEW",
        "input_data": sent[0],
        "output_data": {},
        "errors": [],
        "created_at": made["created_at"],
    }
    assert await support.get(talka, support.path(project, "items", found[0]["id"])) == found[0]


async def test_items_are_added_to_batches(talka: Talka) -> None:
    project = await support.project(talka)
    bulk, single = support.path(project, "items", "bulk"), support.path(project, "items")
    batch = await support.created(talka.requester, support.path(project, "batches"), {})
    assert (batch["name"], batch["items_count"], batch["priority_order"]) == ("", 0, "FIVE")
    empty = await support.act(talka, project, batch, "start")
    assert (empty.status_code, empty.json()["code"]) == (409, "EMPTY_POOL")
    body = {"batch_id": batch["id"], "items": [{"text": "a"}, {"text": "b"}]}
    ids = await support.created(talka.requester, bulk, body)
    one = await support.created(talka.requester, single, {"batch_id": batch["id"], "input_data": {"text": "c"}})
    assert [*ids, one["id"]] == [item["id"] for item in await support.items_of(talka, project)]
    await support.done(talka, project, batch, "start")
    body = {"batch_id": batch["id"], "items": [{"text": "d"}, {}, {"text": 5}], "ignore_errors": True}
    [late] = await support.created(talka.requester, bulk, body)
    shown = await support.shown(talka, project, batch)
    assert (shown["items_count"], shown["last_items_import"]["records_skipped"]) == (4, 2)
    assert set(shown["validation_errors"]) == {"input_data.1.text", "input_data.2.text"}
    await talka.drain()
    assert (await support.get(talka, support.path(project, "items", late)))["status"] == "PROCESSING"
    [pool] = await support.pools(talka)
    for worker in await support.crew(talka, 3):
        assert await support.work(worker, pool, lambda _: {"result": "cat"}) == 4
    await talka.drain()
    assert (await support.shown(talka, project, batch))["status"] == "COMPLETED"
    refused = await support.act(talka, project, batch, "start")
    assert (refused.status_code, refused.json()["code"]) == (409, "INAPPROPRIATE_STATUS")
    assert refused.json()["payload"] == {"appropriate_statuses": ["NEW", "NO_MONEY", "ERROR"]}
    await support.created(talka.requester, bulk, {"batch_id": batch["id"], "items": [{"text": "e"}]})
    assert (await support.shown(talka, project, batch))["status"] == "NEW"
    assert (await support.done(talka, project, batch, "start"))["status"] == "PROCESSING"
    assert len(await support.pools(talka)) == 1


async def test_wrong_items_and_batches_are_refused(talka: Talka) -> None:
    project = await support.project(talka)
    batch = await support.batch(talka, project, [])
    other = await support.batch(talka, await support.project(talka), [])
    where = f"{support.BASE}{support.path(project)}"
    item = {"text": "x"}
    cases: list[tuple[str, Any, dict[str, str]]] = [
        ("/items", {}, {"input_data": "VALUE_REQUIRED"}),
        ("/items", {"input_data": []}, {"input_data": "OBJECT_EXPECTED"}),
        ("/items", {"input_data": {}}, {"input_data.text": "VALUE_REQUIRED"}),
        ("/items", {"input_data": {"text": ""}}, {"input_data.text": "STRING_LENGTH_LESS_THAN_MIN"}),
        (
            "/items",
            {"input_data": {"text": {}, "id": 1, "z": 1}},
            {
                "input_data.text": "SIMPLE_VALUE_EXPECTED",
                "input_data.id": "STRING_EXPECTED",
                "input_data.z": "VALUE_NOT_ALLOWED",
            },
        ),
        ("/items", {"input_data": item, "batch_id": "x"}, {"batch_id": "ENTITY_DOES_NOT_EXIST"}),
        ("/items", {"input_data": item, "batch_id": {}}, {"batch_id": "STRING_EXPECTED"}),
        ("/items", {"input_data": item, "batch_id": other["id"]}, {"batch_id": "ENTITY_DOES_NOT_EXIST"}),
        ("/items", {"input_data": item, "force_new_original": 1}, {"force_new_original": "BOOLEAN_EXPECTED"}),
        ("/items/bulk", {}, {"items": "VALUE_REQUIRED"}),
        ("/items/bulk", {"items": []}, {"items": "ARRAY_SIZE_LESS_THAN_MIN"}),
        ("/items/bulk", {"items": {}}, {"items": "ARRAY_EXPECTED"}),
        (
            "/items/bulk",
            {"items": [1, None, item, []]},
            {
                "input_data.0": "OBJECT_EXPECTED",
                "input_data.1": "VALUE_REQUIRED",
                "input_data.3": "OBJECT_EXPECTED",
            },
        ),
        ("/items/bulk", {"items": [item], "ignore_errors": True}, {"ignore_errors": "VALUE_NOT_ALLOWED"}),
        ("/items/bulk", {"items": [item], "batch_id": "0" * 24}, {"batch_id": "ENTITY_DOES_NOT_EXIST"}),
        (
            "/items/bulk",
            {"items": [{}], "ignore_errors": True, "batch_id": batch["id"]},
            {"input_data.0.text": "VALUE_REQUIRED"},
        ),
        ("/batches", {"name": 5}, {"name": "STRING_EXPECTED"}),
        ("/batches", {"name": "x" * 256}, {"name": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ("/batches", {"items": "x"}, {"items": "ARRAY_EXPECTED"}),
        ("/batches", {"priority_order": "SIX"}, {"priority_order": "UNKNOWN_ENUM_VALUE"}),
        ("/batches", {"ignore_errors": "x"}, {"ignore_errors": "BOOLEAN_EXPECTED"}),
        ("/batches/sync", {"items": [{}]}, {"input_data.0.text": "VALUE_REQUIRED"}),
    ]
    for path, body, expected in cases:
        answer = await talka.requester.post(f"{where}{path}", json=body)
        assert _codes(answer) == expected, (path, body)
    for path, body in (("/batches", {"items": [item] * 10_001}), ("/items/bulk", {"items": [item] * 10_001})):
        answer = await talka.requester.post(f"{where}{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (413, "ENTITY_TOO_LARGE")
    json_header = {"content-type": "application/json"}
    for raw in (b'{"input_data":{"text":"\\u0000"}}', b'{"input_data":{"text":"\\ud800"}}', b"[1]", b"{"):
        answer = await talka.requester.post(f"{where}/items", content=raw, headers=json_header)
        assert answer.status_code == 400, raw
    for body in ({"name": 1}, {"priority_order": 1}, []):
        answer = await talka.requester.patch(f"{where}/batches/{batch['id']}", json=body)
        assert answer.status_code == 400, body
    assert await support.items_of(talka, project) == []
    assert (await support.shown(talka, project, batch))["items_count"] == 0
    empty = await talka.requester.post(f"{where}/batches/sync", json={})
    assert (empty.status_code, empty.json()["code"]) == (409, "EMPTY_POOL")
    assert len((await support.get(talka, support.path(project, "batches")))["content"]) == 1


async def test_a_batch_is_made_and_started_in_one_go(talka: Talka) -> None:
    project = await support.project(talka)
    body = {"name": "now", "items": [{"text": "a"}, {"text": "b"}]}
    made = await support.created(talka.requester, support.path(project, "batches", "sync"), body)
    assert (made["status"], made["batch"]["id"], made["batch"]["status"]) == ("PROCESSING", made["id"], "PROCESSING")
    assert [(item["status"], item["input_data"]["text"]) for item in made["items"]] == [
        ("PROCESSING", "a"),
        ("PROCESSING", "b"),
    ]


async def test_actions_on_batches(talka: Talka) -> None:
    project = await support.project(talka)
    batch = await support.batch(talka, project, [{"text": "a"}])
    where = f"{support.BASE}{support.path(project, 'batches', batch['id'])}"

    async def refused(verb: str, *appropriate: str) -> None:
        answer = await support.act(talka, project, batch, verb)
        assert (answer.status_code, answer.json()["code"]) == (409, "INAPPROPRIATE_STATUS")
        assert answer.json()["payload"] == {"appropriate_statuses": list(appropriate)}

    await refused("stop", "PROCESSING", "QUEUED")
    await refused("resume", "STOPPING", "STOPPED", "NO_MONEY", "ERROR")
    patched = await talka.requester.patch(where, json={"name": "renamed"})
    assert (patched.json()["name"], patched.json()["priority_order"]) == ("renamed", "FIVE")
    assert (await talka.requester.patch(where, json={})).json()["name"] == "renamed"
    for verb, status in (
        ("archive", "ARCHIVE"),
        ("unarchive", "NEW"),
        ("start", "PROCESSING"),
        ("resume", "PROCESSING"),
    ):
        for _ in range(2):
            assert (await support.done(talka, project, batch, verb))["status"] == status
    await refused("archive", "NEW", "STOPPED", "COMPLETED", "NO_MONEY", "ERROR")
    for verb, status in (("stop", "STOPPED"), ("archive", "ARCHIVE")):
        for _ in range(2):
            assert (await support.done(talka, project, batch, verb))["status"] == status
    assert (await support.shown(talka, project, batch))["items_per_state"]["ARCHIVE"] == 1
    [item] = await support.items_of(talka, project)
    assert item["status"] == "ARCHIVE"
    await refused("start", "NEW", "NO_MONEY", "ERROR")
    await refused("resume", "STOPPING", "STOPPED", "NO_MONEY", "ERROR")
    more = {"batch_id": batch["id"], "items": [{"text": "b"}]}
    for answer in (
        await talka.requester.patch(where, json={"name": "x"}),
        await talka.requester.post(f"{support.BASE}{support.path(project, 'items', 'bulk')}", json=more),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "INAPPROPRIATE_STATUS")
    assert (await support.done(talka, project, batch, "unarchive"))["status"] == "STOPPED"
    assert (await talka.requester.patch(where, json={"priority_order": "TWO"})).json()["priority_order"] == "TWO"
    assert [pool["priority"] for pool in await support.pools(talka)] == [70]


async def test_lists_of_batches_and_items(talka: Talka) -> None:
    project = await support.project(talka, option_overlap=1)
    made = [await support.batch(talka, project, [{"text": f"{n}{name}"}], name=name) for n, name in enumerate("cab")]
    ids = [each["id"] for each in made]
    await support.done(talka, project, made[0], "start")
    [pool] = await support.pools(talka)
    assert await support.work(await talka.worker(), pool, lambda _: {"result": "cat"}) == 1
    await talka.drain()
    await support.done(talka, project, made[2], "archive")
    await support.created(talka.requester, support.path(project, "items"), {"input_data": {"text": "stream"}})
    for params, expected in (
        ({}, [0, 1, 2]), ({"status": "COMPLETED"}, [0]), ({"status": "NEW"}, [1]), ({"status": "ARCHIVE"}, [2]),
        ({"status": "STOPPING"}, []), ({"status": "LOADING"}, []), ({"sort": "name"}, [1, 2, 0]),
        ({"sort": "-name"}, [0, 2, 1]), ({"sort": "status"}, [2, 0, 1]), ({"sort": "-created"}, [2, 1, 0]),
        ({"name_gt": "a", "name_lte": "b"}, [2]), ({"id_gte": ids[1]}, [1, 2]), ({"id_lt": ids[1]}, [0]),
        ({"created_gt": made[0]["created_at"]}, [1, 2]), ({"after_id": ids[0]}, [1, 2]),
        ({"sort": "status", "after_id": ids[2]}, [0, 1]), ({"sort": "-name", "after_id": ids[0], "limit": 1}, [2]),
    ):  # fmt: skip
        found = await support.get(talka, support.path(project, "batches"), **params)
        assert [ids.index(each["id"]) for each in found["content"]] == expected, params
        assert found["has_more"] is ("limit" in params)
    items = await support.items_of(talka, project)
    names = [item["id"] for item in items]
    assert [item["status"] for item in items] == ["COMPLETED", "NEW", "ARCHIVE", "NEW"]
    for params, expected in (
        ({"batch_id": ids[1]}, [1]), ({"status": "COMPLETED"}, [0]), ({"status": "NEW"}, [1, 3]),
        ({"status": "ARCHIVE"}, [2]), ({"status": "PROCESSING"}, []), ({"status": "CANCELLED"}, []),
        ({"sort": "-id", "limit": 2}, [3, 2]), ({"sort": "status,-id"}, [2, 0, 3, 1]),
        ({"sort": "finished"}, [0, 1, 2, 3]), ({"sort": "-finished,-id"}, [0, 3, 2, 1]),
        ({"sort": "finished", "after_id": names[0]}, [1, 2, 3]), ({"sort": "finished", "after_id": names[1]}, [2, 3]),
        ({"sort": "status,-id", "after_id": names[3]}, [1]), ({"sort": "-created", "after_id": names[2]}, [1, 0]),
        ({"id_gt": names[0], "id_lte": names[2]}, [1, 2]), ({"created_lt": items[1]["created_at"]}, [0]),
        ({"finished_gte": items[0]["finished_at"]}, [0]), ({"finished_gt": items[0]["finished_at"]}, []),
    ):  # fmt: skip
        found = await support.get(talka, support.path(project, "items"), **params)
        assert [names.index(each["id"]) for each in found["content"]] == expected, params
        assert found["has_more"] is ("limit" in params)
    for kind in ("items", "batches"):
        for params in (
            {"status": "x"}, {"limit": "1001"}, {"limit": "x"}, {"after_id": "0" * 24}, {"after_id": project["id"][:5]},
            {"sort": "price"}, {"id_lt": "x"}, {"created_gte": "x"},
        ):  # fmt: skip
            answer = await talka.requester.get(f"{support.BASE}{support.path(project, kind)}", params=params)
            assert list(_codes(answer)) == list(params), params


async def test_strangers_find_nothing(talka: Talka) -> None:
    project = await support.project(talka)
    batch = await support.batch(talka, project, [{"text": "a"}])
    [item] = await support.items_of(talka, project)
    stranger = await talka.stranger()
    body = {"app_id": project["app_id"], "name": "own", "parameters": project["parameters"]}
    own = await support.created(stranger, "/app-projects", body)
    assert [each["id"] for each in (await stranger.get(f"{support.BASE}/app-projects")).json()["content"]] == [
        own["id"]
    ]
    copied = await stranger.post(f"{support.BASE}/app-projects", json={**body, "parent_app_project_id": project["id"]})
    assert _codes(copied) == {"parent_app_project_id": "ENTITY_DOES_NOT_EXIST"}
    after = await stranger.get(f"{support.BASE}/app-projects", params={"after_id": project["id"]})
    assert _codes(after) == {"after_id": "ENTITY_DOES_NOT_EXIST"}
    for owner in (project, own):
        theirs = owner is project
        for method, path, sent in (
            ("GET", "", None), ("POST", "/archive", None), ("POST", "/unarchive", None), ("GET", "/items", None),
            ("GET", f"/items/{item['id']}", None), ("GET", "/batches", None), ("GET", f"/batches/{batch['id']}", None),
            ("PATCH", f"/batches/{batch['id']}", {"name": "x"}), ("POST", "/batches", {}),
            ("POST", "/batches/sync", {"items": [{"text": "x"}]}), ("POST", "/items", {"input_data": {"text": "x"}}),
            ("POST", "/items/bulk", {"items": [{"text": "x"}]}),
            *(("POST", f"/batches/{batch['id']}/{verb}", None) for verb in VERBS),
        ):  # fmt: skip
            if not theirs and batch["id"] not in path and item["id"] not in path:
                continue
            answer = await stranger.request(method, f"{support.BASE}{support.path(owner)}{path}", json=sent)
            assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST"), (method, path)
    into = {"batch_id": batch["id"], "input_data": {"text": "x"}}
    assert _codes(await stranger.post(f"{support.BASE}{support.path(own, 'items')}", json=into)) == {
        "batch_id": "ENTITY_DOES_NOT_EXIST"
    }
    assert (await support.shown(talka, project, batch))["items_count"] == 1
