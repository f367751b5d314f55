"""TRAINING: how far a worker has come in a training; the platform makes these rules itself."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig


class Training(CollectorConfig):
    """Subject: the worker. First attempts count."""

    conditions = frozenset(
        {
            "submitted_assignments_count",
            "total_answers_count",
            "correct_answers_rate",
            "incorrect_answers_rate",
            "next_assignment_available",
        }
    )
