"""`talka crowd run`: simulated workers do the pages of a pool over the worker API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from talka.crowd.checks import check_open
from talka.crowd.client import RequesterReader, WorkerClient
from talka.crowd.model import (
    Access,
    CrowdError,
    OutputValues,
    Page,
    ProgressCallback,
    Solutions,
    Spec,
    unwatched,
)
from talka.crowd.shift import Shift, together
from talka.crowd.simulated import SimulatedWorker, classes_by_field, seeded
from talka.crowd.transport import Transport
from talka.crowd.truth import AnswerKey, truths_of_file
from talka.crowd.values import random_values


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdRun:
    """Which pool, how many workers and how good; `truth` is a CSV file with the header `item,truth`."""

    pool_id: str
    workers: int = 20
    truth: Path | None = None
    item_field: str = "item"
    output_field: str = "label"
    accuracy: float = 0.8
    skip_rate: float = 0.0
    seed: int = 1

    def check(self) -> None:
        """Refuse numbers that make no crowd.

        Raises:
            CrowdError: naming the option.
        """
        if self.workers < 1:
            raise CrowdError("--workers must be at least 1")
        for option, share in (("--accuracy", self.accuracy), ("--skip-rate", self.skip_rate)):
            if not 0 <= share <= 1:
                raise CrowdError(f"{option} must be between 0 and 1")


@dataclass(frozen=True, slots=True)
class CrowdTally:
    """What a crowd did: submitted pages, their answers, skipped pages, errors, seconds to the last page."""

    pages: int
    answers: int
    skips: int
    errors: int
    seconds: float

    def as_json(self) -> dict[str, int | float]:
        """The tally as one flat JSON object."""
        return asdict(self)


async def run_crowd(access: Access, run: CrowdRun, progress: ProgressCallback = unwatched) -> CrowdTally:
    """Let the crowd work until nobody has been offered anything for three seconds or the pool closes.

    Raises:
        CrowdError: what the user must mend; also when the server stays away.
    """
    run.check()
    shift = Shift(run.pool_id, progress, run.workers)
    async with Transport(access.base_url, shift.error) as transport:
        reader = RequesterReader(transport, access)
        pool = await reader.pool(run.pool_id)
        check_open(pool)
        input_spec, output_spec = await reader.specs(pool["project_id"])
        random_values(output_spec, seeded(run.seed, "trial"))
        key = AnswerKey(reader, _by_item(run, input_spec, output_spec), run.item_field)
        await key.read(run.pool_id)
        workers = _workers(run, output_spec, key)
        clients = await together(WorkerClient.enter(transport, worker.login) for worker in workers)
        crew = [(client, _CrowdMind(worker, key)) for client, worker in zip(clients, workers, strict=True)]
        seconds = await shift.run(crew)
    done = shift.progress
    return CrowdTally(done.pages, done.answers, done.skips, done.errors, round(seconds, 3))


def _workers(run: CrowdRun, output_spec: Spec, key: AnswerKey) -> list[SimulatedWorker]:
    classes = classes_by_field(output_spec, key.truths())
    return [
        SimulatedWorker(
            seed=run.seed,
            number=number,
            accuracy=run.accuracy,
            skip_rate=run.skip_rate,
            spec=output_spec,
            classes=classes,
        )
        for number in range(1, run.workers + 1)
    ]


def _by_item(run: CrowdRun, input_spec: Spec, output_spec: Spec) -> Mapping[str, OutputValues]:
    if run.truth is None:
        return {}
    return truths_of_file(run.truth, input_spec, output_spec, run.item_field, run.output_field)


class _CrowdMind:
    """A simulated worker who stays as long as the shift lasts."""

    content = False

    def __init__(self, worker: SimulatedWorker, key: AnswerKey) -> None:
        self._worker = worker
        self._key = key

    async def answer(self, page: Page) -> Solutions | None:
        if self._worker.skips(page.task_ids):
            return None
        return [self._worker.answer(task_id, await self._key.truth(task_id)) for task_id in page.task_ids]

    async def corrected(self, page: Page, wrong: Sequence[str], solutions: Solutions) -> Solutions | None:
        better: list[OutputValues] = []
        for task_id, before in zip(page.task_ids, solutions, strict=True):
            known = await self._key.known(task_id) if task_id in wrong else None
            better.append({**before, **(known or {})})
        return better if better != list(solutions) else None

    def done(self, page: Page) -> None:
        """Nothing to remember."""

    def leaves(self, final: bool) -> bool:
        """Work may be uploaded or come back: the shift decides."""
        return False
