"""A requester looks on: sign-in by key, deep links, live progress, the table of results."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.requester import Requester, items
from tests.browser.visitor import PASSWORD, Visitor
from tests.support.server import RunningServer


@pytest.mark.parametrize(
    "path",
    ["projects", "project/{project}", "project/{project}/pool/{pool}", "project/{project}/training/{pool}"],
)
def test_deep_links_ask_who_is_there_and_then_go_on(
    visit: Callable[..., Visitor], requester: Requester, served: RunningServer, path: str
) -> None:
    project = requester.project(public_name="Linked project")
    pool = requester.job(items("a"), project=project, private_name="Linked pool")
    address = f"{served.url}/requester/{path.format(project=project['id'], pool=pool['id'])}"
    bare = httpx.get(address)
    assert (bare.status_code, bare.headers["content-type"]) == (200, "text/html; charset=utf-8")
    person = visit()
    person.page.goto(address)
    person.page.get_by_role("textbox", name="API key").fill(served.api_key)
    person.button("Sign in").click()
    last = {"projects": "Projects", "project/{project}": "Linked project"}.get(path, "Linked pool")
    expect(person.page.get_by_role("heading", level=1)).to_have_text(last)
    assert person.page.url == address


def test_from_the_projects_to_a_pool(
    visit: Callable[..., Visitor], requester: Requester, served: RunningServer
) -> None:
    project = requester.project(public_name="Found by name")
    pool = requester.job(items("a", "b"), project=project, private_name="The pool of it")
    person = visit()
    person.sign_in_requester(served.api_key)
    page = person.page
    page.goto("/requester/projects")
    page.get_by_label("Search projects").fill("found by")
    expect(page.get_by_test_id("project-row")).to_have_count(1)
    page.get_by_role("link", name="Found by name").click()
    expect(page.get_by_test_id("pool-row")).to_contain_text("0 of 2 answers")
    page.get_by_role("link", name="The pool of it").click()
    expect(page.get_by_test_id("status")).to_have_text("Open")
    requester.post(f"/api/v1/pools/{pool['id']}/close", None)
    page.reload()
    expect(page.get_by_test_id("status")).to_have_text("Closed")
    expect(page.get_by_test_id("pool-state")).to_contain_text("Closed by you")


def test_a_wrong_key_is_refused_where_it_was_typed(visit: Callable[..., Visitor]) -> None:
    person = visit()
    person.page.goto("/requester/projects")
    person.page.get_by_role("textbox", name="API key").fill("nonsense")
    person.expect_refusal(400, "/api/requester/v1/session")
    person.button("Sign in").click()
    expect(person.page.get_by_text("This key is not known.")).to_be_visible()


def test_a_pool_is_watched_live_and_its_results_downloaded(
    visit: Callable[..., Visitor], worker: Visitor, requester: Requester, served: RunningServer
) -> None:
    pool = requester.job(items("a", "b", "c", "d", "e", "f", "g", "h"))
    person = visit()
    person.sign_in_requester(served.api_key)
    page = person.page
    page.goto(f"/requester/project/{pool['project_id']}/pool/{pool['id']}")
    expect(page.get_by_test_id("progress")).to_contain_text("0 of 8 answers")
    with page.expect_download() as empty:
        page.get_by_role("link", name="Download results (TSV)").click()
    assert empty.value.path().read_text(encoding="utf-8").startswith("INPUT:item\tOUTPUT:label")

    worker.start(pool)
    for number in range(1, 5):
        worker.choose(number, "B")
    worker.submit()
    expect(page.get_by_test_id("progress")).to_contain_text("4 of 8 answers")  # by itself
    expect(page.get_by_test_id("progress")).to_contain_text("50 %")
    expect(page.get_by_text("$0.05 held for pages at work and under review")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download results (TSV)").click()
    assert download.value.suggested_filename == f"assignments_from_pool_{pool['id']}.tsv"
    text = download.value.path().read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text), delimiter="\t") if row["INPUT:item"]]
    assert {row["INPUT:item"]: row["OUTPUT:label"] for row in rows} == dict.fromkeys("abcd", "b")


def test_the_session_can_only_read_and_ends(
    visit: Callable[..., Visitor], requester: Requester, served: RunningServer
) -> None:
    pool = requester.job(items("a"))
    person = visit()
    person.page.goto("/requester/projects")
    person.page.get_by_role("textbox", name="API key").fill(served.api_key)
    person.button("Sign in").click()
    expect(person.page.get_by_role("heading", name="Projects")).to_be_visible()
    [cookie] = [found for found in person.context.cookies() if found["name"] == "talka_requester"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert person.page.evaluate("document.cookie") == ""
    assert served.api_key not in person.page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    call = person.context.request
    refused = call.post(f"/api/v1/pools/{pool['id']}/close")
    assert (refused.status, refused.json()["code"]) == (403, "ACCESS_DENIED")
    assert requester.get(f"/api/v1/pools/{pool['id']}")["status"] == "OPEN"
    person.button("Sign out").click()
    expect(person.page.get_by_role("textbox", name="API key")).to_be_visible()
    assert call.get("/api/v1/projects").status == 401


def test_a_worker_who_signs_out_is_out(visit: Callable[..., Visitor]) -> None:
    person = visit()
    person.enter()
    person.page.goto("/earnings")
    expect(person.page.get_by_role("heading", name="Earnings", exact=True)).to_be_visible()
    person.button("Sign out").click()
    person.page.get_by_label("Login").fill(person.login)
    person.page.get_by_role("textbox", name="Password").fill("not the password")
    person.expect_refusal(401, "/api/worker/v1/login")
    person.button("Sign in").click()
    expect(person.page.get_by_text("do not belong together")).to_be_visible()
    person.page.get_by_role("textbox", name="Password").fill(PASSWORD)
    person.button("Sign in").click()
    expect(person.page.get_by_role("heading", name="Earnings", exact=True)).to_be_visible()
