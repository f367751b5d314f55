"""SKIPPED_IN_ROW_ASSIGNMENTS: how many assignments a worker has skipped one after another."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig


class SkippedInRow(CollectorConfig):
    """Subject: the worker; a submission starts the count again."""

    conditions = frozenset({"skipped_in_row_count"})
