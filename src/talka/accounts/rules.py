"""Secrets: how keys and tokens are made, stored and recognised. Roles: who may do what."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from talka.accounts.model import Caller, Role

PREFIX_LENGTH = 8
# Workers get notices from it.
RESERVED_NAMES = frozenset({"talka"})
_READING = frozenset({"GET", "HEAD"})
# Two passes over 19 MiB: what OWASP names as the minimum for interactive sign-in.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified when the login does not exist, so that an answer takes equally long either way.
_NOBODY = _HASHER.hash(secrets.token_hex(16))


def refusal(caller: Caller, method: str) -> str | None:
    """Why the caller may not call a requester's endpoint by this method; None when they may."""
    if method in _READING:
        return None
    if caller.read_only:
        return "A browser session may only read; use an API key to change things"
    return "A viewer of the account may only read" if caller.role is Role.VIEWER else None


def new_api_key() -> str:
    """A key with two dots, the first at index 22: clients tell by that to send it as `ApiKey`."""
    return f"{secrets.token_urlsafe(24)[:22]}.{secrets.token_hex(4)}.{secrets.token_urlsafe(32)}"


def new_token() -> str:
    """A session token."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a key or token: both are random, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()


def hash_password(password: str) -> str:
    """What is stored of a password (Argon2id)."""
    return _HASHER.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`; takes the same time when there is none."""
    try:
        return _HASHER.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
