"""Registering requesters and workers, signing in and out, changing a profile."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from talka.accounts import rules, store
from talka.accounts.model import Caller, NewKey, Worker, WorkerProfile
from talka.infra import clock
from talka.infra.db import Tx
from talka.kit.errors import Conflict, TalkaError, field_error
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
    return account_id, NewKey(requester_id.hex, await create_key(tx, account_id, "first"))


async def create_key(tx: Tx, account_id: int, name: str) -> str:
    """A further key of an account; its text is not stored and cannot be shown again."""
    key = rules.new_api_key()
    await store.insert_key(tx, account_id, name, key[: rules.PREFIX_LENGTH], rules.digest(key), clock.wall())
    return key


async def register_worker(
    tx: Tx, login: str, password: str, profile: dict[str, Any], computed: dict[str, Any]
) -> tuple[Worker, str]:
    """A new worker and a session token.

    Raises:
        Conflict: CONFLICT_STATE when the login is taken, in whatever case it is written.
    """
    taken = Conflict("CONFLICT_STATE", f"The login {login} is taken")
    if await store.worker_by_login(tx, login) is not None:
        raise taken  # before the costly hash; the unique index decides between two at once
    password_hash = await asyncio.to_thread(rules.hash_password, password)
    user_id = uuid.uuid4()
    worker_id = await store.insert_worker(tx, user_id, login, password_hash, profile, computed)
    if worker_id is None:
        raise taken
    worker = Worker(worker_id, as_user_id(user_id))
    return worker, await _open_session(tx, worker_id=worker_id)


async def sign_in_worker(tx: Tx, login: str, password: str) -> tuple[Worker, str]:
    """The worker and a new session token.

    Raises:
        TalkaError: AUTHENTICATION_ERROR, the same for an unknown login and a wrong password.
    """
    row = await store.worker_by_login(tx, login)
    stored = row["password_hash"] if row else None
    if not await asyncio.to_thread(rules.password_matches, stored, password) or row is None:
        raise TalkaError("AUTHENTICATION_ERROR", "Login or password is wrong")
    return Worker(row["id"], row["user_id"].hex), await _open_session(tx, worker_id=row["id"])


async def sign_in_requester(tx: Tx, api_key: str) -> tuple[Caller, str]:
    """A browser session for the account behind a key.

    Raises:
        ValidationError: the key is not valid (at `api_key`).
    """
    found = await store.caller_by_key(tx, rules.digest(api_key))
    if found is None:
        raise field_error("api_key", "INVALID_VALUE", "This is not a valid API key")
    return found[0], await _open_session(tx, account_id=found[0].account_id)


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


async def _open_session(tx: Tx, *, worker_id: int | None = None, account_id: int | None = None) -> str:
    token = rules.new_token()
    await store.insert_session(tx, rules.digest(token), clock.wall(), worker_id=worker_id, account_id=account_id)
    return token
