"""SQL of accounts, keys, workers and sessions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from talka.accounts.model import Caller, Key, Member, Role, Worker, WorkerProfile
from talka.infra.db import Row, Tx
from talka.kit.ids import parse_user_id


async def insert_account(tx: Tx, requester_id: uuid.UUID, email: str) -> int | None:
    """The new account's id, or None when the address is taken."""
    value: int | None = await tx.value(
        "insert into account (requester_id, email, created) values (%s, %s, %s) on conflict do nothing returning id",
        (requester_id, email, tx.now),
    )
    return value


async def lock_account(tx: Tx, account_id: int) -> None:
    """Let nobody else change the account's keys and members until commit; what refers to it is not kept waiting."""
    await tx.rows("select 1 from account where id = %s for no key update", (account_id,))


async def insert_key(tx: Tx, account_id: int, name: str, prefix: str, digest: bytes, created: datetime) -> Key:
    """Store a key by its digest."""
    number: int = await tx.value(
        "insert into api_key (account_id, name, prefix, hash, created) values (%s, %s, %s, %s, %s) returning id",
        (account_id, name, prefix, digest, created),
    )
    return Key(number, name, prefix, created, None)


async def keys(tx: Tx, account_id: int) -> list[Key]:
    """The keys of an account, oldest first."""
    rows = await tx.rows(
        "select id, name, prefix, created, last_used from api_key where account_id = %s order by id", (account_id,)
    )
    return [Key(**row) for row in rows]


async def delete_key(tx: Tx, account_id: int, key_id: int) -> bool:
    """Delete a key and the browser sessions that were opened with it; False when the account has no such key."""
    return await tx.execute("delete from api_key where account_id = %s and id = %s", (account_id, key_id)) == 1


async def insert_operator_key(tx: Tx, name: str, prefix: str, digest: bytes, created: datetime) -> Key:
    """Store an operator's key by its digest."""
    number: int = await tx.value(
        "insert into operator_key (name, prefix, hash, created) values (%s, %s, %s, %s) returning id",
        (name, prefix, digest, created),
    )
    return Key(number, name, prefix, created, None)


async def operator_key(tx: Tx, digest: bytes) -> Key | None:
    """The operator's key of that digest."""
    row = await tx.row("select id, name, prefix, created, last_used from operator_key where hash = %s", (digest,))
    return Key(**row) if row else None


async def operator_keys(tx: Tx) -> list[Key]:
    """All keys of operators, oldest first."""
    return [
        Key(**row) for row in await tx.rows("select id, name, prefix, created, last_used from operator_key order by id")
    ]


async def touch_operator_key(tx: Tx, key_id: int, moment: datetime) -> None:
    """Note that an operator's key was used."""
    await tx.execute("update operator_key set last_used = %s where id = %s", (moment, key_id))


async def delete_operator_key(tx: Tx, key_id: int) -> bool:
    """Delete an operator's key; False when there is none with that id."""
    return await tx.execute("delete from operator_key where id = %s", (key_id,)) == 1


async def hold_key(tx: Tx, key_id: int) -> bool:
    """Keep a key from being deleted until commit; False when it is gone."""
    return await tx.value("select true from api_key where id = %s for key share", (key_id,)) is not None


async def under(tx: Tx, member_id: int, requester_id: uuid.UUID, *, read_only: bool) -> Caller | None:
    """The account `requester_id` as its member acts under it; None when the account has no such member."""
    row = await tx.row(
        "select a.id, a.requester_id, m.role from account a join member m on m.account_id = a.id"
        " where a.requester_id = %s and m.member_id = %s",
        (requester_id, member_id),
    )
    return Caller(row["id"], row["requester_id"].hex, read_only, Role(row["role"])) if row else None


async def members(tx: Tx, account_id: int) -> list[Member]:
    """The members of an account, in the order in which they came."""
    rows = await tx.rows(
        "select a.requester_id, m.role, m.created from member m join account a on a.id = m.member_id"
        " where m.account_id = %s order by m.created, m.member_id",
        (account_id,),
    )
    return [Member(row["requester_id"].hex, Role(row["role"]), row["created"]) for row in rows]


async def insert_member(tx: Tx, account_id: int, member_id: int, role: Role, created: datetime) -> bool:
    """Add a member; False when they are one already."""
    count = await tx.execute(
        "insert into member (account_id, member_id, role, created) values (%s, %s, %s, %s) on conflict do nothing",
        (account_id, member_id, role.value, created),
    )
    return count == 1


async def update_member(tx: Tx, account_id: int, requester_id: uuid.UUID, role: Role) -> Member | None:
    """Give a member another role; None when the account has no such member."""
    row = await tx.row(
        "update member m set role = %s from account a where a.id = m.member_id and m.account_id = %s"
        " and a.requester_id = %s returning m.created",
        (role.value, account_id, requester_id),
    )
    return Member(requester_id.hex, role, row["created"]) if row else None


async def delete_member(tx: Tx, account_id: int, requester_id: uuid.UUID) -> bool:
    """Remove a member; False when the account has no such member."""
    count = await tx.execute(
        "delete from member m using account a where a.id = m.member_id and m.account_id = %s and a.requester_id = %s",
        (account_id, requester_id),
    )
    return count == 1


async def caller_by_key(tx: Tx, digest: bytes) -> tuple[Caller, int, datetime | None] | None:
    """The account behind a key, the key's id and when it was last used."""
    row = await tx.row(
        "select a.id, a.requester_id, k.id as key_id, k.last_used"
        " from api_key k join account a on a.id = k.account_id where k.hash = %s",
        (digest,),
    )
    return (Caller(row["id"], row["requester_id"].hex), row["key_id"], row["last_used"]) if row else None


async def touch_key(tx: Tx, key_id: int, moment: datetime) -> None:
    """Note that a key was used."""
    await tx.execute("update api_key set last_used = %s where id = %s", (moment, key_id))


async def caller_by_session(tx: Tx, digest: bytes) -> Caller | None:
    """The account behind a browser session."""
    row = await tx.row(
        "select a.id, a.requester_id from session s join account a on a.id = s.account_id where s.hash = %s",
        (digest,),
    )
    return Caller(row["id"], row["requester_id"].hex, read_only=True) if row else None


async def worker_by_session(tx: Tx, digest: bytes) -> Worker | None:
    """The worker behind a session."""
    row = await tx.row(
        "select w.id, w.user_id from session s join worker w on w.id = s.worker_id where s.hash = %s",
        (digest,),
    )
    return Worker(row["id"], row["user_id"].hex) if row else None


async def insert_session(
    tx: Tx,
    digest: bytes,
    created: datetime,
    *,
    worker_id: int | None = None,
    account_id: int | None = None,
    key_id: int | None = None,
) -> None:
    """Store a session by the digest of its token; a requester's with the key that opened it."""
    await tx.execute(
        "insert into session (hash, worker_id, account_id, key_id, created) values (%s, %s, %s, %s, %s)",
        (digest, worker_id, account_id, key_id, created),
    )


async def delete_session(tx: Tx, digest: bytes) -> None:
    """End a session; ending it twice is no error."""
    await tx.execute("delete from session where hash = %s", (digest,))


async def account_row(tx: Tx, account_id: int) -> Row | None:
    """Id, names and address of an account."""
    return await tx.row("select id, requester_id, email, public_name from account where id = %s", (account_id,))


async def account_by_email(tx: Tx, email: str) -> Row | None:
    """Id and requester id of the account with that address."""
    return await tx.row("select id, requester_id from account where lower(email) = lower(%s)", (email,))


async def account_id_of(tx: Tx, requester_id: uuid.UUID) -> int | None:
    """The internal id behind a requester id."""
    value: int | None = await tx.value("select id from account where requester_id = %s", (requester_id,))
    return value


async def lock_names(tx: Tx) -> None:
    """Let nobody else choose a name for an account until commit."""
    await tx.rows("select pg_advisory_xact_lock(9, 0)")


async def taken_name(tx: Tx, account_id: int, names: Sequence[str]) -> str | None:
    """One of the names that another account has, in whatever case and language."""
    value: str | None = await tx.value(
        "select n.value from account a, jsonb_each_text(a.public_name) n where a.id <> %s and a.public_name <> '{}'"
        " and lower(n.value) = any(select lower(w) from unnest(%s::text[]) w) limit 1",
        (account_id, list(names)),
    )
    return value


async def set_public_name(tx: Tx, account_id: int, names: Mapping[str, str]) -> None:
    """Replace the name under which workers know an account."""
    await tx.execute("update account set public_name = %s where id = %s", (Jsonb(names), account_id))


async def account_names(tx: Tx, account_ids: Sequence[int]) -> dict[int, Row]:
    """Requester id and public name by account."""
    rows = await tx.rows("select id, requester_id, public_name from account where id = any(%s)", (list(account_ids),))
    return {row["id"]: row for row in rows}


async def insert_worker(
    tx: Tx, user_id: uuid.UUID, login: str, password_hash: str, profile: dict[str, Any], computed: dict[str, Any]
) -> int | None:
    """The new worker's id, or None when the login is taken."""
    value: int | None = await tx.value(
        "insert into worker (user_id, login, password_hash, profile, computed, created)"
        " values (%s, %s, %s, %s, %s, %s) on conflict do nothing returning id",
        (user_id, login, password_hash, Jsonb(profile), Jsonb(computed), tx.now),
    )
    return value


async def worker_by_login(tx: Tx, login: str) -> Row | None:
    """Id, user id and password hash of the worker with that login (any case)."""
    return await tx.row("select id, user_id, password_hash from worker where lower(login) = lower(%s)", (login,))


async def worker_profile(tx: Tx, worker_id: int, *, lock: bool = False) -> WorkerProfile:
    """All about one worker; `lock` keeps others from changing it until commit."""
    query = "select id, user_id, login, profile, computed, created from worker where id = %s"
    row = await (tx.row(f"{query} for update", (worker_id,)) if lock else tx.row(query, (worker_id,)))
    if row is None:
        raise LookupError(f"no worker {worker_id}")
    return WorkerProfile(**{**row, "user_id": row["user_id"].hex})


async def update_profile(tx: Tx, worker_id: int, profile: dict[str, Any], computed: dict[str, Any]) -> None:
    """Replace both halves of a profile."""
    await tx.execute(
        "update worker set profile = %s, computed = %s where id = %s", (Jsonb(profile), Jsonb(computed), worker_id)
    )


async def worker_ids(tx: Tx, user_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Internal ids by user id; unknown ones are left out."""
    rows = await tx.rows("select id, user_id from worker where user_id = any(%s)", (list(user_ids),))
    return {row["user_id"]: row["id"] for row in rows}


async def worker_id_of(tx: Tx, user_id: str) -> int | None:
    """The internal id of a worker; None when there is no such worker."""
    parsed = parse_user_id(user_id)
    return (await worker_ids(tx, [parsed])).get(parsed) if parsed is not None else None


async def known_worker(tx: Tx, account_id: int, user_id: str) -> WorkerProfile | None:
    """A worker who has taken a page of the account."""
    worker_id = await worker_id_of(tx, user_id)
    if worker_id is None:
        return None
    known: bool = await tx.value(
        "select exists (select 1 from worked_for where worker_id = %s and account_id = %s)", (worker_id, account_id)
    )
    return await worker_profile(tx, worker_id) if known else None


async def use_quota(tx: Tx, account_id: int, action: str, period: int, start: datetime, count: int) -> int:
    """Count into the period that began at `start`; how much is used of it now."""
    value: int = await tx.value(
        "insert into quota_use as q (account_id, action, period, start, used) values (%s, %s, %s, %s, %s)"
        " on conflict (account_id, action, period) do update set start = greatest(q.start, excluded.start),"
        " used = case when q.start >= excluded.start then q.used + excluded.used else excluded.used end"
        " returning used",
        (account_id, action, period, start, count),
    )
    return value
