"""How often somebody may do something: one bucket of tokens for each, in the memory of the process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable

from talka.kit.errors import TalkaError

# Times are floating-point numbers: who waits as long as they were told must get through.
_ROUNDING = 1e-6


class RateLimits:
    """Buckets that hold what a second (or a minute) allows and fill evenly; a limit of 0 means none."""

    _KEPT = 10_000

    def __init__(self, limit: int, now: Callable[[], float] = time.monotonic, *, per_minute: bool = False) -> None:
        self.limit = limit
        self._word, self._seconds = ("MINUTE", 60.0) if per_minute else ("SECOND", 1.0)
        self._now = now
        # Who → tokens left, and when that was.
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def spend(self, who: Hashable) -> None:
        """Count a request.

        Raises:
            TalkaError: TOO_MANY_REQUESTS. The request is not counted, so that waiting always helps.
        """
        if self.limit == 0:
            return
        now = self._now()
        left = self._left(who, now)
        if left < 1 - _ROUNDING:
            wait = math.ceil((1 - left) * self._seconds / self.limit * 1000) / 1000
            payload = {"limit": self.limit, "per": self._word, "retry_in_seconds": wait}
            text = f"At most {self.limit} requests a {self._word.lower()}"
            raise TalkaError("TOO_MANY_REQUESTS", text, payload)
        if len(self._buckets) >= self._KEPT:
            self._forget_full(now)
        self._buckets[who] = (left - 1, now)

    def _left(self, who: Hashable, now: float) -> float:
        tokens, then = self._buckets.get(who, (float(self.limit), now))
        return min(float(self.limit), tokens + (now - then) * self.limit / self._seconds)

    def _forget_full(self, now: float) -> None:
        """A bucket that is full again is as good as none."""
        self._buckets = {who: bucket for who, bucket in self._buckets.items() if now - bucket[1] < self._seconds}
