"""The archive of the files that workers have put into the pages of a pool."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import StreamingResponse

from talka.accounts.auth import database, requester
from talka.infra.http.files import storage
from talka.infra.http.listing import parse_listing
from talka.pools import usecases as pools
from talka.results.archive import SELECTION, stream

router = APIRouter(tags=["results"])


@router.get("/pools/{pool_id}/attachments.zip")
async def attachments_archive(request: Request, pool_id: str) -> StreamingResponse:
    """All files of a pool in a ZIP: a folder for each assignment, files named by id, and `manifest.tsv`.

    `status` (a list of SUBMITTED, APPROVED, REJECTED), `assignment_id` (a list), `startTimeFrom` and `startTimeTo`
    choose the assignments.
    """
    caller = await requester(request)
    given = request.query_params.multi_items()
    chosen = parse_listing(QueryParams([pair for pair in given if pair[0] in SELECTION.filters]), SELECTION)
    db = database(request)
    async with db.reading() as tx:
        pool = await pools.find(tx, caller.account_id, pool_id)
        made = tx.now
    headers = {"content-disposition": f'attachment; filename="attachments_from_pool_{pool.id}.zip"'}
    content = stream(db, storage(request), pool.id, chosen, made)
    return StreamingResponse(content, media_type="application/zip", headers=headers)
