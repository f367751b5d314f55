"""Which translation is chosen, and what becomes of an interface in it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from talka.accounts.languages import from_header, with_bases
from talka.kit.errors import ValidationError
from talka.kit.wire import parse
from talka.projects.localization import HintLocalization, LocalizationConfig, texts_in, translation, view_in
from talka.projects.versions import compile_version

FRENCH = {"language": "FR", "public_name": {"value": "Lettres", "source": "REQUESTER"}}
BRAZILIAN = {"language": "PT-BR", "public_description": {"value": "Diga"}}
EMPTY = {"language": "DE", "public_name": {"value": ""}, "tb_view_spec": {"keys": []}}
KEYED = {
    "language": "ES",
    "tb_view_spec": {"keys": [{"key": "ask", "value": "¿Qué?"}, {"key": "new", "value": "Nuevo"}]},
}
CONFIG = {"default_language": "EN", "additional_languages": [FRENCH, BRAZILIAN, EMPTY, KEYED]}
BODY: dict[str, Any] = {"public_name": "Letters", "public_description": "Say it", "localization_config": CONFIG}


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ([], None), (["FR"], "FR"), (["EN", "FR"], None), (["FR", "EN"], "FR"), (["RU", "FR"], "FR"), (["RU"], None),
        (["DE", "FR"], "FR"), (["PT-BR", "PT"], "PT-BR"), (["PT"], None), (["ES"], "ES"),
    ],
)  # fmt: skip
def test_the_first_wanted_language_that_there_is(wanted: list[str], language: str | None) -> None:
    assert translation(CONFIG, wanted).get("language") == language


@pytest.mark.parametrize(
    "config", [None, {}, {"default_language": "EN"}, {"default_language": "EN", "additional_languages": None}]
)
def test_no_translations(config: Any) -> None:
    assert translation(config, ["FR"]) == {}


def test_each_text_falls_back_by_itself() -> None:
    assert texts_in(BODY, ["FR"]) == {
        "public_name": "Lettres", "public_description": "Say it", "public_instructions": "",
    }  # fmt: skip
    assert texts_in(BODY, ["PT-BR"])["public_description"] == "Diga"
    assert texts_in({"public_name": "x"}, ["FR"])["public_name"] == "x"


def test_languages_of_a_browser() -> None:
    assert from_header("pt-BR,pt;q=0.9, en-US ;q=0.8,,*;q=0.1") == ["PT-BR", "PT", "EN-US", "*"]
    assert from_header("") == []
    assert with_bases(["PT-BR", "PT", "EN"]) == ["PT-BR", "PT", "EN"]
    assert with_bases(["ZH-HANS", "EN"]) == ["ZH-HANS", "ZH", "EN"]


def test_an_interface_in_another_language() -> None:
    keys = [{"key": "ask", "defaultValue": "What?"}, {"key": "rest", "defaultValue": "Rest"}]
    view = {"type": "tb", "config": "{}", "localizationConfig": {"keys": keys, "more": 1}}
    found = view_in(view, KEYED)
    assert found == {**view, "localizationConfig": {"more": 1, "keys": [
        {"key": "ask", "defaultValue": "¿Qué?"}, {"key": "rest", "defaultValue": "Rest"},
        {"key": "new", "defaultValue": "Nuevo"},
    ]}}  # fmt: skip
    assert keys[0] == {"key": "ask", "defaultValue": "What?"}
    assert view_in(view, FRENCH) is view
    classic = {**view, "type": "classic"}
    assert view_in(classic, KEYED) is classic
    for odd in ({"keys": "ask"}, {"keys": [1, None]}, None, {}):
        changed = view_in({"type": "tb", "localizationConfig": odd}, KEYED)
        assert [key["key"] for key in changed["localizationConfig"]["keys"]] == ["ask", "new"]


def pages(language: str, config: Any) -> Any:
    """The interface of a page in a language."""
    spec = {"input_spec": {}, "output_spec": {}, "view_spec": {"type": "tb", "config": "{}"}}
    version = compile_version({"task_spec": spec, "localization_config": config})
    return orjson.loads(orjson.dumps(version.page_spec_in([language])["view_spec"]))


def test_pages_of_a_version() -> None:
    assert [key["key"] for key in pages("ES", CONFIG)["localizationConfig"]["keys"]] == ["ask", "new"]
    for language in ("FR", "EN", "RU", "DE"):
        assert pages(language, CONFIG) == {"type": "tb", "config": "{}"}
    assert pages("ES", None) == {"type": "tb", "config": "{}"}


def config_errors(additional: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        parse(LocalizationConfig, {"default_language": "EN", "additional_languages": additional})
    return {path.removeprefix("additional_languages."): error.code for path, error in refused.value.fields.items()}


def test_translations_are_as_long_as_what_they_translate() -> None:
    for name, most in (("public_name", 255), ("public_description", 1_000), ("public_instructions", 1_048_576)):
        parse(LocalizationConfig, {"default_language": "EN", "additional_languages": [
            {"language": "FR", name: {"value": "x" * most}}]})  # fmt: skip
        long = [{"language": "FR", name: {"value": "x" * (most + 1)}}]
        assert config_errors(long) == {f"0.{name}.value": "STRING_LENGTH_GREATER_THAN_MAX"}


def test_each_language_once_and_not_too_many() -> None:
    assert config_errors([{"language": "FR"}, {"language": "FR"}]) == {"1.language": "DUPLICATE_VALUE_IN_ARRAY"}
    hints = {"default_language": "EN", "additional_languages": [{"language": "FR"}, {"language": "FR"}]}
    with pytest.raises(ValidationError) as refused:
        parse(HintLocalization, hints)
    assert refused.value.fields.keys() == {"additional_languages.1.language"}
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    many = [{"language": a + b} for a in letters for b in letters][:201]
    assert config_errors(many) == {"additional_languages": "ARRAY_SIZE_GREATER_THAN_MAX"}
    assert config_errors([{"language": "fr"}, {}, 1]) == {
        "0.language": "UNKNOWN_ENUM_VALUE", "1.language": "VALUE_REQUIRED", "2": "OBJECT_EXPECTED",
    }  # fmt: skip
