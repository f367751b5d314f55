"""Task interfaces: `view_spec` of the kinds `classic` (HTML, CSS, JavaScript) and `tb` (Template Builder)."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import pydantic
from pydantic import AfterValidator, SerializeAsAny

from talka.kit.documents import Document, JsonObject, OpenDocument, Text, json_problems, refuse
from talka.kit.registry import Registry
from talka.kit.wire import variant, wire_error


class ViewSettings(OpenDocument):
    """What surrounds the tasks of a page; all of it is shown when nothing is said. Free keys are kept."""

    showTimer: bool | None = None  # noqa: N815 - the names of the API
    showTitle: bool | None = None  # noqa: N815
    showInstructions: bool | None = None  # noqa: N815
    showFullscreen: bool | None = None  # noqa: N815
    showSubmit: bool | None = None  # noqa: N815
    showSkip: bool | None = None  # noqa: N815
    showFinish: bool | None = None  # noqa: N815
    showMessage: bool | None = None  # noqa: N815
    showReward: bool | None = None  # noqa: N815


class ViewSpec(OpenDocument):
    """An interface; unknown keys are kept."""

    filled = {"type": "classic"}  # noqa: RUF012 - a class variable of the base

    type: str
    settings: ViewSettings | None = None


class Assets(OpenDocument):
    """Addresses of scripts and style sheets in the order of loading."""

    script_urls: list[Text] | None = None
    style_urls: list[Text] | None = None


class ClassicView(ViewSpec):
    """Markup, script and styles by hand."""

    markup: Text | None = None
    script: Text | None = None
    styles: Text | None = None
    assets: Assets | None = None


def _config(text: str) -> str:
    try:
        config = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise wire_error("JSON_EXPECTED", "Must be a string that holds JSON") from None
    if not isinstance(config, dict):
        raise wire_error("JSON_EXPECTED", "Must be a string that holds a JSON object")
    if config.get("view") is None:
        raise wire_error("VALUE_REQUIRED", "The object in the string must have `view`")
    return text


def _lock(lock: dict[str, str] | None) -> dict[str, str] | None:
    refuse(json_problems(lock))
    if lock and "core" not in lock:
        raise wire_error("VALUE_REQUIRED", "Must name the version of `core`")
    return lock


class TemplateBuilderView(ViewSpec):
    """`config` is JSON in a string, returned to the letter; `lock` is always there, if only as null."""

    filled = {"lock": None}  # noqa: RUF012 - a class variable of the base
    nullable = frozenset({"lock"})

    config: Annotated[Text, AfterValidator(_config)]
    lock: Annotated[dict[str, str] | None, AfterValidator(_lock)]
    inferDataSpec: bool | None = None  # noqa: N815 - the name of the API
    localizationConfig: JsonObject | None = None  # noqa: N815 - the name of the API


VIEWS: Registry[type[ViewSpec]] = Registry("view", classic=ClassicView, tb=TemplateBuilderView)


def _unknown(value: str) -> str:
    raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a kind of interface", *VIEWS.names())


class UnknownView(Document):
    """An interface whose type is of the wrong kind or unknown: it has errors only."""

    type: Annotated[str, AfterValidator(_unknown)]


def _pick(value: Any) -> type[pydantic.BaseModel]:
    if not isinstance(value, dict) or value.get("type") is None:
        return ClassicView
    return VIEWS.get(value["type"]) or UnknownView


View = Annotated[SerializeAsAny[ViewSpec], variant(_pick, VIEWS)]
"""An interface of either kind."""
