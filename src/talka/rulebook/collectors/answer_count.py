"""ANSWER_COUNT: how many assignments a worker has submitted in the pool."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig


class AnswerCount(CollectorConfig):
    """Subject: the worker."""

    conditions = frozenset({"assignments_accepted_count"})
