"""Skills: what is sent is what comes back, every wrong field by name, lists, other accounts, the platform's."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.full_bodies import full_skill
from tests.support.app import Talka

from talka.skills import store, usecases
from talka.skills.wire import SkillBody

FULL = full_skill(deprecated=True)
SET_BY_SERVER = {"id": "5", "created": "x", "owner": {"id": "y"}, "global": True, "training": True, "novel": [1]}


async def create(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/skills", json={"name": "reading", **body})
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def platform_skill(talka: Talka, **body: Any) -> str:
    async with talka.db.transaction() as tx:
        stored = SkillBody(**{"private_comment": "", "hidden": False, "deprecated": False, **body}).stored()
        return str(await store.insert(tx, None, stored, training=False))


async def test_a_skill_comes_back_as_it_was_sent(talka: Talka) -> None:
    answer = await talka.requester.post("/api/v1/skills", json={**FULL, **SET_BY_SERVER})
    assert answer.status_code == 201
    created = answer.json()
    owner = {"id": talka.account["requester_id"], "myself": True}
    known = {"id": created["id"], "global": False, "owner": owner, "created": created["created"]}
    assert created == {**FULL, **known}
    assert created["id"].isdigit()
    assert (await talka.requester.get(f"/api/v1/skills/{created['id']}")).json() == created


async def test_defaults_are_filled_in_and_put_replaces_everything(talka: Talka) -> None:
    bare = {"name": "reading", "private_comment": "", "hidden": True, "deprecated": False}
    created = await create(talka.requester, **{key: None for key in FULL if key != "name"})
    known = {key: created[key] for key in ("id", "global", "owner", "created")}
    assert created == {**bare, **known}
    path = f"/api/v1/skills/{created['id']}"
    full = await talka.requester.put(path, json={**created, **FULL})
    assert (full.status_code, full.json()) == (200, {**FULL, **known})
    again = await talka.requester.put(path, json={"name": "reading"})
    assert again.json() == created
    assert (await talka.requester.get(path)).json() == created


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": None}, {"name": "VALUE_REQUIRED"}),
        ({"name": " "}, {"name": "BLANK_STRING_NOT_ALLOWED"}),
        ({"name": "x" * 256}, {"name": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({"name": 5, "hidden": "no"}, {"name": "STRING_EXPECTED", "hidden": "BOOLEAN_EXPECTED"}),
        ({"public_name": {"en": "x", "EN": 5}}, {"public_name.EN": "STRING_EXPECTED"}),
        ({"public_name": {"en": "x", "E\n": "y"}},
         {"public_name.en": "UNKNOWN_ENUM_VALUE", "public_name.E\n": "UNKNOWN_ENUM_VALUE"}),
        ({"public_requester_description": "text"}, {"public_requester_description": "OBJECT_EXPECTED"}),
        ({"skill_ttl_hours": 0}, {"skill_ttl_hours": "VALUE_LESS_THAN_MIN"}),
        ({"skill_ttl_hours": 876_001, "deprecated": 0},
         {"skill_ttl_hours": "VALUE_GREATER_THAN_MAX", "deprecated": "BOOLEAN_EXPECTED"}),
        ({"skill_ttl_hours": 1.5}, {"skill_ttl_hours": "INTEGER_EXPECTED"}),
        ({"private_comment": "a\0b"}, {"private_comment": "CHARACTER_NOT_ALLOWED"}),
    ],
)  # fmt: skip
async def test_wrong_skills_name_every_field(talka: Talka, change: Any, wrong: dict[str, str]) -> None:
    skill = await create(talka.requester)
    for method, path in (("POST", "/api/v1/skills"), ("PUT", f"/api/v1/skills/{skill['id']}")):
        answer = await talka.requester.request(method, path, json={**FULL, **change})
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong
    assert (await talka.requester.get("/api/v1/skills")).json() == {"items": [skill], "has_more": False}


async def test_lists_filter_range_sort_and_page(talka: Talka) -> None:
    made = []
    for name in ("b", "a", "a ", "A", "a"):
        made.append(await create(talka.requester, name=name))
        await talka.advance(60)
    shared = await talka.requester.get(f"/api/v1/skills/{await platform_skill(talka, name='EN test')}")

    async def listed(**params: Any) -> tuple[list[str], bool]:
        found = (await talka.requester.get("/api/v1/skills", params=params)).json()
        return [skill["id"] for skill in found["items"]], found["has_more"]

    ids = [skill["id"] for skill in made]
    moments = [skill["created"] for skill in made]
    assert await listed() == ([*ids, shared.json()["id"]], False)
    assert await listed(name="a") == ([ids[1], ids[4]], False)
    assert await listed(**{"global": "true"}) == ([shared.json()["id"]], False)
    assert await listed(**{"global": "false"}) == (ids, False)
    assert await listed(owner_id=talka.account["requester_id"]) == (ids, False)
    assert await listed(owner_id="0" * 32) == ([], False)
    assert await listed(owner_company_id="1") == ([], False)
    wrong = await talka.requester.get("/api/v1/skills", params={"owner_company_id": "x"})
    assert (wrong.status_code, list(wrong.json()["payload"])) == (400, ["owner_company_id"])
    assert await listed(id_gt=ids[0], id_lte=ids[3], limit=2, sort="-id") == ([ids[3], ids[2]], True)
    assert await listed(id_gte=ids[1], id_lt=ids[3]) == (ids[1:3], False)
    assert await listed(created_gt=moments[0], created_lte=moments[2]) == (ids[1:3], False)
    assert await listed(sort="-created,id", created_lte=moments[4]) == (ids[::-1], False)
    await talka.requester.put(f"/api/v1/skills/{ids[0]}", json={"name": "b"})
    assert await listed(modified_gt=moments[4], **{"global": "false"}) == ([ids[0]], False)


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"limit": "101", "sort": "name"}, {"limit", "sort"}),
        ({"limit": "0"}, {"limit"}),
        ({"global": "yes", "owner_id": "me"}, {"global", "owner_id"}),
        ({"name": "\0"}, {"name"}),
        ({"id_gt": "x", "created_lt": "yesterday", "modified_gte": "13"}, {"id_gt", "created_lt", "modified_gte"}),
    ],
)
async def test_wrong_list_requests_name_every_parameter(talka: Talka, params: Any, wrong: set[str]) -> None:
    answer = await talka.requester.get("/api/v1/skills", params=params)
    assert (answer.status_code, answer.json()["payload"].keys()) == (400, wrong)


async def test_other_accounts_have_nothing_of_it(talka: Talka) -> None:
    skill = await create(talka.requester)
    stranger = await talka.stranger()
    assert (await stranger.get("/api/v1/skills")).json() == {"items": [], "has_more": False}
    for number in (skill["id"], "1", "999999999999999999", "x", "-1"):
        for method in ("GET", "PUT"):
            answer = await stranger.request(method, f"/api/v1/skills/{number}", json=FULL if method == "PUT" else None)
            assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    assert (await talka.requester.get(f"/api/v1/skills/{skill['id']}")).json() == skill


async def test_skills_of_the_platform_and_of_trainings_are_not_edited(talka: Talka) -> None:
    number = await platform_skill(talka, name="EN test")
    shown = (await (await talka.stranger()).get(f"/api/v1/skills/{number}")).json()
    assert (shown["name"], shown["global"]) == ("EN test", True)
    assert "owner" not in shown
    refused = await talka.requester.put(f"/api/v1/skills/{number}", json={"name": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "ACCESS_DENIED")
    own = await create(talka.requester)
    async with talka.db.transaction() as tx:
        account_id = (await store.get(tx, int(own["id"]))).account_id  # type: ignore[union-attr]
        assert account_id is not None
        body = SkillBody(name="passed", private_comment="", hidden=True, deprecated=False)
        training = await usecases.create(tx, account_id, body, training=True)
    path = f"/api/v1/skills/{training.id}"
    before = (await talka.requester.get(path)).json()
    assert before["training"] is True
    refused = await talka.requester.put(path, json={"name": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (409, "SKILL_IS_TRAINING")
    assert (await talka.requester.get(path)).json() == before
