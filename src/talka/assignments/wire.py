"""JSON shapes of assignments: as requesters see them and as workers do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from talka.assignments.model import Assignment, Status
from talka.infra import clock
from talka.infra.db import Row
from talka.infra.media import PREFIX, PROXIES, MediaSigner
from talka.kit.ids import work_id
from talka.projects.versions import Version
from talka.tasks.wire import suite_task_json, task_json

_DATES = ("submitted", "accepted", "rejected", "skipped", "expired")


@dataclass(frozen=True, slots=True)
class Sign:
    """Signs what is behind this server for one page, until some time after the page's own is up."""

    signer: MediaSigner
    assignment_id: str
    until: datetime

    def __call__(self, value: Any) -> Any:
        """A JSON value with every address in it signed."""
        return self.signer.sign_all(value, self.assignment_id, self.until)

    def proxy(self) -> dict[str, str]:
        """What an interface makes addresses of proxies from: `<url><name>/<path>?<query>`."""
        url = f"{self.signer.base_url}{PROXIES}"
        return {"url": url, "query": self.signer.ticket(self.assignment_id, self.until)}


def requester_json(
    row: Row, tasks: Sequence[Row], attempts: Mapping[int, Mapping[str, Any]], *, myself: bool
) -> dict[str, Any]:
    """An assignment as its requester sees it; `attempts` are first answers to training tasks by position."""
    body: dict[str, Any] = {
        "id": work_id(row["pool_id"], row["id"]),
        "task_suite_id": work_id(row["pool_id"], row["suite_id"]),
        "pool_id": str(row["pool_id"]),
        "user_id": row["user_id"].hex,
        "status": Status(row["status"]).name,
        "reward": row["reward"],
        "tasks": [(task_json if row["mixed"] else suite_task_json)(task) for task in tasks],
        "mixed": row["mixed"],
        "automerged": row["automerged"],
        "created": row["created"],
        **{name: row[name] for name in _DATES if row[name] is not None},
        "owner": {"id": row["requester_id"].hex, "myself": myself},
    }
    if row["bonus_ids"]:
        body["bonus_ids"] = [str(number) for number in row["bonus_ids"]]
    if row["solutions"] is not None:
        body["solutions"] = row["solutions"]
        first = first_declined(row["solutions"], attempts)
        if first is not None:
            body["first_declined_solution_attempt"] = first
    if row["public_comment"] is not None:
        body["public_comment"] = row["public_comment"]
    return body


def first_declined(
    solutions: Sequence[Mapping[str, Any]], attempts: Mapping[int, Mapping[str, Any]]
) -> list[dict[str, Any]] | None:
    """The whole first attempt of a page of training tasks, when anything in it was wrong."""
    if all(attempt["correct"] for attempt in attempts.values()):
        return None
    return [
        {"output_values": attempts[position]["output_values"] if position in attempts else solution["output_values"]}
        for position, solution in enumerate(solutions)
    ]


def worker_json(
    assignment: Assignment,
    version: Version,
    spec: Mapping[str, orjson.Fragment],
    tasks: Sequence[tuple[int, Any]],
    sign: Sign,
) -> dict[str, Any]:
    """An assignment as its worker sees it: no known solutions, no hidden inputs, nobody else.

    `spec` is that of the version in the worker's language, `tasks` are (number, input values) in the order of the page.
    """
    pool_id = assignment.pool_id
    body: dict[str, Any] = {
        "id": work_id(pool_id, assignment.id),
        "pool_id": str(pool_id),
        "project_id": str(assignment.project_id),
        "status": assignment.status.name,
        "reward": assignment.reward,
        "created": assignment.created,
        "expires": assignment.expires,
        **spec,
        "tasks": [
            {"id": work_id(pool_id, number), "input_values": visible(version, values, sign)} for number, values in tasks
        ],
        **{name: value for name in _DATES if (value := getattr(assignment, name)) is not None},
    }
    if version.proxied and assignment.status is Status.ACTIVE:
        body["proxy"] = sign.proxy()
    if assignment.solutions is not None:
        body["solutions"] = assignment.solutions
    if assignment.public_comment is not None:
        body["public_comment"] = assignment.public_comment
    return body


def visible(version: Version, values: Any, sign: Sign) -> Any:
    """Input values without the hidden ones, media of ours signed; other JSON text goes through as it is."""
    if isinstance(values, str):
        if not version.hidden and PREFIX not in values and PROXIES not in values:
            return orjson.Fragment(values)
        values = orjson.loads(values)
    shown = {name: value for name, value in values.items() if name not in version.hidden}
    return sign(shown)


def signing(signer: MediaSigner, assignment_id: str, remaining: timedelta) -> Sign:
    """Signs for one assignment until an hour after its time is up."""
    return Sign(signer, assignment_id, clock.wall() + max(remaining, timedelta(0)) + timedelta(hours=1))
