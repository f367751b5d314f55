"""A shift: many workers do the pages of one pool at the same time until nothing is offered any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from talka.crowd.client import WorkerClient
from talka.crowd.model import CrowdError, Page, Progress, ProgressCallback, Solutions, Submission
from talka.crowd.transport import Refusal

Result = TypeVar("Result")

QUIET_SECONDS = 3.0
"""So long must nobody have been offered anything for the shift to end."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_TRIES_AFTER_HINTS = 3
_MOST_FAILURES = 20
_NOTHING_NOW = frozenset({"POOL_ASSIGNMENTS_EXHAUSTED", "ALL_ASSIGNMENTS_EXHAUSTED", "TOO_MANY_ACTIVE_ASSIGNMENTS"})


class Mind(Protocol):
    """What a worker makes of a page."""

    async def answer(self, page: Page) -> Solutions | None:
        """One answer per task, or None to skip the page."""

    async def corrected(self, page: Page, wrong: Sequence[str], solutions: Solutions) -> Solutions | None:
        """New answers after hints on the tasks `wrong`, or None to leave the page."""

    def done(self, page: Page) -> None:
        """The page was submitted."""

    def leaves(self, final: bool) -> bool:
        """Whether the worker goes home when nothing is offered now; `final`: and nothing will come back."""

    @property
    def content(self) -> bool:
        """Whether the worker has done all that they came for."""


class Shift:
    """The workers of one pool, what they have done so far, and whether there is anything left to do."""

    def __init__(self, pool_id: str, progress: ProgressCallback, workers: int) -> None:
        self.progress = Progress(workers=workers)
        self._pool_id = pool_id
        self._report = progress
        self._closed = asyncio.Event()
        self._in_hand = 0
        self._last_event = self._start = self._last_page = time.monotonic()

    def error(self, message: str) -> None:
        """Count something that went wrong; whoever cannot reach the server has not been told 'nothing'."""
        self._last_event = time.monotonic()
        self._count(errors=1, message=message)

    def expect(self, answers: int) -> None:
        """Say how many answers would be all."""
        self.progress = replace(self.progress, expected=answers)
        self._report(self.progress)

    async def run(self, crew: Sequence[tuple[WorkerClient, Mind]]) -> float:
        """Everybody works until the shift ends; seconds from the start to the last page.

        Raises:
            CrowdError: nobody may work in this pool, or the server is gone.
        """
        self._last_event = self._start = self._last_page = time.monotonic()
        await together(self._work(client, mind) for client, mind in crew)
        idle = not self.progress.pages and not self.progress.skips
        if crew and idle and self.progress.refused == len(crew):
            raise CrowdError(f"Nobody may work in pool {self._pool_id} ({self.progress.last_error})")
        return self._last_page - self._start

    async def _work(self, client: WorkerClient, mind: Mind) -> None:
        pause, failures = _FIRST_PAUSE, 0
        while not self._closed.is_set() and not mind.content:
            try:
                page = await client.take(self._pool_id)
            except Refusal as refusal:
                final = bool(refusal.payload.get("final"))
                if self._sends_home(refusal) or mind.leaves(final) or self._quiet():
                    return
                await self._wait(_LONGEST_PAUSE if final else pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                pause = _FIRST_PAUSE
                failures = 0 if await self._do(client, mind, page) else failures + 1
                if failures == _MOST_FAILURES:
                    self._count(refused=1)
                    return

    def _sends_home(self, refusal: Refusal) -> bool:
        if refusal.code in _NOTHING_NOW:
            return False
        if refusal.code == "POOL_INAPPROPRIATE_STATUS":
            self._closed.set()
        else:
            reason = refusal.payload.get("reason")
            self._count(refused=1, message=str(reason or refusal))
        return True

    def _quiet(self) -> bool:
        return not self._in_hand and time.monotonic() - self._last_event >= QUIET_SECONDS

    async def _wait(self, seconds: float) -> None:
        """Wait, but no longer than the pool is open."""
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except TimeoutError:
            return

    async def _do(self, client: WorkerClient, mind: Mind, page: Page) -> bool:
        """Whether the server went along with what the worker did."""
        self._in_hand += 1
        try:
            await self._answer(client, mind, page)
        except Refusal as refusal:
            self.error(str(refusal))
            if refusal.status == 400:
                await self._give_back(client, page)
            return False
        else:
            return True
        finally:
            self._in_hand -= 1
            self._last_event = self._last_page = time.monotonic()

    async def _answer(self, client: WorkerClient, mind: Mind, page: Page) -> None:
        solutions = await mind.answer(page)
        if solutions is None:
            await client.skip(page)
            self._count(skips=1)
            return
        submission = await client.submit(page, solutions)
        for _ in range(_TRIES_AFTER_HINTS):
            if submission.status != "ACTIVE":
                break
            wrong = _wrong(page, submission)
            corrected = await mind.corrected(page, wrong, solutions)
            if corrected is None:
                break
            solutions = corrected
            submission = await client.submit(page, solutions)
        if submission.status == "ACTIVE":
            self.error(f"Page {page.id} cannot be finished: its hints lead nowhere")
            await client.exit(page)
            return
        mind.done(page)
        self._count(pages=1, answers=len(page.task_ids))

    async def _give_back(self, client: WorkerClient, page: Page) -> None:
        """Skip a page whose answers the server refused, so that others get it and this worker does not."""
        try:
            await client.skip(page)
        except Refusal as refusal:
            self.error(str(refusal))
        else:
            self._count(skips=1)

    def _count(
        self,
        *,
        pages: int = 0,
        answers: int = 0,
        skips: int = 0,
        errors: int = 0,
        refused: int = 0,
        message: str | None = None,
    ) -> None:
        now = self.progress
        self.progress = replace(
            now,
            pages=now.pages + pages,
            answers=now.answers + answers,
            skips=now.skips + skips,
            errors=now.errors + errors,
            refused=now.refused + refused,
            last_error=message or now.last_error,
        )
        self._report(self.progress)


def _wrong(page: Page, submission: Submission) -> list[str]:
    return [task_id for task_id in page.task_ids if task_id in submission.hints]


async def together(jobs: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """All results, in order; when one job fails the others are ended and its error is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except ExceptionGroup as failures:
        mendable, rest = failures.split(CrowdError)
        if rest is not None or mendable is None:
            raise
        raise mendable.exceptions[0] from None
    return [task.result() for task in tasks]
