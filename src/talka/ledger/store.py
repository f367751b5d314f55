"""SQL of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from talka.infra.db import Row, Tx
from talka.ledger.model import TransferKind


async def next_deposit(tx: Tx) -> int:
    """A fresh subject for a deposit."""
    value: int = await tx.value("select nextval('deposit_id_seq')")
    return value


async def insert_transfer(tx: Tx, subject: int, kind: TransferKind, debit: int, credit: int, amount: Decimal) -> bool:
    """Move an amount; False when this movement was made before."""
    count = await tx.execute(
        "insert into transfer (subject, kind, debit, credit, amount, created) values (%s, %s, %s, %s, %s, %s)"
        " on conflict do nothing",
        (subject, int(kind), debit, credit, amount, tx.now),
    )
    return count == 1


async def insert_transfers(tx: Tx, lines: Sequence[tuple[int, TransferKind, int, int, Decimal]]) -> None:
    """Many movements (subject, kind, debit, credit, amount); the key refuses those that were made before."""
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy("copy transfer (subject, kind, debit, credit, amount, created) from stdin") as copy,
    ):
        for subject, kind, debit, credit, amount in lines:
            await copy.write_row((subject, int(kind), debit, credit, amount, tx.now))


async def add_earned(tx: Tx, amounts: Sequence[tuple[int, Decimal]]) -> None:
    """Add to what workers can withdraw, in the order given: whoever keeps to that of their ids cannot deadlock."""
    workers, values = [worker for worker, _ in amounts], [amount for _, amount in amounts]
    await tx.execute(
        "insert into worker_balance as b (worker_id, available)"
        " select worker_id, amount from unnest(%s::int[], %s::numeric[]) with ordinality u(worker_id, amount, place)"
        " order by place on conflict (worker_id) do update set available = b.available + excluded.available",
        (workers, values),
    )


async def insert_deposit(tx: Tx, account_id: int, reference: str, amount: Decimal) -> Decimal | None:
    """Note a deposit by its reference; the amount that stands there already, or None when it is new."""
    count = await tx.execute(
        "insert into deposit (account_id, reference, amount, created) values (%s, %s, %s, %s) on conflict do nothing",
        (account_id, reference, amount, tx.now),
    )
    if count == 1:
        return None
    value: Decimal = await tx.value(
        "select amount from deposit where account_id = %s and reference = %s", (account_id, reference)
    )
    return value


async def add_free(tx: Tx, account_id: int, amount: Decimal) -> None:
    """Add to what an account can spend."""
    await tx.execute(
        "insert into account_balance (account_id, free) values (%s, %s)"
        " on conflict (account_id) do update set free = account_balance.free + excluded.free",
        (account_id, amount),
    )


async def lock_free(tx: Tx, account_id: int) -> Decimal:
    """What no pool has drawn; locked until commit."""
    value = await tx.value("select free from account_balance where account_id = %s for update", (account_id,))
    return value if value is not None else Decimal(0)


async def gather(tx: Tx, account_id: int) -> None:
    """Draw back what lies in the stripes of all pools of an account (whose balance row is locked)."""
    await tx.rows("select 1 from pool_stripe where account_id = %s order by pool_id, stripe for update", (account_id,))
    await tx.execute(
        "with emptied as (update pool_stripe set amount = 0 from (select pool_id, stripe, amount from pool_stripe"
        "   where account_id = %(account)s) old"
        "   where pool_stripe.pool_id = old.pool_id and pool_stripe.stripe = old.stripe returning old.amount)"
        " update account_balance set free = free + coalesce((select sum(amount) from emptied), 0)"
        " where account_id = %(account)s",
        {"account": account_id},
    )


async def take_free(tx: Tx, account_id: int, amount: Decimal) -> bool:
    """Spend; False when there is not enough."""
    count = await tx.execute(
        "update account_balance set free = free - %(amount)s where account_id = %(account)s and free >= %(amount)s",
        {"account": account_id, "amount": amount},
    )
    return count == 1


async def release_to_pool(tx: Tx, pool_id: int, stripe: int, amount: Decimal) -> bool:
    """Give money back to an open pool's stripe; False when the pool has none (it is closed)."""
    count = await tx.execute(
        "update pool_stripe set amount = amount + %s where (pool_id, stripe) = ("
        "  select pool_id, stripe from pool_stripe where pool_id = %s order by (stripe - %s + 16) %% 16 limit 1)",
        (amount, pool_id, stripe),
    )
    return count == 1


async def drop_stripes(tx: Tx, pool_id: int, account_id: int) -> None:
    """Return what a closing pool has drawn."""
    await lock_free(tx, account_id)
    await tx.execute(
        "with dropped as (delete from pool_stripe where pool_id = %s returning amount)"
        " update account_balance set free = free + coalesce((select sum(amount) from dropped), 0)"
        " where account_id = %s",
        (pool_id, account_id),
    )


async def balance(tx: Tx, account_id: int) -> Decimal:
    """Deposits - paid - held: what is free plus what pools have drawn and not yet held."""
    value: Decimal = await tx.value(
        "select coalesce((select free from account_balance where account_id = %(a)s), 0)"
        " + coalesce((select sum(amount) from pool_stripe where account_id = %(a)s), 0)",
        {"a": account_id},
    )
    return value


async def note_low(tx: Tx, account_ids: Sequence[int], least: Decimal) -> list[tuple[int, Decimal]]:
    """The accounts that have come below `least` since they were last looked at, with their balance."""
    rows = await tx.rows(
        "with found as (select b.account_id, b.low, b.free + coalesce((select sum(s.amount) from pool_stripe s"
        "   where s.account_id = b.account_id), 0) as balance from account_balance b where b.account_id = any(%s)),"
        " changed as (update account_balance b set low = not b.low from found f"
        "   where b.account_id = f.account_id and b.low = f.low and f.low <> (f.balance < %s)"
        "   returning b.account_id, b.low, f.balance)"
        " select account_id, balance from changed where low order by account_id",
        (list(account_ids), least),
    )
    return [(row["account_id"], row["balance"]) for row in rows]


async def pay(tx: Tx, subject: int, account_id: int, worker_id: int, reward: Decimal, fee: Decimal) -> None:
    """Pay what was held for a page (see `functions.sql`)."""
    await tx.rows("select ledger_pay(%s, %s, %s, %s, %s, %s)", (subject, account_id, worker_id, reward, fee, tx.now))


async def worker_balance(tx: Tx, worker_id: int) -> tuple[Decimal, Decimal]:
    """What a worker can withdraw, and what is held for a payout they asked for."""
    row = await tx.row("select available, blocked from worker_balance where worker_id = %s", (worker_id,))
    return (row["available"], row["blocked"]) if row else (Decimal(0), Decimal(0))


async def block(tx: Tx, worker_id: int, amount: Decimal) -> bool:
    """Hold some of what a worker can withdraw; False when there is not enough."""
    count = await tx.execute(
        "update worker_balance set available = available - %(amount)s, blocked = blocked + %(amount)s"
        " where worker_id = %(worker)s and available >= %(amount)s",
        {"worker": worker_id, "amount": amount},
    )
    return count == 1


async def unblock(tx: Tx, worker_id: int, amount: Decimal, back: Decimal) -> None:
    """End a hold; `back` is what the worker can withdraw again."""
    await tx.execute(
        "update worker_balance set blocked = blocked - %s, available = available + %s where worker_id = %s",
        (amount, back, worker_id),
    )


async def balances(tx: Tx) -> list[Row]:
    """Every ledger account with its balance, from the movements alone; their sum is zero."""
    return await tx.rows(
        "select number as account, sum(amount) as balance from ("
        "  select credit as number, amount from transfer union all select debit, -amount from transfer) lines"
        " group by number order by number"
    )
