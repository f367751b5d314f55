"""The API reference: found by search, on a phone, in the dark, tried with a key; it asks no other host for anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.support.server import RunningServer

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def _picture(visitor: Visitor, name: str) -> None:
    folder = os.environ.get("TALKA_PICTURES")
    if folder:
        visitor.page.screenshot(path=Path(folder) / f"{name}.png")


def _open(visitor: Visitor, place: str = "") -> None:
    visitor.page.goto(f"/docs{place}")
    expect(visitor.page.get_by_text("wire-compatible").first).to_be_visible(timeout=30_000)


def test_a_call_is_found_and_tried(visit: Callable[..., Visitor], served: RunningServer) -> None:
    visitor = visit(viewport={"width": 1280, "height": 900})
    _open(visitor)
    page = visitor.page
    page.get_by_placeholder("Filter").press_sequentially("account behind")
    page.keyboard.press("Enter")
    found = page.locator(".nav-bar-path:visible")
    expect(found).to_have_count(1)
    found.click()
    expect(page.get_by_text("/api/v1/requester").first).to_be_visible()
    _picture(visitor, "call")
    page.evaluate("key => document.querySelector('rapi-doc').setApiKey('requester', key)", f"ApiKey {served.api_key}")
    with page.expect_response("**/api/v1/requester") as answer:
        page.get_by_role("button", name="Try").first.click()
    assert answer.value.status == 200
    expect(page.get_by_text("public_name").first).to_be_visible()
    _picture(visitor, "tried")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_colours_are_those_of_the_system(visit: Callable[..., Visitor], scheme: Any) -> None:
    visitor = visit(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    _open(visitor)
    assert visitor.page.locator("rapi-doc").get_attribute("theme") == scheme
    _picture(visitor, scheme)
    visitor.page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    expect(visitor.page.locator("rapi-doc")).not_to_have_attribute("theme", scheme)


def test_on_a_phone_nothing_is_wider_than_the_window(visit: Callable[..., Visitor]) -> None:
    visitor = visit(**PHONE)
    _open(visitor)
    assert not visitor.scrolls_sideways()
    _picture(visitor, "phone")
    visitor.page.get_by_text("/api/v1/requester", exact=True).first.click()
    expect(visitor.page.get_by_role("button", name="Try").first).to_be_visible()
    assert not visitor.scrolls_sideways()
    _picture(visitor, "phone-call")
