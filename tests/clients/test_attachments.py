"""The published client's calls on attachments."""

from __future__ import annotations

import httpx
from tests.support.bodies import pool_body, project_body
from tests.support.kit import Kit
from tests.support.server import RunningServer

CONTENT = bytes(range(256)) * 5000


def submitted(served: RunningServer, login: str, count: int) -> tuple[str, str, list[str]]:
    """A pool, the worker, and the files that they have submitted to it."""
    body = project_body()
    body["task_spec"]["output_spec"] = {"photos": {"type": "array_file"}}
    requester = httpx.Client(base_url=f"{served.url}/api/v1", timeout=60)
    worker = httpx.Client(base_url=f"{served.url}/api/worker/v1", timeout=60)
    with requester, worker:
        requester.headers["authorization"] = f"ApiKey {served.api_key}"
        project = requester.post("/projects", json=body).raise_for_status().json()
        pool = requester.post("/pools", json=pool_body(project["id"])).raise_for_status().json()
        task = {"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 1}
        requester.post("/tasks?open_pool=true", json=[task]).raise_for_status()
        account = worker.post("/register", json={"login": login, "password": "long enough"}).raise_for_status().json()
        page = worker.post(f"/pools/{pool['id']}/assignments").raise_for_status().json()
        numbers = []
        for number in range(count):
            files = {"file": (f"{number}.bin", CONTENT, "application/x-own")}
            answer = worker.post("/attachments", data={"assignment_id": page["id"]}, files=files)
            numbers.append(answer.raise_for_status().json()["id"])
        solutions = [{"output_values": {"photos": numbers}}]
        worker.post(f"/assignments/{page['id']}/submit", json={"solutions": solutions}).raise_for_status()
    return pool["id"], account["user_id"], numbers


def test_attachments_are_found_and_downloaded(kit: Kit, served: RunningServer) -> None:
    pool_id, user_id, numbers = submitted(served, "photographer", 5)
    found = kit("get_attachments", pool_id=pool_id, batch_size=2)
    assert [attachment["id"] for attachment in found] == sorted(numbers)
    one = kit("get_attachment", numbers[0])
    assert one in found
    assert (one["name"], one["media_type"], one["attachment_type"]) == (
        "0.bin",
        "application/x-own",
        "ASSIGNMENT_ATTACHMENT",
    )
    assert (one["details"]["user_id"], one["details"]["pool_id"]) == (user_id, pool_id)
    page = kit("find_attachments", user_id=user_id, sort=["-created", "-id"], limit=2)
    assert (len(page["items"]), page["has_more"]) == (2, True)
    assert kit("find_attachments", assignment_id=one["details"]["assignment_id"], name="3.bin")["items"] == [
        kit("get_attachment", numbers[3])
    ]
    assert kit.refused("get_attachment", "0983459b-e26f-42f3-a5fd-6e3feee913e7").kind == "DoesNotExistApiError"
