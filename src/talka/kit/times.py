"""Date-times of the API: UTC without a zone suffix, milliseconds at most."""

from __future__ import annotations

from datetime import UTC, datetime


def truncate(moment: datetime) -> datetime:
    """`moment` in UTC, cut to milliseconds: clients filter back with the printed value."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def format_time(moment: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ss` with no or exactly three fraction digits (clients choose by length)."""
    utc = truncate(moment).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds")


def parse_time(text: str) -> datetime | None:
    """A date, or a date-time with any fraction and an optional zone; naive is UTC; None when it is none."""
    if len(text) < 10 or len(text) > 40 or text[4:5] != "-":
        return None
    try:
        return truncate(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
