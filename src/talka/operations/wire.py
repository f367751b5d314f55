"""The JSON shape of an operation."""

from __future__ import annotations

from typing import Any

from talka.operations.model import Operation


def operation_json(operation: Operation) -> dict[str, Any]:
    """The operation as clients see it; dates appear when they happened."""
    body: dict[str, Any] = {
        "id": operation.id,
        "type": operation.type,
        "status": operation.status,
        "submitted": operation.submitted,
        "progress": operation.progress,
        "parameters": operation.parameters,
        "details": operation.details,
    }
    if operation.started is not None:
        body["started"] = operation.started
    if operation.finished is not None:
        body["finished"] = operation.finished
    return body
