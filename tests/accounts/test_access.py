"""Keys of an account, and members who act under it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest
from tests.support.app import Talka

KEYS, MEMBERS = "/api/requester/v1/keys", "/api/requester/v1/members"
UNDER = "x-act-under-account-id"


async def member(talka: Talka, role: str) -> tuple[httpx.AsyncClient, str]:
    """A member of the owner's account that acts under it, and its own id."""
    client = await talka.stranger()
    own = (await client.get("/api/v1/requester")).json()["id"]
    answer = await talka.requester.post(MEMBERS, json={"requester_id": own, "role": role})
    assert answer.status_code == 201, answer.text
    client.headers[UNDER] = talka.account["requester_id"]
    return client, own


async def status(client: httpx.AsyncClient) -> int:
    """What the health check of a key says."""
    return (await client.get("/api/v1/requester")).status_code


async def test_a_key_is_shown_once_and_works_until_deleted(talka: Talka) -> None:
    made = await talka.requester.post(KEYS, json={"name": "nightly"})
    assert made.status_code == 201
    key = made.json()
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}\.[0-9a-f]{8}\.[A-Za-z0-9_-]{43}", key["api_key"])
    shown = {"id": key["id"], "name": "nightly", "prefix": key["api_key"][:8], "created": key["created"]}
    assert key == {**shown, "api_key": key["api_key"]}
    listed = (await talka.requester.get(KEYS)).json()
    assert listed["has_more"] is False
    assert [item["name"] for item in listed["items"]] == ["first", "nightly"]
    assert listed["items"][1] == shown  # not used yet
    assert listed["items"][0].keys() == {"id", "name", "prefix", "created", "last_used"}
    client = talka.anonymous()
    client.headers["authorization"] = f"OAuth {key['api_key']}"
    assert (await client.get("/api/v1/requester")).json()["id"] == talka.account["requester_id"]
    assert "last_used" in (await talka.requester.get(KEYS)).json()["items"][1]
    async with talka.db.reading() as tx:
        stored = await tx.rows("select t::text as text from api_key t")
    assert not any(key["api_key"][8:] in row["text"] for row in stored)
    assert (await talka.requester.delete(f"{KEYS}/{key['id']}")).status_code == 204
    assert await status(client) == 401
    assert (await talka.requester.delete(f"{KEYS}/{key['id']}")).status_code == 404
    assert await status(talka.requester) == 200


async def test_a_key_takes_its_browser_sessions_with_it(talka: Talka) -> None:
    key = (await talka.requester.post(KEYS, json={"name": "laptop"})).json()
    lost, kept = talka.anonymous(), talka.anonymous()
    for client, text in ((lost, key["api_key"]), (kept, talka.account["api_key"])):
        assert (await client.post("/api/requester/v1/session", json={"api_key": text})).status_code == 200
        assert await status(client) == 200
    await talka.requester.delete(f"{KEYS}/{key['id']}")
    assert (await status(lost), await status(kept)) == (401, 200)


async def test_signing_in_while_the_key_is_deleted(talka: Talka) -> None:
    for _ in range(5):
        key = (await talka.requester.post(KEYS, json={"name": "short-lived"})).json()
        browsers = [talka.anonymous() for _ in range(4)]
        body = {"api_key": key["api_key"]}
        answers = await asyncio.gather(
            *(browser.post("/api/requester/v1/session", json=body) for browser in browsers[:2]),
            talka.requester.delete(f"{KEYS}/{key['id']}"),
            *(browser.post("/api/requester/v1/session", json=body) for browser in browsers[2:]),
        )
        assert {answer.status_code for answer in answers} <= {200, 204, 400}
        assert [await status(browser) for browser in browsers] == [401] * 4


async def test_a_session_waits_for_the_key_that_is_being_deleted(talka: Talka) -> None:
    key = (await talka.requester.post(KEYS, json={"name": "short-lived"})).json()
    async with talka.db.transaction() as tx:
        await tx.execute("delete from api_key where id = %s", (int(key["id"]),))
        browser = talka.anonymous()
        signing_in = asyncio.create_task(browser.post("/api/requester/v1/session", json={"api_key": key["api_key"]}))
        await asyncio.sleep(0.3)
        assert not signing_in.done()
    answer = await signing_in
    assert (answer.status_code, answer.json()["payload"]["api_key"]["code"]) == (400, "INVALID_VALUE")


async def test_fifty_keys_also_when_asked_at_once(talka: Talka) -> None:
    for number in range(45):
        assert (await talka.requester.post(KEYS, json={"name": f"k{number}"})).status_code == 201
    answers = await asyncio.gather(*(talka.requester.post(KEYS, json={"name": "same"}) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 6
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"CONFLICT_STATE"}
    listed = (await talka.requester.get(KEYS)).json()["items"]
    assert len(listed) == 50
    await talka.requester.delete(f"{KEYS}/{listed[-1]['id']}")
    assert (await talka.requester.post(KEYS, json={"name": "room again"})).status_code == 201


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"name": "VALUE_REQUIRED"}),
        ({"name": None}, {"name": "VALUE_REQUIRED"}),
        ({"name": 5}, {"name": "STRING_EXPECTED"}),
        ({"name": "  "}, {"name": "BLANK_STRING_NOT_ALLOWED"}),
        ({"name": "x" * 256}, {"name": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({"name": "a\0b"}, {"name": "CHARACTER_NOT_ALLOWED"}),
        ([], {"body": "OBJECT_EXPECTED"}),
    ],
)
async def test_wrong_keys(talka: Talka, body: Any, wrong: dict[str, str]) -> None:
    answer = await talka.requester.post(KEYS, json=body)
    assert answer.status_code == 400
    assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong
    assert len((await talka.requester.get(KEYS)).json()["items"]) == 1


async def test_another_account_cannot_delete_a_key(talka: Talka) -> None:
    stranger = await talka.stranger()
    own = (await talka.requester.get(KEYS)).json()["items"][0]["id"]
    assert (await stranger.delete(f"{KEYS}/{own}")).status_code == 404
    assert await status(talka.requester) == 200


async def test_members_come_change_and_go(talka: Talka) -> None:
    client, own = await member(talka, "VIEWER")
    listed = (await talka.requester.get(MEMBERS)).json()
    assert listed == {
        "items": [{"requester_id": own, "role": "VIEWER", "created": listed["items"][0]["created"]}],
        "has_more": False,
    }
    acting = (await client.get("/api/v1/requester")).json()
    assert (acting["id"], acting["balance"]) == (talka.account["requester_id"], 1_000_000)
    changed = await talka.requester.patch(f"{MEMBERS}/{own}", json={"role": "ADMIN"})
    assert (changed.status_code, changed.json()) == (200, {**listed["items"][0], "role": "ADMIN"})
    again = await talka.requester.post(MEMBERS, json={"requester_id": own, "role": "VIEWER"})
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT_STATE")
    assert (await talka.requester.get(MEMBERS)).json()["items"][0]["role"] == "ADMIN"
    assert (await talka.requester.delete(f"{MEMBERS}/{own}")).status_code == 204
    assert await status(client) == 403
    for refused in (
        await talka.requester.delete(f"{MEMBERS}/{own}"),
        await talka.requester.patch(f"{MEMBERS}/{own}", json={"role": "EDITOR"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, "DOES_NOT_EXIST")
    del client.headers[UNDER]
    assert (await client.get("/api/v1/requester")).json()["id"] == own


async def test_what_a_member_makes_belongs_to_the_account(talka: Talka) -> None:
    client, _ = await member(talka, "EDITOR")
    made = await client.post("/api/v1/skills", json={"name": "letters"})
    assert made.status_code == 201
    assert [item["id"] for item in (await talka.requester.get("/api/v1/skills")).json()["items"]] == [made.json()["id"]]
    del client.headers[UNDER]
    assert (await client.get("/api/v1/skills")).json()["items"] == []


async def test_editors_work_and_administrators_manage(talka: Talka) -> None:
    editor, own = await member(talka, "EDITOR")
    key = (await talka.requester.get(KEYS)).json()["items"][0]["id"]
    calls: list[tuple[str, str, Any]] = [
        ("GET", KEYS, None), ("POST", KEYS, {"name": "x"}), ("DELETE", f"{KEYS}/{key}", None), ("GET", MEMBERS, None),
        ("POST", MEMBERS, {"requester_id": own, "role": "ADMIN"}), ("PATCH", f"{MEMBERS}/{own}", {"role": "ADMIN"}),
        ("DELETE", f"{MEMBERS}/{own}", None),
    ]  # fmt: skip
    for method, path, body in calls:
        answer = await editor.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "ACCESS_DENIED"), f"{method} {path}"
    await talka.requester.patch(f"{MEMBERS}/{own}", json={"role": "ADMIN"})
    assert (await editor.get(KEYS)).json()["items"][0]["id"] == key
    assert (await editor.post(KEYS, json={"name": "x"})).status_code == 201
    assert len((await talka.requester.get(KEYS)).json()["items"]) == 2


async def test_access_is_not_passed_on_nor_given_back(talka: Talka) -> None:
    middle, own = await member(talka, "ADMIN")
    last = await talka.stranger()
    del middle.headers[UNDER]
    last_id = (await last.get("/api/v1/requester")).json()["id"]
    await middle.post(MEMBERS, json={"requester_id": last_id, "role": "ADMIN"})
    last.headers[UNDER] = own
    assert await status(last) == 200
    last.headers[UNDER] = talka.account["requester_id"]
    assert await status(last) == 403
    back = await talka.requester.get("/api/v1/requester", headers={UNDER: own})
    assert (back.status_code, back.json()["code"]) == (403, "ACCESS_DENIED")


async def test_a_browser_session_acts_under_an_account_and_reads_only(talka: Talka) -> None:
    client, own = await member(talka, "ADMIN")
    browser = talka.anonymous()
    key = client.headers["authorization"].removeprefix("ApiKey ")
    await browser.post("/api/requester/v1/session", json={"api_key": key})
    assert (await browser.get("/api/v1/requester")).json()["id"] == own
    browser.headers[UNDER] = talka.account["requester_id"]
    assert (await browser.get("/api/v1/requester")).json()["id"] == talka.account["requester_id"]
    assert (await browser.post("/api/v1/skills", json={"name": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"requester_id": "VALUE_REQUIRED", "role": "VALUE_REQUIRED"}),
        ({"requester_id": "f" * 32, "role": "OWNER"}, {"role": "UNKNOWN_ENUM_VALUE"}),
        ({"requester_id": "f" * 32, "role": "VIEWER"}, {"requester_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"requester_id": "nobody", "role": "VIEWER"}, {"requester_id": "ENTITY_DOES_NOT_EXIST"}),
        ({"requester_id": [], "role": 1}, {"requester_id": "STRING_EXPECTED", "role": "UNKNOWN_ENUM_VALUE"}),
    ],
)
async def test_wrong_members(talka: Talka, body: Any, wrong: dict[str, str]) -> None:
    answer = await talka.requester.post(MEMBERS, json=body)
    assert answer.status_code == 400
    assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong
    assert (await talka.requester.get(MEMBERS)).json()["items"] == []


async def test_nobody_is_their_own_member_and_workers_are_none(talka: Talka) -> None:
    worker = await talka.worker()
    for requester_id, code in (
        (talka.account["requester_id"], "VALUE_NOT_ALLOWED"), (worker.user_id, "ENTITY_DOES_NOT_EXIST"),
    ):  # fmt: skip
        answer = await talka.requester.post(MEMBERS, json={"requester_id": requester_id, "role": "ADMIN"})
        assert answer.json()["payload"]["requester_id"]["code"] == code
    assert (await talka.requester.get(MEMBERS)).json()["items"] == []


async def test_the_same_member_added_at_once_is_added_once(talka: Talka) -> None:
    other = await talka.stranger()
    body = {"requester_id": (await other.get("/api/v1/requester")).json()["id"], "role": "EDITOR"}
    answers = await asyncio.gather(*(talka.requester.post(MEMBERS, json=body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


ACCOUNT = "/api/requester/v1/account"


async def test_workers_know_an_account_by_its_name(talka: Talka) -> None:
    pool, worker = await talka.pool(), await talka.worker()
    await talka.tasks(pool, 4)
    [card] = (await worker.get("/task-list")).json()["items"]
    assert card["requester"] == "Requester"
    names = {"EN": "Lab A", "PT": "Laboratório A"}
    answer = await talka.requester.put(ACCOUNT, json={"public_name": names})
    shown = {"requester_id": talka.account["requester_id"], "public_name": names}
    assert (answer.status_code, answer.json()) == (200, shown)
    assert (await talka.requester.get("/api/v1/requester")).json()["public_name"] == names
    [card] = (await worker.get("/task-list")).json()["items"]
    assert card["requester"] == "Lab A"
    portuguese = await talka.worker(profile={"languages": ["PT"]})
    assert [card["requester"] for card in (await portuguese.get("/task-list")).json()["items"]] == ["Laboratório A"]
    again = await talka.requester.put(ACCOUNT, json={"public_name": {"EN": "LAB A"}})
    assert (again.status_code, again.json()["public_name"]) == (200, {"EN": "LAB A"})


async def test_no_two_accounts_have_one_name(talka: Talka) -> None:
    stranger = await talka.stranger()
    clients = [talka.requester, stranger] * 3
    answers = await asyncio.gather(
        *(
            client.put(ACCOUNT, json={"public_name": {"EN": name}})
            for client, name in zip(clients, "abaaab", strict=True)
        )
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    own = [(await client.get("/api/v1/requester")).json()["public_name"] for client in (talka.requester, stranger)]
    assert own[0] != own[1]
    await talka.requester.put(ACCOUNT, json={"public_name": {"EN": "Lab", "DE": "Labor"}})
    refused = await stranger.put(ACCOUNT, json={"public_name": {"FR": "lABOR"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT_STATE")
    editor, _ = await member(talka, "EDITOR")
    assert (await editor.put(ACCOUNT, json={"public_name": {"EN": "x"}})).status_code == 403


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"public_name": "VALUE_REQUIRED"}),
        ({"public_name": {}}, {"public_name": "EMPTY_OBJECT_NOT_ALLOWED"}),
        ({"public_name": "Lab"}, {"public_name": "OBJECT_EXPECTED"}),
        ({"public_name": {"EN": " "}}, {"public_name.EN": "BLANK_STRING_NOT_ALLOWED"}),
        ({"public_name": {"EN": "x" * 256}}, {"public_name.EN": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({"public_name": {"en": "x"}}, {"public_name.en": "UNKNOWN_ENUM_VALUE"}),
    ],
)
async def test_wrong_names(talka: Talka, body: Any, wrong: dict[str, str]) -> None:
    answer = await talka.requester.put(ACCOUNT, json=body)
    assert answer.status_code == 400
    assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong
