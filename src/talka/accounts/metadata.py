"""User metadata: what a requester sees of a worker's profile and device, and nothing that tells who they are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from talka.accounts.model import WorkerProfile
from talka.accounts.regions import COUNTRIES

_KNOWN: Mapping[str, frozenset[str]] = {
    "client_type": frozenset({"TOLOKA_APP", "BROWSER"}),
    "user_agent_type": frozenset({"BROWSER", "MOBILE_BROWSER", "OTHER"}),
    "device_category": frozenset({"PERSONAL_COMPUTER", "SMARTPHONE", "TABLET", "WEARABLE_COMPUTER"}),
    "os_family": frozenset({"ANDROID", "BLACKBERRY", "BSD", "IOS", "LINUX", "MAC_OS", "OS_X", "WINDOWS"}),
}
"""Clients know these words only; what else a device says of itself is left out."""
_GREATEST_VERSION = 1_000_000


def user_metadata(worker: WorkerProfile) -> dict[str, Any]:
    """The metadata; what is not known is absent."""
    profile, computed = worker.profile, worker.computed
    attributes = {
        "country_by_phone": COUNTRIES.get(computed.get("region_by_phone", 0)),
        "country_by_ip": COUNTRIES.get(computed.get("region_by_ip", 0)),
        **{name: computed.get(name) if computed.get(name) in known else None for name, known in _KNOWN.items()},
        **_os_version(computed),
    }
    body = {
        "id": worker.user_id,
        "country": profile.get("country"),
        "languages": profile.get("languages") or [],
        "adult_allowed": bool(profile.get("adult_allowed")),
        "attributes": {name: value for name, value in attributes.items() if value is not None},
    }
    return {name: value for name, value in body.items() if value is not None}


def _os_version(computed: Mapping[str, Any]) -> dict[str, Any]:
    """`14.4` is major 14, minor 4."""
    version = computed.get("os_version")
    if version is None or not 0 <= version < _GREATEST_VERSION:
        return {}
    major, _, minor = format(Decimal(repr(version)), "f").partition(".")
    return {
        "os_version": version,
        "os_version_major": int(major),
        "os_version_minor": int(minor[:9] or 0),
        "os_version_bugfix": computed.get("os_version_bugfix"),
    }
