"""Rounding of values and the choice of a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

_FALLBACK = "EN"


def rounded(value: Decimal) -> int:
    """The nearest whole number; a half goes up."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def in_language(texts: Mapping[str, str] | None, languages: Sequence[str]) -> str | None:
    """The text in the first of `languages` that there is, else in English, else in any."""
    if not texts:
        return None
    return next((texts[language] for language in (*languages, _FALLBACK) if language in texts), min(texts.items())[1])
