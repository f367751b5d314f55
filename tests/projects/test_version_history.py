"""The versions of a project: their list, what each was, and going back to one."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.app import Talka
from tests.support.bodies import project_body


def widened(**changes: Any) -> dict[str, Any]:
    """A body that breaks with the usual one."""
    body = project_body(**changes)
    body["task_spec"]["output_spec"]["label"]["allowed_values"] = ["a", "b", "c"]
    return body


async def put(talka: Talka, project: dict[str, Any], body: dict[str, Any]) -> Any:
    answer = await talka.requester.put(f"/api/v1/projects/{project['id']}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def versions(talka: Talka, project: dict[str, Any], **query: str) -> list[str]:
    answer = await talka.requester.get(f"/api/v1/projects/{project['id']}/versions", params=query)
    assert answer.status_code == 200, answer.text
    return [version["id"] for version in answer.json()["items"]]


async def edited(talka: Talka) -> dict[str, Any]:
    """A project of five versions."""
    project = await talka.project()
    for body in (
        project_body(public_name="Minor"), project_body(public_name="Minor"), widened(), widened(public_name="Later"),
        project_body(public_name="Last"),
    ):  # fmt: skip
        await talka.advance(60)
        await put(talka, project, body)
    return project


async def test_every_edit_that_changes_something_is_a_version(talka: Talka) -> None:
    project = await edited(talka)
    whole = (await talka.requester.get(f"/api/v1/projects/{project['id']}/versions")).json()
    assert whole["has_more"] is False
    assert [(v["id"], v["major"], v["minor"], v["current"]) for v in whole["items"]] == [
        ("1.0", 1, 0, False), ("1.1", 1, 1, False), ("2.0", 2, 0, False), ("2.1", 2, 1, False), ("3.0", 3, 0, True),
    ]  # fmt: skip
    assert whole["items"][0]["created"] == project["created"]
    dates = [version["created"] for version in whole["items"]]
    assert dates == sorted(dates)
    path = f"/api/v1/projects/{project['id']}/versions"
    found = (await talka.requester.get(f"{path}/2.1")).json()
    body = found.pop("project")
    assert found == whole["items"][3]
    assert body["public_name"] == "Later"
    assert body == {key: value for key, value in {**project, **body}.items() if key in body}
    assert not {"id", "owner", "status", "created"} & body.keys()


async def test_filters_ranges_orders_and_limits(talka: Talka) -> None:
    project = await edited(talka)
    assert await versions(talka, project, sort="-id") == ["3.0", "2.1", "2.0", "1.1", "1.0"]
    assert await versions(talka, project, sort="-created", limit="2") == ["3.0", "2.1"]
    assert await versions(talka, project, major="2") == ["2.0", "2.1"]
    assert await versions(talka, project, id_gt="1.1", id_lte="2.1") == ["2.0", "2.1"]
    assert await versions(talka, project, created_lte=project["created"]) == ["1.0"]
    path = f"/api/v1/projects/{project['id']}/versions"
    wrong = {"major": "x", "id_gt": "2", "created_lt": "now", "sort": "name", "limit": "301"}
    refused = await talka.requester.get(path, params=wrong)
    assert (refused.status_code, refused.json()["payload"].keys()) == (400, wrong.keys())


async def test_going_back_is_a_new_edit(talka: Talka) -> None:
    project = await talka.project()
    pool = await talka.pool(project)
    await put(talka, project, widened(public_name="Wide"))
    path = f"/api/v1/projects/{project['id']}"
    answer = await talka.requester.post(f"{path}/versions/1.0/restore")
    assert (answer.status_code, answer.json()) == (200, project)
    assert (await talka.requester.get(path)).json() == project
    assert await versions(talka, project) == ["1.0", "2.0", "3.0"]
    again = await talka.requester.post(f"{path}/versions/1.0/restore")
    assert (again.status_code, again.json()) == (200, project)
    assert await versions(talka, project) == ["1.0", "2.0", "3.0"]
    summary = (await talka.requester.get(f"/api/requester/v1/pools/{pool['id']}/summary")).json()
    assert summary["project_version"] == {"id": "1.0", "newest": "3.0"}
    await put(talka, project, project_body(public_name="Minor"))
    young = await talka.pool(project)
    summary = (await talka.requester.get(f"/api/requester/v1/pools/{young['id']}/summary")).json()
    assert summary["project_version"] == {"id": "3.1", "newest": "3.1"}


async def test_clicks_at_once_make_one_version_each(talka: Talka) -> None:
    project = await talka.project()
    path = f"/api/v1/projects/{project['id']}"
    edits = [talka.requester.put(path, json=project_body(public_name=f"Name {n}")) for n in range(6)]
    back = [talka.requester.post(f"{path}/versions/1.0/restore") for _ in range(2)]
    answers = await asyncio.gather(*edits, *back)
    assert {answer.status_code for answer in answers} == {200}
    found = await versions(talka, project)
    assert found == [f"1.{n}" for n in range(len(found))]
    assert 7 <= len(found) <= 9


async def test_whose_versions_and_which(talka: Talka) -> None:
    project = await talka.project()
    stranger = await talka.stranger()
    path = f"/api/v1/projects/{project['id']}/versions"
    wrong = ("1.1", "2.0", "0.0", "x", "1", "1.0.0", "%00", "99999999999.0", "1.99999999999")
    tried = [(stranger, "", "GET"), (stranger, "/1.0", "GET"), (stranger, "/1.0/restore", "POST")]
    tried += [(talka.requester, f"/{version}", "GET") for version in wrong]
    tried += [(talka.requester, f"/{version}/restore", "POST") for version in wrong]
    for client, tail, method in tried:
        answer = await client.request(method, path + tail)
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST"), tail
    await talka.requester.post(f"/api/v1/projects/{project['id']}/archive")
    assert (await talka.requester.get(f"{path}/1.0")).status_code == 200
    refused = await talka.requester.post(f"{path}/1.0/restore")
    assert (refused.status_code, refused.json()["code"]) == (409, "PROJECT_INAPPROPRIATE_STATUS")


async def test_an_edit_of_one_into_true_is_kept(talka: Talka) -> None:
    body = project_body()
    body["task_spec"]["view_spec"]["inputExample"] = {"item": 1}
    project = (await talka.requester.post("/api/v1/projects", json=body)).json()
    body["task_spec"]["view_spec"]["inputExample"] = {"item": True}
    check = await talka.requester.post(f"/api/staging/projects/{project['id']}/check", json=body)
    assert check.json() == {"differenceLevel": "NON_BREAKING_CHANGE"}
    shown = await put(talka, project, body)
    assert shown["task_spec"]["view_spec"]["inputExample"] == {"item": True}
    assert shown["task_spec"]["view_spec"]["inputExample"]["item"] is True
