"""APPROVE_ALL_ASSIGNMENTS: accepts everything of a worker that awaits review in the pool."""

from __future__ import annotations

from talka.rulebook.actions.base import ActionConfig


class ApproveAllAssignments(ActionConfig):
    """Has no parameters."""
