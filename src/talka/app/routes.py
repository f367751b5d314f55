"""Which routes there are, in the order in which they are tried: the hot ones first."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client import REGISTRY as PROCESS
from starlette.responses import Response

from talka.accounts import access_http
from talka.accounts import http as accounts
from talka.accounts.auth import database
from talka.aggregation import http as aggregation
from talka.analytics import http as analytics
from talka.app import environment, openapi, pages
from talka.app import operator as operator_api
from talka.app import sandbox as sandbox_api
from talka.app.metrics import shared_directory
from talka.apps import http as apps
from talka.assignments import http as assignments
from talka.assignments import pieces_http, suites_http, uploads_http, worker_http
from talka.attachments import http as attachments
from talka.bonuses import http as bonuses
from talka.bonuses.usecases import BONUSES
from talka.complaints import http as complaints
from talka.imports import http as imports
from talka.infra.http.lane import HotRoute
from talka.infra.http.responses import Json
from talka.issuing import http as issuing
from talka.kit.errors import TalkaError
from talka.ledger import http as ledger
from talka.messages import http as messages
from talka.messages import worker_http as worker_messages
from talka.moderation import http as moderation
from talka.operations import http as operations
from talka.operations.http import LogReader
from talka.payouts import http as payouts
from talka.pools import http as pools
from talka.projects import http as projects
from talka.projects import versions_http as project_versions
from talka.proxies import http as proxies
from talka.restrictions import http as restrictions
from talka.results import archive_http
from talka.results import http as results
from talka.running import checklist_http
from talka.running import http as running
from talka.skills import http as skills
from talka.tasks import http as tasks
from talka.tasks import suites_http as task_suites
from talka.tasks.logs import batch_log
from talka.tasks.usecases import SUITES, TASKS
from talka.trainings import http as trainings
from talka.webhooks import http as webhooks

REQUESTER = (
    operations.router,
    tasks.router,
    assignments.router,
    ledger.router,
    projects.router,
    project_versions.router,
    pools.router,
    running.router,
    trainings.router,
    task_suites.router,
    suites_http.router,
    attachments.router,
    webhooks.router,
    imports.router,
    skills.router,
    restrictions.router,
    aggregation.router,
    bonuses.router,
    messages.router,
    accounts.router,
)
HOT = (
    HotRoute("POST", "/api/worker/v1/pools/{pool_id}/assignments", issuing.take),
    HotRoute("POST", "/api/worker/v1/assignments/{assignment_id}/submit", worker_http.submit),
)
UPLOADS = "/api/worker/v1/attachments"
FILES = ("/tasks/upload", "/assignments/upload")
"""How the paths end that take large files."""
health = APIRouter(tags=["operator"])


def include_routes(app: FastAPI, *, sandbox: bool) -> None:
    """Add every route."""
    for router in (
        issuing.router,
        worker_http.router,
        uploads_http.router,
        pieces_http.router,
        accounts.worker_router,
        skills.worker_router,
        bonuses.worker_router,
        complaints.worker_router,
        worker_messages.router,
        payouts.worker_router,
    ):
        app.include_router(router, prefix="/api/worker/v1")
    for router in REQUESTER:
        app.include_router(router, prefix="/api/v1")
    for router in (attachments.preview_router, proxies.passing_router):
        app.include_router(router, prefix="/api")
    app.include_router(apps.router, prefix="/api/app/v0")
    for router in (projects.staging, analytics.staging):
        app.include_router(router, prefix="/api/staging")
    for router in (
        results.router,
        archive_http.router,
        aggregation.file_router,
        proxies.router,
        checklist_http.router,
        moderation.router,
        skills.history_router,
    ):
        app.include_router(router, prefix="/api/new/requester")
    for router in (accounts.session_router, access_http.router, ledger.session_router, running.app_router):
        app.include_router(router, prefix="/api/requester/v1")
    app.include_router(environment.router, prefix="/api")
    for router in (
        operator_api.router,
        payouts.operator_router,
        complaints.operator_router,
        moderation.operator_router,
    ):
        app.include_router(router, prefix="/api/operator/v1")
    if sandbox:
        app.include_router(sandbox_api.router, prefix="/api/sandbox/v1")
    app.include_router(health)
    app.include_router(openapi.router)
    app.include_router(pages.router)


def operation_logs() -> Mapping[str, LogReader]:
    """Who rebuilds the log of which type of operation."""
    return {TASKS: batch_log, SUITES: batch_log, BONUSES: bonuses.batch_log}


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
