"""How many requests an account may send: one bucket of tokens for each, in the memory of the process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from talka.kit.errors import TalkaError

# Times are floating-point numbers: who waits as long as they were told must get through.
_ROUNDING = 1e-6


class RateLimits:
    """Buckets that hold a second's worth of requests and fill evenly; a rate of 0 means no limit."""

    _KEPT = 10_000

    def __init__(self, per_second: int, now: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_second
        self._now = now
        # Account → tokens left, and when that was.
        self._buckets: dict[int, tuple[float, float]] = {}

    def spend(self, account_id: int) -> None:
        """Count a request.

        Raises:
            TalkaError: TOO_MANY_REQUESTS. The request is not counted, so that waiting always helps.
        """
        if self.per_second == 0:
            return
        now = self._now()
        left = self._left(account_id, now)
        if left < 1 - _ROUNDING:
            wait = math.ceil((1 - left) / self.per_second * 1000) / 1000
            payload = {"limit": self.per_second, "per": "SECOND", "retry_in_seconds": wait}
            raise TalkaError("TOO_MANY_REQUESTS", f"At most {self.per_second} requests a second", payload)
        if len(self._buckets) >= self._KEPT:
            self._forget_full(now)
        self._buckets[account_id] = (left - 1, now)

    def _left(self, account_id: int, now: float) -> float:
        tokens, then = self._buckets.get(account_id, (float(self.per_second), now))
        return min(float(self.per_second), tokens + (now - then) * self.per_second)

    def _forget_full(self, now: float) -> None:
        """A bucket that is full again is as good as none."""
        self._buckets = {account_id: bucket for account_id, bucket in self._buckets.items() if now - bucket[1] < 1.0}
