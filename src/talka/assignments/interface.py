"""The interface of a page in its worker's language."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from talka.accounts import languages
from talka.infra.db import Tx
from talka.projects.versions import Version


async def page_spec(tx: Tx, version: Version, worker_id: int, header: str | None) -> Mapping[str, orjson.Fragment]:
    """What a page of a project version has beside its tasks; `header` is the worker's `Accept-Language`."""
    if not version.localized:
        return version.page_spec
    return version.page_spec_in(await languages.wanted(tx, worker_id, header))
