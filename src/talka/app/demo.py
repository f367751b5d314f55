"""The demo: handwritten digits as images, control tasks, twenty simulated workers, and what came out of it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.table import Table

from talka.app.cli.server import run_up
from talka.app.cli.watch import watched
from talka.crowd.model import Access
from talka.crowd.run import CrowdRun, run_crowd
from talka.infra.settings import Settings
from talka.kit.errors import TalkaError

DIGITS, CONTROLS, OWN = 900, 60, 60
OVERLAP, PER_PAGE, WORKERS, ACCURACY = 3, 9, 20, 0.85
LOGIN, PASSWORD = "you", "talka-demo"
_SIZE = 160


@dataclass(frozen=True, slots=True)
class Digit:
    """One picture and what it shows."""

    url: str
    value: str


def run_demo(settings: Settings, *, once: bool) -> None:
    """Serve, run the job beside it, print the result; go on serving until Ctrl-C unless `once`."""
    chosen = replace(settings, sandbox=True, port=_port(settings.port))
    job = _Job(chosen, once=once)
    run_up(chosen, tick=job.tick, announce=False)
    if job.failure is not None:
        raise job.failure


def _port(wanted: int) -> int:
    """The port asked for when it is free, else any: a demo should start."""
    with socket.socket() as probe:
        return wanted if probe.connect_ex(("127.0.0.1", wanted)) != 0 else 0


class _Job:
    """The demo's own work, in a thread beside the supervisor."""

    def __init__(self, settings: Settings, *, once: bool) -> None:
        self.settings = settings
        self.once = once
        self.failure: Exception | None = None
        self._thread: threading.Thread | None = None
        self._started = time.monotonic()

    def tick(self) -> bool:
        """Start the thread with the first call; True when the process is to end."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        return self.failure is not None or (self.once and not self._thread.is_alive())

    def _run(self) -> None:
        try:
            Demo(self.settings.data, self._started).run()
        except Exception as error:  # shown by the main thread, which ends everything
            self.failure = error if isinstance(error, TalkaError) else click.ClickException(f"The demo failed: {error}")


class Demo:
    """The job: project, pools, tasks, crowd, result."""

    def __init__(self, data: Path, started: float) -> None:
        self.data = data
        self.started = started
        self.console = Console()
        self.access = self._await_server()
        headers = {"authorization": f"ApiKey {self.access.api_key}"}
        self.http = httpx.Client(base_url=self.access.base_url, headers=headers, timeout=60)

    def run(self) -> None:
        """Everything from the pictures to the table at the end."""
        digits = self._draw(DIGITS + CONTROLS + OWN)
        project = self._post("/api/v1/projects", _project())
        crowd_pool = self._pool(project["id"], "Which digit is on the picture?", "the crowd's pool")
        own_pool = self._pool(project["id"], "Try it yourself: which digit is on the picture?", "your own pool")
        known, answers = digits[:CONTROLS], digits[CONTROLS : CONTROLS + DIGITS]
        self._upload(crowd_pool, [*map(_control, known), *(_general(digit, OVERLAP) for digit in answers)])
        self._upload(own_pool, [*map(_control, known), *(_general(digit, 1) for digit in digits[-OWN:])])
        self._register()
        self._welcome(project["id"], crowd_pool)
        run = CrowdRun(
            pool_id=crowd_pool,
            workers=WORKERS,
            truth=self._truth_file(digits),
            item_field="image",
            output_field="digit",
            accuracy=ACCURACY,
        )
        with watched("Twenty simulated workers") as progress:
            tally = asyncio.run(run_crowd(self.access, run, progress))
        rows = self._results(crowd_pool)
        self._report(crowd_pool, rows, {digit.url: digit.value for digit in answers}, tally.seconds)

    def _await_server(self) -> Access:
        path = self.data / "credentials.json"
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if path.exists() and path.stat().st_mtime >= time.time() - (time.monotonic() - self.started) - 1:
                found = json.loads(path.read_text())
                try:
                    if httpx.get(f"{found['base_url']}/healthz", timeout=2).status_code == 200:
                        return Access(found["base_url"], found["api_key"])
                except httpx.TransportError:
                    pass
            time.sleep(0.05)
        raise TalkaError("REMOTE_SERVICE_UNAVAILABLE", "The server did not answer within a minute")

    def _draw(self, count: int) -> list[Digit]:
        """The digits as PNG files that this server serves."""
        try:
            from PIL import Image  # noqa: PLC0415 - an extra that nothing else needs
            from sklearn.datasets import load_digits  # noqa: PLC0415
        except ImportError as error:
            raise click.ClickException("The demo needs more packages: pip install 'talka[demo]'") from error

        folder = self.data / "media" / "digits"
        folder.mkdir(parents=True, exist_ok=True)
        found = load_digits()
        digits = []
        for number in range(count):
            # 8 × 8 pixels of 17 shades, dark on light.
            picture = Image.fromarray((255 - found.images[number] * 15.9375).astype("uint8"))
            picture.resize((_SIZE, _SIZE), Image.Resampling.BICUBIC).save(folder / f"{number:04}.png")
            url = f"{self.access.base_url}/media/digits/{number:04}.png"
            digits.append(Digit(url, str(found.target[number])))
        return digits

    def _post(self, path: str, body: Any, **params: str) -> Any:
        answer = self.http.post(path, json=body, params=params)
        if answer.is_error:
            raise TalkaError(answer.json()["code"], f"{path}: {answer.text}")
        return answer.json()

    def _pool(self, project_id: str, description: str, name: str) -> str:
        body = {
            "project_id": project_id,
            "private_name": f"digits, {name}",
            "public_description": description,
            "may_contain_adult_content": False,
            "will_expire": "2100-01-01T00:00:00",
            "reward_per_assignment": 0.03,
            "assignment_max_duration_seconds": 600,
            "auto_accept_solutions": True,
            "mixer_config": {"real_tasks_count": PER_PAGE, "golden_tasks_count": 1, "training_tasks_count": 0},
            "defaults": {"default_overlap_for_new_tasks": OVERLAP, "default_overlap_for_new_task_suites": 1},
        }
        pool_id: str = self._post("/api/v1/pools", body)["id"]
        return pool_id

    def _upload(self, pool_id: str, tasks: Sequence[Mapping[str, Any]]) -> None:
        body = [{**task, "pool_id": pool_id} for task in tasks]
        self._post("/api/v1/tasks", body, open_pool="true")

    def _register(self) -> None:
        answer = self.http.post("/api/worker/v1/register", json={"login": LOGIN, "password": PASSWORD})
        if answer.status_code not in {201, 409}:
            raise TalkaError(answer.json()["code"], f"Registering {LOGIN}: {answer.text}")

    def _truth_file(self, digits: Sequence[Digit]) -> Path:
        path = self.data / "digits-truth.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["item", "truth"])
            writer.writerows((digit.url, digit.value) for digit in digits)
        return path

    def _welcome(self, project_id: str, pool_id: str) -> None:
        seconds = time.monotonic() - self.started
        base = self.access.base_url
        page = f"{base}/requester/project/{project_id}/pool/{pool_id}"
        lines = (
            f"[bold]Talka is ready[/bold] after {seconds:.0f} s.",
            "",
            f"  Worker app       {base}/",
            f"                   login [bold]{LOGIN}[/bold], password [bold]{PASSWORD}[/bold]",
            f"  Requester pages  {page}",
            f"                   API key {self.access.api_key}",
            f"  API reference    {base}/docs",
            "",
        )
        for line in lines:
            self.console.print(line, soft_wrap=True, highlight=False)

    def _results(self, pool_id: str) -> list[dict[str, str]]:
        fields = "ASSIGNMENT:assignment_id,ASSIGNMENT:worker_id,ASSIGNMENT:reward"
        path = f"/api/new/requester/pools/{pool_id}/assignments.tsv"
        answer = self.http.get(path, params={"field": fields, "addRowDelimiter": "false"})
        (self.data / "results.tsv").write_bytes(answer.content)
        return list(csv.DictReader(io.StringIO(answer.text), delimiter="\t"))

    def _report(
        self, pool_id: str, rows: Sequence[Mapping[str, str]], truth: Mapping[str, str], seconds: float
    ) -> None:
        summary = self.http.get(f"/api/requester/v1/pools/{pool_id}/summary").json()
        pool = self.http.get(f"/api/v1/pools/{pool_id}").json()
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            if row["INPUT:image"] in truth:
                votes[row["INPUT:image"]][row["OUTPUT:digit"]] += 1
        answers = sum(count.total() for count in votes.values())
        right = sum(count[truth[url]] for url, count in votes.items())
        majority = sum(_share(count, truth[url]) for url, count in votes.items())
        table = Table(title="What came out of it", show_header=False)
        table.add_row("Digits labelled", f"{len(votes)} of {len(truth)}, {answers} answers")
        table.add_row("One worker alone is right", f"{right / answers:.1%}")
        table.add_row("Majority of three is right", f"[bold]{majority / len(votes):.1%}[/bold]")
        table.add_row("Cost", f"{summary['spent']:.2f} US dollars for {summary['assignments']['accepted']} pages")
        table.add_row("Time", f"{seconds:.1f} s, {answers / seconds:.0f} answers/s")
        table.add_row("Pool", f"{pool['status']} ({pool.get('last_close_reason', 'still open')})")
        table.add_row("Results", str(self.data / "results.tsv"))
        self.console.print(table)
        self.console.print("Your own pool is still open. Ctrl-C stops Talka.\n")


def _share(votes: Counter[str], right: str) -> float:
    """1 when the right label has most votes, its share when it ties with others, else 0."""
    best = max(votes.values())
    winners = [label for label, count in votes.items() if count == best]
    return 1 / len(winners) if right in winners else 0


def _general(digit: Digit, overlap: int) -> dict[str, Any]:
    return {"input_values": {"image": digit.url}, "overlap": overlap}


def _control(digit: Digit) -> dict[str, Any]:
    known = [{"output_values": {"digit": digit.value}}]
    return {"input_values": {"image": digit.url}, "known_solutions": known, "infinite_overlap": True}


def _project() -> dict[str, Any]:
    answer = {"type": "data.output", "path": "digit"}
    digits = [str(number) for number in range(10)]
    view = {
        "view": {
            "type": "view.list",
            "items": [
                {
                    "type": "view.image",
                    "url": {"type": "data.input", "path": "image"},
                    "maxWidth": _SIZE,
                    "ratio": [1, 1],
                },
                {
                    "type": "field.button-radio-group",
                    "label": "Which digit is it?",
                    "options": [{"label": digit, "value": digit} for digit in digits],
                    "data": answer,
                    "validation": {"type": "condition.required"},
                },
            ],
        },
        "plugins": [
            {
                "type": "plugin.hotkeys",
                **{digit: {"type": "action.set", "data": answer, "payload": digit} for digit in digits},
            },
            {"type": "plugin.toloka", "layout": {"kind": "scroll", "taskWidth": 420}},
        ],
    }
    return {
        "public_name": "Handwritten digits",
        "public_description": "Which digit is on the picture?",
        "public_instructions": (
            "<p>Every picture shows <b>one handwritten digit</b>. Choose it, or press its key.</p>"
            "<p>If you cannot tell, choose what looks most like it.</p>"
        ),
        "assignments_issuing_type": "AUTOMATED",
        "task_spec": {
            "input_spec": {"image": {"type": "url"}},
            "output_spec": {"digit": {"type": "string", "allowed_values": digits}},
            "view_spec": {"type": "tb", "config": json.dumps(view, indent=2), "lock": {"core": "1.0.0"}},
        },
    }
