"""What a requester's program may want to know of the server it talks to."""

from __future__ import annotations

from fastapi import APIRouter, Request

from talka import __version__
from talka.accounts.auth import policy, requester, settings
from talka.infra.http.responses import Json

router = APIRouter(tags=["requester"])


@router.get("/env")
async def environment(request: Request) -> Json:
    """Version and mode of the server, the platform fee, and whether anybody may register as a worker."""
    await requester(request)
    found = await policy(request)
    return Json(
        {
            "version": __version__,
            "sandbox": settings(request).sandbox,
            "currency": "USD",
            "fee_percent": found.fee_percent,
            "open_registration": found.open_registration,
        }
    )
