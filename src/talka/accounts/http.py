"""Signing in and out, registration of workers and what requesters see of them; browser sessions of requesters."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from talka.accounts import auth, rules, store, usecases
from talka.accounts.auth import database, requester, settings
from talka.accounts.metadata import user_metadata
from talka.accounts.wire import Credentials, Profile, Registration, RequesterSignIn
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.limits import RateLimits
from talka.infra.http.responses import Json, no_content
from talka.kit.errors import NotFound, TalkaError, field_error
from talka.kit.wire import parse

router = APIRouter(tags=["users"])
worker_router = APIRouter(tags=["work"])
session_router = APIRouter(tags=["requester app"])


def given_profile(request: Request, profile: Profile | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The keys of a profile that were sent, and those of its computed part, which only a sandbox lets people set."""
    given, computed = profile.given() if profile is not None else ({}, {})
    if computed and not settings(request).sandbox:
        text = "Computed attributes can be set in a sandbox only"
        raise field_error("profile.computed", "VALUE_NOT_ALLOWED", text)
    return given, computed


@worker_router.post("/register", status_code=201, openapi_extra=takes(Registration))
async def register(request: Request) -> Json:
    """Register a worker and sign them in."""
    if not (await auth.policy(request)).open_registration:
        raise TalkaError("ACCESS_DENIED", "Registration is closed; ask the operator for an account")
    body = parse(Registration, await read_json(request))
    given, computed = given_profile(request, body.profile)
    clean = {name: value for name, value in given.items() if value is not None}
    worker, token = await usecases.register_worker(
        database(request), body.login, body.password, clean, {name: v for name, v in computed.items() if v is not None}
    )
    answer = Json({"user_id": worker.user_id, "token": token}, 201)
    auth.set_cookie(request, answer, auth.WORKER_COOKIE, token)
    return answer


@worker_router.post("/login", openapi_extra=takes(Credentials))
async def login(request: Request) -> Json:
    """Sign in."""
    body = parse(Credentials, await read_json(request))
    limits: RateLimits = request.app.state.sign_ins
    limits.spend(body.login.lower())
    worker, token = await usecases.sign_in_worker(database(request), body.login, body.password)
    answer = Json({"user_id": worker.user_id, "token": token})
    auth.set_cookie(request, answer, auth.WORKER_COOKIE, token)
    return answer


@worker_router.post("/logout")
async def logout(request: Request) -> Json:
    """End the session that the request came with."""
    token = auth.worker_token(request)
    if token:
        async with database(request).transaction() as tx:
            await usecases.sign_out(tx, token)
        request.app.state.sessions.forget(rules.digest(token))
    answer = Json({})
    answer.delete_cookie(auth.WORKER_COOKIE)
    return answer


@session_router.post("/session", openapi_extra=takes(RequesterSignIn))
async def open_session(request: Request) -> Json:
    """Trade an API key for a browser session, which may only read."""
    body = parse(RequesterSignIn, await read_json(request))
    async with database(request).transaction() as tx:
        caller, token = await usecases.sign_in_requester(tx, body.api_key)
        account = await store.account_row(tx, caller.account_id)
    answer = Json({"requester_id": caller.requester_id, "public_name": account["public_name"] if account else {}})
    auth.set_cookie(request, answer, auth.REQUESTER_COOKIE, token)
    return answer


@session_router.delete("/session", status_code=204)
async def close_session(request: Request) -> Response:
    """End the browser session."""
    token = request.cookies.get(auth.REQUESTER_COOKIE)
    if token:
        async with database(request).transaction() as tx:
            await usecases.sign_out(tx, token)
    answer = no_content()
    answer.delete_cookie(auth.REQUESTER_COOKIE)
    return answer


@router.get("/user-metadata/{user_id}")
async def get_user_metadata(request: Request, user_id: str) -> Json:
    """Profile and device of a worker who has worked for the account."""
    caller = await requester(request)
    async with database(request).reading() as tx:
        found = await store.known_worker(tx, caller.account_id, user_id)
    if found is None:
        raise NotFound("user", user_id)
    return Json(user_metadata(found))
