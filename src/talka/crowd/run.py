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
from talka.crowd.people import simulated_login
from talka.crowd.shift import Shift, together
from talka.crowd.simulated import Classes, SimulatedWorker, classes_by_field, seeded
from talka.crowd.transport import Transport
from talka.crowd.truth import AnswerKey, truths_of_file
from talka.crowd.values import identity, random_values


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
        crowd = _Crowd(run, key)
        numbers = range(1, run.workers + 1)
        clients = await together(WorkerClient.enter(transport, simulated_login(run.seed, number)) for number in numbers)
        crew = [(client, _CrowdMind(crowd, number)) for client, number in zip(clients, numbers, strict=True)]
        seconds = await shift.run(crew)
    done = shift.progress
    return CrowdTally(done.pages, done.answers, done.skips, done.errors, round(seconds, 3))


def _by_item(run: CrowdRun, input_spec: Spec, output_spec: Spec) -> Mapping[str, OutputValues]:
    if run.truth is None:
        return {}
    return truths_of_file(run.truth, input_spec, output_spec, run.item_field, run.output_field)


class _Crowd:
    """The simulated workers, made for the output spec of the page at hand: a pool may be older than its project."""

    def __init__(self, run: CrowdRun, key: AnswerKey) -> None:
        self.key = key
        self._run = run
        self._classes: dict[bytes, Classes] = {}
        self._workers: dict[tuple[int, bytes], SimulatedWorker] = {}

    def worker(self, number: int, output_spec: Spec) -> SimulatedWorker:
        """Worker `number` (from 1) as they answer pages of this output spec."""
        version = identity(output_spec)
        worker = self._workers.get((number, version))
        if worker is None:
            worker = self._workers[number, version] = SimulatedWorker(
                seed=self._run.seed,
                number=number,
                accuracy=self._run.accuracy,
                skip_rate=self._run.skip_rate,
                spec=output_spec,
                classes=self._classes_of(version, output_spec),
            )
        return worker

    def _classes_of(self, version: bytes, output_spec: Spec) -> Classes:
        if version not in self._classes:
            self._classes[version] = classes_by_field(output_spec, self.key.truths())
        return self._classes[version]


class _CrowdMind:
    """A simulated worker who stays as long as the shift lasts."""

    content = False

    def __init__(self, crowd: _Crowd, number: int) -> None:
        self._crowd = crowd
        self._number = number

    async def answer(self, page: Page) -> Solutions | None:
        worker = self._crowd.worker(self._number, page.output_spec)
        if worker.skips(page.task_ids):
            return None
        return [worker.answer(task_id, await self._crowd.key.truth(task_id)) for task_id in page.task_ids]

    async def corrected(self, page: Page, wrong: Sequence[str], solutions: Solutions) -> Solutions | None:
        better: list[OutputValues] = []
        for task_id, before in zip(page.task_ids, solutions, strict=True):
            known = await self._crowd.key.known(task_id) if task_id in wrong else None
            better.append({**before, **(known or {})})
        return better if better != list(solutions) else None

    def done(self, page: Page) -> None:
        """Nothing to remember."""

    def leaves(self, final: bool) -> bool:
        """Work may be uploaded or come back: the shift decides."""
        return False
