"""Keys of an account and who else may act under it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from talka.accounts import store, usecases
from talka.accounts.auth import administrator, database
from talka.accounts.model import Role
from talka.accounts.wire import AccountBody, MemberBody, NewKeyBody, RoleBody, key_json, member_json
from talka.infra.http.body import read_json
from talka.infra.http.docs import takes
from talka.infra.http.listing import page
from talka.infra.http.responses import Json, no_content
from talka.kit.wire import parse

router = APIRouter(tags=["access"])


@router.put("/account", openapi_extra=takes(AccountBody))
async def rename(request: Request) -> Json:
    """Choose the name, by language, under which workers know the account."""
    caller = await administrator(request)
    body = parse(AccountBody, await read_json(request))
    async with database(request).transaction() as tx:
        await usecases.rename_account(tx, caller.account_id, body.public_name)
    return Json({"requester_id": caller.requester_id, "public_name": body.public_name})


@router.get("/keys")
async def list_keys(request: Request) -> Json:
    """The keys of the account: their names and first characters."""
    caller = await administrator(request)
    async with database(request).reading() as tx:
        found = await store.keys(tx, caller.account_id)
    return Json(page([key_json(key) for key in found], has_more=False))


@router.post("/keys", status_code=201, openapi_extra=takes(NewKeyBody))
async def create_key(request: Request) -> Json:
    """A further key; this answer alone shows its text, as `api_key`."""
    caller = await administrator(request)
    body = parse(NewKeyBody, await read_json(request))
    async with database(request).transaction() as tx:
        key, text = await usecases.create_key(tx, caller.account_id, body.name)
    return Json({**key_json(key), "api_key": text}, 201)


@router.delete("/keys/{key_id}", status_code=204)
async def delete_key(request: Request, key_id: str) -> Response:
    """Delete a key, also the one that this request came with; its browser sessions end."""
    caller = await administrator(request)
    async with database(request).transaction() as tx:
        await usecases.delete_key(tx, caller.account_id, key_id)
    return no_content()


@router.get("/members")
async def list_members(request: Request) -> Json:
    """Who else may act under the account."""
    caller = await administrator(request)
    async with database(request).reading() as tx:
        found = await store.members(tx, caller.account_id)
    return Json(page([member_json(member) for member in found], has_more=False))


@router.post("/members", status_code=201, openapi_extra=takes(MemberBody))
async def add_member(request: Request) -> Json:
    """Let another requester act under the account."""
    caller = await administrator(request)
    body = parse(MemberBody, await read_json(request))
    async with database(request).transaction() as tx:
        member = await usecases.add_member(tx, caller.account_id, body.requester_id, Role(body.role))
    return Json(member_json(member), 201)


@router.patch("/members/{requester_id}", openapi_extra=takes(RoleBody))
async def change_role(request: Request, requester_id: str) -> Json:
    """Give a member another role."""
    caller = await administrator(request)
    body = parse(RoleBody, await read_json(request))
    async with database(request).transaction() as tx:
        member = await usecases.change_role(tx, caller.account_id, requester_id, Role(body.role))
    return Json(member_json(member))


@router.delete("/members/{requester_id}", status_code=204)
async def remove_member(request: Request, requester_id: str) -> Response:
    """Take a member's access back."""
    caller = await administrator(request)
    async with database(request).transaction() as tx:
        await usecases.remove_member(tx, caller.account_id, requester_id)
    return no_content()
