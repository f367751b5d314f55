"""What operations and batches are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from talka.kit.errors import FieldErrors, as_payload


@dataclass(frozen=True, slots=True)
class Operation:
    """A piece of work; `number` is its internal key, `id` the one that clients know or chose."""

    account_id: int
    id: str
    number: int
    type: str
    status: str
    submitted: datetime
    started: datetime | None = None
    finished: datetime | None = None
    progress: int = 0
    parameters: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    asynchronous: bool = False
    # Where the rows that a batch created are: lowest and highest number by pool id (of bonuses, by the word "bonuses").
    created: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperationEnded:
    """An event: a queued operation is over."""

    operation: Operation
    status: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An item of a batch that failed, or a failed step."""

    type: str
    input: Any
    output: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a batch ended."""

    status: str
    details: dict[str, Any]
    created: dict[str, list[int]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


@dataclass(slots=True)
class Batch:
    """A batch after validation: what can be created and what is wrong with the rest, by index."""

    new: list[Any] = field(default_factory=list)
    errors: dict[int, FieldErrors] = field(default_factory=dict)
    rejected: dict[int, Any] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many items were sent."""
        return len(self.new) + len(self.errors)

    def refused(self, *, skip_invalid_items: bool) -> bool:
        """Whether nothing is to be created."""
        return bool(self.errors) and (not skip_invalid_items or not self.new)

    def details(self, *, created: bool) -> dict[str, int]:
        """The counts of an operation; items that were skipped because they are invalid did not fail."""
        return {
            "total_count": self.total,
            "valid_count": len(self.new),
            "not_valid_count": len(self.errors),
            "success_count": len(self.new) if created else 0,
            "failed_count": 0 if created else self.total,
        }

    def failures(self, step: str) -> list[Failure]:
        """The invalid items as they stand in the log."""
        return [
            Failure(step, _object(self.rejected[index], index), as_payload(errors))
            for index, errors in self.errors.items()
        ]


def _object(item: Any, index: int) -> dict[str, Any]:
    return {**item, "__item_idx": str(index)} if isinstance(item, dict) else {"value": item, "__item_idx": str(index)}
