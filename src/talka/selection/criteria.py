"""The keys that a filter can ask for: one registry per category of data about a worker."""

from __future__ import annotations

from talka.kit import literals
from talka.kit.registry import Registry
from talka.selection import values
from talka.selection.values import COMPARABLE, IDENTITY, INCLUSION, Criterion

_REGION = Criterion(INCLUSION, literals.integer, nullable=True)
_VERSION = Criterion(COMPARABLE, literals.number, nullable=True)
_VERSION_PART = Criterion(COMPARABLE, literals.integer, nullable=True)

PROFILE: Registry[Criterion] = Registry(
    "profile key",
    gender=Criterion(IDENTITY, literals.one_of("MALE", "FEMALE", "OTHER")),
    country=Criterion(IDENTITY, values.country),
    citizenship=Criterion(IDENTITY, values.country),
    education=Criterion(IDENTITY, literals.one_of("BASIC", "MIDDLE", "HIGH")),
    adult_allowed=Criterion(IDENTITY, literals.boolean),
    date_of_birth=Criterion(COMPARABLE, literals.integer),
    city=Criterion(INCLUSION, literals.integer),
    languages=Criterion(INCLUSION, values.languages),
    verified=Criterion(IDENTITY, literals.boolean),
)
"""What workers say about themselves."""

COMPUTED: Registry[Criterion] = Registry(
    "computed key",
    client_type=Criterion(IDENTITY, literals.one_of("BROWSER", "TOLOKA_APP", "UNKNOWN")),
    region_by_phone=_REGION,
    region_by_ip=_REGION,
    device_category=Criterion(IDENTITY, values.agent_name),
    os_family=Criterion(IDENTITY, values.agent_name),
    os_version=_VERSION,
    os_version_major=_VERSION_PART,
    os_version_minor=_VERSION_PART,
    os_version_bugfix=_VERSION_PART,
    user_agent_type=Criterion(IDENTITY, values.agent_name),
    user_agent_family=Criterion(IDENTITY, values.agent_name),
    user_agent_version=_VERSION,
    user_agent_version_major=_VERSION_PART,
    user_agent_version_minor=_VERSION_PART,
    user_agent_version_bugfix=_VERSION_PART,
)
"""What is known from the connection and the device."""

SKILL = Criterion(COMPARABLE, literals.percentage, nullable=True)
"""The value of the skill whose id is the key; null asks for its absence."""

CATEGORIES = ("profile", "computed", "skill")
