"""ACCEPTANCE_RATE: how many of a worker's reviewed assignments were accepted."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig, Windowed


class AcceptanceRate(CollectorConfig):
    """Subject: the worker. Rates are percentages of the reviewed assignments."""

    conditions = frozenset({"total_assignments_count", "accepted_assignments_rate", "rejected_assignments_rate"})

    parameters: Windowed | None = None
