"""Subscriptions: one and many, twice the same, each field broken, lists, other accounts, the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.app import Talka
from tests.webhooks.conftest import API, subscribe

from talka.webhooks.model import EventType

URL = "https://example.org/hook?key=1"


def full(pool: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {"event_type": "POOL_CLOSED", "pool_id": pool["id"], "webhook_url": URL, "secret_key": "s3cret"}
    return {**body, **changes}


async def test_a_subscription_comes_back_without_its_secret(talka: Talka) -> None:
    pool = await talka.pool()
    answer = await talka.requester.put(f"{API}/", json={**full(pool), "id": "7", "created": "x", "color": "red"})
    assert answer.status_code == 200
    found = answer.json()
    known = {"event_type": "POOL_CLOSED", "webhook_url": URL, "pool_id": pool["id"]}
    assert found == {"id": found["id"], **known, "created": found["created"]}
    assert (await talka.requester.get(f"{API}/{found['id']}")).json() == found
    assert (await talka.requester.get(f"{API}/")).json() == {"items": [found], "has_more": False}


@pytest.mark.parametrize("kind", list(EventType))
async def test_every_event_type_can_be_subscribed_to(talka: Talka, kind: EventType) -> None:
    assert (await subscribe(talka.requester, await talka.pool(), kind, URL))["event_type"] == kind


async def test_the_same_pool_type_and_address_are_the_same_subscription(talka: Talka) -> None:
    pool, other = await talka.pool(), await talka.pool()
    first = await subscribe(talka.requester, pool, "POOL_CLOSED", URL)
    assert await subscribe(talka.requester, pool, "POOL_CLOSED", URL, secret_key="new") == first
    others = [
        await subscribe(talka.requester, pool, "ASSIGNMENT_CREATED", URL),
        await subscribe(talka.requester, pool, "POOL_CLOSED", f"{URL}2"),
        await subscribe(talka.requester, other, "POOL_CLOSED", URL),
    ]
    assert len({first["id"], *(one["id"] for one in others)}) == 4


async def secret_of(talka: Talka, subscription: dict[str, Any]) -> Any:
    async with talka.db.reading() as tx:
        query = "select secret_key from webhook_subscription where id = %s"
        return await tx.value(query, (int(subscription["id"]),))


async def test_a_secret_is_kept_replaced_and_removed(talka: Talka) -> None:
    pool = await talka.pool()
    one = await subscribe(talka.requester, pool, "POOL_CLOSED", URL, secret_key="first")
    for more, expected in (
        ({}, "first"),
        ({"secret_key": None}, "first"),
        ({"secret_key": "second"}, "second"),
        ({"secret_key": ""}, None),
        ({}, None),
    ):
        await subscribe(talka.requester, pool, "POOL_CLOSED", URL, **more)
        assert await secret_of(talka, one) == expected


BROKEN: tuple[tuple[str, Any, str], ...] = (
    ("event_type", None, "VALUE_REQUIRED"),
    ("event_type", 7, "UNKNOWN_ENUM_VALUE"),
    ("event_type", [], "UNKNOWN_ENUM_VALUE"),
    ("event_type", "TEST_EVENT", "UNKNOWN_ENUM_VALUE"),
    ("webhook_url", None, "VALUE_REQUIRED"),
    ("webhook_url", 7, "STRING_EXPECTED"),
    ("webhook_url", "", "INVALID_URL_SYNTAX"),
    ("webhook_url", "example.org/hook", "INVALID_URL_SYNTAX"),
    ("webhook_url", "ftp://example.org/", "INVALID_URL_SYNTAX"),
    ("webhook_url", "https://", "INVALID_URL_SYNTAX"),
    ("webhook_url", "http://a b/", "INVALID_URL_SYNTAX"),
    ("webhook_url", "http://a/\n", "INVALID_URL_SYNTAX"),
    ("webhook_url", "http://a:99999/", "INVALID_URL_SYNTAX"),
    ("webhook_url", "http://a:x/", "INVALID_URL_SYNTAX"),
    ("webhook_url", "http://xn--/", "INVALID_URL_SYNTAX"),
    ("webhook_url", "http://[fe80::1%25eth0]/", "INVALID_URL_SYNTAX"),
    ("webhook_url", "http://a/" + "b" * 2048, "STRING_LENGTH_GREATER_THAN_MAX"),
    ("webhook_url", "http://a/\0", "CHARACTER_NOT_ALLOWED"),
    ("pool_id", None, "VALUE_REQUIRED"),
    ("pool_id", {}, "STRING_EXPECTED"),
    ("pool_id", "0", "ENTITY_DOES_NOT_EXIST"),
    ("pool_id", "x", "ENTITY_DOES_NOT_EXIST"),
    ("pool_id", "99999999999999999999", "ENTITY_DOES_NOT_EXIST"),
    ("secret_key", 7, "STRING_EXPECTED"),
    ("secret_key", "a" * 1025, "STRING_LENGTH_GREATER_THAN_MAX"),
)


async def test_each_field_is_checked(talka: Talka) -> None:
    pool = await talka.pool()
    for name, value, code in BROKEN:
        answer = await talka.requester.put(API, json=full(pool, **{name: value}))
        assert answer.status_code == 400, (name, value, answer.text)
        found = answer.json()
        assert found["code"] == "VALIDATION_ERROR"
        assert {key: error["code"] for key, error in found["payload"].items()} == {name: code}, (name, value)
    assert (await talka.requester.get(API)).json()["items"] == []
    empty = await talka.requester.put(API)
    assert set(empty.json()["payload"]) == {"event_type", "webhook_url", "pool_id"}


async def test_half_a_surrogate_pair_is_refused(talka: Talka) -> None:
    pool = await talka.pool()
    text = f'{{"event_type":"POOL_CLOSED","pool_id":"{pool["id"]}","webhook_url":"{URL}","secret_key":"\\ud800"}}'
    answer = await talka.requester.put(API, content=text, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text


async def test_of_an_array_what_is_valid_is_done(talka: Talka) -> None:
    pool = await talka.pool()
    sent = [full(pool), {"event_type": "x"}, full(pool, event_type="ASSIGNMENT_CREATED"), 7, full(pool, pool_id="1")]
    answer = await talka.requester.put(API, json=sent)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert {index: one["event_type"] for index, one in found["items"].items()} == {
        "0": "POOL_CLOSED",
        "2": "ASSIGNMENT_CREATED",
    }
    codes = {
        index: {field: error["code"] for field, error in errors.items()}
        for index, errors in found["validation_errors"].items()
    }
    assert codes == {
        "1": {"event_type": "UNKNOWN_ENUM_VALUE", "webhook_url": "VALUE_REQUIRED", "pool_id": "VALUE_REQUIRED"},
        "3": {"body": "OBJECT_EXPECTED"},
        "4": {"pool_id": "ENTITY_DOES_NOT_EXIST"},
    }
    again = await talka.requester.put(API, json=sent)
    assert again.json() == found


async def test_an_array_of_which_nothing_is_valid_is_refused(talka: Talka) -> None:
    pool = await talka.pool()
    answer = await talka.requester.put(API, json=[full(pool, pool_id="1"), full(pool, webhook_url="x")])
    assert answer.status_code == 400
    codes = {
        index: {field: error["code"] for field, error in errors.items()}
        for index, errors in answer.json()["payload"].items()
    }
    assert codes == {"0": {"pool_id": "ENTITY_DOES_NOT_EXIST"}, "1": {"webhook_url": "INVALID_URL_SYNTAX"}}
    assert (await talka.requester.put(API, json=[])).json()["payload"]["body"]["code"] == "ARRAY_SIZE_LESS_THAN_MIN"
    many = await talka.requester.put(API, json=[full(pool)] * 1001)
    assert (many.status_code, many.json()["code"]) == (413, "ENTITY_TOO_LARGE")


async def test_the_same_thing_twice_in_an_array_is_one_subscription(talka: Talka) -> None:
    pool = await talka.pool()
    answer = await talka.requester.put(API, json=[full(pool), full(pool, secret_key="last")])
    items = answer.json()["items"]
    assert items["0"] == items["1"]
    assert await secret_of(talka, items["0"]) == "last"


async def test_two_at_once_make_one(talka: Talka) -> None:
    pool = await talka.pool()
    bodies = [full(pool, event_type=kind.value) for kind in EventType]
    answers = await asyncio.gather(
        *(talka.requester.put(API, json=bodies if number % 2 else bodies[::-1]) for number in range(6))
    )
    ids = [{one["id"] for one in answer.json()["items"].values()} for answer in answers]
    assert all(found == ids[0] for found in ids)
    assert len(ids[0]) == len(EventType)


async def test_lists(talka: Talka) -> None:
    pool, other = await talka.pool(), await talka.pool()
    body = [full(pool, webhook_url=f"{URL}{number}") for number in range(5)]
    made = list((await talka.requester.put(API, json=body)).json()["items"].values())
    made.append(await subscribe(talka.requester, other, "ASSIGNMENT_CREATED", URL))

    async def listed(**params: Any) -> list[dict[str, Any]]:
        answer = await talka.requester.get(API, params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    assert await listed() == made
    assert await listed(sort="-id") == made[::-1]
    assert await listed(sort="-created") == made[::-1]
    assert await listed(event_type="ASSIGNMENT_CREATED") == made[5:]
    assert await listed(pool_id=pool["id"]) == made[:5]
    assert await listed(pool_id=other["id"], event_type="POOL_CLOSED") == []
    assert await listed(id_gt=made[1]["id"], id_lte=made[3]["id"]) == made[2:4]
    assert await listed(id_gte=made[1]["id"], id_lt=made[3]["id"]) == made[1:3]
    assert len({one["created"] for one in made}) == len(made)
    assert await listed(created_gt=made[1]["created"], created_lte=made[3]["created"]) == made[2:4]
    first = (await talka.requester.get(API, params={"limit": 2, "sort": "created"})).json()
    assert first == {"items": made[:2], "has_more": True}
    rest = await listed(sort="created", created_gt=made[1]["created"])
    assert rest == made[2:]
    wrong: dict[str, Any] = {
        "event_type": "x",
        "pool_id": "x",
        "id_gt": "x",
        "created_lt": "x",
        "sort": "pool_id",
        "limit": 301,
    }
    answer = await talka.requester.get(API, params=wrong)
    assert (answer.status_code, set(answer.json()["payload"])) == (400, set(wrong))


async def test_the_end_of_a_subscription(talka: Talka) -> None:
    pool = await talka.pool()
    one = await subscribe(talka.requester, pool, "ASSIGNMENT_CREATED", URL)
    path = f"{API}/{one['id']}"
    assert (await talka.requester.delete(path)).status_code == 204
    for answer in (await talka.requester.delete(path), await talka.requester.get(path)):
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    again = await subscribe(talka.requester, pool, "ASSIGNMENT_CREATED", URL)
    assert again["id"] != one["id"]


async def test_other_accounts_do_not_see_it(talka: Talka) -> None:
    pool, stranger = await talka.pool(), await talka.stranger()
    one = await subscribe(talka.requester, pool, "POOL_CLOSED", URL)
    path = f"{API}/{one['id']}"
    moment = {"event_time_from": "2020-01-01"}
    for answer in (
        await stranger.get(path),
        await stranger.delete(path),
        await stranger.post(f"{path}/test"),
        await stranger.get(f"{path}/deliveries"),
        await stranger.post(f"{path}/replay", json=moment),
        await talka.requester.get(f"{API}/99999999999999999999"),
        await talka.requester.delete(f"{API}/x"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    assert (await stranger.get(API)).json() == {"items": [], "has_more": False}
    answer = await stranger.put(API, json=full(pool))
    assert answer.json()["payload"]["pool_id"]["code"] == "ENTITY_ACCESS_DENIED"
    assert (await talka.requester.get(path)).json() == one


async def test_a_pool_takes_so_many_subscriptions_to_one_type(talka: Talka) -> None:
    pool = await talka.pool()
    bodies = [full(pool, webhook_url=f"https://example.org/{number}") for number in range(103)]
    answer = (await talka.requester.put(API, json=bodies)).json()
    assert len(answer["items"]) == 100
    assert {
        index: error["webhook_url"]["code"] for index, error in answer["validation_errors"].items()
    } == dict.fromkeys(("100", "101", "102"), "VALUE_NOT_ALLOWED")
    refused = await talka.requester.put(API, json=bodies[101])
    assert (refused.status_code, set(refused.json()["payload"])) == (400, {"webhook_url"})
    assert (await talka.requester.put(API, json=bodies[7])).json() == answer["items"]["7"]
    assert (await talka.requester.put(API, json=full(pool, event_type="ASSIGNMENT_EXPIRED"))).status_code == 200
