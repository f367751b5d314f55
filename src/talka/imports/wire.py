"""JSON shapes of uploads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from talka.imports.model import SHOWN_ERRORS, CellError, Report
from talka.imports.verdicts import Decisions
from talka.operations.model import Operation
from talka.operations.wire import operation_json


def report_json(report: Report) -> dict[str, Any]:
    """The counts of a file and the table of its errors."""
    warnings = []
    if report.unanswered_hints:
        text = f"{report.unanswered_hints} rows have a hint but no known answer: they become training tasks"
        warnings.append({"code": "HINT_WITHOUT_ANSWER", "message": text})
    return {
        "total_count": report.total,
        "valid_count": report.valid,
        "not_valid_count": report.total - report.valid,
        "kinds": report.kinds,
        "warnings": warnings,
        "error_count": report.error_count,
        "errors": [error.as_json() for error in report.errors],
    }


def queued_json(report: Report, queued: Sequence[Operation]) -> dict[str, Any]:
    """The answer to an upload: the report, and the operations that carry it out."""
    return {**report_json(report), "operations": [operation_json(operation) for operation in queued]}


def verdicts_json(decided: Decisions, errors: Sequence[CellError]) -> dict[str, Any]:
    """How many assignments get which status, and the table of errors."""
    return {
        "accepted_count": decided.count("ACCEPTED"),
        "rejected_count": decided.count("REJECTED"),
        "error_count": len(errors),
        "errors": [error.as_json() for error in errors[:SHOWN_ERRORS]],
    }
