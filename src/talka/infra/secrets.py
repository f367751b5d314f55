"""Secrets of an installation: made once, kept in its database, never shown."""

from __future__ import annotations

import secrets

from talka.infra.db import Tx


async def secret(tx: Tx, name: str) -> bytes:
    """The secret of that name, made when it is asked for the first time."""
    await tx.execute(
        "insert into secret (name, value) values (%s, %s) on conflict do nothing", (name, secrets.token_bytes(32))
    )
    value: bytes = await tx.value("select value from secret where name = %s", (name,))
    return value
