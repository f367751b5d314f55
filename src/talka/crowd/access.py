"""Finds the server and the requester's key: the flags, else `credentials.json` of the data folder."""

from __future__ import annotations

from pathlib import Path

import orjson

from talka.crowd.model import Access, CrowdError

_HOW = "start `talka up` with this data folder, or give --url and --api-key"


def find_access(data: Path, url: str | None = None, api_key: str | None = None) -> Access:
    """`url` and `api_key` where given, else what the server wrote into `data`/credentials.json.

    Raises:
        CrowdError: something is not given and cannot be read.
    """
    if url is not None and api_key is not None:
        return Access(url.rstrip("/"), api_key)
    path = data / "credentials.json"
    try:
        written = orjson.loads(path.read_bytes())
    except OSError as error:
        raise CrowdError(f"Cannot read {path} ({error.strerror}): {_HOW}") from None
    except orjson.JSONDecodeError:
        raise CrowdError(f"{path} is not JSON: {_HOW}") from None
    base_url = url if url is not None else _text(written, "base_url")
    key = api_key if api_key is not None else _text(written, "api_key")
    if base_url is None or key is None:
        raise CrowdError(f"{path} lacks base_url or api_key: {_HOW}")
    return Access(base_url.rstrip("/"), key)


def _text(written: object, key: str) -> str | None:
    value = written.get(key) if isinstance(written, dict) else None
    return value if isinstance(value, str) else None
