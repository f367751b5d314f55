"""Aggregated solutions and numbers about pools."""

from __future__ import annotations

from talka.aggregation import store
from talka.app.openapi.calls import FILES, OPERATION_ID, Call, Calls, Raw
from talka.app.openapi.operations import Operation
from talka.app.openapi.shapes import NumberId, Page, Shape, Values, WorkId
from talka.kit.wire import Number


class AggregatedSolution(Shape):
    """The answers to a task made one."""

    pool_id: NumberId
    task_id: WorkId
    confidence: Number
    output_values: Values


_REFUSED = ["UNSUPPORTED_ALGORITHM", "ONLY_FOR_POOL_WITH_MIXER", "ASSIGNMENTS_AGGREGATION_DENIED",
            "POOL_INAPPROPRIATE_STATUS", "OPERATION_ALREADY_EXISTS"]  # fmt: skip
_POOL = {"type": "DAWID_SKENE", "pool_id": "1000042", "fields": [{"name": "animal"}]}
_NAMED = {404: ["DOES_NOT_EXIST"]}

CALLS: Calls = {
    "POST /api/v1/aggregated-solutions/aggregate-by-pool": Call(
        {202: Operation}, query=[OPERATION_ID], conflicts=_REFUSED, refuses=_NAMED, example=_POOL
    ),
    "POST /api/v1/aggregated-solutions/aggregate-by-task": Call(
        {200: AggregatedSolution},
        conflicts=_REFUSED,
        refuses=_NAMED,
        example={
            "type": "WEIGHTED_DYNAMIC_OVERLAP",
            "pool_id": "1000042",
            "task_id": "00000f426a--000000000000000000000017",
            "answer_weight_skill_id": "1000042",
            "fields": [{"name": "animal"}],
        },
    ),
    "GET /api/v1/aggregated-solutions/{operation_id}": Call(
        {200: Page[AggregatedSolution]}, store.LIST, conflicts=["CONFLICT_STATE", "RESULTS_EXPIRED"]
    ),
    **{
        f"GET /api/new/requester/aggregated-solutions/{{operation_id}}/solutions.{form}": Call(
            {200: Raw("A row for each task", media_type)}, conflicts=["CONFLICT_STATE", "RESULTS_EXPIRED"]
        )
        for form, media_type in FILES.items()
    },
    "POST /api/staging/analytics-2": Call(
        {202: Operation},
        refuses=_NAMED,
        example=[{"subject": "POOL", "name": "completion_percentage", "subject_id": "1000042"}],
    ),
}
