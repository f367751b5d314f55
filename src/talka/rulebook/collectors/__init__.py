"""Collectors of quality control: one file and one registry line each."""

from __future__ import annotations

from typing import Annotated, Any

import pydantic
from pydantic import AfterValidator, SerializeAsAny

from talka.kit.registry import Registry
from talka.kit.wire import variant, wire_error
from talka.rulebook.collectors.acceptance_rate import AcceptanceRate
from talka.rulebook.collectors.answer_count import AnswerCount
from talka.rulebook.collectors.assignment_submit_time import AssignmentSubmitTime
from talka.rulebook.collectors.assignments_assessment import AssignmentsAssessment
from talka.rulebook.collectors.base import CollectorConfig
from talka.rulebook.collectors.captcha import Captcha
from talka.rulebook.collectors.golden_set import GoldenSet
from talka.rulebook.collectors.income import Income
from talka.rulebook.collectors.majority_vote import MajorityVote
from talka.rulebook.collectors.skipped_in_row import SkippedInRow
from talka.rulebook.collectors.training import Training
from talka.rulebook.collectors.users_assessment import UsersAssessment

__all__ = ["COLLECTORS", "Collector", "CollectorConfig"]

COLLECTORS: Registry[type[CollectorConfig]] = Registry(
    "collector",
    ACCEPTANCE_RATE=AcceptanceRate,
    ANSWER_COUNT=AnswerCount,
    ASSIGNMENTS_ASSESSMENT=AssignmentsAssessment,
    ASSIGNMENT_SUBMIT_TIME=AssignmentSubmitTime,
    CAPTCHA=Captcha,
    GOLDEN_SET=GoldenSet,
    INCOME=Income,
    MAJORITY_VOTE=MajorityVote,
    SKIPPED_IN_ROW_ASSIGNMENTS=SkippedInRow,
    TRAINING=Training,
    USERS_ASSESSMENT=UsersAssessment,
)


def _unknown(value: str) -> str:
    raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a collector", *COLLECTORS.names())


class UnknownCollector(CollectorConfig):
    """A collector whose type is missing, of the wrong kind or unknown: it has errors only."""

    type: Annotated[str, AfterValidator(_unknown)]


def _pick(value: Any) -> type[pydantic.BaseModel]:
    return (COLLECTORS.get(value.get("type")) if isinstance(value, dict) else None) or UnknownCollector


Collector = Annotated[SerializeAsAny[CollectorConfig], variant(_pick, COLLECTORS)]
"""A collector of any type."""
