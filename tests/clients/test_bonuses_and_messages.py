"""The published client's calls on bonuses and messages."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support.bodies import pool_body, project_body
from tests.support.kit import Kit, of
from tests.support.server import RunningServer

TITLE, TEXT = {"EN": "Good Job!", "PT": "Muito bem!"}, {"EN": "Ten tasks were completed"}
_numbers = itertools.count(1)


@pytest.fixture
def person(kit: Kit, served: RunningServer) -> Iterator[tuple[httpx.Client, str, str]]:
    """The client, id and page of a worker who has taken one."""
    body = {"login": f"told-{next(_numbers)}", "password": "long enough", "profile": {"languages": ["PT"]}}
    with httpx.Client(base_url=f"{served.url}/api/worker/v1", timeout=60) as client:
        account = client.post("/register", json=body).raise_for_status().json()
        client.headers["authorization"] = f"Bearer {account['token']}"
        project = kit("create_project", of("Project", project_body()))
        pool = kit("create_pool", of("Pool", pool_body(project["id"])))
        task = {"pool_id": pool["id"], "input_values": {"item": "x"}, "overlap": 1}
        kit("create_task", of("Task", task), open_pool=True)
        page = client.post(f"/pools/{pool['id']}/assignments").raise_for_status().json()
        yield client, account["user_id"], page["id"]


def bonus(user_id: str, amount: float = 0.5, **more: Any) -> dict[str, Any]:
    """A bonus of the client."""
    body = {"user_id": user_id, "amount": amount, "public_title": TITLE, "public_message": TEXT}
    return of("UserBonus", {**body, **more})


@pytest.mark.parametrize("asynchronous", [False, True])
def test_bonuses_are_paid_and_found(kit: Kit, person: tuple[httpx.Client, str, str], asynchronous: bool) -> None:
    client, user_id, page_id = person
    one = kit("create_user_bonus", bonus(user_id, assignment_id=page_id), async_mode=asynchronous)
    assert (one["amount"], one["assignment_id"], one["without_message"]) == (0.5, page_id, False)
    assert kit("get_user_bonus", one["id"]) == one
    several = [bonus(user_id, 1), bonus("0" * 32), bonus(user_id, 2.25, private_comment="March", without_message=True)]
    made = kit("create_user_bonuses", several, skip_invalid_items=True, async_mode=asynchronous)
    assert made["items"].keys() == {"0", "2"}
    assert made["validation_errors"]["1"]["user_id"]["code"] == "ENTITY_DOES_NOT_EXIST"
    assert made["items"]["2"]["private_comment"] == "March"
    assert kit("get_user_bonuses", user_id=user_id, batch_size=2) == [one, made["items"]["0"], made["items"]["2"]]
    assert kit("find_user_bonuses", user_id=user_id, private_comment="March")["items"] == [made["items"]["2"]]
    assert client.get("/me").json()["balance"]["available"] == 3.75
    assert kit("get_assignment", page_id)["id"] == page_id
    refused = kit.refused("create_user_bonuses", several, async_mode=asynchronous)
    assert refused.kind == "ValidationApiError"
    assert refused.payload["1"]["user_id"]["code"] == "ENTITY_DOES_NOT_EXIST"


def test_a_repeated_request_pays_once(kit: Kit, person: tuple[httpx.Client, str, str]) -> None:
    client, user_id, _ = person
    operation_id = str(uuid.uuid4())
    made = [kit("create_user_bonus", bonus(user_id, 3), operation_id=operation_id) for _ in range(2)]
    assert made[0] == made[1]
    assert client.get("/me").json()["balance"]["available"] == 3
    operation = kit("create_user_bonuses_async", [bonus(user_id, 4), bonus(user_id, 5)])
    done = kit("wait_operation", of("operations.UserBonusCreateBatchOperation", operation))
    assert (done["status"], done["details"]["success_count"]) == ("SUCCESS", 2)
    assert client.get("/me").json()["balance"]["available"] == 12


def compose(kit: Kit, **more: Any) -> Any:
    """A thread that the client began."""
    return kit("compose_message_thread", topic=TITLE, text=TEXT, **more)


def test_messages_are_written_answered_and_filed(kit: Kit, person: tuple[httpx.Client, str, str]) -> None:
    client, user_id, _ = person
    thread = compose(kit, recipients_select_type="DIRECT", recipients_ids=[user_id], answerable=True)
    assert thread["folders"] == ["OUTBOX"]
    [mine] = client.get("/message-threads").json()["items"]
    assert (mine["id"], mine["topic"]) == (thread["id"], "Muito bem!")
    client.post(f"/message-threads/{thread['id']}/reply", json={"text": "Obrigado"}).raise_for_status()
    unread = kit("get_message_threads", folder=["UNREAD"])
    assert [found["id"] for found in unread if found["id"] == thread["id"]] == [thread["id"]]
    assert thread["id"] not in [found["id"] for found in kit("get_message_threads", folder_ne=["UNREAD", "IMPORTANT"])]
    marked = kit("add_message_thread_to_folders", thread["id"], ["IMPORTANT"])
    assert marked["folders"] == ["INBOX", "OUTBOX", "IMPORTANT", "UNREAD"]
    read = kit("remove_message_thread_from_folders", thread["id"], ["UNREAD", "IMPORTANT"])
    assert read["folders"] == ["INBOX", "OUTBOX"]
    reply = kit("reply_message_thread", thread["id"], of("message_thread.MessageThreadReply", {"text": {"EN": "Hi"}}))
    assert [message["text"] for message in reply["messages"]] == [{"EN": "Hi"}, {"PT": "Obrigado"}, TEXT]
    first = kit("find_message_threads", limit=1, sort=["-id"])
    assert (first["items"], first["has_more"]) == ([reply], True)


def test_messages_for_all_and_by_filter(kit: Kit, person: tuple[httpx.Client, str, str]) -> None:
    client, user_id, _ = person
    thread = compose(kit, recipients_select_type="ALL", answerable=False)
    assert user_id in [one["id"] for one in thread["interlocutors"]]
    condition = of("filter.Languages", {"category": "profile", "key": "languages", "operator": "IN", "value": "PT"})
    chosen = compose(kit, recipients_select_type="FILTER", recipients_filter=condition)
    assert chosen["compose_details"]["recipients_select_type"] == "FILTER"
    assert user_id in [one["id"] for one in chosen["interlocutors"]]
    assert {thread["id"], chosen["id"]} <= {found["id"] for found in client.get("/message-threads").json()["items"]}
    refused = kit.refused("compose_message_thread", topic={}, text=TEXT, recipients_select_type="ALL")
    assert (refused.kind, refused.payload.keys()) == ("ValidationApiError", {"topic"})
