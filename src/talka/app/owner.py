"""The first start: the owner's account, its play or starting money, and DIR/credentials.json."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from talka.accounts import store
from talka.accounts import usecases as accounts
from talka.app.asgi import open_database
from talka.infra.db import Database
from talka.infra.settings import Settings
from talka.kit.errors import TalkaError
from talka.ledger import usecases as ledger

EMAIL = "owner@localhost"
_SANDBOX_MONEY, _MONEY = Decimal(1_000_000), Decimal(1_000)


async def ensure_owner(settings: Settings, conninfo: str) -> None:
    """Create the owner's account once; afterwards keep `base_url` in the credentials up to date.

    Raises:
        TalkaError: CONFLICT_STATE when the credentials file is there but cannot be read.
    """
    path = settings.data / "credentials.json"
    credentials = _read(path)
    db = open_database(settings, conninfo)
    await db.open()
    try:
        credentials = await create_owner(db, settings) if credentials is None else credentials
    finally:
        await db.close()
    _write(path, {**credentials, "base_url": settings.public_url()})


async def create_owner(db: Database, settings: Settings, email: str = EMAIL) -> dict[str, Any]:
    """The owner's account with its first money, or a further key of it: `requester_id` and `api_key`."""
    async with db.transaction() as tx:
        found = await store.account_by_email(tx, email)
        if found is not None:
            # The file was lost, or its database is shared: the old key stays valid.
            _, text = await accounts.create_key(tx, found["id"], "recovered")
            return {"requester_id": found["requester_id"].hex, "api_key": text}
        account_id, created = await accounts.create_account(tx, email)
        await ledger.deposit(tx, account_id, _SANDBOX_MONEY if settings.sandbox else _MONEY)
        return {"requester_id": created.requester_id, "api_key": created.api_key}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        text = f"{path} cannot be read ({error}): mend or remove it, then start again"
        raise TalkaError("CONFLICT_STATE", text) from error
    return found


def _write(path: Path, credentials: dict[str, Any]) -> None:
    """Write the file whole and readable by its owner only: nobody ever sees a half of it."""
    ordered = {name: credentials[name] for name in ("base_url", "requester_id", "api_key")}
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(ordered, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
