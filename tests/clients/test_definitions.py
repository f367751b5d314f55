"""The published client's calls on projects, pools and the account: what it sends is what it gets back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.bodies import pool_body, project_body
from tests.support.kit import Kit, of
from tests.support.server import RunningServer

TESTS = Path(__file__).parents[1]
PROJECT: dict[str, Any] = json.loads((TESTS / "projects" / "example.json").read_text())
POOL: dict[str, Any] = json.loads((TESTS / "pools" / "example.json").read_text())
TRAINING: dict[str, Any] = {
    "private_name": "shoes training",
    "may_contain_adult_content": False,
    "assignment_max_duration_seconds": 600,
    "mix_tasks_in_creation_order": True,
    "shuffle_tasks_in_task_suite": True,
    "training_tasks_in_task_suite_count": 2,
    "task_suites_required_to_pass": 2,
    "retry_training_after_days": 7,
    "inherited_instructions": True,
    "public_instructions": "",
    "metadata": {},
}
SET_BY_SERVER = {"id", "owner", "type", "status", "created", "last_close_reason", "last_started", "last_stopped"}


def decided(body: dict[str, Any]) -> dict[str, Any]:
    """A body without what the server sets; the client writes template configurations in its own layout."""
    kept = {key: value for key, value in body.items() if key not in SET_BY_SERVER}
    if "task_spec" in kept:
        view = kept["task_spec"]["view_spec"]
        kept["task_spec"] = {**kept["task_spec"], "view_spec": {**view, "config": json.loads(view["config"])}}
    return kept


@pytest.fixture
def project(kit: Kit) -> dict[str, Any]:
    created: dict[str, Any] = kit("create_project", of("Project", project_body()))
    return created


def new_pool(kit: Kit, project: dict[str, Any], **changes: Any) -> Any:
    return kit("create_pool", of("Pool", pool_body(project["id"], **changes)))


def test_a_project_comes_back_as_it_was_sent(kit: Kit, served: RunningServer) -> None:
    created = kit("create_project", of("Project", PROJECT))
    assert decided(created) == decided(PROJECT)
    assert created["status"] == "ACTIVE"
    assert created["id"] != PROJECT["id"]
    assert created["owner"] == {"id": json.loads(credentials(served))["requester_id"], "myself": True}
    assert kit("get_project", created["id"]) == created


def credentials(served: RunningServer) -> str:
    return (served.data / "credentials.json").read_text()


def test_the_configuration_of_a_template_is_kept_to_the_letter(kit: Kit, served: RunningServer) -> None:
    config = {"view": {"type": "view.text", "content": "Čaj ☕"}}
    view = {"type": "tb", "config": json.dumps(config), "lock": None}
    body = project_body()
    body["task_spec"]["view_spec"] = view
    created = kit("create_project", of("Project", body))
    with served.client() as owner:
        stored = owner.get(f"/api/v1/projects/{created['id']}").json()["task_spec"]["view_spec"]
    assert json.loads(stored["config"]) == config
    assert stored["config"] == created["task_spec"]["view_spec"]["config"]
    assert '"Čaj ☕"' in stored["config"]
    assert stored["lock"] == {"core": "1.0.0", "view.text": "1.0.0"}


def test_projects_are_edited_and_checked(kit: Kit, project: dict[str, Any]) -> None:
    renamed = {**project, "public_name": "Characters", "private_comment": "second edition"}
    spec = renamed["task_spec"]
    letters = {"label": {**spec["output_spec"]["label"], "allowed_values": ["a", "b", "c"]}}
    wider = {**renamed, "task_spec": {**spec, "output_spec": letters}}
    for edition, level in ((project, "EQUAL"), (renamed, "NON_BREAKING_CHANGE"), (wider, "BREAKING_CHANGE")):
        checked = kit("check_update_project_for_major_version_change", project["id"], of("Project", edition))
        assert checked == level
    assert kit("get_project", project["id"]) == project
    assert kit("update_project", project["id"], of("Project", wider)) == wider
    assert kit("get_project", project["id"]) == wider


def test_lists_are_paged_by_the_client(kit: Kit, project: dict[str, Any]) -> None:
    others = [kit("create_project", of("Project", project_body(public_name=f"Letters {n}"))) for n in range(5)]
    everything = kit("get_projects", batch_size=2)
    assert [found["id"] for found in everything] == sorted(found["id"] for found in everything)
    assert [found for found in everything if found["id"] >= others[0]["id"]] == others
    first = kit("find_projects", sort=["-created", "-id"], limit=2)
    assert (first["items"], first["has_more"]) == ([others[4], others[3]], True)
    between = kit("find_projects", id_gt=others[0]["id"], id_lte=others[2]["id"])
    assert (between["items"], between["has_more"]) == (others[1:3], False)
    at_once = kit("find_projects", created_gte=others[4]["created"], status="ACTIVE")
    assert at_once["items"] == [others[4]]


def with_training(kit: Kit, project: dict[str, Any]) -> dict[str, Any]:
    """The example of a pool, with a training that there is."""
    training = kit("create_training", of("Training", {**TRAINING, "project_id": project["id"]}))
    requirement = {**POOL["quality_control"]["training_requirement"], "training_pool_id": training["id"]}
    quality = {**POOL["quality_control"], "training_requirement": requirement}
    return {**POOL, "project_id": project["id"], "quality_control": quality}


def test_a_pool_comes_back_as_it_was_sent(kit: Kit) -> None:
    project = kit("create_project", of("Project", PROJECT))
    sent = with_training(kit, project)
    created = kit("create_pool", of("Pool", sent))
    assert decided(created) == decided(sent)
    assert (created["status"], created["type"]) == ("CLOSED", "REGULAR")
    assert "last_close_reason" not in created
    assert kit("get_pool", created["id"]) == created
    changed = {**created, "priority": 20, "reward_per_assignment": 0.07, "private_comment": "dearer"}
    assert kit("update_pool", created["id"], of("Pool", changed)) == changed
    assert kit("get_pool", created["id"]) == changed


def test_the_plainest_pool_of_the_client_is_taken(kit: Kit, project: dict[str, Any]) -> None:
    plain = {
        "project_id": project["id"],
        "private_name": "plain",
        "may_contain_adult_content": False,
        "will_expire": "2100-01-01T00:00:00.000250",
        "reward_per_assignment": 0.01,
        "assignment_max_duration_seconds": 60,
    }
    created = kit("create_pool", of("Pool", plain))
    assert created["will_expire"] == "2100-01-01T00:00:00"
    assert created["defaults"] == {"default_overlap_for_new_task_suites": 1}
    assert created["quality_control"] == {"configs": []}


def test_a_filter_of_bare_conditions_is_taken(kit: Kit, project: dict[str, Any]) -> None:
    english = {"category": "profile", "key": "languages", "operator": "IN", "value": "EN"}
    skilled = {"category": "skill", "key": "224", "operator": "GTE", "value": 85}
    created = new_pool(kit, project, filter={"and": [{"or": [english]}, {"or": [skilled]}]})
    assert created["filter"] == {"and": [{"or": [english]}, {"or": [skilled]}]}


def test_pools_are_found(kit: Kit, project: dict[str, Any]) -> None:
    pools = [new_pool(kit, project, private_name=f"pool {n}") for n in range(4)]
    assert kit("get_pools", project_id=project["id"], batch_size=3) == pools
    found = kit("find_pools", project_id=project["id"], sort=["-id"], limit=3, status="CLOSED")
    assert (found["items"], found["has_more"]) == (pools[:0:-1], True)
    assert kit("find_pools", project_id=project["id"], status="OPEN")["items"] == []
    assert (
        kit("find_pools", project_id=project["id"], id_gte=pools[1]["id"], id_lt=pools[3]["id"])["items"] == pools[1:3]
    )


def test_the_life_of_a_pool(kit: Kit, project: dict[str, Any]) -> None:
    pool = new_pool(kit, project)
    assert kit.refused("open_pool", pool["id"]).code == "EMPTY_POOL"
    kit("create_task", of("Task", {"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 2}))
    opened = kit("open_pool", pool["id"])
    assert opened["status"] == "OPEN"
    assert opened["last_started"] >= opened["created"]
    assert kit("open_pool_async", pool["id"]) is None
    assert kit("patch_pool", pool["id"], priority=42)["priority"] == 42
    refused = kit.refused("update_pool", pool["id"], of("Pool", opened))
    assert (refused.kind, refused.status, refused.code) == (
        "IncorrectActionsApiError",
        409,
        "POOL_INAPPROPRIATE_STATUS",
    )
    assert refused.payload == {"appropriate_statuses": ["CLOSED"]}
    assert kit.refused("archive_pool", pool["id"]).code == "POOL_INAPPROPRIATE_STATUS"
    updating = kit("close_pool_for_update", pool["id"])
    assert (updating["status"], updating["last_close_reason"]) == ("CLOSED", "FOR_UPDATE")
    kit("update_pool", pool["id"], of("Pool", {**updating, "private_name": "renamed"}))
    assert kit("open_pool", pool["id"])["private_name"] == "renamed"
    operation = kit("close_pool_async", pool["id"])
    assert (operation["type"], operation["parameters"]) == ("POOL.CLOSE", {"pool_id": pool["id"]})
    waited = kit("wait_operation", of("operations.Operation", operation))
    assert (waited["status"], waited["progress"]) == ("SUCCESS", 100)
    closed = kit("close_pool", pool["id"])
    assert (closed["status"], closed["last_close_reason"]) == ("CLOSED", "MANUAL")
    assert kit.refused("archive_project", project["id"]).code == "UNARCHIVED_POOLS_CONFLICT"
    assert kit("archive_pool", pool["id"])["status"] == "ARCHIVED"
    assert kit("archive_pool_async", pool["id"]) is None
    assert kit.refused("open_pool", pool["id"]).code == "POOL_INAPPROPRIATE_STATUS"
    archived = kit("archive_project_async", project["id"])
    assert (archived["type"], archived["parameters"]) == ("PROJECT.ARCHIVE", {"project_id": project["id"]})
    assert kit("archive_project", project["id"])["status"] == "ARCHIVED"
    refused = kit.refused("create_pool", of("Pool", pool_body(project["id"])))
    assert refused.code == "PROJECT_INAPPROPRIATE_STATUS"
    assert project["id"] in [found["id"] for found in kit("get_projects", status="ARCHIVED")]


def test_a_clone_is_a_closed_pool_with_the_same_settings(kit: Kit) -> None:
    project = kit("create_project", of("Project", PROJECT))
    pool = kit("create_pool", of("Pool", with_training(kit, project)))
    clone = kit("clone_pool", pool["id"])
    assert decided(clone) == decided(pool)
    assert clone["id"] != pool["id"]
    assert (clone["status"], kit("get_tasks", pool_id=clone["id"])) == ("CLOSED", [])
    operation = kit("clone_pool_async", pool["id"])
    assert (operation["type"], operation["parameters"]) == ("POOL.CLONE", {"pool_id": pool["id"]})
    [third] = kit("get_pools", project_id=project["id"], id_gt=clone["id"])
    assert kit("wait_operation", of("operations.Operation", operation))["details"] == {"pool_id": third["id"]}


def test_the_life_of_a_training(kit: Kit, project: dict[str, Any]) -> None:
    sent = {**TRAINING, "project_id": project["id"]}
    training = kit("create_training", of("Training", sent))
    assert decided(training) == sent
    assert kit("get_training", training["id"]) == training
    changed = kit("update_training", training["id"], of("Training", {**training, "private_name": "second"}))
    assert changed == {**training, "private_name": "second"}
    assert kit.refused("open_training", training["id"]).code == "EMPTY_POOL"
    task = {"pool_id": training["id"], "input_values": {"item": "x"}, "message_on_unknown_solution": "Look again."}
    kit("create_task", of("Task", {**task, "known_solutions": [{"output_values": {"label": "a"}}]}))
    assert kit("open_training", training["id"])["status"] == "OPEN"
    assert kit("open_training_async", training["id"]) is None
    assert kit("close_training", training["id"])["last_close_reason"] == "MANUAL"
    assert kit("open_pool", training["id"])["type"] == "TRAINING"
    operation = kit("close_training_async", training["id"])
    assert (operation["type"], operation["parameters"]) == ("TRAINING.CLOSE", {"training_id": training["id"]})
    copy = kit("clone_training", training["id"])
    assert decided(copy) == {**sent, "private_name": "second"}
    assert [found["id"] for found in kit("get_trainings", project_id=project["id"])] == [training["id"], copy["id"]]
    pool = new_pool(
        kit,
        project,
        quality_control={
            "training_requirement": {"training_pool_id": training["id"], "training_passing_skill_value": 80},
            "configs": [],
        },
    )
    assert kit.refused("archive_training", training["id"]).code == "TRAINING_ARCHIVE_CONFLICT"
    kit("archive_pool", pool["id"])
    assert kit("archive_training", training["id"])["status"] == "ARCHIVED"
    assert kit("archive_training_async", training["id"]) is None


def test_a_project_is_cloned_with_its_trainings(kit: Kit, project: dict[str, Any]) -> None:
    training = kit("create_training", of("Training", {**TRAINING, "project_id": project["id"]}))
    requirement = {"training_pool_id": training["id"], "training_passing_skill_value": 80}
    new_pool(kit, project, quality_control={"training_requirement": requirement, "configs": []})
    copy = kit("clone_project", project["id"])
    assert copy["project"]["id"] != project["id"]
    [new_training], [pool] = copy["trainings"], copy["pools"]
    assert pool["quality_control"]["training_requirement"] == {**requirement, "training_pool_id": new_training["id"]}


def test_the_account(kit: Kit, served: RunningServer) -> None:
    account = kit("get_requester")
    assert account["id"] == json.loads(credentials(served))["requester_id"]
    assert account["balance"] == 1_000_000
    with httpx.Client(base_url=served.url, headers={"authorization": f"OAuth {served.api_key}"}) as legacy:
        assert legacy.get("/api/v1/requester").json()["id"] == account["id"]


def test_what_is_wrong_with_a_body_is_said_field_by_field(kit: Kit, project: dict[str, Any]) -> None:
    wrong = pool_body(project["id"], assignment_max_duration_seconds=1, reward_per_assignment=-1, priority=101)
    error = kit.refused("create_pool", of("Pool", wrong))
    assert (error.kind, error.status, error.code) == ("ValidationApiError", 400, "VALIDATION_ERROR")
    assert {path: found["code"] for path, found in error.payload.items()} == {
        "assignment_max_duration_seconds": "VALUE_LESS_THAN_MIN",
        "reward_per_assignment": "VALUE_LESS_THAN_MIN",
        "priority": "VALUE_GREATER_THAN_MAX",
    }
    assert error.payload["priority"]["params"] == [100]
    nowhere = kit.refused("create_pool", of("Pool", pool_body("1")))
    assert {path: found["code"] for path, found in nowhere.payload.items()} == {"project_id": "ENTITY_DOES_NOT_EXIST"}


@pytest.mark.parametrize(
    ("method", "identity"),
    [
        ("get_project", "999999999"),
        ("get_pool", "999999999"),
        ("open_pool", "999999999"),
        ("archive_project", "999999999"),
        ("get_training", "999999999"),
        ("open_training", "999999999"),
        ("get_task", "0000000001--000000000000000000000001"),
        ("get_task_suite", "0000000001--000000000000000000000001"),
        ("get_assignment", "0000000001--000000000000000000000001"),
        ("get_operation", "281073ea-ab34-416e-a028-47421ff1b166"),
        ("get_operation_log", "281073ea-ab34-416e-a028-47421ff1b166"),
    ],
)
def test_what_does_not_exist_is_said_to_be_absent(kit: Kit, method: str, identity: str) -> None:
    error = kit.refused(method, identity)
    assert (error.kind, error.status, error.code) == ("DoesNotExistApiError", 404, "DOES_NOT_EXIST")
