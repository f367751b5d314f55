"""JSON shapes of sign-in, worker profiles, keys and members."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from talka.accounts.model import Key, Member
from talka.kit.documents import at_most
from talka.kit.languages import Title
from talka.kit.wire import IdText, Integer, NonBlank, Number, WireModel, wire_error


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        raise wire_error("STRING_EXPECTED", "Must be a date such as 1990-05-01")
    try:
        parsed = date.fromisoformat(value)
    except ValueError:
        raise wire_error("INVALID_DATE_SYNTAX", "Must be a date such as 1990-05-01") from None
    if not 1900 <= parsed.year <= 2100:
        raise wire_error("DATE_OUT_OF_RANGE", "Must be a year from 1900 on")
    return parsed.isoformat()


def _unique(value: list[str]) -> list[str]:
    if len(set(value)) != len(value):
        raise wire_error("DUPLICATE_VALUE_IN_ARRAY", "Must not name a language twice")
    return value


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Language = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z]{2,8})?$")]
Name = Annotated[str, Field(max_length=100)]


class _Closed(WireModel):
    model_config = ConfigDict(extra="forbid")


class Computed(_Closed):
    """Attributes that come from device, address and phone; settable only in a sandbox."""

    client_type: Literal["BROWSER", "TOLOKA_APP"] | None = None
    region_by_ip: Integer | None = None
    region_by_phone: Integer | None = None
    device_category: Name | None = None
    os_family: Name | None = None
    os_version: Number | None = None
    os_version_bugfix: Annotated[Integer, Field(ge=0)] | None = None
    user_agent_type: Name | None = None
    user_agent_family: Name | None = None
    user_agent_version: Number | None = None
    rating: Number | None = None


class Profile(_Closed):
    """What a worker says about themselves; every key may be absent or null."""

    first_name: Name | None = None
    last_name: Name | None = None
    date_of_birth: Annotated[str, BeforeValidator(_date)] | None = None
    gender: Literal["MALE", "FEMALE", "OTHER"] | None = None
    country: Country | None = None
    citizenship: Country | None = None
    city: Integer | None = None
    education: Literal["BASIC", "MIDDLE", "HIGH"] | None = None
    languages: Annotated[list[Language], Field(max_length=50), AfterValidator(_unique)] | None = None
    adult_allowed: bool | None = None
    computed: Computed | None = None

    def given(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The keys that were sent, null ones included: of the profile, and of its computed part."""
        sent = self.model_dump(exclude_unset=True)
        computed = sent.pop("computed", None) or {}
        return sent, computed


class Registration(WireModel):
    """A new worker."""

    login: Annotated[str, Field(min_length=3, max_length=64, pattern=r"^[A-Za-z0-9._@-]*$")]
    password: Annotated[str, Field(min_length=8, max_length=1000)]
    profile: Profile | None = None


class Credentials(WireModel):
    """A worker's login and password."""

    login: Annotated[str, Field(max_length=64)]
    password: Annotated[str, Field(max_length=1000)]


class ProfileChange(WireModel):
    """A change of a worker's profile."""

    profile: Profile | None = None


class RequesterSignIn(WireModel):
    """A requester's key, traded for a browser session."""

    api_key: Annotated[str, Field(max_length=1000)]


class AccountBody(WireModel):
    """The name of an account in one language at least."""

    public_name: Title


class NewKeyBody(WireModel):
    """A further key of an account; names need not be unique."""

    name: Annotated[NonBlank, at_most(255)]


class MemberBody(WireModel):
    """Who may act under the account, and as what."""

    requester_id: IdText
    role: Literal["VIEWER", "EDITOR", "ADMIN"]


class RoleBody(WireModel):
    """Another role of a member."""

    role: Literal["VIEWER", "EDITOR", "ADMIN"]


def key_json(key: Key) -> dict[str, Any]:
    """What is shown of a key."""
    shown = {"id": str(key.id), "name": key.name, "prefix": key.prefix, "created": key.created}
    return shown if key.last_used is None else {**shown, "last_used": key.last_used}


def member_json(member: Member) -> dict[str, Any]:
    """A member."""
    return {"requester_id": member.requester_id, "role": member.role.value, "created": member.created}
