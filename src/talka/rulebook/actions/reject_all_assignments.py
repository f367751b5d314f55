"""REJECT_ALL_ASSIGNMENTS: rejects everything of a worker that awaits review in the pool."""

from __future__ import annotations

from talka.kit.documents import Text
from talka.rulebook.actions.base import ActionConfig, Parameters


class RejectAllParameters(Parameters):
    """The comment is shown to the worker."""

    public_comment: Text | None = None


class RejectAllAssignments(ActionConfig):
    """Rejects with one comment for all."""

    parameters: RejectAllParameters | None = None
