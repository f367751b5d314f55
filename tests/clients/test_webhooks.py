"""The published client's calls on webhook subscriptions."""

from __future__ import annotations

from tests.support.bodies import pool_body, project_body
from tests.support.kit import Kit, of

URL = "https://example.org/hook"


def test_subscriptions_are_put_found_and_deleted(kit: Kit) -> None:
    project = kit("create_project", of("Project", project_body()))
    pool = kit("create_pool", of("Pool", pool_body(project["id"])))
    kinds = ["POOL_CLOSED", "DYNAMIC_OVERLAP_COMPLETED", "ASSIGNMENT_CREATED", "ASSIGNMENT_REJECTED"]
    bodies = [{"event_type": kind, "webhook_url": URL, "pool_id": pool["id"], "secret_key": "s3cret"} for kind in kinds]
    wrong = {**bodies[0], "webhook_url": "nowhere"}
    answer = kit(
        "upsert_webhook_subscriptions", [of("WebhookSubscription", body) for body in (*bodies, wrong, bodies[0])]
    )
    made = [answer["items"][str(index)] for index in range(4)]
    assert [one["event_type"] for one in made] == kinds
    assert all("secret_key" not in one for one in made)
    assert answer["items"]["5"] == made[0]
    assert answer["validation_errors"].keys() == {"4"}
    assert answer["validation_errors"]["4"]["webhook_url"]["code"] == "INVALID_URL_SYNTAX"
    assert kit("get_webhook_subscription", made[1]["id"]) == made[1]
    assert kit("get_webhook_subscriptions", pool_id=pool["id"], batch_size=1) == made
    assert kit("find_webhook_subscriptions", event_type="ASSIGNMENT_CREATED", pool_id=pool["id"])["items"] == [made[2]]
    kit("delete_webhook_subscription", made[1]["id"])
    assert kit.refused("get_webhook_subscription", made[1]["id"]).kind == "DoesNotExistApiError"
    assert kit("get_webhook_subscriptions", pool_id=pool["id"]) == [made[0], *made[2:]]
    refused = kit.refused("upsert_webhook_subscriptions", [of("WebhookSubscription", wrong)])
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")
