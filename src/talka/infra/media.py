"""Addresses behind Talka that frames without cookies can use: signed, bound to an assignment, and expiring."""

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
PROXIES = "/api/proxy/"
TICKET = "talka_ticket"
"""The parameter that lets a page through to proxies."""


@dataclass(frozen=True, slots=True)
class MediaSigner:
    """Signs addresses under `PREFIX` of this server, and lets pages through to what is under `PROXIES`."""

    secret: bytes
    base_url: str

    def sign(self, url: str, assignment_id: str, expires: datetime) -> str:
        """The address with a signature for one assignment; addresses of others go through unchanged."""
        path = self._path(url)
        if path is None:
            return url
        if path.startswith(PROXIES):
            plain = url.partition("#")[0]
            return f"{plain}{'&' if '?' in plain else '?'}{self.ticket(assignment_id, expires)}"
        return f"{url.split('?', maxsplit=1)[0]}?{self._query(path, assignment_id, expires)}"

    def sign_path(self, path: str, assignment_id: str, expires: datetime) -> str:
        """The full address, signed for one assignment, of something that this server serves outside of `PREFIX`.

        Never for a path that a requester wrote.
        """
        return f"{self.base_url}{path}?{self._query(path, assignment_id, expires)}"

    def ticket(self, assignment_id: str, expires: datetime) -> str:
        """The arguments with which a request to a proxy is made as whoever holds the page, with their rights."""
        moment = int(expires.timestamp())
        signature = self._signature(PROXIES, assignment_id, moment)
        return urlencode({"assignmentId": assignment_id, TICKET: f"{moment}.{signature}"})

    def admits(self, assignment_id: str, given: str, now: datetime) -> bool:
        """Whether `given` is the ticket of that page that is still in time."""
        expires, _, signature = given.partition(".")
        return self._right(PROXIES, assignment_id, expires, signature, now)

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
        assignment, expires = query.get("assignment", ""), query.get("expires", "")
        return self._right(path, assignment, expires, query.get("signature", ""), now)

    def _right(self, path: str, assignment_id: str, expires: str, signature: str, now: datetime) -> bool:
        if not (expires.isascii() and expires.isdigit() and len(expires) < 16) or int(expires) < now.timestamp():
            return False
        expected = self._signature(path, assignment_id, int(expires))
        return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))

    def _path(self, url: str) -> str | None:
        path = url.removeprefix(self.base_url) if self.base_url and url.startswith(self.base_url) else url
        return urlsplit(path).path if path.startswith((PREFIX, PROXIES)) else None

    def _signature(self, path: str, assignment_id: str, expires: int) -> str:
        message = f"{path}\n{assignment_id}\n{expires}".encode("utf-8", "replace")
        digest = hmac.new(self.secret, message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:18]).decode()
