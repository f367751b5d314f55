"""What follows from an app and its parameters: the project behind it, its pools, prices; what batches may do."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson

from talka.apps.model import Batch, BatchStatus, Priority
from talka.apps.solutions import App
from talka.apps.solutions.base import Parameters, seen_by_workers
from talka.apps.solutions.interface import component_types
from talka.kit.errors import Conflict
from talka.kit.ids import object_id
from talka.kit.money import fee_of

PRIOR: Final = (4, 5)
"""Before anything is known of a worker, four of five answers are taken to be right."""
_NEVER: Final = "2100-01-01T00:00:00"
_STREAM_PRIORITY: Final = 100
_POOL_PRIORITY: Final = {Priority.ONE: 90, Priority.TWO: 70, Priority.THREE: 50, Priority.FOUR: 30, Priority.FIVE: 10}
_MOST_NAME: Final = 255
_MOST_DESCRIPTION: Final = 1_000


def project_body(app: App[Any], parameters: Parameters) -> dict[str, Any]:
    """The project behind an app project."""
    view = app.view(parameters)
    lock = {"core": "1.0.0", **dict.fromkeys(sorted(component_types(view)), "1.0.0")}
    return {
        "public_name": parameters.name,
        "public_description": parameters.instruction_intro[:_MOST_DESCRIPTION],
        "public_instructions": app.instructions(parameters),
        "private_comment": f"Made by the app {app.name}",
        "task_spec": {
            "input_spec": seen_by_workers(app.inputs(parameters)),
            "output_spec": app.outputs(parameters),
            "view_spec": {"type": "tb", "config": orjson.dumps(view).decode(), "lock": lock, "inferDataSpec": False},
        },
        "assignments_issuing_type": "AUTOMATED",
        "localization_config": {
            "default_language": parameters.default_language.upper(),
            "additional_languages": [],
        },
    }


def pool_body(app: App[Any], parameters: Parameters, project_id: int, batch: Batch) -> dict[str, Any]:
    """The pool of a batch: one item a page, so that each costs the same, and with it one whose result is known."""
    title = "Stream" if batch.stream else batch.name or "Batch"
    return {
        "project_id": str(project_id),
        "private_name": f"{title} {object_id(batch.id)}"[-_MOST_NAME:],
        "may_contain_adult_content": parameters.option_adult_content is True,
        "will_expire": _NEVER,
        "reward_per_assignment": app.answer_price,
        "assignment_max_duration_seconds": app.seconds,
        "auto_accept_solutions": True,
        "auto_close_after_complete_delay_seconds": 0,
        "priority": pool_priority(batch),
        "mixer_config": {
            "real_tasks_count": 1,
            "golden_tasks_count": 1 if parameters.controls else 0,
            "training_tasks_count": 0,
            "min_golden_tasks_count": 0,
        },
        "defaults": {"default_overlap_for_new_tasks": app.copies(parameters)},
    }


def pool_priority(batch: Batch, priority: Priority | None = None) -> int:
    """Where the pool of a batch stands among the pools of its project."""
    return _STREAM_PRIORITY if batch.stream else _POOL_PRIORITY[priority or batch.priority]


def item_price(app: App[Any], parameters: Parameters, fee_percent: Decimal) -> Decimal:
    """What one item costs: the price of all its answers, and the fee on each."""
    return app.copies(parameters) * (app.answer_price + fee_of(app.answer_price, fee_percent))


def fingerprint(input_data: Mapping[str, Any]) -> uuid.UUID:
    """Equal for items that workers see alike."""
    text = orjson.dumps(seen_by_workers(input_data), option=orjson.OPT_SORT_KEYS)
    return uuid.UUID(bytes=hashlib.blake2b(text, digest_size=16).digest())


def eta(batch: Batch, now: datetime) -> datetime | None:
    """When a batch that is being worked on will be done, at its pace so far; None when there is none yet."""
    done = batch.completed + batch.failed
    if batch.status is not BatchStatus.PROCESSING or batch.started is None or not done:
        return None
    seconds = (now - batch.started).total_seconds() / done * (batch.items - done)
    # Whoever needs a century will not be waited for, and dates end.
    return now + timedelta(seconds=min(seconds, 3_153_600_000))


def latest(moments: Sequence[datetime | None]) -> datetime | None:
    """The latest of some moments; None when one of them is not known."""
    known = [moment for moment in moments if moment is not None]
    return max(known) if known and len(known) == len(moments) else None


def require(batch: Batch, *appropriate: str) -> None:
    """Refuse what the status of a batch does not allow."""
    if batch.shown_status not in appropriate:
        text = f"The batch is {batch.shown_status}; this needs {' or '.join(appropriate)}"
        raise Conflict("INAPPROPRIATE_STATUS", text, appropriate=appropriate)
