"""SQL of proxies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg.errors import UniqueViolation
from psycopg.types.json import Json

from talka.infra.db import Tx
from talka.proxies.model import Proxy

_SELECT: LiteralString = "select id, account_id, name, params from proxy"


async def get(tx: Tx, proxy_id: int, *, lock: bool = False) -> Proxy | None:
    """A proxy of anybody; `lock` keeps it until commit."""
    row = await tx.row(_SELECT + " where id = %s" + (" for update" if lock else ""), (proxy_id,))
    return Proxy(**row) if row else None


async def named(tx: Tx, name: str) -> Proxy | None:
    """The proxy of that name."""
    row = await tx.row(_SELECT + " where name = %s", (name,))
    return Proxy(**row) if row else None


async def listed(tx: Tx, account_id: int) -> list[Proxy]:
    """All proxies of an account."""
    return [Proxy(**row) for row in await tx.rows(_SELECT + " where account_id = %s order by id", (account_id,))]


async def insert(tx: Tx, account_id: int, name: str, params: Mapping[str, Any]) -> Proxy | None:
    """A new proxy; None when the name is taken."""
    row = await tx.row(
        "insert into proxy (account_id, name, params, created) values (%s, %s, %s, %s)"
        " on conflict do nothing returning id, account_id, name, params",
        (account_id, name, Json(params), tx.now),
    )
    return Proxy(**row) if row else None


async def update(tx: Tx, proxy_id: int, name: str, params: Mapping[str, Any]) -> Proxy | None:
    """Replace a proxy; None when the name is taken."""
    try:
        async with tx.conn.transaction():
            row = await tx.row(
                "update proxy set name = %s, params = %s where id = %s returning id, account_id, name, params",
                (name, Json(params), proxy_id),
            )
    except UniqueViolation:
        return None
    return Proxy(**row) if row else None


async def delete(tx: Tx, proxy_id: int) -> None:
    """Remove a proxy."""
    await tx.execute("delete from proxy where id = %s", (proxy_id,))
