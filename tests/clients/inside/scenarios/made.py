"""Objects that scenarios begin with: a project, a pool, tasks, workers who answer."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import toloka.client as toloka
import toloka.client.project.template_builder as tb
from toloka.client.project import BooleanSpec, FileSpec, StringSpec, TaskSpec, TemplateBuilderViewSpec

from .journal import World

LABELS = ["cat", "dog"]
_numbers = itertools.count(1)


def project(**changes: Any) -> toloka.Project:
    """A project that shows a text, asks for a label, and takes a remark and a photo."""
    label = tb.data.OutputData("label")
    question = tb.fields.RadioGroupFieldV1(
        data=label,
        label="What is it?",
        options=[tb.fields.GroupFieldOption(value, value.title()) for value in LABELS],
        validation=tb.conditions.RequiredConditionV1(hint="Choose one"),
    )
    view = tb.view.ListViewV1(items=[tb.view.TextViewV1(tb.data.InputData("text")), question])
    inputs = {"text": StringSpec(required=True), "hidden": StringSpec(required=False, hidden=True)}
    outputs = {
        "label": StringSpec(required=True, allowed_values=LABELS),
        "sure": BooleanSpec(required=False),
        "photo": FileSpec(required=False),
    }
    values = {
        "public_name": "Animals",
        "public_description": "Say which animal it is",
        "public_instructions": "<p>Choose one.</p>",
        "private_comment": "scenario",
        "task_spec": TaskSpec(input_spec=inputs, output_spec=outputs, view_spec=TemplateBuilderViewSpec(view=view)),
        "assignments_issuing_type": "AUTOMATED",
        "metadata": {"team": ["animals"]},
    }
    return toloka.Project(**{**values, **changes})


def pool(project_id: str, *, page: int = 2, overlap: int = 2, **changes: Any) -> toloka.Pool:
    """A paid pool with so many tasks a page, accepted at once."""
    values = {
        "project_id": project_id,
        "private_name": f"animals {next(_numbers)}",
        "may_contain_adult_content": False,
        "will_expire": datetime.now(UTC).replace(microsecond=0) + timedelta(days=30),
        "reward_per_assignment": 0.05,
        "assignment_max_duration_seconds": 600,
        "auto_accept_solutions": True,
        "defaults": toloka.Pool.Defaults(default_overlap_for_new_tasks=overlap, default_overlap_for_new_task_suites=1),
    }
    made = toloka.Pool(**{**values, **changes})
    if page:
        made.set_mixer_config(real_tasks_count=page, golden_tasks_count=0, training_tasks_count=0)
    return made


def training(project_id: str, **changes: Any) -> toloka.Training:
    """A training of two tasks a page."""
    values = {
        "project_id": project_id,
        "private_name": "animals training",
        "may_contain_adult_content": False,
        "assignment_max_duration_seconds": 600,
        "mix_tasks_in_creation_order": True,
        "shuffle_tasks_in_task_suite": False,
        "training_tasks_in_task_suite_count": 2,
        "task_suites_required_to_pass": 1,
        "retry_training_after_days": 7,
        "inherited_instructions": True,
        "metadata": {"team": ["animals"]},
    }
    return toloka.Training(**{**values, **changes})


def task(pool_id: str, text: str = "It barks", **changes: Any) -> toloka.Task:
    """A task of the project above."""
    return toloka.Task(pool_id=pool_id, input_values={"text": text}, **changes)


def suite(pool_id: str, *texts: str, **changes: Any) -> toloka.TaskSuite:
    """A page of tasks of the project above."""
    return toloka.TaskSuite(
        pool_id=pool_id, tasks=[toloka.task.BaseTask(input_values={"text": text}) for text in texts], **changes
    )


def known(label: str) -> list[Any]:
    """The right answer to a task."""
    return [toloka.Task.KnownSolution(output_values={"label": label}, correctness_weight=Decimal(1))]


class Worker:
    """A newly registered worker, over the worker API."""

    def __init__(self, world: World, **profile: Any) -> None:
        login = f"scenario-{uuid.uuid4().hex[:16]}"
        body = {"login": login, "password": "long enough", "profile": {"languages": ["EN"], **profile}}
        self._http = httpx.Client(base_url=f"{world.url}/api/worker/v1", timeout=60)
        account = self._answer(self._http.post("/register", json=body))
        self._http.headers["authorization"] = f"Bearer {account['token']}"
        self.user_id: str = account["user_id"]

    def take(self, pool_id: str) -> dict[str, Any]:
        """A new page of the pool."""
        return self._post(f"/pools/{pool_id}/assignments")

    def submit(self, page: dict[str, Any], label: str, **more: Any) -> dict[str, Any]:
        """Answer every task of a page with one label."""
        return self.answer(page, {"label": label, **more})

    def answer(self, page: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """Answer every task of a page with the same values."""
        solutions = [{"output_values": values} for _ in page["tasks"]]
        return self._post(f"/assignments/{page['id']}/submit", {"solutions": solutions})

    def skip(self, page: dict[str, Any]) -> None:
        """Skip a page."""
        self._post(f"/assignments/{page['id']}/skip")

    def leave(self, page: dict[str, Any]) -> None:
        """Leave a page: it expires."""
        self._post(f"/assignments/{page['id']}/exit")

    def attach(self, page: dict[str, Any], name: str, content: bytes, media_type: str) -> str:
        """Upload a file into a page; its id."""
        files = {"file": (name, content, media_type)}
        answer = self._http.post("/attachments", data={"assignment_id": page["id"]}, files=files)
        return str(self._answer(answer)["id"])

    def write(self, thread_id: str, text: str) -> None:
        """Reply to a message."""
        self._post(f"/message-threads/{thread_id}/reply", {"text": text})

    def ask(self, project_id: str, text: str) -> None:
        """Write to the requester about a project."""
        self._post("/message-threads", {"topic": "Question", "text": text, "project_id": project_id})

    def _post(self, path: str, body: Any = None) -> dict[str, Any]:
        return self._answer(self._http.post(path, json=body))

    @staticmethod
    def _answer(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        return dict(answer.json())


def opened(world: World, texts: Sequence[str] = ("one", "two"), **changes: Any) -> toloka.Pool:
    """An open pool of a new project, with a task for each text."""
    made = world.plain.create_pool(pool(world.plain.create_project(project()).id, **changes))
    tasks = [task(made.id, text) for text in texts]
    world.plain.create_tasks(tasks, allow_defaults=True, open_pool=True, async_mode=False)
    return world.plain.get_pool(made.id)
