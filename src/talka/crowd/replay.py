"""`talka crowd register` and `talka crowd replay`: real people's labels through the worker API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from talka.crowd.checks import check_field, check_open, check_sole_requirement, converted, is_complete
from talka.crowd.client import RequesterReader, WorkerClient
from talka.crowd.model import (
    Access,
    CrowdError,
    Page,
    Progress,
    ProgressCallback,
    Solutions,
    Task,
    unwatched,
)
from talka.crowd.people import person_login
from talka.crowd.shift import Shift, together
from talka.crowd.tables import Label, people_of, read_labels
from talka.crowd.transport import Transport
from talka.crowd.values import as_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Which pool, whose labels; `labels` is a CSV file with the header `item,worker,label[,seconds]`."""

    pool_id: str
    labels: Path
    item_field: str = "item"
    output_field: str = "label"


@dataclass(frozen=True, slots=True)
class ReplayTally:
    """What a replay did, and what became of the labels.

    `labels` counts those whose task is in the pool (one per person and task): `submitted` now or earlier,
    `unwanted` because the pool wanted no more answers to the task from this person, `missing` otherwise.
    """

    pages: int
    answers: int
    skips: int
    errors: int
    seconds: float
    labels: int
    submitted: int
    unwanted: int
    missing: int

    def as_json(self) -> dict[str, int | float]:
        """The tally as one flat JSON object."""
        return asdict(self)


async def register_people(base_url: str, labels: Path, progress: ProgressCallback = unwatched) -> dict[str, str]:
    """One worker per person of the file, again the same ones: person → user id.

    `progress` counts `pages` never and `answers` as people registered so far.

    Raises:
        CrowdError: what the user must mend.
    """
    people = people_of(read_labels(labels))
    errors: list[str] = []
    entered: list[str] = []

    def report() -> None:
        progress(
            Progress(
                workers=len(people),
                expected=len(people),
                answers=len(entered),
                errors=len(errors),
                last_error=errors[-1] if errors else None,
            )
        )

    async with Transport(base_url, errors.append) as transport:

        async def enter(person: str) -> tuple[str, str]:
            client = await WorkerClient.enter(transport, person_login(person))
            entered.append(person)
            report()
            return person, client.user_id

        return dict(await together(enter(person) for person in people))


async def replay_labels(access: Access, replay: Replay, progress: ProgressCallback = unwatched) -> ReplayTally:
    """Everybody of the file works on the pool at once, saying what the file says.

    Raises:
        CrowdError: what the user must mend; also when the server stays away.
    """
    labels = read_labels(replay.labels)
    people = people_of(labels)
    shift = Shift(replay.pool_id, progress, len(people))
    async with Transport(access.base_url, shift.error) as transport:
        reader = RequesterReader(transport, access)
        pool = await reader.pool(replay.pool_id)
        input_spec, output_spec = await reader.specs(pool["project_id"])
        check_field("input", input_spec, replay.item_field, "--item-field")
        field = check_field("output", output_spec, replay.output_field, "--output-field")
        check_sole_requirement(output_spec, replay.output_field)
        values = [converted(field, label.text, replay.labels, label.line, replay.output_field) for label in labels]
        tasks = {task.id: task async for task in reader.tasks(replay.pool_id)}
        minds = _minds(replay, people, labels, values, tasks.values())
        total = sum(len(mind.values) for mind in minds.values())
        if not total:
            raise CrowdError(
                f"No task of pool {replay.pool_id} has a value of {replay.item_field} that occurs in {replay.labels}"
            )
        clients = await together(WorkerClient.enter(transport, person_login(person)) for person in people)
        crew = [(client, minds[person]) for client, person in zip(clients, people, strict=True)]
        await _recall(reader, replay.pool_id, crew)
        expected = sum(len(mind.open) for mind in minds.values())
        shift.expect(expected)
        if expected:
            check_open(pool)
        seconds = await shift.run(crew)
        unwanted = await _unwanted(reader, replay.pool_id, crew)
    left = sum(len(mind.open) for mind in minds.values())
    done = shift.progress
    return ReplayTally(
        pages=done.pages,
        answers=done.answers,
        skips=done.skips,
        errors=done.errors,
        seconds=round(seconds, 3),
        labels=total,
        submitted=total - left,
        unwanted=unwanted,
        missing=left - unwanted,
    )


class _PersonMind:
    """A person who says what the file says, skips what they have no label for, and goes when they are done."""

    def __init__(self, output_field: str) -> None:
        self.values: dict[str, Any] = {}
        self.open: set[str] = set()
        self._output_field = output_field

    def learn(self, task_id: str, value: Any) -> None:
        self.values[task_id] = value
        self.open.add(task_id)

    @property
    def content(self) -> bool:
        return not self.open

    async def answer(self, page: Page) -> Solutions | None:
        if any(task_id not in self.values for task_id in page.task_ids):
            return None
        return [{self._output_field: self.values[task_id]} for task_id in page.task_ids]

    async def corrected(self, page: Page, wrong: Sequence[str], solutions: Solutions) -> Solutions | None:
        """A person of a file has one thing to say."""
        return None

    def done(self, page: Page) -> None:
        self.open.difference_update(page.task_ids)

    def leaves(self, final: bool) -> bool:
        return final


_Crew = Sequence[tuple[WorkerClient, _PersonMind]]


def _minds(
    replay: Replay, people: Sequence[str], labels: Sequence[Label], values: Sequence[Any], tasks: Any
) -> Mapping[str, _PersonMind]:
    by_item: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        if replay.item_field in task.input_values:
            by_item[as_text(task.input_values[replay.item_field])].append(task.id)
    minds = {person: _PersonMind(replay.output_field) for person in people}
    for label, value in zip(labels, values, strict=True):
        for task_id in by_item.get(label.item, ()):
            minds[label.person].learn(task_id, value)
    return minds


async def _recall(reader: RequesterReader, pool_id: str, crew: _Crew) -> None:
    """Tell people what they have submitted in an earlier replay."""
    by_user = {client.user_id: mind for client, mind in crew}
    async for user_id, task_id in reader.answered(pool_id):
        if user_id in by_user:
            by_user[user_id].open.discard(task_id)


async def _unwanted(reader: RequesterReader, pool_id: str, crew: _Crew) -> int:
    """How many of the labels that are left could not have been taken by the pool as it is now."""
    if not any(mind.open for _, mind in crew):
        return 0
    pool = await reader.pool(pool_id)
    complete = is_complete(pool)
    tasks = {task.id: task async for task in reader.tasks(pool_id)}
    return sum(len(mind.open) if complete else _not_wanted_from(client.user_id, mind, tasks) for client, mind in crew)


def _not_wanted_from(user_id: str, mind: _PersonMind, tasks: Mapping[str, Task]) -> int:
    """Tasks without free overlap or closed to the person; control tasks come only beside other tasks."""
    wanted = {
        task.id
        for task in (tasks[task_id] for task_id in mind.open)
        if task.open_to(user_id) and task.remaining_overlap != 0
    }
    finite = [task for task in tasks.values() if task.remaining_overlap is not None]
    if finite and not any(
        task.remaining_overlap and task.open_to(user_id) and (task.id in mind.open or task.id not in mind.values)
        for task in finite
    ):
        wanted = {task_id for task_id in wanted if tasks[task_id].remaining_overlap is not None}
    return len(mind.open) - len(wanted)
