"""SET_SKILL: gives a worker a skill of a constant value."""

from __future__ import annotations

from typing import Annotated

from talka.kit.documents import Id, within
from talka.kit.wire import Number
from talka.rulebook.actions.base import ActionConfig, Parameters


class SetSkillParameters(Parameters):
    """The skill and its value, 0 to 100."""

    skill_id: Id
    skill_value: Annotated[Number, within(0, 100)]


class SetSkill(ActionConfig):
    """Overwrites the value that the worker has."""

    filled = {"parameters": {}}  # noqa: RUF012 - so that what is missing is told by its own path

    parameters: SetSkillParameters
