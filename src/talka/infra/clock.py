"""The one place that reads the time; a sandbox server is ahead of it by an offset kept in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from talka.kit.times import truncate


def wall() -> datetime:
    """The real time, in UTC, cut to milliseconds. For keys and sessions, which do not travel in time."""
    return truncate(datetime.now(UTC))


def domain(offset_ms: int) -> datetime:
    """The time of the domain: real time plus the sandbox offset."""
    return wall() + timedelta(milliseconds=offset_ms)
