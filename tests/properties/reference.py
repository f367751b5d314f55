"""A slow reference of issuing, straight from the documentation: every unit is looked at each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum


class Kind(IntEnum):
    """What a unit is for."""

    GENERAL = 0
    CONTROL = 1
    TRAINING = 2


class Rank(IntEnum):
    """Which of the units of one kind come first for a worker."""

    RESERVED = 0
    RETURNED = 1
    FIRST_TIME = 2
    ENDLESS = 3


@dataclass(frozen=True)
class Mixing:
    """How pages are made: wanted and least number of tasks by kind; times in seconds."""

    counts: tuple[int, int, int]
    least: tuple[int, int, int]
    force_last: bool = True
    delay: int = 0
    in_order: bool = False
    shuffle: bool = True
    max_active: int = 1
    duration: int = 600


@dataclass
class Unit:
    """A task of a mixed pool, or a ready-made suite; `overlap` None is unlimited. Workers are numbers."""

    number: int
    kind: Kind
    overlap: int | None
    reserved_for: frozenset[int] = frozenset()
    unavailable_for: frozenset[int] = frozenset()
    had: set[int] = field(default_factory=set)
    """Who holds, answered or skipped it; not those from whom it expired."""
    slots: set[int] = field(default_factory=set)
    """Whose page of it is active, submitted, accepted or rejected."""
    moved: bool = False
    """It came back, or changed, and lost its place in the order of upload."""

    @property
    def open(self) -> bool:
        """Whether one more worker may get it."""
        return self.overlap is None or len(self.slots) < self.overlap

    def admits(self, worker: int) -> bool:
        """Whether this worker may get it now."""
        invited = not self.reserved_for or worker in self.reserved_for
        return self.open and invited and worker not in self.unavailable_for and worker not in self.had

    @property
    def rank(self) -> Rank:
        """When its turn is, among those of its kind."""
        if self.reserved_for:
            return Rank.RESERVED
        if self.overlap is None:
            return Rank.ENDLESS
        return Rank.RETURNED if self.moved else Rank.FIRST_TIME


@dataclass
class Page:
    """A page that a worker took."""

    id: str
    worker: int
    units: list[Unit]
    ends: float
    status: str = "ACTIVE"


class BelowIssuedError(Exception):
    """The change is not possible: fewer than what was issued."""


class ReferencePool:
    """An open pool and all that happened in it. `now` is in seconds."""

    def __init__(self, mixing: Mixing) -> None:
        self.mixing = mixing
        self.now: float = 0
        self.last_added: float = 0
        self.units: list[Unit] = []
        self.pages: list[Page] = []

    def active(self, worker: int | None = None) -> list[Page]:
        """Pages at work, of one worker or of all."""
        return [page for page in self.pages if page.status == "ACTIVE" and worker in (None, page.worker)]

    def admitted(self, worker: int, kind: Kind) -> list[Unit]:
        """What the worker may get now, in the order of upload."""
        return [unit for unit in self.units if unit.kind is kind and unit.admits(worker)]

    def refusal(self, worker: int) -> str | None:
        """Why the worker gets no page now; None when they must get one."""
        if len(self.active(worker)) >= self.mixing.max_active:
            return "TOO_MANY_ACTIVE_ASSIGNMENTS"
        found = {kind: len(self.admitted(worker, kind)) for kind in Kind}
        for kind in (Kind.TRAINING, Kind.CONTROL):
            if self.mixing.counts[kind] and found[kind] < self.mixing.least[kind]:
                return "POOL_ASSIGNMENTS_EXHAUSTED"
        if self.mixing.counts[Kind.GENERAL] and not self._enough_general(found[Kind.GENERAL]):
            return "POOL_ASSIGNMENTS_EXHAUSTED"
        return None if sum(self.page_size(worker)) else "POOL_ASSIGNMENTS_EXHAUSTED"

    def _enough_general(self, found: int) -> bool:
        least = self.mixing.least[Kind.GENERAL]
        if found == 0 or found >= least:
            return found > 0
        if not self.mixing.force_last:
            return False
        everywhere = sum(unit.open and unit.kind is Kind.GENERAL for unit in self.units)
        return everywhere >= least or self.now >= self.last_added + self.mixing.delay

    def page_size(self, worker: int) -> tuple[int, ...]:
        """How many units of each kind the worker's next page has."""
        return tuple(min(self.mixing.counts[kind], len(self.admitted(worker, kind))) for kind in Kind)

    def add(self, units: Sequence[Unit]) -> None:
        """An upload."""
        self.units += units
        self.last_added = self.now

    def take(self, page_id: str, worker: int, units: list[Unit]) -> None:
        """The worker got a page of these units."""
        for unit in units:
            unit.had.add(worker)
            unit.slots.add(worker)
        self.pages.append(Page(page_id, worker, units, self.now + self.mixing.duration))

    def end(self, page: Page, status: str) -> None:
        """An active page is SUBMITTED, ACCEPTED, SKIPPED or EXPIRED."""
        page.status = status
        if status not in {"SKIPPED", "EXPIRED"}:
            return
        for unit in page.units:
            expired = status == "EXPIRED"
            unit.moved = unit.moved or (unit.overlap is not None and (expired or not unit.open))
            unit.slots.discard(page.worker)
            if expired:
                unit.had.discard(page.worker)

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds
        for page in self.active():
            if page.ends <= self.now:
                self.end(page, "EXPIRED")

    def set_overlap(self, unit: Unit, overlap: int | None, *, or_min: bool = False) -> None:
        """Change an overlap.

        Raises:
            BelowIssuedError: it was issued to more workers already.
        """
        if overlap is not None and overlap < len(unit.slots):
            if not or_min:
                raise BelowIssuedError
            overlap = len(unit.slots)
        before, was_open = unit.overlap, unit.open
        unit.overlap = overlap
        if unit.open and (not was_open or (before is None) != (overlap is None)):
            unit.moved = True
        if before is not None and (overlap is None or overlap > before):
            self.last_added = self.now

    def turn(self, unit: Unit, kind: Kind) -> None:
        """Known solutions or a hint make it a unit of another kind."""
        if unit.kind is not kind:
            unit.kind = kind
            unit.moved = unit.moved or unit.open
