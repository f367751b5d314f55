"""Every page on a phone, in the dark, and for those who cannot use a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.requester import Requester, items
from tests.browser.visitor import Visitor
from tests.support.server import RunningServer

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
_CONTROLS = "button|link|textbox|radio|checkbox|combobox|switch|tab|slider"
NAMELESS = re.compile(rf"^\s*- ({_CONTROLS})\b(?! \").*$", re.MULTILINE)
WORKER_PAGES = ("/tasks", "/history", "/earnings", "/profile")
# Whether the focus changes the element or the row that it stands in; null where the element had its turn.
FOCUS_SEEN = """() => {
    const element = document.activeElement;
    if (element === document.body || "seen" in element.dataset) return null;
    element.dataset.seen = "";
    const look = () => {
        const parts = [];
        for (let part = element; part && parts.length < 6; part = part.parentElement) {
            const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(part);
            parts.push([outline, boxShadow, borderColor, backgroundColor].join("/"));
        }
        return parts.join("|");
    };
    const focused = look();
    element.blur();
    return [look() !== focused, element.outerHTML.slice(0, 300)];
}"""
COLOURS = """() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    const light = text => text.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
    return [light(color), light(backgroundColor)];
}"""


def _work(worker: Visitor, requester: Requester) -> None:
    worker.start(requester.job(items("a", "b", "c", "d")))


def _requester_pages(requester: Requester) -> list[str]:
    pool = requester.job(items("a"))
    project = f"/requester/project/{pool['project_id']}"
    return ["/requester/projects", project, f"{project}/pool/{pool['id']}", "/requester/quality/skill/1"]


def _ready(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("heading").first).to_be_visible()
    expect(visitor.page.locator(".mantine-Skeleton-root")).to_have_count(0)


def test_a_page_on_a_phone(visit: Callable[..., Visitor], requester: Requester) -> None:
    worker = visit(**PHONE)
    worker.enter()
    pool = requester.job(items("a", "b", "c", "word" * 60))
    worker.start(pool)
    assert not worker.scrolls_sideways()
    button = worker.button("Submit")
    expect(button).to_be_in_viewport(ratio=1)
    label = button.get_by_text("Submit", exact=True)
    assert label.evaluate("label => label.scrollWidth <= label.clientWidth"), "the label is cut"
    expect(button.locator("kbd")).to_be_hidden()
    for number in range(1, 5):
        worker.task(number).get_by_role("radio", name="A").tap()
    worker.expect_refusal(409, f"/api/worker/v1/pools/{pool['id']}/assignments")
    button.tap()
    expect(worker.page.get_by_role("heading", name="All done here")).to_be_visible()
    for path in WORKER_PAGES:
        worker.page.goto(path)
        _ready(worker)
        assert not worker.scrolls_sideways(), path


def test_requester_pages_on_a_phone(visit: Callable[..., Visitor], requester: Requester, served: RunningServer) -> None:
    person = visit(**PHONE)
    person.sign_in_requester(served.api_key)
    for path in _requester_pages(requester):
        person.page.goto(path)
        _ready(person)
        assert not person.scrolls_sideways(), path


@pytest.mark.parametrize("path", ["/tasks", "/requester/projects"])
def test_colours_follow_the_system_until_chosen(
    visit: Callable[..., Visitor], served: RunningServer, path: str
) -> None:
    person = visit(color_scheme="dark")
    person.enter()
    person.sign_in_requester(served.api_key)
    person.page.goto(path)
    _ready(person)
    text, ground = person.page.evaluate(COLOURS)
    assert text > 0.6
    assert ground < 0.2
    person.button("Use light colours").click()
    expect(person.button("Use dark colours")).to_be_visible()
    person.page.reload()
    _ready(person)
    text, ground = person.page.evaluate(COLOURS)
    assert text < 0.3
    assert ground > 0.85


def test_every_control_has_a_name(visit: Callable[..., Visitor], requester: Requester, served: RunningServer) -> None:
    person = visit()
    person.page.goto("/tasks")
    expect(person.button("Sign in")).to_be_visible()
    found = {"sign in": NAMELESS.findall(person.page.locator("body").aria_snapshot())}
    person.enter()
    person.sign_in_requester(served.api_key)
    _work(person, requester)
    found["work"] = NAMELESS.findall(person.page.locator("body").aria_snapshot())
    for path in (*WORKER_PAGES, *_requester_pages(requester)):
        person.page.goto(path)
        _ready(person)
        found[path] = NAMELESS.findall(person.page.locator("body").aria_snapshot())
        assert person.page.title() != ""
        assert person.page.locator("html").get_attribute("lang") == "en"
    assert {path: controls for path, controls in found.items() if controls} == {}


def test_the_focus_can_be_seen(visit: Callable[..., Visitor], requester: Requester, served: RunningServer) -> None:
    person = visit()
    person.enter()
    person.sign_in_requester(served.api_key)
    _work(person, requester)
    unseen = {person.page.url: _unseen(person)}
    for path in (*WORKER_PAGES, *_requester_pages(requester)):
        person.page.goto(path)
        _ready(person)
        unseen[path] = _unseen(person)
    assert {path: controls for path, controls in unseen.items() if controls} == {}


def _unseen(person: Visitor) -> list[str]:
    """Controls that look the same with the focus as without it."""
    page = person.page
    page.add_style_tag(content="*, *::before, *::after { transition: none !important }")
    seen = 0
    same: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS_SEEN)
        if found is None:
            break
        seen += 1
        visible, markup = found
        if not visible:
            same.append(markup)
    assert seen > 2
    return same
