"""The ledger against plain sums, over random histories of two pools of one requester with little money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from tests.properties.product import Product, explore, refusal

from talka.infra.db import Row
from talka.ledger import store as ledger_store
from talka.ledger import usecases as ledger
from talka.ledger.model import LedgerKind, ledger_account

WORKERS = 3
FEE_PERCENT = Decimal("7.5")
REWARDS = (Decimal("0.05"), Decimal("0.013333"))
TICK = 400
"""Seconds; pages last 600, and review ends after a day, which is 300 ticks at once or never."""
_MICRO = Decimal("0.000001")
_HELD = ("ACTIVE", "SUBMITTED")


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


Command = Deposit | Move | Take | End | Review | Wait
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
)


@dataclass(frozen=True)
class History:
    """The first money, whether each pool accepts at once, and what happens."""

    micros: int
    auto_accept: tuple[bool, bool]
    commands: tuple[Command, ...]


_histories = st.builds(
    History,
    st.integers(14_334, 400_000),
    st.tuples(st.booleans(), st.booleans()),
    st.lists(_commands, min_size=1, max_size=30).map(tuple),
)


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
        """For the platform: rounded up."""
        return (self.reward * FEE_PERCENT / 100).quantize(_MICRO, ROUND_CEILING)


@dataclass
class Books:
    """What was put in and which pages there are; every balance is a sum over them."""

    deposited: Decimal = Decimal(0)
    pages: list[PaidPage] = field(default_factory=list)

    def total(self, what: Callable[[PaidPage], Decimal], *statuses: str) -> Decimal:
        """Sum over the pages in these states."""
        return sum((what(page) for page in self.pages if page.status in statuses), Decimal(0))

    def earned(self, worker: int) -> Decimal:
        """What a worker got."""
        return sum((p.reward for p in self.pages if p.worker == worker and p.status == "ACCEPTED"), Decimal(0))

    @property
    def held(self) -> Decimal:
        """Promised to workers and the platform."""
        return self.total(lambda page: page.reward + page.fee, *_HELD)

    @property
    def balance(self) -> Decimal:
        """What can be spent."""
        return self.deposited - self.total(lambda page: page.reward + page.fee, *_HELD, "ACCEPTED")


class Run:
    """One history, in Talka and in the books side by side."""

    def __init__(self, product: Product, history: History) -> None:
        self.product = product
        self.history = history
        self.books = Books()
        self.now = 0
        self.account_id = product.change_people()
        self.pools = [self._pool(index) for index in range(2)]
        self.steps: dict[type[Command], Callable[[Any], None]] = {
            Deposit: self.deposit,
            Move: self.move,
            Take: self.take,
            End: self.end,
            Review: self.review,
            Wait: self.wait,
        }

    def _pool(self, index: int) -> str:
        pool_id = self.product.pool(
            max_active=99,
            will_expire="8990-01-01T00:00:00",
            reward_per_assignment=float(REWARDS[index]),
            auto_accept_solutions=self.history.auto_accept[index],
            auto_accept_period_day=1,
            mixer_config={"real_tasks_count": 1, "golden_tasks_count": 0, "training_tasks_count": 0},
        )
        task = {"pool_id": pool_id, "input_values": {"item": "x"}, "overlap": 99}
        self.product.done("POST", "/tasks", [task] * 40)
        return pool_id

    def play(self) -> None:
        """All commands, each of them followed by a look at all balances."""
        self.deposit(Deposit(self.history.micros))
        for pool in range(2):
            self.move(Move("open", pool))
        for command in self.history.commands:
            self.steps[type(command)](command)
            self.check()
        for pool in range(2):
            self.move(Move("close", pool))
        self.check()
        self.check_at_the_end()

    def check(self) -> None:
        """Movements, balances and books say the same."""
        books, moved = self.books, self._moved()
        assert moved[ledger_account(LedgerKind.AVAILABLE, self.account_id)] == books.balance >= 0
        assert moved[ledger_account(LedgerKind.HELD, self.account_id)] == books.held
        [stored] = self.product.rows(
            "select b.free, coalesce(sum(s.amount), 0) as drawn, coalesce(min(s.amount), 0) as least,"
            " count(*) filter (where p.status <> 'OPEN') as forgotten from account_balance b"
            " left join pool_stripe s on s.account_id = b.account_id left join pool p on p.id = s.pool_id"
            " where b.account_id = %s group by b.free",
            self.account_id,
        )
        assert stored["free"] + stored["drawn"] == books.balance
        assert min(stored["free"], stored["least"]) >= 0
        assert stored["forgotten"] == 0, "a closed pool still has money"
        earned = [books.earned(number) for number in range(WORKERS)]
        numbers = [worker.id for worker in self.product.workers]
        assert [moved[ledger_account(LedgerKind.WORKER, number)] for number in numbers] == earned
        balances = self.product.rows(
            "select worker_id, available from worker_balance where worker_id = any(%s)", numbers
        )
        assert {row["worker_id"]: row["available"] for row in balances} == {
            number: amount for number, amount in zip(numbers, earned, strict=True) if amount
        }

    def check_at_the_end(self) -> None:
        """What the requester is told, and what the platform got."""
        shown = self.product.done("GET", "/requester")["balance"]
        assert Decimal(str(shown)) == self.books.balance
        [fees] = self.product.rows(
            "select coalesce(sum(amount), 0) as paid from transfer where debit = %s and credit = %s",
            ledger_account(LedgerKind.HELD, self.account_id),
            ledger_account(LedgerKind.PLATFORM),
        )
        assert fees["paid"] == self.books.total(lambda page: page.fee, "ACCEPTED")

    def _moved(self) -> Counter[int]:
        """Balances of all ledger accounts, from the movements alone."""
        return Counter({row["account"]: row["balance"] for row in self.product.reading(ledger_store.balances)})

    def _status(self, pool: int) -> Row:
        [row] = self.product.rows("select status, last_close_reason from pool where id = %s", int(self.pools[pool]))
        return row

    def deposit(self, command: Deposit) -> None:
        amount = command.micros * _MICRO
        self.product.within(lambda tx: ledger.deposit(tx, self.account_id, amount))
        self.books.deposited += amount

    def move(self, command: Move) -> None:
        cost = self._cost(command.pool)
        refused = command.verb == "open" and self._status(command.pool)["status"] == "CLOSED"
        answer = self.product.call("POST", f"/pools/{self.pools[command.pool]}/{command.verb}")
        if refused and self.books.balance < cost:
            assert (answer.status_code, answer.json()["code"]) == (409, "NOT_ENOUGH_BALANCE")
        else:
            assert answer.is_success, answer.text
            assert self._status(command.pool)["status"] == {"open": "OPEN", "close": "CLOSED"}[command.verb]

    def _cost(self, pool: int) -> Decimal:
        page = PaidPage("", 0, pool, 0)
        return page.reward + page.fee

    def take(self, command: Take) -> None:
        expected = None
        if self._status(command.pool)["status"] != "OPEN":
            expected = "POOL_INAPPROPRIATE_STATUS"
        elif self.books.balance < self._cost(command.pool):
            expected = "NOT_ENOUGH_BALANCE"
        taken: list[Row] = []
        error = refusal(lambda: taken.append(self.product.take(self.pools[command.pool], command.worker)))
        if expected == "NOT_ENOUGH_BALANCE":
            pool = self._status(command.pool)
            assert (pool["status"], pool["last_close_reason"]) == ("CLOSED", "NOT_ENOUGH_BALANCE")
            expected = "POOL_INAPPROPRIATE_STATUS"  # what workers are told of a pool without money
        assert (error.code if error else None) == expected
        for row in taken:
            page = PaidPage(row["page_id"], command.worker, command.pool, self.now + 600)
            assert (row["reward"], row["fee"]) == (page.reward, page.fee)
            self.books.pages.append(page)

    def end(self, command: End) -> None:
        if not self.books.pages:
            return
        page = self.books.pages[command.page % len(self.books.pages)]
        done = "ACCEPTED" if self.history.auto_accept[page.pool] else "SUBMITTED"
        became = {"submit": done, "skip": "SKIPPED", "exit": "EXPIRED"}[command.how]
        same = {"SUBMITTED", "ACCEPTED", "REJECTED"} if command.how == "submit" else {became}
        error = refusal(lambda: self._act(command.how, page))
        if page.status == "ACTIVE":
            assert error is None
            page.status = became
            page.review_ends = self.now + 86_400 if became == "SUBMITTED" else None
        else:
            assert (error.code if error else None) == (None if page.status in same else "INAPPROPRIATE_STATUS")

    def _act(self, how: str, page: PaidPage) -> None:
        if how == "submit":
            self.product.submit(page.id, page.worker, 1)
        else:
            (self.product.skip if how == "skip" else self.product.leave)(page.id, page.worker)

    def review(self, command: Review) -> None:
        if not self.books.pages:
            return
        page = self.books.pages[command.page % len(self.books.pages)]
        answer = self.product.call("PATCH", f"/assignments/{page.id}", {"status": command.status})
        expected = self._review_refusal(page, command.status)
        assert (None if answer.is_success else answer.json()["code"]) == expected
        if expected is None:
            page.status = command.status

    def _review_refusal(self, page: PaidPage, status: str) -> str | None:
        if page.status in {"SUBMITTED", status}:
            return None
        if (page.status, status) == ("REJECTED", "ACCEPTED"):
            return None if self.books.balance >= page.reward + page.fee else "NOT_ENOUGH_BALANCE"
        return "INAPPROPRIATE_STATUS"

    def wait(self, command: Wait) -> None:
        self.now += command.ticks * TICK
        self.product.advance(command.ticks * TICK)
        for page in self.books.pages:
            if page.status == "ACTIVE" and page.ends <= self.now:
                page.status = "EXPIRED"
            elif page.status == "SUBMITTED" and page.review_ends is not None and page.review_ends <= self.now:
                page.status = "ACCEPTED"


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """Talka with a fee, on a database of the test's own for all examples."""
    with Product.start(database_url, tmp_path, WORKERS, FEE_PERCENT) as started:
        yield started


def test_money_is_moved_once_and_adds_up(product: Product) -> None:
    explore(lambda history: Run(product, history).play(), _histories, 150)
    [total] = product.rows(
        "select sum(balance) as balance from (select sum(amount) as balance from transfer"
        " union all select -sum(amount) from transfer) lines"
    )
    assert total["balance"] == 0
