"""Actions that stand in the API's list without a description: they are kept and returned."""

from __future__ import annotations

from talka.rulebook.actions.base import ActionConfig


class CleanAssignmentsHistory(ActionConfig):
    """CLEAN_ASSIGNMENTS_HISTORY."""


class CleanCollector(ActionConfig):
    """CLEAN_COLLECTOR."""


class SetPoolComplete(ActionConfig):
    """SET_POOL_COMPLETE."""
