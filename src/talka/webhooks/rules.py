"""How long deliveries wait after failures, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

BATCH: Final = 100
"""So many events go in one request."""
PER_HOST: Final = 4
"""So many requests to one host are under way at a time."""
PER_ACCOUNT: Final = 16
"""So many requests of one account's subscriptions are: who subscribes endpoints that hang holds up only themselves."""
ALIKE: Final = 100
"""So many subscriptions a pool has to one type of event: all of them are written to whenever one happens."""
LEASE: Final = timedelta(seconds=30)
"""So long a process has a subscription for itself: longer than any request takes."""
TRIAL_SECONDS: Final = 5.0
"""So long a trial takes at most: published clients wait ten seconds for an answer of ours."""
PATIENCE: Final = timedelta(days=3)
"""An endpoint that has failed for so long is left alone until its owner asks for it again."""
RETENTION: Final = timedelta(days=30)
"""So long events are kept, to be sent again."""
_FIRST_SECONDS, _LONGEST = 10, timedelta(hours=1)
_VERSION = 1


def wait_after(failures: int) -> timedelta:
    """How long after that many failures in a row the next attempt comes: 10 s, doubled each time, at most an hour."""
    return min(timedelta(seconds=_FIRST_SECONDS << min(failures - 1, 10)), _LONGEST)


def gives_up(failing_since: datetime, now: datetime) -> bool:
    """Whether an endpoint has failed for so long that it is left alone."""
    return now - failing_since >= PATIENCE


def signature(secret: str, now: datetime, body: bytes) -> str:
    """The value of the header `Toloka-Signature` for these bytes.

    Some receivers print the digest without leading zeros, others with: the time is chosen so that there are none.
    """
    stamp = int(now.timestamp() * 1000)
    while True:
        message = f"{stamp}.{_VERSION}.".encode() + body
        digest = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        if not digest.startswith("0"):
            return f"{{v={_VERSION}, ts={stamp}, sign={digest}}}"
        stamp += 1
