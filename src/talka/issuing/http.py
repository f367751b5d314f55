"""What workers call to find and take work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from talka.accounts.auth import database, media, policy, worker
from talka.assignments.interface import page_spec
from talka.assignments.wire import signing, visible
from talka.infra.http.responses import Json
from talka.infra.media import MediaSigner
from talka.issuing import usecases
from talka.issuing.model import Card
from talka.issuing.usecases import Page
from talka.kit.ids import work_id

router = APIRouter(tags=["work"])


def _page_json(page: Page, spec: Mapping[str, Any], signer: MediaSigner) -> dict[str, Any]:
    row, pool_id, version = page
    sign = signing(signer, work_id(pool_id, row["assignment_id"]), row["expires"] - row["created"])
    tasks = zip(row["task_ids"], row["inputs"], strict=True)
    body = {
        "id": work_id(pool_id, row["assignment_id"]),
        "pool_id": str(pool_id),
        "project_id": str(row["project_id"]),
        "status": "ACTIVE",
        "reward": row["reward"],
        "created": row["created"],
        "expires": row["expires"],
        **spec,
        "tasks": [
            {"id": work_id(pool_id, number), "input_values": visible(version, values, sign)} for number, values in tasks
        ],
    }
    return body | {"proxy": sign.proxy()} if version.proxied else body


@router.post("/pools/{pool_id}/assignments", status_code=201)
async def take(request: Request, pool_id: str) -> Json:
    """Take a new page of a pool."""
    caller = await worker(request)
    page = await usecases.take(database(request), caller, pool_id, (await policy(request)).fee_percent)
    spec: Mapping[str, Any] = page.version.page_spec
    if page.version.localized:
        async with database(request).reading(hot=True) as tx:
            spec = await page_spec(tx, page.version, caller.id, request.headers.get("accept-language"))
    return Json(_page_json(page, spec, media(request)), 201)


def _card_json(card: Card) -> dict[str, Any]:
    body: dict[str, Any] = {
        "project_id": str(card.project_id),
        "pool_id": str(card.pool_id),
        "title": card.title,
        "description": card.description,
        "reward_per_assignment": card.reward,
        "requester": card.requester,
        "may_contain_adult_content": card.adult,
        "kind": card.kind,
        "acceptance": card.acceptance,
        "available": card.available,
    }
    if card.unavailable_reason is not None:
        body["unavailable_reason"] = card.unavailable_reason
    if card.training_pool_id is not None:
        body["training"] = {"pool_id": str(card.training_pool_id), "status": "PASSED"}
    if card.active_assignment_id is not None:
        body["active_assignment_id"] = card.active_assignment_id
    return body


@router.get("/task-list")
async def task_list(request: Request) -> Json:
    """The cards of what the worker can do now."""
    caller = await worker(request)
    async with database(request).reading() as tx:
        found = await usecases.cards(tx, caller, request.headers.get("accept-language"))
    return Json({"items": [_card_json(card) for card in found]})


@router.get("/projects/{project_id}/instructions")
async def instructions(request: Request, project_id: str) -> Json:
    """Name and instructions of a project in the worker's language; with `pool_id` the pool's own, if it has any."""
    caller = await worker(request)
    header, pool_id = request.headers.get("accept-language"), request.query_params.get("pool_id")
    async with database(request).reading() as tx:
        return Json(await usecases.instructions(tx, caller, project_id, header, pool_id))
