"""The ledger against plain sums: pages, bonuses and payouts of one requester with little money, in random histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.properties.books import (
    BEFORE,
    FEE_PERCENT,
    HISTORIES,
    MICRO,
    OPEN,
    REWARDS,
    TICK,
    WORKERS,
    Ask,
    Books,
    Command,
    Decide,
    Deposit,
    End,
    Give,
    History,
    Move,
    PaidPage,
    Payout,
    Review,
    Take,
    Wait,
    fee_of,
)
from tests.properties.product import Product, explore, refusal

from talka.infra.db import Row, Tx
from talka.ledger import store as ledger_store
from talka.ledger import usecases as ledger
from talka.ledger.model import LedgerKind, ledger_account
from talka.payouts import usecases as payouts


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
            Give: self.give,
            Ask: self.ask,
            Decide: self.decide,
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
        for place, worker in enumerate(self.product.workers):
            free, withheld = books.withdrawable(place), books.asked(place, *OPEN)
            assert moved[ledger_account(LedgerKind.WORKER, worker.id)] == free >= 0
            assert moved[ledger_account(LedgerKind.WITHHELD, worker.id)] == withheld
            rows = self.product.rows("select available, blocked from worker_balance where worker_id = %s", worker.id)
            assert rows == ([{"available": free, "blocked": withheld}] if books.earned(place) else [])

    def check_at_the_end(self) -> None:
        """What the requester is told, and what the platform got."""
        shown = self.product.done("GET", "/requester")["balance"]
        assert Decimal(str(shown)) == self.books.balance
        given = sum((fee_of(amount) for _, amount in self.books.bonuses), Decimal(0))
        for kind, expected in (
            (LedgerKind.HELD, self.books.total(lambda page: page.fee, "ACCEPTED")),
            (LedgerKind.AVAILABLE, given),
        ):
            [fees] = self.product.rows(
                "select coalesce(sum(amount), 0) as paid from transfer where debit = %s and credit = %s",
                ledger_account(kind, self.account_id),
                ledger_account(LedgerKind.PLATFORM),
            )
            assert fees["paid"] == expected

    def _moved(self) -> Counter[int]:
        """Balances of all ledger accounts, from the movements alone."""
        return Counter({row["account"]: row["balance"] for row in self.product.reading(ledger_store.balances)})

    def _status(self, pool: int) -> Row:
        [row] = self.product.rows("select status, last_close_reason from pool where id = %s", int(self.pools[pool]))
        return row

    def deposit(self, command: Deposit) -> None:
        amount = command.micros * MICRO
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

    def give(self, command: Give) -> None:
        items = [
            {"user_id": self.product.user_id(command.worker), "amount": float(micros * MICRO), "without_message": True}
            for micros in command.micros
        ]
        words = {"skip_invalid_items": str(command.skip_invalid).lower(), "async_mode": str(command.queued).lower()}
        answer = self.product.call("POST", "/user-bonuses", items, **words)
        if command.queued:
            assert answer.status_code == 202, answer.text
            self.product.advance(0)
        paid, left = [], self.books.balance
        for amount in dict.fromkeys(micros * MICRO for micros in command.micros):
            if amount + fee_of(amount) <= left:
                paid.append(amount)
                left -= amount + fee_of(amount)
        if len(paid) < len(command.micros) and not (command.skip_invalid and paid):
            paid = []
        if command.queued:
            status = self.product.done("GET", f"/operations/{answer.json()['id']}")["status"]
            assert status == ("SUCCESS" if paid else "FAIL")
        else:
            assert answer.status_code in ({201} if paid else {400, 409}), answer.text
        self.books.bonuses += [(command.worker, amount) for amount in paid]

    def ask(self, command: Ask) -> None:
        amount, mine = Decimal(command.cents) / 100, self.product.workers[command.worker].id
        made: list[str] = []

        async def work(tx: Tx) -> None:
            made.append(str((await payouts.ask(tx, mine, amount, "IBAN", Decimal("0.01"))).id))

        error = refusal(lambda: self.product.within(work))
        expected = None
        if self.books.asked(command.worker, *OPEN):
            expected = "CONFLICT_STATE"
        elif amount > self.books.withdrawable(command.worker):
            expected = "NOT_ENOUGH_BALANCE"
        assert (error.code if error else None) == expected
        if expected is None:
            self.books.payouts.append(Payout(made[-1], command.worker, amount))

    def decide(self, command: Decide) -> None:
        if not self.books.payouts:
            return
        payout = self.books.payouts[command.payout % len(self.books.payouts)]
        error = refusal(lambda: self.product.within(lambda tx: payouts.move(tx, payout.id, command.status)))
        fits = payout.status in (*BEFORE[command.status], command.status)
        assert (error.code if error else None) == (None if fits else "INAPPROPRIATE_STATUS")
        if fits:
            payout.status = command.status

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
    explore(lambda history: Run(product, history).play(), HISTORIES, 150)
    [total] = product.rows(
        "select sum(balance) as balance from (select sum(amount) as balance from transfer"
        " union all select -sum(amount) from transfer) lines"
    )
    assert total["balance"] == 0
