"""Proxies as requesters send and get them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from talka.infra.outbound import host_of
from talka.kit.documents import Document, Text, at_most, refuse
from talka.kit.errors import FieldError
from talka.kit.wire import wire_error
from talka.proxies.model import Proxy
from talka.proxies.rules import NAME, RESERVED_HEADERS, absolute

_MAX_URL = 2048
_MAX_VALUE = 8192
_MAX_PAIRS = 50
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE = re.compile(r"[\t -~]*")


def _name(value: str) -> str:
    if NAME.fullmatch(value) is None:
        raise wire_error("PATTERN_MISMATCH", "Must have 1 to 64 Latin letters, digits and dashes", NAME.pattern)
    return value


def _base_url(value: str) -> str:
    url = absolute(value)
    try:
        host_of(url)
    except ValueError:
        url = ""
    if not url or re.search(r"[\s?#\\@\x00-\x20\x7f]", value) or not value.isascii():
        raise wire_error("INVALID_URL_SYNTAX", "Must be a host with an optional path, such as example.com/some-path")
    return value


def _few(value: dict[str, list[str]]) -> dict[str, list[str]]:
    if len(value) > _MAX_PAIRS:
        raise wire_error("VALUE_NOT_ALLOWED", f"Must have at most {_MAX_PAIRS} names", _MAX_PAIRS)
    return value


def _headers(value: dict[str, list[str]]) -> dict[str, list[str]]:
    errors: dict[str, FieldError] = {}
    for name, values in value.items():
        if _HEADER.fullmatch(name) is None:
            errors[name] = FieldError("CHARACTER_NOT_ALLOWED", "Must be the name of a header")
        elif name.lower() in RESERVED_HEADERS:
            errors[name] = FieldError("VALUE_NOT_ALLOWED", "This header cannot be chosen")
        for index, text in enumerate(values):
            if _HEADER_VALUE.fullmatch(text) is None:
                error = FieldError("CHARACTER_NOT_ALLOWED", "Must be printable ASCII on one line")
                errors[f"{name}.{index}"] = error
    refuse(errors)
    return value


Values = dict[Text, list[Annotated[Text, at_most(_MAX_VALUE)]]]


class ProxyParams(Document):
    """Where a proxy leads, and for whom."""

    type: Literal["HTTP"]
    base_url: Annotated[Text, at_most(_MAX_URL), AfterValidator(_base_url)] = Field(alias="baseUrl")
    access_rights: Literal["ASSIGNMENT_PRIVATE", "PRIVATE", "PUBLIC"] = Field(alias="accessRights")
    additional_headers: Annotated[Values, AfterValidator(_few), AfterValidator(_headers)] | None = Field(
        None, alias="additionalHeaders"
    )
    additional_query_args: Annotated[Values, AfterValidator(_few)] | None = Field(None, alias="additionalQueryArgs")


class ProxyBody(Document):
    """Everything of a proxy that its requester decides."""

    name: Annotated[str, AfterValidator(_name)]
    params: ProxyParams


def proxy_json(proxy: Proxy) -> dict[str, Any]:
    """A proxy as its requester gets it."""
    return {"id": str(proxy.id), "name": proxy.name, "params": proxy.params}
