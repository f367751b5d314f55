"""A worker's day: register, take pages, answer, send, skip, leave, and see what was earned."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.requester import Requester, items
from tests.browser.visitor import PASSWORD, Visitor


def test_a_job_by_keyboard_alone(visit: Callable[..., Visitor], requester: Requester) -> None:
    pool = requester.job(items("p", "q", "r", "s"), project=requester.project(public_name="By keyboard"))
    worker = visit()
    page, keyboard = worker.page, worker.page.keyboard

    page.goto(f"/tasks?projectId={pool['project_id']}")
    worker.tab_to(worker.button("Create an account"))
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Create an account")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    worker.tab_to(page.get_by_label("Login"))
    keyboard.type(worker.login)
    worker.tab_to(page.get_by_role("textbox", name="Password"))
    keyboard.type(PASSWORD)
    keyboard.press("Enter")

    expect(page.get_by_role("article", name="By keyboard")).to_be_focused()
    keyboard.press("Tab")
    expect(page.get_by_role("article", name="By keyboard").get_by_role("button", name="Start")).to_be_focused()
    keyboard.press("Enter")
    expect(worker.button("Start working")).to_be_focused()
    keyboard.press("Enter")

    expect(worker.task(1)).to_be_focused()
    keyboard.press("1")  # the template's hotkeys
    keyboard.press("ArrowDown")
    expect(worker.task(2)).to_be_focused()
    keyboard.press("2")
    worker.tab_to(worker.task(3).get_by_role("radio", name="A"))
    keyboard.press("Space")
    keyboard.press("ArrowDown")  # on to the other radio button
    expect(worker.task(3).get_by_role("radio", name="B")).to_be_checked()
    worker.tab_to(worker.task(4).get_by_role("radio", name="A"))
    keyboard.press("1")
    expect(page.get_by_test_id("progress")).to_have_text("4 of 4 answered")
    worker.expect_refusal(409, f"/api/worker/v1/pools/{pool['id']}/assignments")
    keyboard.press("Control+Enter")
    expect(page.get_by_text("Sent. $0.05 earned")).to_be_visible()
    expect(page.get_by_role("heading", name="All done here")).to_be_visible()

    [done] = requester.assignments(pool)
    assert (done["status"], done["reward"]) == ("ACCEPTED", 0.05)
    labels = {
        task["input_values"]["item"]: solution["output_values"]["label"]
        for task, solution in zip(done["tasks"], done["solutions"], strict=True)
    }
    assert labels == {"p": "a", "q": "b", "r": "b", "s": "a"}
    table = requester.table(pool)
    assert {row["INPUT:item"]: row["OUTPUT:label"] for row in table} == labels
    assert {row["ASSIGNMENT:status"] for row in table} == {"APPROVED"}
    assert requester.get(f"/api/requester/v1/pools/{pool['id']}/summary")["spent"] == 0.05

    page.goto("/earnings")
    expect(page.get_by_test_id("available")).to_have_text("$0.05")
    expect(page.get_by_test_id("balance")).to_have_text("$0.05")


def test_the_next_page_comes_at_once_until_all_is_done(worker: Visitor, requester: Requester) -> None:
    pool = requester.job(items(*(f"n{number}" for number in range(8))))
    worker.start(pool)
    first = worker.assignment_id
    for number in range(1, 5):
        worker.choose(number, "A")
    worker.submit()
    expect(worker.page.get_by_test_id("work")).not_to_have_attribute("data-assignment-id", first)
    second = worker.assignment_id
    assert worker.page.url.endswith(f"/tasks/{pool['project_id']}/assignments/{second}")
    expect(worker.task(1)).to_be_focused()
    for number in range(1, 5):
        worker.choose(number, "B")
    worker.expect_refusal(409, f"/api/worker/v1/pools/{pool['id']}/assignments")
    worker.submit()
    expect(worker.page.get_by_role("heading", name="All done here")).to_be_visible()
    pages = {page["id"]: page["solutions"][0]["output_values"]["label"] for page in requester.assignments(pool)}
    assert pages == {first: "a", second: "b"}


def test_submitting_again_sends_nothing_more(worker: Visitor, requester: Requester) -> None:
    pool = requester.job(items(*(f"d{number}" for number in range(8))))
    worker.start(pool)
    first = worker.assignment_id
    sent: list[str] = []
    worker.page.on("request", lambda request: sent.append(request.url) if "/submit" in request.url else None)
    for number in range(1, 5):
        worker.choose(number, "A")
    # Within one turn of the browser: no answer of the server can come between.
    worker.button("Submit").evaluate(
        """button => {
            button.click();
            button.click();
            const enter = { key: "Enter", ctrlKey: true, bubbles: true };
            button.dispatchEvent(new KeyboardEvent("keydown", enter));
            button.click();
        }"""
    )
    expect(worker.page.get_by_test_id("work")).not_to_have_attribute("data-assignment-id", first)
    assert [url.split("/")[-2] for url in sent] == [first]
    assert [page["status"] for page in requester.assignments(pool)] == ["ACCEPTED", "ACTIVE"]


def test_skipping_asks_first_when_something_was_answered(worker: Visitor, requester: Requester) -> None:
    pool = requester.job(items(*(f"s{number}" for number in range(12))))
    worker.start(pool)
    first = worker.assignment_id
    worker.button("Skip").click()
    expect(worker.page.get_by_test_id("work")).not_to_have_attribute("data-assignment-id", first)
    second = worker.assignment_id
    worker.choose(1, "A")
    worker.button("Skip").click()
    worker.button("Go on answering").click()
    expect(worker.task(1).get_by_role("radio", name="A")).to_be_checked()
    worker.button("Skip").click()
    worker.button("Skip the page").click()
    expect(worker.page.get_by_test_id("work")).not_to_have_attribute("data-assignment-id", second)
    third = worker.assignment_id
    states = {page["id"]: page["status"] for page in requester.assignments(pool)}
    assert states == {first: "SKIPPED", second: "SKIPPED", third: "ACTIVE"}


def test_leaving_a_page_keeps_it_or_gives_it_back(worker: Visitor, requester: Requester) -> None:
    pool = requester.job(items("x", "y", "z", "w"))
    card = worker.page.locator(f"[data-testid=task-card][data-project-id='{pool['project_id']}']")
    worker.start(pool)
    kept = worker.assignment_id
    worker.choose(2, "B")
    worker.button("Exit").click()
    expect(worker.button("Keep for later")).to_be_focused()
    worker.button("Keep for later").click()
    card.get_by_role("button", name="Continue").click()
    expect(worker.task(2).get_by_role("radio", name="B")).to_be_checked()
    assert worker.assignment_id == kept
    assert requester.assignments(pool)[0]["status"] == "ACTIVE"
    worker.button("Exit").click()
    worker.button("Give back").click()
    expect(card.get_by_role("button", name="Start")).to_be_visible()
    assert [page["status"] for page in requester.assignments(pool)] == ["EXPIRED"]
    card.get_by_role("button", name="Start").click()
    expect(worker.task(2)).to_be_visible()
    assert worker.assignment_id != kept
    expect(worker.task(2).get_by_role("radio", name="B")).not_to_be_checked()


def test_history_and_earnings_show_the_page(worker: Visitor, requester: Requester) -> None:
    project = requester.project(public_name="To be reviewed")
    pool = requester.job(items("h", "i", "j", "k"), project=project, auto_accept_solutions=False)
    worker.start(pool)
    done = worker.assignment_id
    for number, letter in enumerate("ABBA", 1):
        worker.choose(number, letter)
    worker.expect_refusal(409, f"/api/worker/v1/pools/{pool['id']}/assignments")
    worker.submit()
    expect(worker.page.get_by_text("Sent. $0.05 under review")).to_be_visible()

    page = worker.page
    page.goto("/history")
    row = page.get_by_test_id("history-row")
    expect(row).to_have_attribute("data-assignment-id", done)
    expect(row).to_contain_text("To be reviewed")
    expect(row).to_contain_text("Under review")
    page.goto("/earnings")
    expect(page.get_by_test_id("on-review")).to_have_text("$0.05")
    expect(page.get_by_test_id("available")).to_have_text("$0.00")

    review = {"status": "ACCEPTED", "public_comment": "Well done <b>indeed</b>"}
    assert requester.http.patch(f"/api/v1/assignments/{done}", json=review).is_success
    page.goto("/history")
    expect(row).to_contain_text("Accepted")
    row.click()
    expect(page.get_by_text("Well done <b>indeed</b>")).to_be_visible()
    for number, letter in enumerate("ABBA", 1):
        expect(worker.task(number).get_by_role("radio", name=letter)).to_be_checked()
        expect(worker.task(number).get_by_role("radio", name=letter)).to_be_disabled()
    page.goto("/earnings")
    expect(page.get_by_test_id("earning")).to_contain_text("To be reviewed")
    expect(page.get_by_test_id("earning")).to_contain_text("$0.05")
    expect(page.get_by_test_id("available")).to_have_text("$0.05")
    expect(page.get_by_test_id("on-review")).to_have_text("$0.00")
