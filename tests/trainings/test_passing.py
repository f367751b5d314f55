"""Training workers: the skill they get, the pools it opens, and how they may begin again."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.app import Talka, Worker
from tests.trainings.test_trainings import asking, fill, move, new, now

DAY = 86_400


async def learn(worker: Worker, training: dict[str, Any], *labels: str) -> dict[str, Any]:
    """Do a page: first with these answers, then with the right ones."""
    taken = await worker.take(training)
    assert taken.status_code == 201, taken.text
    path = f"/assignments/{taken.json()['id']}/submit"
    page: dict[str, Any] = {}
    for answers in (labels, ["a"] * len(labels)):
        page = (await worker.post(path, {"solutions": [{"output_values": {"label": x}} for x in answers]})).json()
        if page["status"] == "ACCEPTED":
            break
    assert page["status"] == "ACCEPTED", page
    return page


async def skills(talka: Talka, worker: Worker) -> list[Any]:
    """What the worker has of skills: exact values."""
    found = (await talka.requester.get("/api/v1/user-skills", params={"user_id": worker.user_id})).json()["items"]
    return [value["exact_value"] for value in found]


async def opened(talka: Talka, count: int = 9, **changes: Any) -> dict[str, Any]:
    """An open training."""
    training = await new(talka, await talka.project(max_active_assignments_count=5), **changes)
    await fill(talka, training, count)
    return training


async def linked(talka: Talka, training: dict[str, Any], value: int = 80, **changes: Any) -> dict[str, Any]:
    """An open pool that asks for it."""
    pool = await talka.pool({"id": training["project_id"]}, **asking(training, value), **changes)
    await talka.tasks(pool, 8)
    return pool


async def cards(worker: Worker) -> dict[str, Any]:
    """Cards by pool."""
    return {card["pool_id"]: card for card in (await worker.get("/task-list")).json()["items"]}


async def refusal(worker: Worker, pool: dict[str, Any]) -> tuple[int, str, Any]:
    """How a take is refused."""
    answer = await worker.take(pool)
    return answer.status_code, answer.json()["code"], answer.json()["payload"]


async def test_the_share_of_first_answers_after_enough_pages(talka: Talka) -> None:
    training = await opened(talka, training_tasks_in_task_suite_count=3)
    worker = await talka.worker()
    await learn(worker, training, "a", "b", "a")
    assert await skills(talka, worker) == []
    await learn(worker, training, "a", "a", "b")
    assert await skills(talka, worker) == [66.6667]
    assert await refusal(worker, training) == (409, "POOL_ASSIGNMENTS_EXHAUSTED", {"final": True})
    own = (await worker.get("/skills")).json()["items"]
    assert [(skill["name"], skill["value"]) for skill in own] == [("Letters - training", 67)]


async def test_with_fewer_pages_than_required_all_of_them_are_enough(talka: Talka) -> None:
    training = await opened(talka, 5, task_suites_required_to_pass=9)
    worker = await talka.worker()
    for labels in (["a", "a"], ["a", "b"]):
        await learn(worker, training, *labels)
        assert await skills(talka, worker) == []
    await learn(worker, training, "a")
    assert await skills(talka, worker) == [80]


async def test_without_a_number_it_takes_all_pages(talka: Talka) -> None:
    training = await opened(talka, 4, task_suites_required_to_pass=None)
    worker = await talka.worker()
    await learn(worker, training, "b", "b")
    assert await skills(talka, worker) == []
    await learn(worker, training, "b", "b")
    assert await skills(talka, worker) == [0]


async def test_pages_at_once_and_the_same_answers_twice_count_once(talka: Talka) -> None:
    training = await opened(talka, 6, task_suites_required_to_pass=3)
    worker = await talka.worker()
    pages = [(await worker.take(training)).json() for _ in range(3)]
    answers = [worker.submit(page) for page in pages for _ in range(3)]
    assert {answer.status_code for answer in await asyncio.gather(*answers)} == {200}
    assert await skills(talka, worker) == [100]
    async with talka.db.reading() as tx:
        rows = await tx.rows("select suites, answers, correct from training_progress")
    assert rows == [{"suites": 3, "answers": 6, "correct": 6}]


async def test_pages_that_were_skipped_or_left_do_not_count(talka: Talka) -> None:
    training = await opened(talka, 6, task_suites_required_to_pass=2)
    worker = await talka.worker()
    skipped, left = (await worker.take(training)).json(), (await worker.take(training)).json()
    await worker.post(f"/assignments/{skipped['id']}/skip")
    await worker.post(f"/assignments/{left['id']}/exit")
    await learn(worker, training, "a", "a")
    assert await skills(talka, worker) == []
    await learn(worker, training, "a", "b")
    assert await skills(talka, worker) == [75]


async def test_the_skill_stays_as_it_was_given(talka: Talka) -> None:
    training = await opened(talka, 6, task_suites_required_to_pass=1)
    worker = await talka.worker()
    pages = [(await worker.take(training)).json() for _ in range(2)]
    await worker.submit(pages[0], "a")
    await worker.submit(pages[1], "b")
    await worker.submit(pages[1], "a")
    assert await skills(talka, worker) == [100]


async def test_pages_at_work_are_waited_for(talka: Talka) -> None:
    training = await opened(talka, 4, task_suites_required_to_pass=None)
    worker = await talka.worker()
    first, second = [(await worker.take(training)).json() for _ in range(2)]
    await worker.submit(first, "a")
    assert await skills(talka, worker) == []
    await worker.submit(second, "b")
    await worker.submit(second, "a")
    assert await skills(talka, worker) == [50]


async def test_the_last_pages_at_once(talka: Talka) -> None:
    training = await opened(talka, 8, task_suites_required_to_pass=None)
    people = [await talka.worker() for _ in range(6)]
    pages = {worker.user_id: [(await worker.take(training)).json() for _ in range(4)] for worker in people}
    ends = []
    for worker in people:
        *done, skipped = pages[worker.user_id]
        ends += [worker.submit(page, "a") for page in done]
        ends.append(worker.post(f"/assignments/{skipped['id']}/skip"))
    assert {answer.status_code for answer in await asyncio.gather(*ends)} == {200}
    assert [await skills(talka, worker) for worker in people] == [[100]] * 6


async def test_skipping_the_last_page_ends_a_training(talka: Talka) -> None:
    training = await opened(talka, 4, task_suites_required_to_pass=2)
    worker, lazy = await talka.worker(), await talka.worker()
    await learn(worker, training, "a", "b")
    for person, count in ((worker, 1), (lazy, 2)):
        for _ in range(count):
            page = (await person.take(training)).json()
            assert (await person.post(f"/assignments/{page['id']}/skip")).json()["status"] == "SKIPPED"
    assert await skills(talka, worker) == [50]
    assert await skills(talka, lazy) == [], "there is no share of nothing"


async def test_a_page_that_expired_comes_back_before_the_end(talka: Talka) -> None:
    training = await opened(talka, 4, task_suites_required_to_pass=None)
    worker = await talka.worker()
    first, second = [(await worker.take(training)).json() for _ in range(2)]
    await worker.post(f"/assignments/{second['id']}/exit")
    await worker.submit(first, "a")
    assert await skills(talka, worker) == []
    third = (await worker.take(training)).json()
    await talka.advance(3600)
    assert (await worker.get(f"/assignments/{third['id']}")).json()["status"] == "EXPIRED"
    assert await skills(talka, worker) == []
    await learn(worker, training, "a", "a")
    assert await skills(talka, worker) == [100]


async def test_the_skill_of_pages_at_once_is_given_once(talka: Talka) -> None:
    training = await opened(talka, 8, task_suites_required_to_pass=1)
    people = [await talka.worker() for _ in range(8)]
    pages = {worker.user_id: [(await worker.take(training)).json() for _ in range(3)] for worker in people}
    for worker in people:
        await worker.submit(pages[worker.user_id][1], "b")
    ends = [worker.submit(page, "a") for worker in people for page in pages[worker.user_id]]
    assert {answer.status_code for answer in await asyncio.gather(*ends)} == {200}
    async with talka.db.reading() as tx:
        rows = await tx.rows("select action, count(*) as n from user_skill_change group by action")
    assert rows == [{"action": "CREATE", "n": 8}]


async def test_training_tasks_elsewhere_give_no_skill(talka: Talka) -> None:
    pool = await talka.pool(mixer_config={"training_tasks_count": 2}, reward_per_assignment=0)
    await fill(talka, pool, 2)
    worker = await talka.worker()
    await learn(worker, pool, "a", "b")
    assert await skills(talka, worker) == []


async def test_a_linked_pool_opens_at_its_value(talka: Talka) -> None:
    training = await opened(talka, 20, task_suites_required_to_pass=1, training_tasks_in_task_suite_count=5)
    low, high = await linked(talka, training, 60), await linked(talka, training, 80, reward_per_assignment=0.06)
    good, poor = await talka.worker(), await talka.worker()
    for worker in (good, poor):
        shown = await cards(worker)
        assert shown.keys() == {training["id"]}
        assert (shown[training["id"]]["kind"], shown[training["id"]]["reward_per_assignment"]) == ("TRAINING", 0)
        for pool in (low, high):
            needed = {"reason": "TRAINING", "training_pool_id": training["id"]}
            assert await refusal(worker, pool) == (403, "ACCESS_DENIED", needed)
    await learn(good, training, *"aaaab")
    await learn(poor, training, *"aaabb")
    shown = await cards(good)
    assert shown.keys() == {low["id"], high["id"]}
    assert shown[high["id"]]["training"] == {"pool_id": training["id"], "status": "PASSED"}
    assert (await cards(poor)).keys() == {low["id"]}
    assert await refusal(poor, high) == (403, "ACCESS_DENIED", {"reason": "TRAINING"})
    assert (await good.take(high)).status_code == 201
    assert (await poor.take(low)).status_code == 201


async def test_pools_without_the_link_are_open_and_lonely_trainings_are_not_shown(talka: Talka) -> None:
    training = await opened(talka)
    free = await talka.pool({"id": training["project_id"]})
    await talka.tasks(free, 4)
    worker = await talka.worker()
    assert (await cards(worker)).keys() == {free["id"]}
    assert (await worker.take(free)).status_code == 201


async def test_a_skill_given_by_hand_opens_the_pool(talka: Talka) -> None:
    training = await opened(talka)
    pool = await linked(talka, training)
    worker = await talka.worker()
    skill_id = (await talka.requester.get("/api/v1/skills")).json()["items"][0]["id"]
    given = {"skill_id": skill_id, "user_id": worker.user_id, "value": 80}
    assert (await talka.requester.put("/api/v1/user-skills", json=given)).status_code == 201
    assert (await cards(worker)).keys() == {pool["id"]}
    assert (await worker.take(pool)).status_code == 201


async def test_taking_the_skill_away_begins_the_training_again(talka: Talka) -> None:
    training = await opened(talka, 4, retry_training_after_days=None)
    worker, other = await talka.worker(), await talka.worker()
    done = [await learn(worker, training, "b", "a") for _ in range(2)]
    await learn(other, training, "a", "a")
    await talka.advance(400 * DAY)
    assert await skills(talka, worker) == [50]
    [value] = (await talka.requester.get("/api/v1/user-skills", params={"user_id": worker.user_id})).json()["items"]
    assert (await talka.requester.delete(f"/api/v1/user-skills/{value['id']}")).status_code == 204
    again = [await learn(worker, training, "a", "a") for _ in range(2)]
    assert await skills(talka, worker) == [100]
    tasks = [{task["id"] for page in pages for task in page["tasks"]} for pages in (done, again)]
    assert tasks[0] == tasks[1]
    found = (await talka.requester.get("/api/v1/assignments", params={"pool_id": training["id"]})).json()["items"]
    assert len(found) == 5
    for task in tasks[0]:
        mine = (await talka.requester.get("/api/v1/assignments", params={"task_id": task})).json()["items"]
        assert len([page for page in mine if page["user_id"] == worker.user_id]) == 2
    await learn(other, training, "a", "a")
    assert await skills(talka, other) == [100]


async def test_who_does_not_work_is_trained_again(talka: Talka) -> None:
    training = await opened(talka, 5, task_suites_required_to_pass=1, training_tasks_in_task_suite_count=5)
    pool = await linked(talka, training, will_expire="2200-01-01T00:00:00")
    elsewhere = await talka.pool({"id": training["project_id"]}, private_name="unlinked", reward_per_assignment=0.01)
    await talka.tasks(elsewhere, 8)
    worker, idle = await talka.worker(), await talka.worker()
    for person, labels in ((worker, "aaaab"), (idle, "aaabb")):
        await learn(person, training, *labels)
    await talka.advance(3 * DAY)
    page = (await worker.take(pool)).json()
    await worker.submit(page)
    await idle.submit((await idle.take(elsewhere)).json())
    await talka.advance(4 * DAY - 60)
    assert (await skills(talka, worker), await skills(talka, idle)) == ([80], [60])
    await talka.advance(60)
    assert (await skills(talka, worker), await skills(talka, idle)) == ([80], [])
    assert training["id"] in await cards(idle)
    await learn(idle, training, *"aaaaa")
    assert await skills(talka, idle) == [100]
    await talka.advance(3 * DAY - 60)
    assert await skills(talka, worker) == [80]
    await talka.advance(60)
    assert await skills(talka, worker) == []
    history = "select action, cause from user_skill_change where worker_id = (select id from worker where user_id = %s)"
    async with talka.db.reading() as tx:
        rows = await tx.rows(history + " order by id", (worker.user_id,))
    assert [(row["action"], row["cause"]) for row in rows] == [("CREATE", "TRAINING"), ("DELETE", "EXPIRY")]


async def test_changing_the_days_counts_for_those_who_passed(talka: Talka) -> None:
    training = await opened(talka, 2, retry_training_after_days=None)
    worker = await talka.worker()
    await learn(worker, training, "a", "a")
    await talka.advance(30 * DAY)
    await move(talka, "trainings", training, "close")
    body = {**training, "retry_training_after_days": 20}
    assert (await talka.requester.put(f"/api/v1/trainings/{training['id']}", json=body)).status_code == 200
    assert await skills(talka, worker) == [100]
    await talka.drain()
    assert await skills(talka, worker) == []


async def test_a_training_closes_when_all_its_pools_are_done(talka: Talka) -> None:
    training = await opened(talka, 2, task_suites_required_to_pass=1)
    first, second = [await talka.pool({"id": training["project_id"]}, **asking(training, 0)) for _ in range(2)]
    worker = await talka.worker()
    await learn(worker, training, "a", "a")
    for pool in (first, second):
        await talka.tasks(pool, 4, overlap=1)
        page = (await worker.take(pool)).json()
        assert (await now(talka, training))["status"] == "OPEN"
        await worker.submit(page)
        await talka.drain()
    found = await now(talka, training)
    assert (found["status"], found["last_close_reason"]) == ("CLOSED", "COMPLETED")


async def test_instructions_of_a_training(talka: Talka) -> None:
    project = await talka.project()
    own, inherited = await new(talka, project), await new(talka, project, inherited_instructions=True)
    silent = await new(talka, project, public_instructions=None)
    for training in (own, inherited, silent):
        await fill(talka, training, 1)
    worker = await talka.worker()
    path = f"/projects/{project['id']}/instructions"
    texts = []
    for pool_id in ("", own["id"], inherited["id"], silent["id"], "x", "1"):
        answer = await worker.get(path, params={"pool_id": pool_id} if pool_id else {})
        assert answer.json()["public_name"] == "Letters"
        texts.append(answer.json()["public_instructions"])
    project_text = project["public_instructions"]
    assert texts == [project_text, "<p>Learn.</p>", project_text, "", project_text, project_text]
    for said, shown in (("<p>The pool's.</p>", "<p>The pool's.</p>"), (" ", project_text), (None, project_text)):
        pool = await talka.pool(project, public_instructions=said)
        await talka.tasks(pool, 4)
        assert (await worker.get(path, params={"pool_id": pool["id"]})).json()["public_instructions"] == shown
    await move(talka, "trainings", own, "close")
    assert (await worker.get(path, params={"pool_id": own["id"]})).json()["public_instructions"] == project_text
