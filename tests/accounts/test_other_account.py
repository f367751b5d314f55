"""Acting under another account."""

from __future__ import annotations

from tests.support.app import Talka


async def test_only_the_own_account_can_be_named(talka: Talka) -> None:
    own = {"x-act-under-account-id": talka.account["requester_id"]}
    assert (await talka.requester.get("/api/v1/requester", headers=own)).status_code == 200
    other = {"x-act-under-account-id": "0" * 32}
    refused = await talka.requester.post("/api/v1/projects", headers=other, json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "ACCESS_DENIED")
