"""USERS_ASSESSMENT: that a worker has lost access to the pool, and why."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig


class UsersAssessment(CollectorConfig):
    """Subject: the worker and the pool."""

    conditions = frozenset({"pool_access_revoked_reason", "skill_id"})
