"""Who is calling: the requester or worker behind a request's header or cookie."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from talka.accounts import rules, store
from talka.accounts.model import Caller, Role, Worker
from talka.infra import clock
from talka.infra.db import Database, Tx
from talka.infra.http.limits import RateLimits
from talka.infra.media import MediaSigner
from talka.infra.policy import Policies, Policy
from talka.infra.settings import Settings
from talka.kit.errors import TalkaError
from talka.kit.ids import parse_user_id

REQUESTER_COOKIE = "talka_requester"
WORKER_COOKIE = "talka_worker"
_TOUCH_EVERY = timedelta(minutes=1)


class Sessions:
    """Workers by session, remembered for some seconds: a page is taken and submitted by the same one.

    Signing out ends a session in its own process at once, in others after `SECONDS`.
    """

    SECONDS = 5.0
    _KEPT = 10_000

    def __init__(self) -> None:
        self._found: dict[bytes, tuple[float, Worker]] = {}

    def get(self, digest: bytes) -> Worker | None:
        """The worker of a session that was looked up lately."""
        found = self._found.get(digest)
        return found[1] if found is not None and found[0] > time.monotonic() else None

    def put(self, digest: bytes, worker: Worker) -> None:
        """Remember a session."""
        if len(self._found) >= self._KEPT:
            self._found.clear()
        self._found[digest] = (time.monotonic() + self.SECONDS, worker)

    def forget(self, digest: bytes) -> None:
        """A session ended."""
        self._found.pop(digest, None)


def database(request: Request) -> Database:
    """The database of the application that serves the request."""
    db: Database = request.app.state.db
    return db


def settings(request: Request) -> Settings:
    """The settings of the application that serves the request."""
    found: Settings = request.app.state.settings
    return found


async def policy(request: Request) -> Policy:
    """What the operator decided, as this process knows it."""
    policies: Policies = request.app.state.policies
    return await policies.get(database(request))


def media(request: Request) -> MediaSigner:
    """What signs the addresses of media that this server serves."""
    found: MediaSigner = request.app.state.media
    return found


def _secret(request: Request, schemes: frozenset[str]) -> str | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() in schemes and secret.strip() else None


_KEY_SCHEMES = frozenset({"apikey", "oauth"})
_TOKEN_SCHEMES = frozenset({"bearer"})


async def _acting(tx: Tx, request: Request, caller: Caller) -> Caller:
    """The account that the request's header names, as the caller may act under it; without one, the caller's own."""
    wanted = request.headers.get("x-act-under-account-id")
    if not wanted or wanted == caller.requester_id:
        return caller
    parsed = parse_user_id(wanted)
    found = await store.under(tx, caller.account_id, parsed, read_only=caller.read_only) if parsed is not None else None
    if found is None:
        raise TalkaError("ACCESS_DENIED", f"Account {wanted[:64]} has not granted you access")
    return found


async def _own(tx: Tx, request: Request) -> Caller | None:
    """The account that the request's key or cookie belongs to."""
    key = _secret(request, _KEY_SCHEMES)
    cookie = request.cookies.get(REQUESTER_COOKIE)
    if key is None:
        return await store.caller_by_session(tx, rules.digest(cookie)) if cookie else None
    found = await store.caller_by_key(tx, rules.digest(key))
    if found is None:
        return None
    caller, key_id, last_used = found
    if last_used is None or clock.wall() - last_used > _TOUCH_EVERY:
        await store.touch_key(tx, key_id, clock.wall())
    return caller


async def requester(request: Request) -> Caller:
    """The account that is acted under, by key or, for reading only, by browser session.

    Raises:
        TalkaError: AUTHENTICATION_ERROR; ACCESS_DENIED when the account has not granted access, or a browser session or
            a viewer tries to write; TOO_MANY_REQUESTS.
    """
    async with database(request).reading() as tx:
        own = await _own(tx, request)
        if own is None:
            raise TalkaError("AUTHENTICATION_ERROR", "Send a valid key in the header Authorization: ApiKey …")
        limits: RateLimits = request.app.state.limits
        limits.spend(own.account_id)
        caller = await _acting(tx, request, own)
    refused = rules.refusal(caller, request.method)
    if refused is not None:
        raise TalkaError("ACCESS_DENIED", refused)
    return caller


async def administrator(request: Request) -> Caller:
    """The account that is acted under, by itself or a member who may manage its keys and members.

    Raises:
        TalkaError: as `requester`; ACCESS_DENIED also for other members.
    """
    caller = await requester(request)
    if caller.role is not Role.ADMIN:
        raise TalkaError("ACCESS_DENIED", "Only administrators of the account may see and change its keys and members")
    return caller


async def operator(request: Request) -> None:
    """Refuse everybody but the operator.

    Raises:
        TalkaError: AUTHENTICATION_ERROR.
    """
    key = _secret(request, _KEY_SCHEMES)
    async with database(request).reading() as tx:
        found = await store.operator_key(tx, rules.digest(key)) if key is not None else None
        if found is None:
            raise TalkaError("AUTHENTICATION_ERROR", "Send an operator's key in the header Authorization: ApiKey …")
        if found.last_used is None or clock.wall() - found.last_used > _TOUCH_EVERY:
            await store.touch_operator_key(tx, found.id, clock.wall())


def worker_token(request: Request) -> str | None:
    """The session token of a worker's request, from the header or the cookie."""
    return _secret(request, _TOKEN_SCHEMES) or request.cookies.get(WORKER_COOKIE)


async def worker(request: Request) -> Worker:
    """The worker that calls.

    Raises:
        TalkaError: AUTHENTICATION_ERROR.
    """
    token = worker_token(request)
    if token:
        digest = rules.digest(token)
        sessions: Sessions = request.app.state.sessions
        found = sessions.get(digest)
        if found is None:
            async with database(request).reading(hot=True) as tx:
                found = await store.worker_by_session(tx, digest)
            if found is not None:
                sessions.put(digest, found)
        if found is not None:
            return found
    raise TalkaError("AUTHENTICATION_ERROR", "Sign in first")


async def either(request: Request) -> tuple[int | None, int | None]:
    """Worker and account of a request that both may make: a browser may have the cookies of both.

    Raises:
        TalkaError: as `requester`, when no worker calls either.
    """
    worker_id = None
    with suppress(TalkaError):
        worker_id = (await worker(request)).id
    try:
        return worker_id, (await requester(request)).account_id
    except TalkaError:
        if worker_id is None:
            raise
    return worker_id, None


def set_cookie(request: Request, response: Response, name: str, token: str) -> None:
    """Put a session cookie on the answer."""
    secure = request.url.scheme == "https" or settings(request).public_url().startswith("https:")
    year = 365 * 24 * 3600
    response.set_cookie(name, token, max_age=year, httponly=True, samesite="lax", secure=secure)
