"""What all collectors share: the identity of their counters and the history window."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from talka.kit.documents import Document, OpenDocument
from talka.kit.ids import parse_uuid
from talka.kit.wire import Integer, wire_error


def _uuid(value: str) -> str:
    parsed = parse_uuid(value)
    if parsed is None:
        raise wire_error("UUID_EXPECTED", "Must be a UUID")
    return str(parsed)


class Parameters(OpenDocument):
    """Parameters of a collector; unknown ones are kept."""


class Windowed(Parameters):
    """Parameters of a collector that can look at the last events only, across the pools of the project."""

    history_size: Annotated[Integer, Field(ge=1, le=10_000)] | None = None


class CollectorConfig(Document):
    """A set of counters; `uuid` is the identity of the counters and is given by the server when absent."""

    conditions: ClassVar[frozenset[str]] = frozenset()
    """The condition keys that the collector offers."""

    uuid: Annotated[str, AfterValidator(_uuid)] | None = None
    type: str
    parameters: Parameters | None = None

    def parameter(self, name: str) -> Any:
        """One parameter, None when it was not sent."""
        return getattr(self.parameters, name, None)
