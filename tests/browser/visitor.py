"""Somebody in front of the browser; whatever goes wrong in their pages is kept, and a test must have said so."""

from __future__ import annotations

import itertools
import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, Request, Response, expect

PASSWORD = "long enough"
PATIENCE_MS = 10_000
_numbers = itertools.count(1)
_NOT_SIGNED_IN = ((401, "/api/worker/v1/me"), (401, "/api/requester/v1/session"))
"""Each app asks who is there when it starts."""
_REPEATED = "Failed to load resource: the server responded with a status of"
"""What the console says of an answer that is kept as such."""


class Visitor:
    """A person with a browser of their own: cookies, storage, one page."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context(base_url=url, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.login = f"worker-{next(_numbers)}"
        self.problems: list[str] = []
        self._expected: set[tuple[int, str]] = set(_NOT_SIGNED_IN)
        self._tolerated: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", self._on_page_error)
        self.context.on("request", self._on_request)
        self.context.on("response", self._on_response)

    def expect_refusal(self, status: int, path: str) -> None:
        """Say that an answer of this status to this path belongs to the test."""
        self._expected.add((status, path))

    def tolerate(self, text: str) -> None:
        """Say that a problem with this text belongs to the test."""
        self._tolerated.append(text)

    def leave(self) -> None:
        """Close the browser; nothing may have gone wrong in it."""
        self.context.close()
        left = [problem for problem in self.problems if not any(text in problem for text in self._tolerated)]
        assert left == [], left

    def enter(self) -> None:
        """Register as a worker without the form."""
        answer = self.context.request.post("/api/worker/v1/register", data={"login": self.login, "password": PASSWORD})
        assert answer.status == 201, answer.text()

    def sign_in_requester(self, api_key: str) -> None:
        """Sign in as a requester without the form."""
        answer = self.context.request.post("/api/requester/v1/session", data={"api_key": api_key})
        assert answer.ok, answer.text()

    def start(self, pool: dict[str, Any]) -> None:
        """Go to a pool by its address, past the instructions, to the first page."""
        self.page.goto(f"/tasks/{pool['project_id']}/pools/{pool['id']}")
        self.page.get_by_role("button", name="Start working").click()
        expect(self.task(1)).to_be_visible()

    def task(self, number: int) -> Locator:
        """One task of the page at work."""
        return self.page.get_by_role("group", name=re.compile(rf"^Task {number} of "))

    def choose(self, number: int, option: str) -> None:
        """Choose a radio button of a task."""
        self.task(number).get_by_role("radio", name=option).check()

    def button(self, name: str) -> Locator:
        """The button of that name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def submit(self) -> None:
        """Press Submit."""
        self.button("Submit").click()

    @property
    def assignment_id(self) -> str:
        """The page at work."""
        found = self.page.get_by_test_id("work").get_attribute("data-assignment-id")
        assert found
        return found

    def tab_to(self, target: Locator) -> None:
        """Press Tab until the target has the focus."""
        for _ in range(60):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached with Tab")

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than the window."""
        wider: bool = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        return wider

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_REPEATED):
            self.problems.append(f"console: {message.text}")

    def _on_page_error(self, error: Error) -> None:
        self.problems.append(f"uncaught: {error.message}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.problems.append(f"leaves Talka: {request.url}")

    def _on_response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status >= 400 and (response.status, path) not in self._expected:
            self.problems.append(f"answered {response.status}: {path}")
