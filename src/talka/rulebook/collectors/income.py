"""INCOME: what a worker has earned in the pool in the last 24 hours."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig


class Income(CollectorConfig):
    """Subject: the worker. In US dollars, without the platform's fee."""

    conditions = frozenset({"income_sum_for_last_24_hours"})
