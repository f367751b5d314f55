"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request

from talka import __version__
from talka.accounts.auth import Sessions
from talka.accounts.quotas import quotas_of
from talka.app.reactions import reactions
from talka.app.routes import FILES, HOT, UPLOADS, include_routes, operation_logs
from talka.imports.http import MAX_FILE_BYTES
from talka.infra.blobs import Blobs
from talka.infra.db import Database
from talka.infra.http.edge import Edge
from talka.infra.http.lane import FastLane
from talka.infra.http.limits import RateLimits
from talka.infra.http.responses import Json, error_response
from talka.infra.media import MediaSigner
from talka.infra.outbound import Outbound
from talka.infra.policy import Policies
from talka.infra.secrets import secret
from talka.infra.settings import Settings
from talka.infra.telemetry import request_logger
from talka.kit.errors import TalkaError

log = structlog.get_logger("talka.http")
_HTTP_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 406: "NOT_ACCEPTABLE", 415: "UNSUPPORTED_MEDIA_TYPE"}


def open_database(settings: Settings, conninfo: str) -> Database:
    """The database of a process with these settings (not connected yet)."""
    return Database(
        conninfo,
        sandbox=settings.sandbox,
        hot_connections=max(1, settings.hot_connections // settings.workers),
        connections=settings.connections,
        reactions=reactions(settings),
    )


def open_blobs(settings: Settings) -> Blobs:
    """The storage of files of a process with these settings."""
    return Blobs.at(settings.attachments_url, settings.data / "attachments")


def create_app(settings: Settings, conninfo: str) -> Edge:
    """The application on one database; it connects when the server starts it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        db = open_database(settings, conninfo)
        await db.open()
        try:
            async with db.reading() as tx:
                app.state.media = MediaSigner(await secret(tx, "media"), settings.public_url())
            app.state.db = db
            yield
        finally:
            await db.close()

    app = FastAPI(
        title="Talka",
        version=__version__,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.blobs = open_blobs(settings)
    app.state.sessions = Sessions()
    app.state.limits = RateLimits(0 if settings.sandbox else settings.requests_per_second)
    app.state.sign_ins = RateLimits(0 if settings.sandbox else settings.sign_ins_per_minute, per_minute=True)
    app.state.quotas = quotas_of(settings)
    app.state.policies = Policies(settings)
    app.state.outbound = Outbound(settings.outbound_allowed)
    app.state.operation_logs = operation_logs()
    app.add_exception_handler(TalkaError, _refused)
    app.add_exception_handler(HTTPException, _refused_by_framework)
    app.add_exception_handler(Exception, _failed)
    include_routes(app, sandbox=settings.sandbox)
    note = request_logger(settings.log_format, settings.log_level)
    uploads = {UPLOADS: settings.max_attachment_bytes + (64 << 10)}  # and what a form has around the file
    uploads |= dict.fromkeys(FILES, max(MAX_FILE_BYTES, settings.max_body_bytes))
    return Edge(FastLane(app, HOT), settings.max_body_bytes, note, uploads)


async def _refused(request: Request, error: Exception) -> Json:
    if not isinstance(error, TalkaError):
        raise error
    return error_response(request, error)


async def _refused_by_framework(request: Request, error: Exception) -> Json:
    if not isinstance(error, HTTPException):
        raise error
    code = _HTTP_CODES.get(error.status_code, "VALIDATION_ERROR")
    return error_response(request, TalkaError(code, str(error.detail)))


async def _failed(request: Request, error: Exception) -> Json:
    return error_response(request, TalkaError("INTERNAL_ERROR", "Something went wrong on our side"))
