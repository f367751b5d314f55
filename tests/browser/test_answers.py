"""What becomes of answers: missing ones, refused ones, ones not sent yet, ones too late, ones to learn from."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.requester import Requester, interface, items
from tests.browser.visitor import Visitor


def test_what_is_missing_is_said_where_it_is_missing(worker: Visitor, requester: Requester) -> None:
    pool = requester.job(items("m", "n", "o", "p"))
    worker.start(pool)
    worker.choose(1, "A")
    worker.choose(3, "A")
    worker.submit()
    expect(worker.task(2).get_by_role("radio", name="A")).to_be_focused()
    expect(worker.task(2).get_by_role("alert")).to_be_visible()
    expect(worker.task(4).get_by_role("alert")).to_be_visible()
    expect(worker.page.get_by_role("alert")).to_have_count(2)
    assert [page["status"] for page in requester.assignments(pool)] == ["ACTIVE"]
    worker.page.keyboard.press("2")
    expect(worker.task(2).get_by_role("alert")).to_have_count(0)


def test_what_the_server_refuses_is_said_at_its_task(worker: Visitor, requester: Requester) -> None:
    word = {"type": "data.output", "path": "word"}
    spec = interface(
        {"type": "field.text", "label": "A word", "data": word}, {"word": {"type": "string", "min_length": 3}}
    )
    pool = requester.job(items("e", "f", "g", "h"), project=requester.project(task_spec=spec))
    worker.start(pool)
    for number, text in enumerate(["long", "ab", "longer", "longest"], 1):
        worker.task(number).get_by_role("textbox").fill(text)
    worker.expect_refusal(400, f"/api/worker/v1/assignments/{worker.assignment_id}/submit")
    worker.submit()
    expect(worker.task(2).get_by_test_id("task-alert")).to_contain_text("This answer was not accepted")
    expect(worker.page.get_by_test_id("task-alert")).to_have_count(1)
    expect(worker.task(2)).to_be_focused()
    expect(worker.task(4).get_by_role("textbox")).to_have_value("longest")
    worker.task(2).get_by_role("textbox").fill("abc")
    worker.expect_refusal(409, f"/api/worker/v1/pools/{pool['id']}/assignments")
    worker.submit()
    expect(worker.page.get_by_role("heading", name="All done here")).to_be_visible()
    assert [s["output_values"]["word"] for s in requester.assignments(pool)[0]["solutions"]] == [
        "long", "abc", "longer", "longest",
    ]  # fmt: skip


def test_a_reload_keeps_answers_that_were_not_sent(worker: Visitor, requester: Requester) -> None:
    pool = requester.job(items("a", "b", "c", "d"))
    worker.start(pool)
    worker.choose(1, "B")
    worker.choose(4, "A")
    worker.page.reload()
    expect(worker.task(1).get_by_role("radio", name="B")).to_be_checked()
    expect(worker.task(4).get_by_role("radio", name="A")).to_be_checked()
    expect(worker.page.get_by_test_id("progress")).to_have_text("2 of 4 answered")


def test_answers_after_the_time_are_not_taken(worker: Visitor, requester: Requester) -> None:
    pool = requester.job(items("t", "u", "v", "w"))
    worker.start(pool)
    late = worker.assignment_id
    for number in range(1, 5):
        worker.choose(number, "A")
    requester.advance(601)
    worker.expect_refusal(409, f"/api/worker/v1/assignments/{late}/submit")
    worker.submit()
    expect(worker.page.get_by_role("heading", name="This page is closed")).to_be_visible()
    [page] = requester.assignments(pool)
    assert (page["status"], "solutions" in page) == ("EXPIRED", False)
    worker.button("Take another page").click()
    expect(worker.task(1)).to_be_visible()
    assert worker.assignment_id != late


def test_the_page_closes_by_itself_when_its_time_is_up(visit: Callable[..., Visitor], requester: Requester) -> None:
    pool = requester.job(items("t", "u", "v", "w"))
    worker = visit()
    worker.enter()
    worker.page.clock.install()
    worker.start(pool)
    expect(worker.page.get_by_test_id("timer")).to_have_text("10:00")
    worker.page.clock.fast_forward("09:30")
    expect(worker.page.get_by_role("status").filter(has_text="Less than a minute left")).to_have_count(1)
    requester.advance(601)
    worker.page.clock.fast_forward("00:31")
    expect(worker.page.get_by_role("heading", name="This page is closed")).to_be_visible()


def test_training_tasks_show_their_hints(worker: Visitor, requester: Requester) -> None:
    mixer = {"training_tasks_count": 2, "mix_tasks_in_creation_order": True, "shuffle_tasks_in_task_suite": False}
    pool = requester.job(
        [], project=requester.project(public_name="To learn"), mixer_config=mixer, reward_per_assignment=0
    )
    lesson = {
        "overlap": None,
        "infinite_overlap": True,
        "known_solutions": [{"output_values": {"label": "a"}}],
        "message_on_unknown_solution": "Look again.",
    }
    requester.tasks(pool, items("l", "m"), **lesson)
    worker.page.goto(f"/tasks?projectId={pool['project_id']}")
    expect(worker.page.get_by_role("article", name="To learn")).to_contain_text("Unpaid")
    worker.start(pool)
    worker.choose(1, "A")
    worker.choose(2, "B")
    worker.submit()
    expect(worker.task(2).get_by_test_id("task-alert")).to_contain_text("Look again.")
    expect(worker.page.get_by_test_id("task-alert")).to_have_count(1)
    assert [page["status"] for page in requester.assignments(pool)] == ["ACTIVE"]
    worker.choose(2, "A")
    worker.expect_refusal(409, f"/api/worker/v1/pools/{pool['id']}/assignments")
    worker.submit()
    expect(worker.page.get_by_role("heading", name="All done here")).to_be_visible()
    [done] = requester.assignments(pool)
    labels = [solution["output_values"]["label"] for solution in done["first_declined_solution_attempt"]]
    assert (done["status"], labels) == ("ACCEPTED", ["a", "b"])
