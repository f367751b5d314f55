"""Which translation is chosen, and what becomes of an interface in it."""

from __future__ import annotations

from typing import Any

import pytest

from talka.accounts.languages import from_header, with_bases
from talka.projects.localization import texts_in, translation, view_in

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
    assert view_in(view, FRENCH) is None
    assert view_in({**view, "type": "classic"}, KEYED) is None
    for odd in ({"keys": "ask"}, {"keys": [1, None]}, None, {}):
        changed = view_in({"type": "tb", "localizationConfig": odd}, KEYED)
        assert changed is not None
        assert [key["key"] for key in changed["localizationConfig"]["keys"]] == ["ask", "new"]
