"""MAJORITY_VOTE: how often a worker answers as most do."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from talka.kit.wire import Integer
from talka.rulebook.collectors.base import CollectorConfig, Windowed


class MajorityParameters(Windowed):
    """So many equal answers are a majority."""

    answer_threshold: Annotated[Integer, Field(ge=1)]


class MajorityVote(CollectorConfig):
    """Subject: the worker. Rates are percentages of the tasks that have a majority."""

    filled = {"parameters": {}}  # noqa: RUF012 - so that a missing threshold is told by its own path
    conditions = frozenset({"total_answers_count", "correct_answers_rate", "incorrect_answers_rate"})

    parameters: MajorityParameters
