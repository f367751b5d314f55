"""Books of one requester in plain sums, and the commands that histories are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from hypothesis import strategies as st

from talka.payouts.model import Status

WORKERS = 3
FEE_PERCENT = Decimal("7.5")
REWARDS = (Decimal("0.05"), Decimal("0.013333"))
TICK = 400
"""Seconds; pages last 600, and review ends after a day, which is 300 ticks at once or never."""
MICRO = Decimal("0.000001")
HELD = ("ACTIVE", "SUBMITTED")
OPEN = (Status.NEW, Status.APPROVED)
BEFORE: Mapping[Status, Sequence[Status]] = {
    Status.APPROVED: [Status.NEW],
    Status.PAID: OPEN,
    Status.REJECTED: OPEN,
    Status.CANCELLED: [Status.NEW],
}


@dataclass(frozen=True)
class Deposit:
    """Micro-dollars come in."""

    micros: int


@dataclass(frozen=True)
class Move:
    """A pool is opened or closed."""

    verb: str
    pool: int


@dataclass(frozen=True)
class Take:
    """A worker asks for a page."""

    worker: int
    pool: int


@dataclass(frozen=True)
class End:
    """Submit, skip or exit, on any page: most are repeats or too late."""

    how: str
    page: int


@dataclass(frozen=True)
class Review:
    """Accept or reject, on any page."""

    status: str
    page: int


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    ticks: int


@dataclass(frozen=True)
class Give:
    """Bonuses of so many micro-dollars, one after the other in one request; some are the same one twice."""

    worker: int
    micros: tuple[int, ...]
    skip_invalid: bool
    queued: bool


@dataclass(frozen=True)
class Ask:
    """A worker asks for so many cents."""

    worker: int
    cents: int


@dataclass(frozen=True)
class Decide:
    """The operator or the worker decides on any payout: most are decided already."""

    status: Status
    payout: int


Command = Deposit | Move | Take | End | Review | Wait | Give | Ask | Decide
_pools, _pages = st.integers(0, 1), st.integers(0, 99)
_takes = st.builds(Take, st.integers(0, WORKERS - 1), _pools)
_ends = st.builds(End, st.sampled_from(["submit", "submit", "submit", "skip", "exit"]), _pages)
_reviews = st.builds(Review, st.sampled_from(["ACCEPTED", "REJECTED"]), _pages)
_commands: st.SearchStrategy[Command] = st.one_of(
    _takes,
    _takes,
    _takes,
    _ends,
    _ends,
    _reviews,
    _reviews,
    st.builds(Deposit, st.integers(1, 200_000)),
    st.builds(Move, st.sampled_from(["open", "open", "close"]), _pools),
    st.builds(Wait, st.sampled_from([1, 2, 300])),
    st.builds(
        Give,
        st.integers(0, WORKERS - 1),
        st.lists(st.sampled_from([5_000, 5_001, 13_333, 90_000]), min_size=1, max_size=3).map(tuple),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(Ask, st.integers(0, WORKERS - 1), st.integers(1, 12)),
    st.builds(Decide, st.sampled_from(list(Status)[1:]), st.integers(0, 9)),
)


@dataclass(frozen=True)
class History:
    """The first money, whether each pool accepts at once, and what happens."""

    micros: int
    auto_accept: tuple[bool, bool]
    commands: tuple[Command, ...]


HISTORIES: st.SearchStrategy[History] = st.builds(
    History,
    st.integers(14_334, 400_000),
    st.tuples(st.booleans(), st.booleans()),
    st.lists(_commands, min_size=1, max_size=30).map(tuple),
)


def fee_of(amount: Decimal) -> Decimal:
    """What comes on top for the platform: rounded up."""
    return (amount * FEE_PERCENT / 100).quantize(MICRO, ROUND_CEILING)


@dataclass
class Payout:
    """Money that a worker asked for."""

    id: str
    worker: int
    amount: Decimal
    status: Status = Status.NEW


@dataclass
class PaidPage:
    """A page with its price."""

    id: str
    worker: int
    pool: int
    ends: int
    status: str = "ACTIVE"
    review_ends: int | None = None

    @property
    def reward(self) -> Decimal:
        """For the worker."""
        return REWARDS[self.pool]

    @property
    def fee(self) -> Decimal:
        """For the platform."""
        return fee_of(self.reward)


@dataclass
class Books:
    """What was put in and which pages there are; every balance is a sum over them."""

    deposited: Decimal = Decimal(0)
    pages: list[PaidPage] = field(default_factory=list)
    bonuses: list[tuple[int, Decimal]] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)

    def total(self, what: Callable[[PaidPage], Decimal], *statuses: str) -> Decimal:
        """Sum over the pages in these states."""
        return sum((what(page) for page in self.pages if page.status in statuses), Decimal(0))

    def earned(self, worker: int) -> Decimal:
        """What a worker got."""
        pages = sum((p.reward for p in self.pages if p.worker == worker and p.status == "ACCEPTED"), Decimal(0))
        return pages + sum((amount for receiver, amount in self.bonuses if receiver == worker), Decimal(0))

    def asked(self, worker: int, *statuses: Status) -> Decimal:
        """What a worker asked for, of the payouts in these states."""
        mine = [payout for payout in self.payouts if payout.worker == worker and payout.status in statuses]
        return sum((payout.amount for payout in mine), Decimal(0))

    def withdrawable(self, worker: int) -> Decimal:
        """What a worker can ask for."""
        return self.earned(worker) - self.asked(worker, *OPEN, Status.PAID)

    @property
    def given(self) -> Decimal:
        """What bonuses cost."""
        return sum((amount + fee_of(amount) for _, amount in self.bonuses), Decimal(0))

    @property
    def held(self) -> Decimal:
        """Promised to workers and the platform."""
        return self.total(lambda page: page.reward + page.fee, *HELD)

    @property
    def balance(self) -> Decimal:
        """What can be spent."""
        return self.deposited - self.given - self.total(lambda page: page.reward + page.fee, *HELD, "ACCEPTED")
