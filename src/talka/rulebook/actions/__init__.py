"""Actions of quality control: one file and one registry line each."""

from __future__ import annotations

from typing import Annotated, Any

import pydantic
from pydantic import AfterValidator, SerializeAsAny

from talka.kit.registry import Registry
from talka.kit.wire import variant, wire_error
from talka.rulebook.actions.approve_all_assignments import ApproveAllAssignments
from talka.rulebook.actions.base import ActionConfig
from talka.rulebook.actions.change_overlap import ChangeOverlap
from talka.rulebook.actions.maintenance import CleanAssignmentsHistory, CleanCollector, SetPoolComplete
from talka.rulebook.actions.reject_all_assignments import RejectAllAssignments
from talka.rulebook.actions.restriction import Restriction
from talka.rulebook.actions.restriction_v2 import TimedRestriction
from talka.rulebook.actions.set_skill import SetSkill
from talka.rulebook.actions.set_skill_from_output_field import SetSkillFromOutputField

__all__ = ["ACTIONS", "Action", "ActionConfig"]

ACTIONS: Registry[type[ActionConfig]] = Registry(
    "action",
    RESTRICTION=Restriction,
    RESTRICTION_V2=TimedRestriction,
    SET_SKILL=SetSkill,
    SET_SKILL_FROM_OUTPUT_FIELD=SetSkillFromOutputField,
    CHANGE_OVERLAP=ChangeOverlap,
    APPROVE_ALL_ASSIGNMENTS=ApproveAllAssignments,
    REJECT_ALL_ASSIGNMENTS=RejectAllAssignments,
    CLEAN_ASSIGNMENTS_HISTORY=CleanAssignmentsHistory,
    CLEAN_COLLECTOR=CleanCollector,
    SET_POOL_COMPLETE=SetPoolComplete,
)


def _unknown(value: str) -> str:
    raise wire_error("UNKNOWN_ENUM_VALUE", "Must be an action", *ACTIONS.names())


class UnknownAction(ActionConfig):
    """An action whose type is missing, of the wrong kind or unknown: it has errors only."""

    type: Annotated[str, AfterValidator(_unknown)]


def _pick(value: Any) -> type[pydantic.BaseModel]:
    return (ACTIONS.get(value.get("type")) if isinstance(value, dict) else None) or UnknownAction


Action = Annotated[SerializeAsAny[ActionConfig], variant(_pick, ACTIONS)]
"""An action of any type."""
