"""What a first training calls its skill, when a training is over, and how well it was passed."""

from __future__ import annotations

from decimal import Decimal

from talka.trainings.model import Progress

_SUFFIX = " - training"
_MAX_NAME = 255
_PLACES = Decimal("0.0001")


def skill_name(project_name: str) -> str:
    """The name of the skill that all trainings of a project give."""
    return project_name[: _MAX_NAME - len(_SUFFIX)] + _SUFFIX


def is_over(progress: Progress, required: int | None) -> bool:
    """Whether enough pages were handed in; without a number it takes all that there are."""
    return required is not None and 0 < required <= progress.suites


def value_of(progress: Progress) -> Decimal:
    """The share of tasks that were right at the first try, in percent."""
    return (Decimal(100 * progress.correct) / progress.answers).quantize(_PLACES)
