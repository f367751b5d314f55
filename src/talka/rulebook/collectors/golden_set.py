"""GOLDEN_SET: how well a worker answers control and training tasks."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig, Windowed


class GoldenSet(CollectorConfig):
    """Subject: the worker. Keys with `golden_set` count control tasks only, the others training tasks, too."""

    conditions = frozenset(
        {
            "total_answers_count",
            "correct_answers_rate",
            "incorrect_answers_rate",
            "golden_set_answers_count",
            "golden_set_correct_answers_rate",
            "golden_set_incorrect_answers_rate",
        }
    )

    parameters: Windowed | None = None
