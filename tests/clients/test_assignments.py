"""The published client's calls on assignments: find, review, and the table of results."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest
from tests.support.bodies import pool_body, project_body
from tests.support.kit import Kit, of
from tests.support.server import RunningServer

_numbers = itertools.count(1)


class Worker:
    """A newly registered worker who does pages of one pool."""

    def __init__(self, served: RunningServer) -> None:
        base_url = f"{served.url}/api/worker/v1"
        body = {"login": f"worker-{next(_numbers)}", "password": "long enough", "profile": None}
        account = httpx.post(f"{base_url}/register", json=body, timeout=60).raise_for_status().json()
        self.user_id: str = account["user_id"]
        self._http = httpx.Client(
            base_url=base_url, headers={"authorization": f"Bearer {account['token']}"}, timeout=60
        )

    def take(self, pool: dict[str, Any]) -> dict[str, Any]:
        return self._post(f"/pools/{pool['id']}/assignments")

    def submit(self, page: dict[str, Any], label: str) -> dict[str, Any]:
        solutions = [{"output_values": {"label": label}} for _ in page["tasks"]]
        return self._post(f"/assignments/{page['id']}/submit", {"solutions": solutions})

    def skip(self, page: dict[str, Any]) -> None:
        self._post(f"/assignments/{page['id']}/skip")

    def close(self) -> None:
        self._http.close()

    def _post(self, path: str, body: Any = None) -> dict[str, Any]:
        answer: dict[str, Any] = self._http.post(path, json=body).raise_for_status().json()
        return answer


@pytest.fixture
def pool(kit: Kit) -> dict[str, Any]:
    """An open pool of one page, to be done by four workers and reviewed by hand."""
    project = kit("create_project", of("Project", project_body()))
    body = pool_body(project["id"], auto_accept_solutions=False, auto_accept_period_day=7, reward_per_assignment=0.07)
    created: dict[str, Any] = kit("create_pool", of("Pool", body))
    sent = [
        of("Task", {"pool_id": created["id"], "input_values": {"item": f'tab\t{n} "quoted"\nline ☕'}, "overlap": 4})
        for n in range(4)
    ]
    kit("create_tasks", sent, open_pool=True)
    return created


@pytest.fixture
def pages(served: RunningServer, pool: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What four workers did, in this order: submitted twice, skipped, active. By user id."""
    done = {}
    for act in ("a", "b", "skip", "leave"):
        worker = Worker(served)
        page = worker.take(pool)
        if act == "skip":
            worker.skip(page)
        elif act != "leave":
            worker.submit(page, act)
        done[worker.user_id] = page
        worker.close()
    return done


def test_assignments_are_found(kit: Kit, pool: dict[str, Any], pages: dict[str, dict[str, Any]]) -> None:
    users = list(pages)
    everything = kit("get_assignments", pool_id=pool["id"], batch_size=3)
    assert {page["id"]: (page["user_id"], page["status"]) for page in everything} == {
        page["id"]: (user_id, status)
        for (user_id, page), status in zip(pages.items(), ("SUBMITTED", "SUBMITTED", "SKIPPED", "ACTIVE"), strict=True)
    }
    by_user = {page["user_id"]: page for page in everything}
    first = by_user[users[0]]
    assert kit("get_assignment", first["id"]) == first
    assert first["solutions"] == [{"output_values": {"label": "a"}}] * 4
    assert [task["id"] for task in first["tasks"]] == [task["id"] for task in pages[users[0]]["tasks"]]
    assert (first["pool_id"], first["reward"], first["mixed"]) == (pool["id"], 0.07, True)
    assert "solutions" not in by_user[users[3]]
    waiting = kit("find_assignments", pool_id=pool["id"], status=["SUBMITTED", "ACTIVE"], sort=["-created"], limit=2)
    assert ([page["user_id"] for page in waiting["items"]], waiting["has_more"]) == ([users[3], users[1]], True)
    assert kit("get_assignments", pool_id=pool["id"], user_id=users[2]) == [by_user[users[2]]]
    assert len(kit("get_assignments", task_id=first["tasks"][0]["id"])) == 4
    since = kit("find_assignments", pool_id=pool["id"], submitted_gte=by_user[users[1]]["submitted"])
    assert [page["user_id"] for page in since["items"]] == [users[1]]
    skipped = kit("find_assignments", pool_id=pool["id"], sort=["skipped"], skipped_gt=first["created"])
    assert [page["user_id"] for page in skipped["items"]] == [users[2]]


def test_pages_are_reviewed(kit: Kit, pool: dict[str, Any], pages: dict[str, dict[str, Any]]) -> None:
    good, bad, skipped, active = (page["id"] for page in pages.values())
    balance = kit("get_requester")["balance"]
    accepted = kit("accept_assignment", good, "Well done")
    assert (accepted["status"], accepted["public_comment"]) == ("ACCEPTED", "Well done")
    assert accepted["accepted"] >= accepted["submitted"]
    assert kit("get_requester")["balance"] == pytest.approx(balance)
    rejected = kit("reject_assignment", bad, "All the same letter")
    assert (rejected["status"], rejected["public_comment"]) == ("REJECTED", "All the same letter")
    assert kit("get_requester")["balance"] == pytest.approx(balance + 0.07)
    pardoned = kit("patch_assignment", bad, status="ACCEPTED", public_comment="After all")
    assert (pardoned["status"], pardoned["public_comment"]) == ("ACCEPTED", "After all")
    assert kit("get_requester")["balance"] == pytest.approx(balance)
    for identity in (good, skipped, active):
        error = kit.refused("reject_assignment", identity, "Too late")
        assert (error.kind, error.status, error.code) == ("IncorrectActionsApiError", 409, "INAPPROPRIATE_STATUS")
    assert kit("get_assignment", good) == accepted
    error = kit.refused("patch_assignment", good, status="SKIPPED")
    assert (error.kind, error.payload["status"]["code"]) == ("ValidationApiError", "VALUE_NOT_ALLOWED")


def test_a_pool_with_work_to_review_is_not_archived(
    kit: Kit, pool: dict[str, Any], pages: dict[str, dict[str, Any]]
) -> None:
    kit("close_pool", pool["id"])
    assert len(pages) == 4
    assert kit.refused("archive_pool", pool["id"]).code == "THERE_IS_ACTIVE_ASSIGNMENT"


def test_the_table_of_results(kit: Kit, pool: dict[str, Any], pages: dict[str, dict[str, Any]]) -> None:
    users = list(pages)
    kit("accept_assignment", pages[users[0]]["id"], "Well done")
    accepted = kit("get_assignments_df", pool["id"])
    assert {row["ASSIGNMENT:worker_id"] for row in accepted} == {users[0]}
    assert {row["ASSIGNMENT:status"] for row in accepted} == {"APPROVED"}
    assert [(row["INPUT:item"], row["OUTPUT:label"]) for row in accepted] == [
        (task["input_values"]["item"], "a") for task in pages[users[0]]["tasks"]
    ]
    fields = ["ASSIGNMENT:assignment_id", "ASSIGNMENT:task_id", "ASSIGNMENT:skipped", "ASSIGNMENT:reward"]
    rest = kit("get_assignments_df", pool["id"], status=["SUBMITTED", "SKIPPED"], field=fields[::-1])
    assert [name for name in rest[0] if name.startswith("ASSIGNMENT:")] == fields  # in their fixed order
    by_page: dict[str, list[Any]] = {page["id"]: [] for page in (pages[users[1]], pages[users[2]])}
    for row in rest:
        by_page[row["ASSIGNMENT:assignment_id"]].append(row)
    submitted, skipped = by_page.values()
    assert [row["ASSIGNMENT:task_id"] for row in submitted] == [task["id"] for task in pages[users[1]]["tasks"]]
    assert {(row["OUTPUT:label"], row["ASSIGNMENT:reward"], row["ASSIGNMENT:skipped"]) for row in submitted} == {
        ("b", 0.07, None)
    }
    assert len(skipped) == 4
    assert all(row["OUTPUT:label"] is None and row["ASSIGNMENT:skipped"] for row in skipped)
    later = kit("get_assignments_df", pool["id"], start_time_from="2100-01-01T00:00:00")
    assert later == []
    kind, ban = "user_restriction.PoolUserRestriction", {"pool_id": pool["id"], "user_id": users[0], "scope": "POOL"}
    kit("set_user_restriction", of(kind, {**ban, "private_comment": "x"}))
    assert kit("get_assignments_df", pool["id"], exclude_banned=True) == []
    assert kit("get_assignments_df", pool["id"], exclude_banned=False) == accepted
