"""Registration, sign-in, sessions and profiles of workers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.api.full_bodies import PROFILE
from tests.support.app import PASSWORD, Talka

from talka.infra.settings import Settings

API = "/api/worker/v1"


async def register(talka: Talka, **body: Any) -> Any:
    """Register somebody."""
    return await talka.anonymous().post(f"{API}/register", json={"login": "ada", "password": PASSWORD, **body})


async def test_registering_signs_in_by_token_and_cookie(talka: Talka) -> None:
    client = talka.anonymous()
    answer = await client.post(f"{API}/register", json={"login": "Ada.L@x-1", "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.json().keys() == {"user_id", "token"}
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    me = {
        "user_id": answer.json()["user_id"],
        "login": "Ada.L@x-1",
        "profile": {},
        "computed": {},
        "balance": {"available": 0, "on_review": 0, "blocked": 0},
        "rating": None,
    }
    assert (await client.get(f"{API}/me")).json() == me
    bearer = {"authorization": f"Bearer {answer.json()['token']}"}
    assert (await talka.anonymous().get(f"{API}/me", headers=bearer)).json() == me
    again = await talka.anonymous().post(f"{API}/login", json={"login": "aDA.l@X-1", "password": PASSWORD})
    assert again.json()["user_id"] == answer.json()["user_id"]
    assert again.json()["token"] != answer.json()["token"]
    assert (await client.post(f"{API}/logout")).json() == {}
    assert (await talka.anonymous().get(f"{API}/me", headers=bearer)).status_code == 401
    other = {"authorization": f"Bearer {again.json()['token']}"}
    assert (await talka.anonymous().get(f"{API}/me", headers=other)).status_code == 200


async def test_wrong_sign_ins_look_alike(talka: Talka) -> None:
    await register(talka)
    bodies = []
    for login, password in (("ada", "wrong password"), ("nobody", PASSWORD), ("ada", ""), ("", "")):
        answer = await talka.anonymous().post(f"{API}/login", json={"login": login, "password": password})
        assert "set-cookie" not in answer.headers
        bodies.append((answer.status_code, answer.json()["code"], answer.json()["message"], answer.json()["payload"]))
    assert set(bodies) == {(401, "AUTHENTICATION_ERROR", bodies[0][2], None)}


async def test_a_login_is_taken_in_whatever_case(talka: Talka) -> None:
    assert (await register(talka)).status_code == 201
    for login in ("ada", "ADA", "aDa"):
        answer = await register(talka, login=login)
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT_STATE")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"login": "ab", "password": "short"}, {"login", "password"}),
        ({"login": "a" * 65}, {"login"}),
        ({"login": "a b"}, {"login"}),
        ({"login": "abc\n"}, {"login"}),
        ({"login": "\u0430da"}, {"login"}),
        ({"profile": {"nickname": "x", "computed": {"age": 5}}}, {"profile.nickname", "profile.computed.age"}),
        ({"profile": {"date_of_birth": "1.5.1990", "gender": "X", "country": "pt", "city": "Porto"}},
         {"profile.date_of_birth", "profile.gender", "profile.country", "profile.city"}),
        ({"profile": {"languages": ["EN", "en"], "education": 1}}, {"profile.languages.1", "profile.education"}),
        ({"profile": {"languages": ["EN", "EN"]}}, {"profile.languages"}),
        ({"profile": {"date_of_birth": "1890-01-01", "country": "PT\n"}},
         {"profile.date_of_birth", "profile.country"}),
        ({"profile": []}, {"profile"}),
    ],
)  # fmt: skip
async def test_wrong_registrations_name_every_field(talka: Talka, change: Any, wrong: set[str]) -> None:
    answer = await register(talka, **change)
    assert (answer.status_code, answer.json()["payload"].keys()) == (400, wrong)
    assert (await register(talka)).status_code == 201


async def test_a_profile_is_merged_and_nulls_remove(talka: Talka) -> None:
    bare: dict[str, Any] = {name: None for name in PROFILE if name != "computed"}
    answer = await register(talka, profile={**PROFILE, "gender": None})
    client = talka.anonymous()
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    shown = {name: value for name, value in PROFILE.items() if name not in ("computed", "gender")}
    me = (await client.get(f"{API}/me")).json()
    assert (me["profile"], me["computed"], me["rating"]) == (shown, PROFILE["computed"], 4.5)
    change = {"country": "ES", "languages": None, "computed": {"rating": None, "os_family": "LINUX"}}
    changed = (await client.patch(f"{API}/me", json={"profile": change})).json()
    expected = {**{k: v for k, v in shown.items() if k != "languages"}, "country": "ES"}
    computed = {**{k: v for k, v in PROFILE["computed"].items() if k != "rating"}, "os_family": "LINUX"}
    assert (changed["profile"], changed["computed"]) == (expected, computed)
    nothings: list[dict[str, Any]] = [{}, {"profile": None}, {"profile": {}}]
    for nothing in nothings:
        assert (await client.patch(f"{API}/me", json=nothing)).json()["profile"] == expected
    wrong = await client.patch(f"{API}/me", json={"profile": {"country": "Spain", "city": 1}})
    assert wrong.json()["payload"].keys() == {"profile.country"}
    assert (await client.get(f"{API}/me")).json()["profile"] == expected
    emptied = (await client.patch(f"{API}/me", json={"profile": bare})).json()
    assert emptied["profile"] == {}


async def test_closed_registration(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sandbox=True, open_registration=False)
    async with Talka.start(database_url, settings) as talka:
        answer = await register(talka)
        assert (answer.status_code, answer.json()["code"]) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize(
    ("address", "secure"), [("https://work.example.org", True), ("http://work.example.org", False)]
)
async def test_cookies_are_secure_where_people_come_by_https(
    database_url: str, tmp_path: Path, address: str, secure: bool
) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True, base_url=address)) as talka:
        session = await talka.anonymous().post("/api/requester/v1/session", json={"api_key": talka.account["api_key"]})
        for answer in (await register(talka), session):
            assert ("Secure" in answer.headers["set-cookie"]) is secure


async def test_a_wrong_key_opens_no_browser_session(talka: Talka) -> None:
    for body, wrong in (({"api_key": "x"}, "api_key"), ({}, "api_key"), ([], "body")):
        answer = await talka.anonymous().post("/api/requester/v1/session", json=body)
        assert (answer.status_code, answer.json()["payload"].keys()) == (400, {wrong})
        assert "set-cookie" not in answer.headers


async def test_passwords_cannot_be_guessed_fast(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sign_ins_per_minute=3)
    async with Talka.start(database_url, settings) as talka:
        await register(talka)
        tries = [("ada", "guess 1"), ("ADA", "guess 2"), ("ada", "guess 3"), ("Ada", PASSWORD), ("bob", "guess 1")]
        answers = [
            await talka.anonymous().post(f"{API}/login", json={"login": login, "password": password})
            for login, password in tries
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 401]
        refused = answers[3]
        assert (refused.json()["code"], "retry-after" in refused.headers) == ("TOO_MANY_REQUESTS", False)
        assert (refused.json()["payload"]["limit"], refused.json()["payload"]["per"]) == (3, "MINUTE")


async def test_one_of_many_who_want_a_login_gets_it(talka: Talka) -> None:
    answers = await asyncio.gather(*(register(talka, login=login) for login in ("ada", "Ada", "ADA", "ada")))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
