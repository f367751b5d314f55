"""User metadata: what requesters see of a worker's profile and device."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.app import Talka

from talka.accounts.metadata import user_metadata
from talka.accounts.model import WorkerProfile
from talka.accounts.regions import COUNTRIES

PROFILE = {
    "first_name": "Ada", "last_name": "Lovelace", "date_of_birth": "1990-05-01", "gender": "FEMALE", "country": "PT",
    "citizenship": "GB", "city": 213, "education": "HIGH", "languages": ["EN", "PT"], "adult_allowed": True,
}  # fmt: skip
COMPUTED = {
    "client_type": "BROWSER", "region_by_ip": 204, "region_by_phone": 10074, "device_category": "PERSONAL_COMPUTER",
    "os_family": "LINUX", "os_version": 6.5, "os_version_bugfix": 3, "user_agent_type": "BROWSER",
    "user_agent_family": "FIREFOX", "user_agent_version": 120.0, "rating": 4.5,
}  # fmt: skip


def metadata(profile: dict[str, Any], computed: dict[str, Any]) -> dict[str, Any]:
    """The metadata of somebody with that profile."""
    return user_metadata(WorkerProfile(1, "f" * 32, "ada", profile, computed, datetime(2026, 1, 1, tzinfo=UTC)))


async def test_requesters_see_who_worked_for_them_and_nobody_else(talka: Talka) -> None:
    worker = await talka.worker(profile={**PROFILE, "computed": COMPUTED})
    path = f"/api/v1/user-metadata/{worker.user_id}"
    pool = await talka.pool()
    await talka.tasks(pool, 4)
    assert (await talka.requester.get(path)).status_code == 404
    assert (await worker.take(pool)).status_code == 201
    found = await talka.requester.get(path)
    assert (found.status_code, found.json()) == (
        200,
        {
            "id": worker.user_id, "country": "PT", "languages": ["EN", "PT"], "adult_allowed": True,
            "attributes": {
                "country_by_phone": "PT", "country_by_ip": "ES", "client_type": "BROWSER",
                "user_agent_type": "BROWSER", "device_category": "PERSONAL_COMPUTER", "os_family": "LINUX",
                "os_version": 6.5, "os_version_major": 6, "os_version_minor": 5, "os_version_bugfix": 3,
            },
        },
    )  # fmt: skip
    stranger = await talka.stranger()
    for client, user_id in (
        (stranger, worker.user_id), (talka.requester, "0" * 32), (talka.requester, "x"),
        (talka.requester, worker.user_id.upper()), (talka.requester, talka.account["requester_id"]),
    ):  # fmt: skip
        answer = await client.get(f"/api/v1/user-metadata/{user_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")


def test_what_is_not_known_is_absent() -> None:
    bare = {"id": "f" * 32, "languages": [], "adult_allowed": False, "attributes": {}}
    assert metadata({}, {}) == bare
    odd = {
        "client_type": "FAX", "region_by_ip": 213, "region_by_phone": -5, "device_category": "personal_computer",
        "os_family": "TEMPLE", "os_version": 1e308, "os_version_bugfix": 2, "user_agent_type": "",
    }  # fmt: skip
    assert metadata({}, odd) == bare
    assert metadata({}, {"os_version": -1}) == bare


@pytest.mark.parametrize(
    ("version", "major", "minor"),
    [(14, 14, 0), (14.4, 14, 4), (14.0, 14, 0), (10.15, 10, 15), (0, 0, 0), (0.1, 0, 1), (999_999, 999_999, 0)],
)
def test_versions_are_taken_apart(version: float, major: int, minor: int) -> None:
    found = metadata({}, {"os_version": version})["attributes"]
    assert found == {"os_version": version, "os_version_major": major, "os_version_minor": minor}


def test_countries_have_ids_and_codes_of_their_own() -> None:
    assert len(COUNTRIES) == len(set(COUNTRIES.values())) == 220
    assert all(len(code) == 2 and code.isalpha() and code.isupper() for code in COUNTRIES.values())
    assert (COUNTRIES[84], COUNTRIES[225], COUNTRIES[109724]) == ("US", "RU", "SX")
