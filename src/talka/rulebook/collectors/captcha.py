"""CAPTCHA: how many captchas a worker has solved (deprecated, still sent)."""

from __future__ import annotations

from talka.rulebook.collectors.base import CollectorConfig, Windowed


class Captcha(CollectorConfig):
    """Subject: the worker. Rates are percentages of the captchas shown."""

    conditions = frozenset({"stored_results_count", "success_rate", "fail_rate"})

    parameters: Windowed | None = None
