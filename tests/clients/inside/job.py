"""Runs in the client's environment: one labelling job, as a requester writes it with the published client.

Speaks with the test in JSON lines: hears the tasks, says which pools are open and what came of them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import toloka.client as toloka
import toloka.client.project.template_builder as tb

PATIENCE = 150.0


def hear() -> Any:
    """The test's next line."""
    return json.loads(sys.stdin.readline())


def say(**values: Any) -> None:
    """A line for the test."""
    print(json.dumps(values, default=_plain), flush=True)


def _plain(thing: Any) -> Any:
    return float(thing) if isinstance(thing, Decimal) else thing.unstructure()


def interface() -> toloka.project.TemplateBuilderViewSpec:
    """Text, hypothesis, and the question, to be answered with the keys 1 and 2."""
    label = tb.data.OutputData("label")
    question = tb.fields.ButtonRadioGroupFieldV1(
        data=label,
        label="Does the hypothesis follow from the text?",
        options=[tb.fields.GroupFieldOption("1", "It does"), tb.fields.GroupFieldOption("0", "It does not")],
        validation=tb.conditions.RequiredConditionV1(hint="Choose one"),
    )
    texts = tb.layouts.ColumnsLayoutV1(
        items=[
            tb.view.GroupViewV1(tb.view.TextViewV1(tb.data.InputData("text"), label="Text")),
            tb.view.GroupViewV1(tb.view.MarkdownViewV1(tb.data.InputData("hypothesis"), label="Hypothesis")),
        ]
    )
    keys = tb.plugins.HotkeysPluginV1(
        key_1=tb.actions.SetActionV1(label, "1"), key_2=tb.actions.SetActionV1(label, "0")
    )
    width = tb.plugins.TolokaPluginV1("scroll", task_width=700.0)
    return toloka.project.TemplateBuilderViewSpec(
        view=tb.view.ListViewV1(items=[texts, question]), plugins=[keys, width]
    )


def project() -> toloka.Project:
    """A project that asks whether a text entails a hypothesis."""
    made = toloka.Project(
        public_name="Does it follow?",
        public_description="Say whether a sentence follows from a text",
        public_instructions="<p>Only what is <b>certain</b> follows.</p>",
        task_spec=toloka.project.TaskSpec(
            input_spec={
                "item": toloka.project.StringSpec(required=True, hidden=True),
                "text": toloka.project.StringSpec(required=True),
                "hypothesis": toloka.project.StringSpec(required=True),
            },
            output_spec={"label": toloka.project.StringSpec(required=True, allowed_values=["1", "0"])},
            view_spec=interface(),
        ),
        max_active_assignments_count=3,
        metadata={"task": ["entailment"]},
    )
    made.set_default_language("EN")
    made.add_requester_translation("FR", public_name="Est-ce que cela suit ?")
    return made


def pool(project_id: str, name: str, overlap: int, mixer: dict[str, Any], **more: Any) -> toloka.Pool:
    """A paid pool of five tasks a page."""
    made = toloka.Pool(
        project_id=project_id,
        private_name=name,
        may_contain_adult_content=False,
        will_expire=datetime.now(UTC) + timedelta(days=30),
        reward_per_assignment=0.05,
        assignment_max_duration_seconds=600,
        auto_close_after_complete_delay_seconds=0,
        defaults=toloka.Pool.Defaults(
            default_overlap_for_new_tasks=overlap, default_overlap_for_new_task_suites=overlap
        ),
        **more,
    )
    made.set_mixer_config(**mixer)
    return made


def until_closed(client: toloka.TolokaClient, pool_id: str) -> toloka.Pool:
    """The pool as it is when it has closed."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = client.get_pool(pool_id)
        if found.is_closed():
            return found
        time.sleep(0.3)
    raise TimeoutError(pool_id)


def assignments(client: toloka.TolokaClient, pool_id: str) -> list[dict[str, Any]]:
    """All pages of a pool, read in several requests."""
    return [page.unstructure() for page in client.get_assignments(pool_id=pool_id, batch_size=500)]


def label_pairs(client: toloka.TolokaClient, project_id: str, pairs: list[dict[str, Any]]) -> str:
    """Real people answer: every pair is reserved for ten of them, pages are accepted at once."""
    labelled = client.create_pool(
        pool(
            project_id,
            "pairs",
            10,
            {"real_tasks_count": 5, "golden_tasks_count": 0, "training_tasks_count": 0},
            auto_accept_solutions=True,
        )
    )
    created = client.create_tasks(
        [toloka.Task(pool_id=labelled.id, **pair) for pair in pairs], allow_defaults=True, open_pool=False
    )
    opened = client.open_pool(labelled.id)
    say(pool=opened, tasks=created.items, errors=created.validation_errors)
    closed = until_closed(client, labelled.id)
    frame = client.get_assignments_df(labelled.id, field=["ASSIGNMENT:worker_id", "ASSIGNMENT:task_id"])
    say(
        pool=closed,
        assignments=assignments(client, labelled.id),
        rows=json.loads(frame.astype(str).to_json(orient="records")),
        balance=client.get_requester().balance,
    )
    return str(labelled.id)


def review_crowd(client: toloka.TolokaClient, project_id: str, work: dict[str, Any]) -> str:
    """Simulated workers answer four tasks and one control task a page; who fails the control is not paid."""
    mixer = {"real_tasks_count": 4, "golden_tasks_count": 1, "training_tasks_count": 0}
    checked = client.create_pool(
        pool(project_id, "checked", 3, mixer, auto_accept_solutions=False, auto_accept_period_day=7)
    )
    client.create_tasks([toloka.Task(pool_id=checked.id, **task) for task in work["tasks"]], allow_defaults=True)
    controls = [toloka.Task(pool_id=checked.id, infinite_overlap=True, **task) for task in work["controls"]]
    client.create_tasks(controls, open_pool=True)
    say(pool=client.get_pool(checked.id))
    until_closed(client, checked.id)
    for page in client.get_assignments(pool_id=checked.id, status=["SUBMITTED"]):
        if _passed(page):
            client.accept_assignment(page.id, "Well done")
        else:
            client.reject_assignment(page.id, "The control task is wrong")
    say(pages=assignments(client, checked.id), balance=client.get_requester().balance)
    return str(checked.id)


def _passed(page: toloka.Assignment) -> bool:
    [(task, solution)] = [both for both in zip(page.tasks, page.solutions, strict=True) if both[0].known_solutions]
    return bool(task.known_solutions[0].output_values == solution.output_values)


def refusal(archive: Callable[[str], Any], identity: str) -> str | None:
    """The code of the error when something cannot be archived yet."""
    try:
        archive(identity)
    except toloka.exceptions.IncorrectActionsApiError as error:
        return str(error.code)
    return None


def main(url: str, key: str) -> None:
    """The whole job."""
    client = toloka.TolokaClient(key, url=url)
    work = hear()
    made = client.create_project(project())
    say(project=made, balance=client.get_requester().balance)
    labelled = label_pairs(client, made.id, work["pairs"])
    checked = review_crowd(client, made.id, hear())
    first = client.archive_pool(labelled)
    refusals = {"pool": refusal(client.archive_pool, checked), "project": refusal(client.archive_project, made.id)}
    say(archived=first, refusals=refusals)
    hear()
    say(pool=client.archive_pool(checked), project=client.archive_project(made.id))


if __name__ == "__main__":
    main(url=sys.argv[1], key=sys.argv[2])
