"""Registering requesters and workers, keys and members, signing in and out, changing a profile."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any

from talka.accounts import limits, rules, store
from talka.accounts.model import Caller, Key, Member, NewKey, Role, Worker, WorkerProfile
from talka.infra import clock
from talka.infra.db import Database, Tx
from talka.kit.errors import Conflict, NotFound, TalkaError, field_error
from talka.kit.ids import parse_number, parse_user_id
from talka.kit.ids import user_id as as_user_id


async def create_account(tx: Tx, email: str) -> tuple[int, NewKey]:
    """A requester's account with its first key.

    Raises:
        Conflict: CONFLICT_STATE when the address is taken.
    """
    requester_id = uuid.uuid4()
    account_id = await store.insert_account(tx, requester_id, email)
    if account_id is None:
        raise Conflict("CONFLICT_STATE", f"There is an account for {email} already")
    _, text = await create_key(tx, account_id, "first")
    return account_id, NewKey(requester_id.hex, text)


async def rename_account(tx: Tx, account_id: int, names: Mapping[str, str]) -> None:
    """Give an account the name, by language, under which workers know it: one that no other account has.

    Raises:
        Conflict: CONFLICT_STATE when another account, or the platform, has it, in whatever case and language.
    """
    await store.lock_names(tx)
    reserved = next((name for name in names.values() if name.strip().lower() in rules.RESERVED_NAMES), None)
    taken = reserved or await store.taken_name(tx, account_id, list(names.values()))
    if taken is not None:
        raise Conflict("CONFLICT_STATE", f"There is a requester named {taken} already")
    await store.set_public_name(tx, account_id, names)


async def create_key(tx: Tx, account_id: int, name: str) -> tuple[Key, str]:
    """A further key of an account and its text, which is not stored and cannot be shown again.

    Raises:
        Conflict: CONFLICT_STATE when the account has as many keys as it may.
    """
    await store.lock_account(tx, account_id)
    if len(await store.keys(tx, account_id)) >= limits.KEYS:
        raise Conflict("CONFLICT_STATE", f"An account has at most {limits.KEYS} keys; delete one first")
    text = rules.new_api_key()
    prefix, digest = text[: rules.PREFIX_LENGTH], rules.digest(text)
    return await store.insert_key(tx, account_id, name, prefix, digest, clock.wall()), text


async def delete_key(tx: Tx, account_id: int, key_id: str) -> None:
    """Delete a key, and with it the browser sessions that it opened.

    Raises:
        NotFound.
    """
    number = parse_number(key_id)
    if number is None or not await store.delete_key(tx, account_id, number):
        raise NotFound("key", key_id)


async def create_operator_key(tx: Tx, name: str) -> tuple[Key, str]:
    """A key for the operator's API and its text, which is not stored and cannot be shown again."""
    text = rules.new_api_key()
    prefix, digest = text[: rules.PREFIX_LENGTH], rules.digest(text)
    return await store.insert_operator_key(tx, name, prefix, digest, clock.wall()), text


async def delete_operator_key(tx: Tx, key_id: str) -> None:
    """Delete an operator's key.

    Raises:
        NotFound.
    """
    number = parse_number(key_id)
    if number is None or not await store.delete_operator_key(tx, number):
        raise NotFound("operator key", key_id)


async def find_account(tx: Tx, requester_id: str) -> int:
    """The internal id of an account.

    Raises:
        NotFound.
    """
    found = parse_user_id(requester_id)
    account_id = await store.account_id_of(tx, found) if found is not None else None
    if account_id is None:
        raise NotFound("account", requester_id)
    return account_id


async def add_member(tx: Tx, account_id: int, requester_id: str, role: Role) -> Member:
    """Let another account act under this one.

    Raises:
        ValidationError: there is no such account, or it is the same one (at `requester_id`); Conflict: CONFLICT_STATE
            when it is a member already or the account has as many members as it may.
    """
    parsed = parse_user_id(requester_id)
    member_id = await store.account_id_of(tx, parsed) if parsed is not None else None
    if parsed is None or member_id is None:
        raise field_error("requester_id", "ENTITY_DOES_NOT_EXIST", "There is no such requester")
    if member_id == account_id:
        raise field_error("requester_id", "VALUE_NOT_ALLOWED", "An account needs no access to itself")
    await store.lock_account(tx, account_id)
    if len(await store.members(tx, account_id)) >= limits.MEMBERS:
        raise Conflict("CONFLICT_STATE", f"An account has at most {limits.MEMBERS} members; remove one first")
    created = clock.wall()
    if not await store.insert_member(tx, account_id, member_id, role, created):
        raise Conflict("CONFLICT_STATE", f"Account {requester_id} is a member already; change its role")
    return Member(parsed.hex, role, created)


async def change_role(tx: Tx, account_id: int, requester_id: str, role: Role) -> Member:
    """Give a member another role.

    Raises:
        NotFound.
    """
    parsed = parse_user_id(requester_id)
    found = await store.update_member(tx, account_id, parsed, role) if parsed is not None else None
    if found is None:
        raise NotFound("member", requester_id)
    return found


async def remove_member(tx: Tx, account_id: int, requester_id: str) -> None:
    """Take an account's access back.

    Raises:
        NotFound.
    """
    parsed = parse_user_id(requester_id)
    if parsed is None or not await store.delete_member(tx, account_id, parsed):
        raise NotFound("member", requester_id)


async def register_worker(
    db: Database, login: str, password: str, profile: dict[str, Any], computed: dict[str, Any]
) -> tuple[Worker, str]:
    """A new worker and a session token.

    Passwords take long on purpose: meanwhile no connection is held, so that many of them keep nobody waiting.

    Raises:
        Conflict: CONFLICT_STATE when the login is taken, in whatever case it is written.
    """
    taken = Conflict("CONFLICT_STATE", f"The login {login} is taken")
    async with db.reading() as tx:
        if await store.worker_by_login(tx, login) is not None:
            raise taken  # before the costly hash; the unique index decides between two at once
    password_hash = await asyncio.to_thread(rules.hash_password, password)
    user_id = uuid.uuid4()
    async with db.transaction() as tx:
        worker_id = await store.insert_worker(tx, user_id, login, password_hash, profile, computed)
        if worker_id is None:
            raise taken
        return Worker(worker_id, as_user_id(user_id)), await _open_session(tx, worker_id=worker_id)


async def sign_in_worker(db: Database, login: str, password: str) -> tuple[Worker, str]:
    """The worker and a new session token; no connection is held while the password is checked.

    Raises:
        TalkaError: AUTHENTICATION_ERROR, the same for an unknown login and a wrong password.
    """
    async with db.reading() as tx:
        row = await store.worker_by_login(tx, login)
    stored = row["password_hash"] if row else None
    if not await asyncio.to_thread(rules.password_matches, stored, password) or row is None:
        raise TalkaError("AUTHENTICATION_ERROR", "Login or password is wrong")
    async with db.transaction() as tx:
        return Worker(row["id"], row["user_id"].hex), await _open_session(tx, worker_id=row["id"])


async def sign_in_requester(tx: Tx, api_key: str) -> tuple[Caller, str]:
    """A browser session for the account behind a key.

    Raises:
        ValidationError: the key is not valid (at `api_key`).
    """
    found = await store.caller_by_key(tx, rules.digest(api_key))
    if found is None or not await store.hold_key(tx, found[1]):
        raise field_error("api_key", "INVALID_VALUE", "This is not a valid API key")
    caller, key_id, _ = found
    return caller, await _open_session(tx, account_id=caller.account_id, key_id=key_id)


async def sign_out(tx: Tx, token: str) -> None:
    """End the session of that token."""
    await store.delete_session(tx, rules.digest(token))


async def change_profile(tx: Tx, worker_id: int, profile: dict[str, Any], computed: dict[str, Any]) -> WorkerProfile:
    """Merge what is given into the worker's profile; a null removes the key."""
    old = await store.worker_profile(tx, worker_id, lock=True)
    await store.update_profile(tx, worker_id, _merged(old.profile, profile), _merged(old.computed, computed))
    return await store.worker_profile(tx, worker_id)


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**old, **new}.items() if value is not None}


async def _open_session(
    tx: Tx, *, worker_id: int | None = None, account_id: int | None = None, key_id: int | None = None
) -> str:
    token = rules.new_token()
    digest, owner = rules.digest(token), {"worker_id": worker_id, "account_id": account_id, "key_id": key_id}
    await store.insert_session(tx, digest, clock.wall(), **owner)
    return token
