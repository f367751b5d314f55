"""Random histories of pools, played in Talka and in the reference side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from tests.properties.product import Product, refusal
from tests.properties.reference import BelowIssuedError, Kind, Mixing, Rank, ReferencePool, Unit

from talka.infra.db import Row
from talka.issuing import store as issuing
from talka.kit.ids import work_id

WORKERS = 4
LOOKED_THROUGH = 64
TICK = 400
"""Seconds; pages last 600 and the delay is 1,000, so that nothing is ever due at the very moment of a command."""
KNOWN: dict[Kind, dict[str, Any]] = {
    Kind.GENERAL: {"known_solutions": [], "message_on_unknown_solution": None},
    Kind.CONTROL: {"known_solutions": [{"output_values": {"label": "a"}}], "message_on_unknown_solution": None},
    Kind.TRAINING: {"known_solutions": [{"output_values": {"label": "a"}}], "message_on_unknown_solution": "No"},
}


@dataclass(frozen=True)
class Item:
    """A unit to upload."""

    kind: Kind
    overlap: int | None
    reserved_for: frozenset[int]
    unavailable_for: frozenset[int]


@dataclass(frozen=True)
class Upload:
    """Items, each `times` over."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Take:
    """A worker asks for a page."""

    worker: int


@dataclass(frozen=True)
class End:
    """One of the active pages ends."""

    how: str
    page: int


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    ticks: int


@dataclass(frozen=True)
class SetOverlap:
    """The overlap of a unit is changed."""

    unit: int
    overlap: int | None
    or_min: bool


@dataclass(frozen=True)
class Turn:
    """A task becomes one of another kind (a suite stays as it is)."""

    unit: int
    kind: Kind


@dataclass(frozen=True)
class Review:
    """One of the submitted pages is accepted or rejected."""

    status: str
    page: int


Command = Upload | Take | End | Wait | SetOverlap | Turn | Review


@dataclass(frozen=True)
class History:
    """A pool and what happens in it; `times` makes everything larger."""

    mixed: bool
    mixing: Mixing
    auto_accept: bool
    times: int
    first: Upload
    commands: tuple[Command, ...]


_people = st.frozensets(st.integers(0, WORKERS - 1), max_size=WORKERS)
_overlaps = st.one_of(st.integers(1, 3), st.none())
_numbers = st.integers(0, 999)
_few: st.SearchStrategy[frozenset[int]] = st.one_of(st.just(frozenset[int]()), st.just(frozenset[int]()), _people)
_items = st.builds(Item, st.sampled_from([Kind.GENERAL, *Kind]), _overlaps, _few, _few)
_uploads = st.builds(Upload, st.lists(_items, min_size=1, max_size=8).map(tuple))
_takes = st.builds(Take, st.integers(0, WORKERS - 1))
_commands: st.SearchStrategy[Command] = st.one_of(
    _takes,
    _takes,
    _takes,
    st.builds(End, st.sampled_from(["submit", "skip", "exit"]), _numbers),
    st.builds(End, st.sampled_from(["submit", "skip", "exit"]), _numbers),
    st.builds(Wait, st.integers(1, 3)),
    _uploads,
    st.builds(SetOverlap, _numbers, st.one_of(st.integers(0, 4), st.none()), st.booleans()),
    st.builds(Turn, _numbers, st.sampled_from(Kind)),
    st.builds(Review, st.sampled_from(["ACCEPTED", "REJECTED"]), _numbers),
)


@st.composite
def mixings(draw: st.DrawFn, times: int) -> Mixing:
    """How a pool of smart mixing makes pages."""
    counts = draw(st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 2)).filter(any))
    least = [draw(st.one_of(st.just(count), st.integers(0, count))) for count in counts]
    return Mixing(
        counts=(counts[0] * times, counts[1] * times, counts[2] * times),
        least=(least[0] * times, least[1] * times, least[2] * times),
        force_last=draw(st.sampled_from([True, True, False])),
        delay=draw(st.sampled_from([0, 1_000])),
        in_order=draw(st.booleans()),
        shuffle=draw(st.booleans()),
        max_active=draw(st.integers(1, 3)),
    )


@st.composite
def histories(draw: st.DrawFn, *, largest: int, longest: int) -> History:
    """A pool of either way of making pages and its `longest` commands at most; some are `largest` times as large."""
    mixed = draw(st.sampled_from([True, True, True, False]))
    times = draw(st.sampled_from([1, 1, 1, 1, largest])) if mixed else 1
    ready = st.builds(
        Mixing, st.just((1, 0, 0)), st.just((1, 0, 0)), in_order=st.booleans(), max_active=st.integers(1, 3)
    )
    commands = st.lists(_commands, min_size=longest // 2, max_size=longest).map(tuple)
    mixing = draw(mixings(times) if mixed else ready)
    return History(mixed, mixing, draw(st.booleans()), times, draw(_uploads), draw(commands))


class Run:
    """One history, in Talka and in the reference side by side."""

    def __init__(self, product: Product, history: History) -> None:
        self.product = product
        self.history = history
        self.reference = ReferencePool(history.mixing)
        self.pool_id = product.pool(history.mixing.max_active, **_pool_settings(history))
        self.number = int(self.pool_id)
        self.what = "tasks" if history.mixed else "task-suites"
        self.steps: dict[type[Command], Callable[[Any], None]] = {
            Upload: self.upload,
            Take: self.take,
            End: self.end,
            Wait: self.wait,
            SetOverlap: self.set_overlap,
            Turn: self.turn,
            Review: self.review,
        }

    def play(self) -> None:
        """All commands; at the end everybody takes what is left."""
        self.upload(self.history.first)
        self.product.done("POST", f"/pools/{self.pool_id}/open")
        for command in self.history.commands:
            self.steps[type(command)](command)
            self.check()
        for worker in range(WORKERS):
            self.take(Take(worker))
        self.check()
        self.check_at_the_end()
        self.product.done("POST", f"/pools/{self.pool_id}/close")

    def check(self) -> None:
        """What must hold after every command, for tests to add to."""

    def check_at_the_end(self) -> None:
        """What must hold at the end besides."""

    def upload(self, upload: Upload) -> None:
        items = [item for item in upload.items for _ in range(self.history.times)]
        created = self.product.done("POST", f"/{self.what}", [self._body(item) for item in items])["items"]
        kinds = [item.kind if self.history.mixed else Kind.GENERAL for item in items]
        numbers = [int(created[str(index)]["id"].rpartition("-")[2], 16) for index in range(len(items))]
        self.reference.add(
            [
                Unit(number, kind, item.overlap, item.reserved_for, item.unavailable_for)
                for number, kind, item in zip(numbers, kinds, items, strict=True)
            ]
        )

    def _body(self, item: Item) -> dict[str, Any]:
        unit = {
            "pool_id": self.pool_id,
            "overlap": item.overlap,
            "infinite_overlap": item.overlap is None,
            "reserved_for": [self.product.user_id(worker) for worker in sorted(item.reserved_for)],
            "unavailable_for": [self.product.user_id(worker) for worker in sorted(item.unavailable_for)],
        }
        task: dict[str, Any] = {"input_values": {"item": "x"}}
        if not self.history.mixed:
            return {**unit, "tasks": [task]}
        known = {name: value for name, value in KNOWN[item.kind].items() if value}
        return {**unit, **task, **known}

    def take(self, take: Take) -> None:
        worker, reference = take.worker, self.reference
        expected = reference.refusal(worker)
        self._check_card(worker)
        taken: list[Row] = []
        error = refusal(lambda: taken.append(self.product.take(self.pool_id, worker)))
        assert (error.code if error else None) == expected, f"{worker}: {error}, expected {expected}"
        if error is not None and error.code == "POOL_ASSIGNMENTS_EXHAUSTED":
            others = [page for page in reference.active() if page.worker != worker]
            assert error.payload == {"final": not others}
        for row in taken:
            self._check_page(worker, row)

    def _check_card(self, worker: int) -> None:
        """The list of work promises a pool when something of what its pages begin with is there."""
        kind = next(kind for kind in Kind if self.history.mixing.counts[kind])
        found = self.product.reading(lambda tx: issuing.has_work(tx, [self.number], self.product.workers[worker].id))
        assert (self.number in found) is bool(self.reference.admitted(worker, kind))

    def _check_page(self, worker: int, row: Row) -> None:
        reference, numbers = self.reference, set(row["unit_ids"])
        assert len(numbers) == len(row["unit_ids"])
        chosen = [unit for unit in reference.units if unit.number in numbers]
        for kind, size in zip(Kind, reference.page_size(worker), strict=True):
            admitted = reference.admitted(worker, kind)
            mine = [unit for unit in chosen if unit.kind is kind]
            assert len(mine) == size, f"{kind.name}: {len(mine)} on the page, expected {size}"
            assert all(unit in admitted for unit in mine), f"{kind.name}: not for worker {worker}"
            self._check_order(admitted, mine)
        if self.history.mixed:
            assert sorted(row["task_ids"]) == sorted(numbers)
            assert self.history.mixing.shuffle or row["task_ids"] == sorted(numbers)
        reference.take(row["page_id"], worker, chosen)

    def _check_order(self, admitted: list[Unit], mine: list[Unit]) -> None:
        left = [unit for unit in admitted if unit not in mine]
        returned = sum(unit.rank is Rank.RETURNED for unit in self.reference.units)
        # So many of those that came back are looked through while others can fill the page.
        if mine and left and returned <= LOOKED_THROUGH:
            assert max(unit.rank for unit in mine) <= min(unit.rank for unit in left), "a lower rank was passed over"
        if not self.history.mixing.in_order:
            return
        for rank in Rank:
            in_place = [unit for unit in admitted if unit.rank is rank and not unit.moved]
            given = [unit in mine for unit in in_place]
            assert all(first or not second for first, second in pairwise(given)), f"{rank.name}: not the lowest first"

    def end(self, end: End) -> None:
        active = self.reference.active()
        if not active:
            return
        page = active[end.page % len(active)]
        if end.how == "submit":
            self.product.submit(page.id, page.worker, len(page.units))
        else:
            (self.product.skip if end.how == "skip" else self.product.leave)(page.id, page.worker)
        submitted = "ACCEPTED" if self.history.auto_accept else "SUBMITTED"
        self.reference.end(page, {"submit": submitted, "skip": "SKIPPED", "exit": "EXPIRED"}[end.how])

    def review(self, review: Review) -> None:
        waiting = [page for page in self.reference.pages if page.status == "SUBMITTED"]
        if waiting:
            page = waiting[review.page % len(waiting)]
            self.product.done("PATCH", f"/assignments/{page.id}", {"status": review.status})
            page.status = review.status

    def wait(self, wait: Wait) -> None:
        self.product.advance(wait.ticks * TICK)
        self.reference.advance(wait.ticks * TICK)

    def set_overlap(self, change: SetOverlap) -> None:
        unit = self.reference.units[change.unit % len(self.reference.units)]
        path = f"/{self.what}/{work_id(self.number, unit.number)}"
        if change.or_min:
            overlap = change.overlap or 0
            self.product.done("PATCH", f"{path}/set-overlap-or-min", {"overlap": overlap, "infinite_overlap": False})
            self.reference.set_overlap(unit, overlap, or_min=True)
            return
        overlap_or_none = None if change.overlap is None else max(1, change.overlap)
        body = {"overlap": overlap_or_none, "infinite_overlap": overlap_or_none is None}
        answer = self.product.call("PATCH", path, body)
        try:
            self.reference.set_overlap(unit, overlap_or_none)
        except BelowIssuedError:
            assert (answer.status_code, answer.json()["code"]) == (409, "ASSIGNMENTS_COUNT_CONFLICT")
        else:
            assert answer.status_code == 200, answer.text

    def turn(self, turn: Turn) -> None:
        if self.history.mixed:
            unit = self.reference.units[turn.unit % len(self.reference.units)]
            self.product.done("PATCH", f"/tasks/{work_id(self.number, unit.number)}", KNOWN[turn.kind])
            self.reference.turn(unit, turn.kind)


def _pool_settings(history: History) -> dict[str, Any]:
    mixing = history.mixing
    acceptance = {"auto_accept_solutions": history.auto_accept, "auto_accept_period_day": 21}
    if not history.mixed:
        ordered = {"issue_task_suites_in_creation_order": mixing.in_order}
        return {**acceptance, "mixer_config": None, "assignments_issuing_config": ordered}
    names = ("real", "golden", "training")
    mixer: dict[str, Any] = {
        "force_last_assignment": mixing.force_last,
        "force_last_assignment_delay_seconds": mixing.delay,
        "mix_tasks_in_creation_order": mixing.in_order,
        "shuffle_tasks_in_task_suite": mixing.shuffle,
    }
    for name, count, least in zip(names, mixing.counts, mixing.least, strict=True):
        mixer |= {f"{name}_tasks_count": count, f"min_{name}_tasks_count": least}
    return {**acceptance, "mixer_config": mixer}
