"""Which languages a worker wants texts in."""

from __future__ import annotations

from collections.abc import Sequence

from talka.accounts import store
from talka.infra.db import Tx


async def wanted(tx: Tx, worker_id: int, header: str | None = None) -> list[str]:
    """Codes such as EN or PT-BR, best first: those of the profile, then those of `Accept-Language`."""
    profile = await store.worker_profile(tx, worker_id)
    return with_bases([*(profile.profile.get("languages") or ()), *from_header(header or "")])


def from_header(header: str) -> list[str]:
    """The languages of an `Accept-Language`, in their order."""
    codes = [part.split(";")[0].strip().upper() for part in header.split(",")]
    return [code for code in codes if code]


def with_bases(codes: Sequence[str]) -> list[str]:
    """Each code, followed by the language that it is a variant of; each once."""
    return list(dict.fromkeys(name for code in codes for name in (code, code.partition("-")[0])))
