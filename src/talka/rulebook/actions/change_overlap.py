"""CHANGE_OVERLAP: asks for more or fewer answers to the suite, or to the general tasks in it."""

from __future__ import annotations

from talka.kit.wire import Integer
from talka.rulebook.actions.base import ActionConfig, Parameters


class ChangeOverlapParameters(Parameters):
    """`delta` may be negative; `open_pool` opens a closed pool afterwards."""

    delta: Integer
    open_pool: bool | None = None


class ChangeOverlap(ActionConfig):
    """Changes the overlap by a number."""

    filled = {"parameters": {}}  # noqa: RUF012 - so that what is missing is told by its own path

    parameters: ChangeOverlapParameters
