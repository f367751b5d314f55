"""The crowd against a running server: runs, replays, lost answers, training pages, and what it refuses."""

from __future__ import annotations

import asyncio
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.crowd.lossy import losing
from tests.support.bodies import pool_body, project_body
from tests.support.postgres import fresh_database
from tests.support.server import RunningServer

from talka.crowd.client import WorkerClient
from talka.crowd.model import Access, CrowdError, Progress
from talka.crowd.people import person_login
from talka.crowd.replay import Replay, register_people, replay_labels
from talka.crowd.run import CrowdRun, run_crowd
from talka.crowd.transport import Transport

CHOICES = ["bird", "cat", "dog"]
LABEL: dict[str, Any] = {"label": {"type": "string", "allowed_values": CHOICES}}


class Requester:
    """The least of a requester that these tests need, by plain HTTP."""

    def __init__(self, access: Access, http: httpx.Client) -> None:
        self.access = access
        self._http = http

    def call(self, method: str, path: str, **options: Any) -> Any:
        response = self._http.request(method, f"/api/v1{path}", **options)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def project(self, output_spec: Mapping[str, Any], **item: Any) -> str:
        spec = {
            "input_spec": {"item": {"type": "string", **item}},
            "output_spec": output_spec,
            "view_spec": project_body()["task_spec"]["view_spec"],
        }
        created: str = self.call("POST", "/projects", json=project_body(task_spec=spec))["id"]
        return created

    def pool(self, project_id: str, *, overlap: int = 3, **changes: Any) -> str:
        """Two general tasks a page, accepted and closed at once."""
        body = pool_body(
            project_id,
            auto_close_after_complete_delay_seconds=0,
            mixer_config={"real_tasks_count": 2, "golden_tasks_count": 0, "training_tasks_count": 0},
            defaults={"default_overlap_for_new_tasks": overlap, "default_overlap_for_new_task_suites": overlap},
        )
        created: str = self.call("POST", "/pools", json={**body, **changes})["id"]
        return created

    def tasks(self, tasks: Sequence[Mapping[str, Any]]) -> list[str]:
        made = self.call("POST", "/tasks", json=tasks, params={"allow_defaults": "true"})
        assert made["validation_errors"] == {}
        return [made["items"][str(index)]["id"] for index in range(len(tasks))]

    def open(self, pool_id: str) -> None:
        self.call("POST", f"/pools/{pool_id}/open")
        for _ in range(200):
            if self.call("GET", f"/pools/{pool_id}")["status"] == "OPEN":
                return
        raise AssertionError("The pool does not open")

    def answers(self, pool_id: str) -> dict[tuple[str, str], Any]:
        """(user id, task id) → output values of all that was submitted; nobody has answered a task twice."""
        query = {"pool_id": pool_id, "status": "SUBMITTED,ACCEPTED", "limit": 10_000}
        found = [
            ((page["user_id"], task["id"]), solution["output_values"])
            for page in self.call("GET", "/assignments", params=query)["items"]
            for task, solution in zip(page["tasks"], page["solutions"], strict=True)
        ]
        assert len(dict(found)) == len(found)
        return dict(found)


@pytest.fixture(scope="module")
def requester(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Requester]:
    """The owner of a server of its own, which the tests of this file share."""
    data = tmp_path_factory.mktemp("crowd")
    with fresh_database(postgres_url) as url, RunningServer.start(data, url) as server, server.client() as http:
        yield Requester(Access(server.url, server.api_key), http)


def control(pool_id: str, item: str, label: str) -> dict[str, Any]:
    return {
        "pool_id": pool_id,
        "input_values": {"item": item},
        "known_solutions": [{"output_values": {"label": label}, "correctness_weight": 1}],
        "infinite_overlap": True,
    }


def written(path: Path, header: str, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


async def test_a_crowd_answers_a_mixed_pool_around_the_truth(requester: Requester, tmp_path: Path) -> None:
    mixer = {"real_tasks_count": 4, "golden_tasks_count": 1, "training_tasks_count": 0}
    pool = requester.pool(requester.project(LABEL), mixer_config=mixer)
    truth = {f"general {i}": CHOICES[i % 3] for i in range(100)}
    general = requester.tasks([{"pool_id": pool, "input_values": {"item": item}} for item in truth])
    truth_of = dict(zip(general, truth.values(), strict=True))
    controls = [control(pool, f"control {i}", CHOICES[i % 3]) for i in range(40)]
    truth_of |= dict(zip(requester.tasks(controls), [CHOICES[i % 3] for i in range(40)], strict=True))
    requester.open(pool)
    seen: list[Progress] = []
    tally = await run_crowd(
        requester.access,
        CrowdRun(pool_id=pool, workers=10, truth=written(tmp_path / "t.csv", "item,truth", list(truth.items()))),
        seen.append,
    )
    answers = requester.answers(pool)
    assert Counter(task for _, task in answers if task in set(general)) == dict.fromkeys(general, 3)
    assert tally.answers == len(answers)
    assert (tally.errors, tally.skips) == (0, 0)
    right = [values["label"] == truth_of[task] for (_, task), values in answers.items()]
    assert sum(right) / len(right) == pytest.approx(0.8, abs=0.1)
    assert (seen[-1].pages, seen[-1].answers) == (tally.pages, tally.answers)
    assert requester.call("GET", f"/pools/{pool}")["status"] == "CLOSED"
    again = await run_crowd(requester.access, CrowdRun(pool_id=pool, workers=3))
    assert (again.pages, again.answers) == (0, 0)


async def test_the_same_seed_says_the_same_and_known_solutions_are_truth(requester: Requester) -> None:
    mixer = {"real_tasks_count": 0, "golden_tasks_count": 2, "training_tasks_count": 0}
    pool = requester.pool(requester.project(LABEL), mixer_config=mixer, reward_per_assignment=0.0)
    tasks = requester.tasks([control(pool, f"control {i}", CHOICES[i % 3]) for i in range(20)])
    requester.open(pool)
    tally = await run_crowd(requester.access, CrowdRun(pool_id=pool, workers=4, accuracy=1.0, seed=8))
    answers = requester.answers(pool)
    assert tally.answers == len(answers) == 80
    assert {values["label"] == CHOICES[tasks.index(task) % 3] for (_, task), values in answers.items()} == {True}


async def test_random_answers_of_every_field_type_are_accepted(requester: Requester) -> None:
    scalars: dict[str, Any] = {
        "boolean": {"type": "boolean"},
        "string": {"type": "string", "min_length": 3, "max_length": 9},
        "code": {"type": "string", "pattern": r"[A-Z]{2}-\d+"},
        "choice": {"type": "string", "allowed_values": CHOICES},
        "integer": {"type": "integer", "min_value": -3, "max_value": 3},
        "float": {"type": "float", "min_value": 0.25},
        "url": {"type": "url"},
        "place": {"type": "coordinates"},
        "json": {"type": "json"},
    }
    arrays = {
        f"many_{name}": {**spec, "type": f"array_{spec['type']}", "min_size": 1, "max_size": 4}
        for name, spec in scalars.items()
    }
    optional = {"photo": {"type": "file", "required": False}}
    pool = requester.pool(requester.project({**scalars, **arrays, **optional}))
    requester.tasks([{"pool_id": pool, "input_values": {"item": str(i)}} for i in range(30)])
    requester.open(pool)
    tally = await run_crowd(requester.access, CrowdRun(pool_id=pool, workers=6))
    assert (tally.errors, tally.answers) == (0, 90)
    assert {frozenset(values) for values in requester.answers(pool).values()} == {frozenset({*scalars, *arrays})}


async def test_hints_of_training_tasks_are_followed(requester: Requester) -> None:
    mixer = {"real_tasks_count": 0, "golden_tasks_count": 0, "training_tasks_count": 5}
    pool = requester.pool(requester.project(LABEL), mixer_config=mixer, reward_per_assignment=0.0)
    lessons = [
        {**control(pool, f"lesson {i}", CHOICES[i % 3]), "message_on_unknown_solution": "Look again"} for i in range(10)
    ]
    tasks = requester.tasks(lessons)
    requester.open(pool)
    tally = await run_crowd(requester.access, CrowdRun(pool_id=pool, workers=3, accuracy=0.3, seed=9))
    answers = requester.answers(pool)
    assert (tally.pages, tally.answers, tally.errors) == (6, 30, 0)
    assert {values["label"] == CHOICES[tasks.index(task) % 3] for (_, task), values in answers.items()} == {True}


async def test_skipped_pages_are_done_by_others(requester: Requester) -> None:
    pool = requester.pool(requester.project(LABEL), overlap=2)
    tasks = requester.tasks([{"pool_id": pool, "input_values": {"item": str(i)}} for i in range(40)])
    requester.open(pool)
    tally = await run_crowd(requester.access, CrowdRun(pool_id=pool, workers=10, skip_rate=0.3))
    assert Counter(task for _, task in requester.answers(pool)) == dict.fromkeys(tasks, 2)
    assert tally.skips > 5
    assert tally.errors == 0


async def test_lost_answers_lose_and_double_nothing(requester: Requester) -> None:
    pool = requester.pool(requester.project(LABEL))
    tasks = requester.tasks([{"pool_id": pool, "input_values": {"item": str(i)}} for i in range(60)])
    requester.open(pool)
    async with losing(requester.access.base_url, every=7) as relay:
        access = Access(relay.url, requester.access.api_key)
        tally = await run_crowd(access, CrowdRun(pool_id=pool, workers=8, skip_rate=0.1))
    assert relay.lost > 10
    assert tally.errors >= relay.lost
    assert Counter(task for _, task in requester.answers(pool)) == dict.fromkeys(tasks, 3)
    active = requester.call("GET", "/assignments", params={"pool_id": pool, "status": "ACTIVE"})
    assert active["items"] == []


async def test_work_that_is_uploaded_meanwhile_is_done(requester: Requester, tmp_path: Path) -> None:
    pool = requester.pool(requester.project(LABEL), auto_close_after_complete_delay_seconds=60)
    requester.tasks([{"pool_id": pool, "input_values": {"item": "first"}}])
    requester.open(pool)
    truth = written(tmp_path / "t.csv", "item,truth", [["first", "cat"], ["later", "dog"]])
    first = asyncio.Event()

    def watch(progress: Progress) -> None:
        if progress.answers == 3:
            first.set()

    crowd = CrowdRun(pool_id=pool, workers=3, truth=truth, accuracy=1.0)
    running = asyncio.create_task(run_crowd(requester.access, crowd, watch))
    await first.wait()
    await asyncio.sleep(1)
    await asyncio.to_thread(requester.tasks, [{"pool_id": pool, "input_values": {"item": "later"}}])
    tally = await running
    assert tally.answers == 6
    assert Counter(values["label"] for values in requester.answers(pool).values()) == {"cat": 3, "dog": 3}


async def test_a_held_page_is_continued(requester: Requester) -> None:
    pool = requester.pool(requester.project(LABEL), overlap=1)
    requester.tasks([{"pool_id": pool, "input_values": {"item": str(i)}} for i in range(2)])
    requester.open(pool)
    async with Transport(requester.access.base_url, pytest.fail) as transport:
        taken = await (await WorkerClient.enter(transport, "crowd-55-1")).take(pool)
        again = await (await WorkerClient.enter(transport, "crowd-55-1")).take(pool)
    assert taken == again
    tally = await run_crowd(requester.access, CrowdRun(pool_id=pool, workers=1, seed=55))
    assert (tally.pages, tally.answers) == (1, 2)


class Votes:
    """Labels of 12 people about 30 items, each person about 10 of them, in a file."""

    def __init__(self, path: Path) -> None:
        self.rows = [
            (str(item), f"p{(item + 3 * vote) % 12}", CHOICES[(item * vote) % 3])
            for item in range(30)
            for vote in range(4)
        ]
        self.path = written(path, "item,worker,label", [*self.rows, (*self.rows[0][:2], "bird")])
        self.by_item: dict[str, list[str]] = defaultdict(list)
        for item, person, _ in self.rows:
            self.by_item[item].append(person)


async def test_a_replay_gives_every_label_back(requester: Requester, tmp_path: Path) -> None:
    votes = Votes(tmp_path / "labels.csv")
    people = await register_people(requester.access.base_url, votes.path)
    assert list(people) == list(dict.fromkeys(person for _, person, _ in votes.rows))
    assert len(set(people.values())) == 12
    assert await register_people(requester.access.base_url, votes.path) == people
    pool = requester.pool(requester.project(LABEL, hidden=True), overlap=4)
    tasks = requester.tasks(
        [
            {"pool_id": pool, "input_values": {"item": item}, "reserved_for": [people[p] for p in reserved]}
            for item, reserved in votes.by_item.items()
        ]
    )
    task_of = dict(zip(votes.by_item, tasks, strict=True))
    requester.open(pool)
    tally = await replay_labels(requester.access, Replay(pool_id=pool, labels=votes.path))
    assert requester.answers(pool) == {
        (people[person], task_of[item]): {"label": label} for item, person, label in votes.rows
    }
    assert (tally.labels, tally.submitted, tally.unwanted, tally.missing) == (120, 120, 0, 0)
    assert (tally.answers, tally.skips, tally.errors) == (120, 0, 0)
    again = await replay_labels(requester.access, Replay(pool_id=pool, labels=votes.path))
    assert (again.answers, again.submitted, again.missing) == (0, 120, 0)


async def test_labels_beyond_the_overlap_are_not_wanted(requester: Requester, tmp_path: Path) -> None:
    votes = Votes(tmp_path / "labels.csv")
    mixer = {"real_tasks_count": 1, "golden_tasks_count": 0, "training_tasks_count": 0}
    pool = requester.pool(requester.project(LABEL), overlap=2, mixer_config=mixer)
    requester.tasks([{"pool_id": pool, "input_values": {"item": str(item)}} for item in range(20)])
    requester.open(pool)
    tally = await replay_labels(requester.access, Replay(pool_id=pool, labels=votes.path))
    assert (tally.labels, tally.submitted, tally.unwanted, tally.missing) == (80, 40, 40, 0)


async def test_labels_that_find_no_page_are_missing(requester: Requester, tmp_path: Path) -> None:
    labels = written(tmp_path / "labels.csv", "item,worker,label", [["a", "ann", "cat"], ["b", "bob", "dog"]])
    pool = requester.pool(requester.project(LABEL), overlap=1)
    requester.tasks([{"pool_id": pool, "input_values": {"item": item}} for item in "ab"])
    requester.open(pool)
    tally = await replay_labels(requester.access, Replay(pool_id=pool, labels=labels))
    assert (tally.labels, tally.submitted, tally.unwanted, tally.missing) == (2, 0, 0, 2)
    assert tally.skips == 2


async def test_labels_become_values_of_their_field(requester: Requester, tmp_path: Path) -> None:
    labels = written(tmp_path / "labels.csv", "item,worker,label", [["a", "Ann B", "1"], ["b", "Ann B", "0"]])
    pool = requester.pool(requester.project({"sure": {"type": "boolean"}}), overlap=1)
    requester.tasks([{"pool_id": pool, "input_values": {"item": item}} for item in "ab"])
    requester.open(pool)
    tally = await replay_labels(requester.access, Replay(pool_id=pool, labels=labels, output_field="sure"))
    assert tally.missing == 0
    assert [values["sure"] for _, values in sorted(requester.answers(pool).items())] == [True, False]


async def test_what_must_be_mended_is_said_in_one_sentence(requester: Requester, tmp_path: Path) -> None:
    access = requester.access
    project = requester.project(LABEL)
    pool = requester.pool(project)
    requester.tasks([{"pool_id": pool, "input_values": {"item": "a"}}])
    truth = written(tmp_path / "t.csv", "item,truth", [["a", "cat"], ["b", "cow"]])
    labels = written(tmp_path / "l.csv", "item,worker,label", [["x", "ann", "cat"]])
    photos = requester.pool(requester.project({"photo": {"type": "file"}}))
    requester.tasks([{"pool_id": photos, "input_values": {"item": "a"}}])

    async def refused(access: Access, run: CrowdRun) -> str:
        with pytest.raises(CrowdError) as caught:
            await run_crowd(access, run)
        return str(caught.value)

    async def refused_replay(replay: Replay) -> str:
        with pytest.raises(CrowdError) as caught:
            await replay_labels(access, replay)
        return str(caught.value)

    assert await refused(access, CrowdRun(pool_id="999999999")) == "There is no pool 999999999 in this account"
    assert "does not know this API key" in await refused(Access(access.base_url, "x"), CrowdRun(pool_id=pool))
    assert await refused(access, CrowdRun(pool_id=pool)) == f"Pool {pool} is CLOSED: open it first"
    requester.open(pool)
    requester.open(photos)
    assert await refused(access, CrowdRun(pool_id=photos)) == (
        "Simulated workers cannot answer the output field photo of type file"
    )
    assert await refused(access, CrowdRun(pool_id=pool, truth=truth)) == (
        f"{truth}, line 3: 'cow' is not among the allowed values bird, cat, dog, as the output field label wants it"
    )
    assert await refused(access, CrowdRun(pool_id=pool, truth=truth, output_field="animal")) == (
        "The project has no output field animal, only label: name it with --output-field"
    )
    assert await refused_replay(Replay(pool_id=pool, labels=labels, item_field="id")) == (
        "The project has no input field id, only item: name it with --item-field"
    )
    assert await refused_replay(Replay(pool_id=pool, labels=labels)) == (
        f"No task of pool {pool} has a value of item that occurs in {labels}"
    )
    assert await refused(access, CrowdRun(pool_id=pool, workers=0)) == "--workers must be at least 1"
    async with httpx.AsyncClient(base_url=access.base_url, trust_env=False) as http:
        body = {"login": person_login("thief"), "password": "somebody else's"}
        assert (await http.post("/api/worker/v1/register", json=body)).status_code == 201
    stolen = written(tmp_path / "s.csv", "item,worker,label", [["a", "thief", "cat"]])
    assert "The login replay-thief belongs to somebody else" in await refused_replay(
        Replay(pool_id=pool, labels=stolen)
    )
