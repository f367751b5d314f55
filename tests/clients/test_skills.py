"""The published client's calls on skills, user skills, restrictions and users."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support.bodies import pool_body, project_body
from tests.support.kit import Kit, of
from tests.support.server import RunningServer

_numbers = itertools.count(1)


@pytest.fixture
def worker(served: RunningServer) -> Iterator[tuple[httpx.Client, str]]:
    """A newly registered worker's client and id."""
    profile = {"country": "PT", "languages": ["EN"], "computed": {"os_family": "LINUX", "os_version": 6.5}}
    body = {"login": f"skilled-{next(_numbers)}", "password": "long enough", "profile": profile}
    with httpx.Client(base_url=f"{served.url}/api/worker/v1", timeout=60) as client:
        account = client.post("/register", json=body).raise_for_status().json()
        client.headers["authorization"] = f"Bearer {account['token']}"
        yield client, account["user_id"]


def test_skills_are_found_or_created_and_edited(kit: Kit) -> None:
    name = f"reading {next(_numbers)}"
    assert kit("get_skills", name=name) == []
    texts = {"public_name": {"EN": "Reading"}, "public_requester_description": {"EN": "How well"}}
    created = kit("create_skill", name=name, hidden=False, skill_ttl_hours=24, **texts)
    assert kit("get_skill", created["id"]) == created
    assert kit("get_skills", name=name) == [created]
    edited = kit("update_skill", created["id"], of("Skill", {**created, "name": f"{name}!", "hidden": True}))
    assert edited == {**created, "name": f"{name}!", "hidden": True}
    others = [kit("create_skill", name=name) for _ in range(5)]
    assert kit("get_skills", name=name, batch_size=2) == others
    refused = kit.refused("create_skill", name=" ", skill_ttl_hours=0)
    assert (refused.kind, refused.payload.keys()) == ("ValidationApiError", {"name", "skill_ttl_hours"})


def test_values_are_set_listed_and_removed(kit: Kit, worker: tuple[httpx.Client, str]) -> None:
    skills = [kit("create_skill", name="counting") for _ in range(3)]
    user_id = worker[1]

    def put(skill: dict[str, Any], value: float) -> Any:
        request = {"skill_id": skill["id"], "user_id": user_id, "value": value}
        return kit("set_user_skill", of("user_skill.SetUserSkillRequest", request))

    made = [put(skill, 49.5) for skill in skills]
    assert [(found["value"], found["exact_value"]) for found in made] == [(50, 49.5)] * 3
    changed = put(skills[0], 100)
    assert (changed["id"], changed["value"]) == (made[0]["id"], 100)
    assert kit("get_user_skill", changed["id"]) == changed
    assert kit("get_user_skills", user_id=user_id, batch_size=2) == [changed, *made[1:]]
    assert kit("find_user_skills", skill_id=skills[1]["id"])["items"] == [made[1]]
    kit("delete_user_skill", changed["id"])
    assert kit.refused("get_user_skill", changed["id"]).kind == "DoesNotExistApiError"
    assert kit("get_user_skills", user_id=user_id) == made[1:]


def test_workers_are_restricted_and_let_in_again(kit: Kit, worker: tuple[httpx.Client, str]) -> None:
    user_id = worker[1]
    project = kit("create_project", of("Project", project_body()))
    pool = kit("create_pool", of("Pool", pool_body(project["id"])))
    sent = {"user_id": user_id, "private_comment": "fast", "will_expire": "2100-01-01T00:00:00"}
    made = [
        kit("set_user_restriction", of("UserRestriction", {"scope": "ALL_PROJECTS", **sent})),
        kit("set_user_restriction", of("UserRestriction", {"scope": "PROJECT", "project_id": project["id"], **sent})),
        kit("set_user_restriction", of("UserRestriction", {"scope": "POOL", "pool_id": pool["id"], **sent})),
    ]
    assert [found["scope"] for found in made] == ["ALL_PROJECTS", "PROJECT", "POOL"]
    assert kit("get_user_restrictions", user_id=user_id, batch_size=2) == made
    assert kit("find_user_restrictions", scope="POOL", user_id=user_id)["items"] == [made[2]]
    assert kit("get_user_restriction", made[1]["id"]) == made[1]
    again = kit("set_user_restriction", of("UserRestriction", {**made[2], "private_comment": "slow"}))
    assert again == {**made[2], "private_comment": "slow"}
    kit("delete_user_restriction", made[1]["id"])
    assert kit("get_user_restrictions", user_id=user_id) == [made[0], again]
    refused = kit.refused("set_user_restriction", of("UserRestriction", {"scope": "SYSTEM", "user_id": user_id}))
    assert (refused.status, refused.code) == (409, "SYSTEM_SCOPE_MODIFICATION")


def test_users_are_read_once_they_worked(kit: Kit, worker: tuple[httpx.Client, str]) -> None:
    client, user_id = worker
    assert kit.refused("get_user", user_id).kind == "DoesNotExistApiError"
    project = kit("create_project", of("Project", project_body()))
    pool = kit("create_pool", of("Pool", pool_body(project["id"])))
    task = {"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 1}
    kit("create_task", of("Task", task), open_pool=True)
    client.post(f"/pools/{pool['id']}/assignments").raise_for_status()
    system = {"os_family": "LINUX", "os_version": 6.5, "os_version_major": 6, "os_version_minor": 5}
    known = {"id": user_id, "country": "PT", "languages": ["EN"], "adult_allowed": False, "attributes": system}
    assert kit("get_user", user_id) == known
