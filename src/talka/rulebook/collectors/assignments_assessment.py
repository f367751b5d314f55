"""ASSIGNMENTS_ASSESSMENT: what reviews have said about one task suite."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig


class AssignmentsAssessment(CollectorConfig):
    """Subject: the task suite."""

    conditions = frozenset(
        {
            "pending_assignments_count",
            "accepted_assignments_count",
            "rejected_assignments_count",
            "assessment_event",
        }
    )
