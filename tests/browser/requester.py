"""The requester whose projects people in the browser work on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from tests.support.bodies import pool_body, project_body


class Requester:
    """The owner of a running server, by plain HTTP."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def get(self, path: str, **params: Any) -> Any:
        return self._checked(self.http.get(path, params=params)).json()

    def post(self, path: str, body: Any, **params: Any) -> Any:
        return self._checked(self.http.post(path, json=body, params=params)).json()

    def project(self, **changes: Any) -> dict[str, Any]:
        """A project that asks for the letter a or b."""
        created: dict[str, Any] = self.post("/api/v1/projects", project_body(**changes))
        return created

    def job(
        self, inputs: Sequence[Mapping[str, Any]], *, project: Mapping[str, Any] | None = None, **changes: Any
    ) -> dict[str, Any]:
        """A pool with a task for each input, asked once, in pages of four in that order; open if there are any."""
        parent = project or self.project()
        mixer = {"real_tasks_count": 4, "mix_tasks_in_creation_order": True, "shuffle_tasks_in_task_suite": False}
        pool: dict[str, Any] = self.post("/api/v1/pools", pool_body(parent["id"], **{"mixer_config": mixer, **changes}))
        if inputs:
            self.tasks(pool, inputs)
        return pool

    def tasks(self, pool: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], **changes: Any) -> None:
        """Further tasks; the pool is open afterwards."""
        tasks = [{"pool_id": pool["id"], "input_values": values, "overlap": 1, **changes} for values in inputs]
        self.post("/api/v1/tasks", tasks, open_pool="true")

    def assignments(self, pool: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The pages of a pool, the oldest first."""
        items: list[dict[str, Any]] = self.get("/api/v1/assignments", pool_id=pool["id"], sort="created")["items"]
        return items

    def table(self, pool: Mapping[str, Any]) -> list[dict[str, str]]:
        """The results TSV of a pool."""
        answer = self._checked(self.http.get(f"/api/new/requester/pools/{pool['id']}/assignments.tsv"))
        return [row for row in csv.DictReader(io.StringIO(answer.text), delimiter="\t") if row["ASSIGNMENT:link"]]

    def advance(self, seconds: float) -> None:
        """Travel ahead in the server's time."""
        self.post("/api/sandbox/v1/clock/advance", {"seconds": seconds})

    @staticmethod
    def _checked(answer: httpx.Response) -> httpx.Response:
        assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
        return answer


def items(*names: str) -> list[dict[str, str]]:
    """Inputs of the project that asks for letters."""
    return [{"item": name} for name in names]


def interface(
    view: Mapping[str, Any], output_spec: Mapping[str, Any], input_spec: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The task_spec of a project with that view."""
    return {
        "input_spec": input_spec or {"item": {"type": "string"}},
        "output_spec": output_spec,
        "view_spec": {"type": "tb", "config": json.dumps({"view": view}), "lock": {"core": "1.0.0"}},
    }
