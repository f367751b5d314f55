"""Restrictions as clients send and get them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from talka.kit.documents import Document
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.wire import DateTime, IdText
from talka.restrictions.model import Restriction
from talka.rulebook.actions.restriction import PrivateComment

_TARGETS: Mapping[str, str | None] = {
    "SYSTEM": None,
    "ALL_PROJECTS": None,
    "PROJECT": "project_id",
    "POOL": "pool_id",
}


class RestrictionBody(Document):
    """Who is to be kept out of what; read-only and unknown keys are ignored."""

    scope: Literal["SYSTEM", "ALL_PROJECTS", "PROJECT", "POOL"]
    user_id: IdText
    project_id: IdText | None = None
    pool_id: IdText | None = None
    private_comment: PrivateComment | None = None
    will_expire: DateTime | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """The scope decides which id there is; with another one, the scope is hardly what was meant."""
        scope = raw.get("scope")
        if not isinstance(scope, str) or scope not in _TARGETS:
            return {}
        errors: FieldErrors = {}
        for key in ("project_id", "pool_id"):
            if key == _TARGETS[scope] and key not in raw:
                errors[key] = FieldError("VALUE_REQUIRED", f"Must be present with the scope {scope}")
            elif key != _TARGETS[scope] and key in raw:
                errors[key] = FieldError("VALUE_NOT_ALLOWED", f"Must be absent with the scope {scope}")
        return errors


def restriction_json(found: Restriction) -> dict[str, Any]:
    """A restriction as requesters get it."""
    body: dict[str, Any] = {"id": str(found.id), "scope": found.target.scope.value, "user_id": found.user_id}
    if found.target.project_id is not None:
        body["project_id"] = str(found.target.project_id)
    if found.target.pool_id is not None:
        body["pool_id"] = str(found.target.pool_id)
    if found.private_comment is not None:
        body["private_comment"] = found.private_comment
    if found.will_expire is not None:
        body["will_expire"] = found.will_expire
    return {**body, "created": found.created}
