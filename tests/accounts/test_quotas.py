"""The documented quotas: each action up to its limit and no further, by minute, hour and day; off unless turned on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.full_bodies import full_training
from tests.support.app import Talka
from tests.support.bodies import pool_body, project_body

from talka.accounts import quotas
from talka.accounts.quotas import QUOTAS, Action, quotas_of
from talka.infra.settings import Settings, SettingsError


@pytest.fixture
async def limited(database_url: str, tmp_path: Path) -> AsyncIterator[Talka]:
    """An application with quotas."""
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True, quotas=True)) as started:
        yield started


async def used(talka: Talka, action: Action, leave: int) -> None:
    """Use a quota up to `leave` times more, in all of its periods."""
    async with talka.db.transaction() as tx:
        account_id = await tx.value("select id from account where requester_id = %s", (talka.account["requester_id"],))
        await tx.execute("delete from quota_use where action = %s", (action,))
        least = min(most for _, most in QUOTAS[action])
        for period, _ in QUOTAS[action]:
            start = tx.now.replace(second=0, microsecond=0)
            start = start.replace(minute=0) if period.seconds > 60 else start
            start = start.replace(hour=0) if period.seconds > 3600 else start
            await tx.execute(
                "insert into quota_use values (%s, %s, %s, %s, %s)",
                (account_id, action, period.seconds, start, least - leave),
            )


async def calls(talka: Talka) -> dict[Action, tuple[str, str, Any]]:
    """One call for each action that every requester can do at once."""
    project = await talka.project()
    pool, training = await talka.pool(project), full_training(project["id"])
    made = (await talka.requester.post("/api/v1/trainings", json=training)).json()
    skill = (await talka.requester.post("/api/v1/skills", json={"name": "s"})).json()
    user_id = (await talka.worker()).user_id
    suites = await talka.pool(project, mixer_config=None)
    item = {"input_values": {"item": "x"}}
    return {
        Action.CREATE_PROJECTS: ("POST", "projects", project_body()),
        Action.CREATE_POOLS: ("POST", "pools", pool_body(project["id"])),
        Action.CREATE_TRAININGS: ("POST", "trainings", training),
        Action.CREATE_SKILLS: ("POST", "skills", {"name": "t"}),
        Action.ASSIGN_SKILLS: ("PUT", "user-skills", {"skill_id": skill["id"], "user_id": user_id, "value": 5}),
        Action.CLONE_POOLS: ("POST", f"pools/{pool['id']}/clone", None),
        Action.CLONE_TRAININGS: ("POST", f"trainings/{made['id']}/clone", None),
        Action.CREATE_TASKS: ("POST", "tasks", {"pool_id": pool["id"], "overlap": 1, **item}),
        Action.CREATE_TASK_SUITES: ("POST", "task-suites", {"pool_id": suites["id"], "overlap": 1, "tasks": [item]}),
    }


async def test_each_action_stops_at_its_quota(limited: Talka) -> None:
    for action, (method, path, body) in (await calls(limited)).items():
        await used(limited, action, 1)
        statuses = []
        for _ in range(2):
            answer = await limited.requester.request(method, f"/api/v1/{path}", json=body)
            statuses.append(answer.status_code)
        assert statuses[0] in {200, 201, 202}, (action, answer.text)
        code = answer.json()["code"]
        if action in {Action.CREATE_TASKS, Action.CREATE_TASK_SUITES}:
            assert (statuses[1], code) == (400, "TASKS_CREATION_DOES_NOT_FIT_QUOTA"), action
            assert answer.json()["payload"] is None
            queued = await limited.requester.post(f"/api/v1/{path}", params={"async_mode": "true"}, json=body)
            assert (queued.status_code, queued.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        else:
            assert (statuses[1], code) == (429, "TOO_MANY_REQUESTS"), action
        assert "retry-after" not in answer.headers


async def test_periods_end(limited: Talka) -> None:
    for _ in range(20):
        assert (await limited.requester.post("/api/v1/projects", json=project_body())).status_code == 201
    refused = await limited.requester.post("/api/v1/projects", json=project_body())
    payload = refused.json()["payload"]
    assert {name: payload[name] for name in payload if name != "retry_in_seconds"} == {"limit": 20, "per": "MINUTE"}
    await limited.advance(payload["retry_in_seconds"])
    assert (await limited.requester.post("/api/v1/projects", json=project_body())).status_code == 201
    await used(limited, Action.ASSIGN_SKILLS, 0)
    skill = (await limited.requester.post("/api/v1/skills", json={"name": "s"})).json()
    given = {"skill_id": skill["id"], "user_id": (await limited.worker()).user_id, "value": 5}
    refused = await limited.requester.put("/api/v1/user-skills", json=given)
    payload = refused.json()["payload"]
    assert (payload["interval"], payload["per"], payload["limit"]) == ("DAY", "DAY", 100_000)
    await limited.advance(payload["retry_in_seconds"])
    assert (await limited.requester.put("/api/v1/user-skills", json=given)).status_code == 201


async def test_what_is_refused_or_repeated_does_not_count(limited: Talka) -> None:
    pool = await limited.pool()
    await used(limited, Action.CREATE_POOLS, 1)
    assert (await limited.requester.post("/api/v1/pools", json=pool_body("1"))).status_code == 400
    assert (await limited.requester.post("/api/v1/pools", json=pool_body(pool["project_id"]))).status_code == 201
    await used(limited, Action.CREATE_TASKS, 2)
    tasks = [{"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 1}] * 2
    params = {"operation_id": str(uuid.uuid4())}
    for _ in range(2):
        answer = await limited.requester.post("/api/v1/tasks", params=params, json=tasks)
        assert answer.status_code == 201
    assert (await limited.requester.post("/api/v1/tasks", json=tasks)).status_code == 400
    assert len((await limited.requester.get(f"/api/v1/tasks?pool_id={pool['id']}")).json()["items"]) == 2


async def test_only_other_overlaps_count_as_changed(limited: Talka) -> None:
    pool = await limited.pool()
    await used(limited, Action.CHANGE_OVERLAP, 1)
    path = f"/api/v1/pools/{pool['id']}"
    for overlap, status in ((3, 200), (4, 200), (4, 200), (5, 429)):
        defaults = {"default_overlap_for_new_tasks": overlap, "default_overlap_for_new_task_suites": 1}
        answer = await limited.requester.put(path, json=pool_body(pool["project_id"], defaults=defaults))
        assert answer.status_code == status
    assert (await limited.requester.get(path)).json()["defaults"]["default_overlap_for_new_tasks"] == 4


async def test_requests_at_once_share_a_quota_and_accounts_do_not(limited: Talka) -> None:
    await used(limited, Action.CREATE_PROJECTS, 3)
    answers = await asyncio.gather(*(limited.requester.post("/api/v1/projects", json=project_body()) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 5
    other = await limited.stranger()
    assert (await other.post("/api/v1/projects", json=project_body())).status_code == 201


async def test_they_are_off_by_default(talka: Talka) -> None:
    for _ in range(21):
        assert (await talka.requester.post("/api/v1/projects", json=project_body())).status_code == 201
    async with talka.db.reading() as tx:
        assert await tx.value("select count(*) from quota_use") == 0


def test_every_action_has_a_quota() -> None:
    assert set(quotas.QUOTAS) == set(Action)


async def test_an_operator_has_numbers_of_their_own(database_url: str, tmp_path: Path) -> None:
    chosen = "CREATE_SKILLS/MINUTE=2, CREATE_SKILLS/DAY=0,CREATE_PROJECTS/HOUR=1"
    settings = Settings(data=tmp_path, sandbox=True, quotas=True, quota_limits=chosen)
    async with Talka.start(database_url, settings) as talka:
        answers = [await talka.requester.post("/api/v1/skills", json={"name": "s"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert (answers[2].json()["payload"]["limit"], answers[2].json()["payload"]["per"]) == (2, "MINUTE")
        made = [await talka.requester.post("/api/v1/projects", json=project_body()) for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 429]
        assert (made[1].json()["payload"]["interval"], made[1].json()["payload"]["limit"]) == ("HOUR", 1)


@pytest.mark.parametrize(
    "text",
    ["CREATE_POOLS", "CREATE_POOLS=5", "CREATE_POOLS/WEEK=5", "POOLS/DAY=5", "CREATE_POOLS/DAY=-1", "a=b=c", "="],
)
def test_numbers_that_cannot_be_read_are_told(text: str) -> None:
    with pytest.raises(SettingsError, match="quota_limits"):
        quotas_of(Settings(quota_limits=text))


def test_numbers_alone_turn_nothing_on() -> None:
    assert quotas_of(Settings(quota_limits="CREATE_POOLS/DAY=5")) == {}
    assert quotas_of(Settings(quotas=True)) == {action: list(limits) for action, limits in QUOTAS.items()}
