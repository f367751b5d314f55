"""Which routes there are, in the order in which they are tried: the hot ones first."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client import REGISTRY as PROCESS
from starlette.responses import Response

from talka.accounts import http as accounts
from talka.accounts.auth import database
from talka.app import pages
from talka.app import sandbox as sandbox_api
from talka.app.metrics import shared_directory
from talka.assignments import http as assignments
from talka.assignments import suites_http, worker_http
from talka.infra.http.lane import HotRoute
from talka.infra.http.responses import Json
from talka.issuing import http as issuing
from talka.kit.errors import TalkaError
from talka.ledger import http as ledger
from talka.operations import http as operations
from talka.operations.http import LogReader
from talka.pools import http as pools
from talka.projects import http as projects
from talka.restrictions import http as restrictions
from talka.results import http as results
from talka.running import http as running
from talka.skills import http as skills
from talka.tasks import http as tasks
from talka.tasks import suites_http as task_suites
from talka.tasks.logs import batch_log
from talka.tasks.usecases import SUITES, TASKS

REQUESTER = (
    operations.router,
    tasks.router,
    assignments.router,
    ledger.router,
    projects.router,
    pools.router,
    running.router,
    task_suites.router,
    suites_http.router,
    skills.router,
    restrictions.router,
    accounts.router,
)
HOT = (
    HotRoute("POST", "/api/worker/v1/pools/{pool_id}/assignments", issuing.take),
    HotRoute("POST", "/api/worker/v1/assignments/{assignment_id}/submit", worker_http.submit),
)
health = APIRouter(tags=["operator"])


def include_routes(app: FastAPI, *, sandbox: bool) -> None:
    """Add every route."""
    for router in (issuing.router, worker_http.router, accounts.worker_router, skills.worker_router):
        app.include_router(router, prefix="/api/worker/v1")
    for router in REQUESTER:
        app.include_router(router, prefix="/api/v1")
    app.include_router(projects.staging, prefix="/api/staging")
    app.include_router(results.router, prefix="/api/new/requester")
    for router in (accounts.session_router, ledger.session_router, running.app_router):
        app.include_router(router, prefix="/api/requester/v1")
    if sandbox:
        app.include_router(sandbox_api.router, prefix="/api/sandbox/v1")
    app.include_router(health)
    app.include_router(pages.router)


def operation_logs() -> Mapping[str, LogReader]:
    """Who rebuilds the log of which type of operation."""
    return {TASKS: batch_log, SUITES: batch_log}


@health.get("/healthz")
async def healthz() -> Json:
    """The process is alive."""
    return Json({"status": "ok"})


@health.get("/readyz")
async def readyz(request: Request) -> Json:
    """The process can serve: the database answers."""
    try:
        async with database(request).reading() as tx:
            await tx.value("select 1")
    except TalkaError as error:
        return Json({"status": "database unreachable", "message": error.message}, 503)
    return Json({"status": "ok"})


@health.get("/metrics")
async def metrics() -> Response:
    """Figures for Prometheus, of all processes that share a metrics folder."""
    registry = PROCESS
    if shared_directory() is not None:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
