"""What all actions share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from talka.kit.documents import Document, OpenDocument


class Parameters(OpenDocument):
    """Parameters of an action; unknown ones are kept."""


class ActionConfig(Document):
    """What a rule does when all its conditions hold."""

    type: str
    parameters: Parameters | None = None

    def parameter(self, name: str) -> Any:
        """One parameter, None when it was not sent."""
        return getattr(self.parameters, name, None)

    def skills(self) -> Iterator[tuple[str, str]]:
        """(path below the action, skill id) of each skill that the action writes."""
        skill_id = self.parameter("skill_id")
        if skill_id is not None:
            yield "parameters.skill_id", skill_id

    def source(self) -> str | None:
        """The condition key whose value the action reads; None when it reads none."""
        return None
