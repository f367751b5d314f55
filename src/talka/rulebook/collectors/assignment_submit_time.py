"""ASSIGNMENT_SUBMIT_TIME: how many of a worker's assignments were submitted suspiciously fast."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from talka.kit.wire import Integer
from talka.rulebook.collectors.base import CollectorConfig, Windowed


class SubmitTimeParameters(Windowed):
    """A submission is fast when it took less than the threshold; clients send rules without one, too."""

    fast_submit_threshold_seconds: Annotated[Integer, Field(ge=1)] | None = None


class AssignmentSubmitTime(CollectorConfig):
    """Subject: the worker."""

    conditions = frozenset({"total_submitted_count", "fast_submitted_count"})

    parameters: SubmitTimeParameters | None = None
