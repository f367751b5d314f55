"""Commands that send files of tasks and fetch results, beside a running server."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyarrow import parquet
from tests.app.test_commands import Shell, printed, refused, run, server
from tests.support.bodies import pool_body, project_body
from tests.support.server import RunningServer

__all__ = ["run", "server"]


@pytest.fixture
def pool(server: RunningServer) -> dict[str, Any]:
    """A closed pool."""
    with server.client() as client:
        project = client.post("/api/v1/projects", json=project_body()).json()
        created: dict[str, Any] = client.post("/api/v1/pools", json=pool_body(project["id"])).json()
    return created


def made(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_tasks_go_up_and_results_come_down(
    run: Shell, server: RunningServer, pool: dict[str, Any], tmp_path: Path
) -> None:
    data = ("--data", str(server.data))
    good = made(tmp_path / "good.tsv", "INPUT:item\tGOLDEN:label\none\t\ntwo\t\nthree\t\nfour\t\n")
    preview = printed(run("tasks", "upload", pool["id"], good, "--preview", *data))
    kinds = {"general": 4, "control": 0, "training": 0}
    assert preview == {"total_count": 4, "valid_count": 4, "not_valid_count": 0, "kinds": kinds}
    chosen = str(uuid.uuid4())
    sent = printed(run("tasks", "upload", pool["id"], good, "--open", "--operation-id", chosen, *data))
    assert sent == {"operation_id": chosen, **preview, "success_count": 4}
    refused(run("tasks", "upload", pool["id"], good, "--operation-id", chosen, *data), chosen)
    with server.client() as client:
        tasks = client.get("/api/v1/tasks", params={"pool_id": pool["id"]}).json()["items"]
        assert {task["input_values"]["item"] for task in tasks} == {"one", "two", "three", "four"}
        assert client.get(f"/api/v1/pools/{pool['id']}").json()["status"] == "OPEN"
    login = {"login": f"w-{pool['id']}", "password": "long enough"}
    token = httpx.post(f"{server.url}/api/worker/v1/register", json=login).json()["token"]
    with httpx.Client(base_url=f"{server.url}/api/worker/v1", headers={"authorization": f"Bearer {token}"}) as worker:
        page = worker.post(f"/pools/{pool['id']}/assignments").json()
        answers = {"solutions": [{"output_values": {"label": "a"}}] * 4}
        assert worker.post(f"/assignments/{page['id']}/submit", json=answers).status_code == 200
    path = f"/api/v1/assignments/{page['id']}"
    shown = run("results", "download", pool["id"], "--field", "ASSIGNMENT:status", *data)
    assert shown.returncode == 0
    head, *rows = shown.stdout.splitlines()
    assert head.split("\t")[:2] == ["INPUT:item", "OUTPUT:label"]
    assert {row.split("\t")[0] for row in rows} == {"one", "two", "three", "four"}
    target = tmp_path / "out.jsonl"
    saved = printed(run("results", "download", pool["id"], "--format", "jsonl", "--output", str(target), *data))
    assert saved == {"file": str(target), "bytes": target.stat().st_size}
    assert {json.loads(line)["OUTPUT:label"] for line in target.read_text().splitlines()} == {"a"}
    assert [path.name for path in tmp_path.glob("*.part")] == []
    target = tmp_path / "out.parquet"
    printed(run("results", "download", pool["id"], "--format", "parquet", "--output", str(target), *data))
    assert parquet.read_table(target)["OUTPUT:label"].to_pylist() == ["a"] * 4
    with server.client() as client:
        ban = {"scope": "POOL", "pool_id": pool["id"], "user_id": client.get(path).json()["user_id"]}
        assert client.put("/api/v1/user-restrictions", json={**ban, "private_comment": "x"}).status_code == 201
    assert run("results", "download", pool["id"], "--exclude-banned", *data).stdout.count("\n") == 1
    tasks = run("tasks", "download", pool["id"], "--format", "csv", *data).stdout.splitlines()
    assert (tasks[0].split(",")[0], sorted(row.split(",")[0] for row in tasks[1:])) == (
        "INPUT:item", ["four", "one", "three", "two"],
    )  # fmt: skip
    refused(run("tasks", "download", "1", *data), "There is no pool with id 1")


def test_errors_are_a_table_and_one_line(
    run: Shell, server: RunningServer, pool: dict[str, Any], tmp_path: Path
) -> None:
    data = ("--data", str(server.data))
    bad = made(tmp_path / "bad.tsv", "INPUT:item\tTASK:overlap\none\t[0]\ntwo\t2\n")
    done = run("tasks", "upload", pool["id"], bad, *data)
    refused(done, "1 row is not valid: nothing was created")
    head, row = [line.split(None, 2) for line in done.stderr.splitlines() if line.strip()][:2]
    assert (head[:2], row[:2], row[2].strip()) == (["row", "column"], ["2", "TASK:overlap"], "Must be an integer")
    skipped = run("tasks", "upload", pool["id"], bad, "--skip-invalid", *data)
    assert printed(skipped)["success_count"] == 1
    refused(run("tasks", "upload", pool["id"], made(tmp_path / "x.doc", "x"), *data), "--format")
    refused(run("tasks", "upload", "1", bad, *data), "There is no pool with id 1")
    refused(run("tasks", "upload", pool["id"], str(tmp_path / "none.tsv"), *data), "none.tsv")
    refused(run("results", "download", pool["id"], "--status", "DONE", *data), "status", "DONE")
    refused(run("results", "download", "1", *data), "There is no pool with id 1")
    refused(run("results", "download", pool["id"], "--output", str(tmp_path / "no" / "where"), *data), "Cannot write")
    elsewhere = ("--url", "http://127.0.0.1:9", "--api-key", "x")
    refused(run("tasks", "upload", pool["id"], bad, *elsewhere), "No Talka answers")
    refused(run("results", "download", pool["id"], *elsewhere), "No Talka answers")


def test_verdicts_go_up(run: Shell, server: RunningServer, tmp_path: Path) -> None:
    data = ("--data", str(server.data))
    with server.client() as client:
        project = client.post("/api/v1/projects", json=project_body()).json()
        body = pool_body(project["id"], auto_accept_solutions=False)
        pool = client.post("/api/v1/pools", json=body).json()
        items = [{"pool_id": pool["id"], "input_values": {"item": str(n)}, "overlap": 1} for n in range(4)]
        assert client.post("/api/v1/tasks?open_pool=true", json=items).status_code == 201
        login = {"login": f"w-{pool['id']}", "password": "long enough"}
        token = httpx.post(f"{server.url}/api/worker/v1/register", json=login).json()["token"]
        worker = {"authorization": f"Bearer {token}"}
        page = httpx.post(f"{server.url}/api/worker/v1/pools/{pool['id']}/assignments", headers=worker).json()
        answers = {"solutions": [{"output_values": {"label": "a"}}] * 4}
        path = f"{server.url}/api/worker/v1/assignments/{page['id']}/submit"
        assert httpx.post(path, json=answers, headers=worker).status_code == 200
        head = "ASSIGNMENT:assignment_id\tACCEPT:verdict\tACCEPT:comment\n"
        bad = made(tmp_path / "bad.tsv", f"{head}{page['id']}\t-\t\n")
        refused(run("assignments", "review", pool["id"], bad, *data), "nothing was decided")
        good = made(tmp_path / "good.tsv", f"{head}{page['id']}\t-\tnot a letter\n")
        counts = {"accepted_count": 0, "rejected_count": 1, "error_count": 0}
        assert printed(run("assignments", "review", pool["id"], good, "--preview", *data)) == counts
        assert client.get(f"/api/v1/assignments/{page['id']}").json()["status"] == "SUBMITTED"
        assert printed(run("assignments", "review", pool["id"], good, *data)) == counts
        shown = client.get(f"/api/v1/assignments/{page['id']}").json()
        assert (shown["status"], shown["public_comment"]) == ("REJECTED", "not a letter")
