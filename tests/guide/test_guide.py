"""The guide for requesters: its code runs from top to bottom on a running server and prints what it says."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.kit import kit_python
from tests.support.server import RunningServer

_ROOT = Path(__file__).resolve().parents[2]
_GUIDE = _ROOT / "docs" / "guide"
_PAGES = ("start", "asking", "tasks", "answers", "more")
_BLOCK = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADINGS = (
    "Accessing the API", "Rate limiting", "Quick start", "Project", "Pools", "Training", "Subscriptions to events",
    "Worker selection", "Ways to upload tasks", "Tasks", "Task suites", "Tracking operations", "Getting responses",
    "Checking completed tasks", "Rewards", "Messages", "Various parameters", "Libraries",
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A piece of Python and what it prints; None where the guide does not say."""

    place: str
    library: str
    code: str
    printed: str | None


def _blocks(page: str) -> list[Block]:
    text = (_GUIDE / f"{page}.md").read_text()
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        language, more, content = match[1], match[2].strip(), match[3]
        if language == "python":
            line = text.count("\n", 0, match.start()) + 2
            found.append(Block(f"{page}.md:{line}", more, content, None))
        elif language == "text":
            before = found.pop()
            assert before.printed is None
            found.append(Block(before.place, before.library, before.code, content))
    return found


def _run(block: Block, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    code = compile(block.code, block.place, "exec")
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue()


def _run_with_kit(block: Block) -> str:
    done = subprocess.run(
        [str(kit_python()), "-c", block.code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{block.place}\n{done.stderr}"
    return done.stdout


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_the_code_of_the_guide_does_what_it_says(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    (server.data / "talka-data").symlink_to(server.data)
    monkeypatch.chdir(server.data)
    names: dict[str, Any] = {}
    ran = 0
    try:
        for page in _PAGES:
            for block in _blocks(page):
                printed = _run_with_kit(block) if block.library == "toloka-kit" else _run(block, names)
                if block.printed is not None:
                    assert printed == block.printed, block.place
                ran += 1
    finally:  # code for people does not close what ends with the program
        for value in names.values():
            client = getattr(value, "http", value)
            if isinstance(client, httpx.Client):
                client.close()
    assert ran > 30


def test_the_guide_has_the_headings_in_their_order_and_its_links_lead_somewhere() -> None:
    headings = [
        line.removeprefix("## ")
        for page in _PAGES
        for line in (_GUIDE / f"{page}.md").read_text().splitlines()
        if line.startswith("## ")
    ]
    assert tuple(headings) == _HEADINGS
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for path in _GUIDE.glob("*.md"):
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
            file, _, anchor = target.partition("#")
            assert file.startswith("http") or (_GUIDE / file).is_file(), f"{path.name}: {target}"
            assert not anchor or anchor in anchors, f"{path.name}: {target}"
