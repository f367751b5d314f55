"""The web apps: an HTML shell for every page of theirs, their hashed assets, and signed media."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Match

from talka.accounts.auth import media, requester, settings
from talka.infra import clock
from talka.infra.media import PREFIX
from talka.kit.errors import NotFound, TalkaError

router = APIRouter(include_in_schema=False)
WEB = Path(__file__).parent / "web"
_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
_NEVER = {"cache-control": "no-cache"}
# Scripts and styles come from here alone; pictures, sound and video of tasks from anywhere.
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src * data: blob:; media-src * blob:;"
    " connect-src 'self'; frame-src 'self' https: http:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
_SHELL_HEADERS = {
    **_NEVER,
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_MISSING = "<!doctype html><title>Talka</title><p>The web apps are not built: run <code>make install</code>."


def _inside(root: Path, path: str) -> Path | None:
    """The file of that path within `root`, or None."""
    found = (root / path.lstrip("/")).resolve()
    return found if found.is_relative_to(root.resolve()) and found.is_file() else None


def _shell(app: str) -> Response:
    index = WEB / app / "index.html"
    if not index.is_file():
        return HTMLResponse(_MISSING, 200, _SHELL_HEADERS)
    return FileResponse(index, headers=_SHELL_HEADERS)


@router.get("/requester/assets/{path:path}")
async def requester_assets(path: str) -> Response:
    """Scripts and styles of the requester app."""
    return _asset("requester", path)


@router.get("/docs/assets/{path:path}")
async def reference_assets(path: str) -> Response:
    """Scripts and styles of the API reference."""
    return _asset("reference", path)


@router.get("/docs")
async def reference() -> Response:
    """The API reference."""
    return _shell("reference")


@router.get("/assets/{path:path}")
async def worker_assets(path: str) -> Response:
    """Scripts and styles of the worker app."""
    return _asset("worker", path)


def _asset(app: str, path: str) -> Response:
    found = _inside(WEB / app / "assets", path)
    if found is None:
        raise NotFound("file", path)
    return FileResponse(found, headers={**_FOREVER, "x-content-type-options": "nosniff"})


@router.get(PREFIX + "{path:path}")
async def media_file(request: Request, path: str) -> Response:
    """A file of DATA/media, for whoever has a signed address of it and for requesters."""
    if not media(request).valid(PREFIX + path, request.query_params, clock.wall()):
        try:
            await requester(request)
        except TalkaError as error:
            if error.code == "TOO_MANY_REQUESTS":
                raise
            raise TalkaError("ACCESS_DENIED", "This address has expired or is not signed; reload the page") from None
    found = _inside(settings(request).data / "media", path)
    if found is None:
        raise NotFound("file", path)
    headers = {"cache-control": "private, max-age=3600", "x-content-type-options": "nosniff"}
    return FileResponse(found, headers={**headers, "content-security-policy": "default-src 'none'; sandbox"})


_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


@router.api_route("/api/{path:path}", methods=_METHODS)
async def unknown_call(request: Request, path: str) -> Response:
    """Whatever is no call of any API: 405 when another method of it is."""
    for route in request.app.routes:
        if route.matches(request.scope)[0] is Match.PARTIAL:
            raise TalkaError("METHOD_NOT_ALLOWED", f"{request.method} is not a method of /api/{path}")
    raise TalkaError("NOT_FOUND", f"There is no /api/{path}")


@router.get("/requester")
@router.get("/requester/{path:path}")
async def requester_app(path: str = "") -> Response:
    """Any page of the requester app."""
    return _shell("requester")


@router.get("/{path:path}")
async def worker_app(path: str) -> Response:
    """Any page of the worker app, and the few files at its root."""
    found = _inside(WEB / "worker", path) if path and path != "index.html" else None
    if found is not None:
        return FileResponse(found, headers=_NEVER)
    if "." in path.rsplit("/", 1)[-1]:
        raise NotFound("file", path)
    return _shell("worker")
