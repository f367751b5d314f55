"""Files that Talka serves: only with a signed address that is bound to an assignment and expires."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

PREFIX = "/media/"


@dataclass(frozen=True, slots=True)
class MediaSigner:
    """Signs addresses under `PREFIX` of this server."""

    secret: bytes
    base_url: str

    def sign(self, url: str, assignment_id: str, expires: datetime) -> str:
        """The address with a signature for one assignment; addresses of others go through unchanged."""
        path = self._path(url)
        if path is None:
            return url
        return f"{url.split('?', maxsplit=1)[0]}?{self._query(path, assignment_id, expires)}"

    def sign_path(self, path: str, assignment_id: str, expires: datetime) -> str:
        """The full address, signed for one assignment, of something that this server serves outside of `PREFIX`.

        Never for a path that a requester wrote.
        """
        return f"{self.base_url}{path}?{self._query(path, assignment_id, expires)}"

    def _query(self, path: str, assignment_id: str, expires: datetime) -> str:
        moment = int(expires.timestamp())
        query = {
            "assignment": assignment_id,
            "expires": moment,
            "signature": self._signature(path, assignment_id, moment),
        }
        return urlencode(query)

    def sign_all(self, value: Any, assignment_id: str, expires: datetime) -> Any:
        """A JSON value with every address in it signed."""
        if isinstance(value, str):
            return self.sign(value, assignment_id, expires)
        if isinstance(value, list):
            return [self.sign_all(part, assignment_id, expires) for part in value]
        if isinstance(value, dict):
            return {key: self.sign_all(part, assignment_id, expires) for key, part in value.items()}
        return value

    def valid(self, path: str, query: Mapping[str, str], now: datetime) -> bool:
        """Whether a request for `path` carries a signature that is right and still in time."""
        expires, assignment = query.get("expires", ""), query.get("assignment", "")
        if not (expires.isascii() and expires.isdigit() and len(expires) < 16) or int(expires) < now.timestamp():
            return False
        expected = self._signature(path, assignment, int(expires))
        return hmac.compare_digest(expected.encode(), query.get("signature", "").encode())

    def _path(self, url: str) -> str | None:
        path = url.removeprefix(self.base_url) if self.base_url and url.startswith(self.base_url) else url
        return urlsplit(path).path if path.startswith(PREFIX) else None

    def _signature(self, path: str, assignment_id: str, expires: int) -> str:
        message = f"{path}\n{assignment_id}\n{expires}".encode()
        digest = hmac.new(self.secret, message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:18]).decode()
